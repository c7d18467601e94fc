"""A month of days and a day of times, as native radio buttons: arrow keys, focus and names come with them.

The radio buttons are uncontrolled, so a choice shows at once; the handler is told at every choice, also when the chosen
one is pressed again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from singleuse_app.components.glyphs import chevron_icon


@dataclass(frozen=True)
class DayCell:
    """One square of the month; outside it ``iso`` is empty. ``label`` is spoken: "Friday 4 September, 6 times free"."""

    iso: str = ""
    day: str = ""
    label: str = ""
    count: int = 0
    free: bool = False
    chosen: bool = False
    today: bool = False


@dataclass(frozen=True)
class Time:
    """One start on offer; ``taken`` shows it struck out for the moment before it leaves."""

    value: str
    text: str
    chosen: bool = False
    taken: bool = False


@dataclass(frozen=True)
class TimeGroup:
    """The times of a part of the day: Morning, Afternoon, Evening."""

    name: str
    times: list[Time] = field(default_factory=list)


def month_calendar(
    *,
    month_title: rx.Var | str,
    weeks: rx.Var,
    weekday_names: rx.Var | list[str],
    on_choose: Callable[..., Any],
    on_previous: Any,
    on_next: Any,
    has_previous: rx.Var | bool,
    has_next: rx.Var | bool,
    legend: rx.Var | str = "Choose a day",
) -> rx.Component:
    """The month. ``weeks`` is a Var of ``list[list[DayCell]]``; ``on_choose`` takes the day's ``iso``.

    A button towards a month that does not exist looks idle but keeps its focus, so its handler must bear being called.
    """
    return rx.el.fieldset(
        rx.el.legend(legend, class_name="visually-hidden"),
        rx.el.div(
            rx.el.h2(month_title, class_name="calendar__month", custom_attrs={"aria-live": "polite"}),
            _turn("Previous month", "back", on_previous, has_previous),
            _turn("Next month", "on", on_next, has_next),
            class_name="calendar__head",
        ),
        rx.el.table(
            rx.el.thead(
                rx.el.tr(rx.foreach(weekday_names, lambda name: rx.el.th(name, scope="col"))),
            ),
            rx.el.tbody(
                rx.foreach(weeks, lambda week: rx.el.tr(rx.foreach(week, lambda cell: _day(cell, on_choose)))),
            ),
            class_name="calendar__grid",
        ),
        class_name="calendar",
    )


def time_choices(
    groups: rx.Var, on_choose: Callable[..., Any], *, legend: rx.Var | str = "Choose a time"
) -> rx.Component:
    """The times of one day. ``groups`` is a Var of ``list[TimeGroup]``; ``on_choose`` takes the time's ``value``."""
    return rx.el.fieldset(
        rx.el.legend(rx.el.h2(legend), class_name="times__legend"),
        rx.foreach(
            groups,
            lambda group: rx.el.div(
                rx.el.h3(group.name, class_name="times__part"),
                rx.el.div(
                    rx.foreach(group.times, lambda time: _time(time, on_choose)),
                    class_name="times__grid",
                ),
                class_name="times__group",
                key=group.name,
            ),
        ),
        class_name="times",
    )


def _turn(label: str, towards: str, on_click: Any, is_possible: rx.Var | bool) -> rx.Component:
    off = rx.cond(is_possible, "false", "true") if isinstance(is_possible, rx.Var) else str(not is_possible).lower()
    return rx.el.button(
        chevron_icon(towards),
        type="button",
        on_click=on_click,
        class_name="button button--icon",
        custom_attrs={"aria-label": label, "aria-disabled": off},
    )


def _day(cell: Any, on_choose: Callable[..., Any]) -> rx.Component:
    return rx.el.td(
        rx.cond(
            cell.free,
            rx.el.label(
                rx.el.input(
                    type="radio",
                    name="day",
                    value=cell.iso,
                    default_checked=cell.chosen,
                    on_click=on_choose(cell.iso),
                    custom_attrs={"aria-label": cell.label},
                ),
                rx.el.span(
                    rx.el.span(cell.day, class_name="day__number"),
                    rx.el.span(class_name="day__count", custom_attrs={"data-count": cell.count}),
                    class_name="day__face",
                    custom_attrs={"aria-hidden": "true"},
                ),
                class_name="day day--free",
                # A day of another month is another radio button, not this one renamed.
                key=cell.iso,
            ),
            rx.el.span(rx.el.span(cell.day, class_name="day__number"), class_name="day"),
        ),
        class_name=rx.cond(cell.today, "calendar__today", ""),
    )


def _time(time: Any, on_choose: Callable[..., Any]) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="time",
            value=time.value,
            default_checked=time.chosen,
            disabled=time.taken,
            on_click=on_choose(time.value),
        ),
        rx.el.span(
            time.text,
            rx.cond(time.taken, rx.el.span(", taken", class_name="visually-hidden"), rx.fragment()),
            class_name="time__face",
        ),
        class_name="time",
        key=time.value,
    )
