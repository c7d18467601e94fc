"""A month of days as a grid, and a day of times as native radio buttons.

Both show a choice at once, before the server has heard of it.
"""

from collections.abc import Callable
from typing import Any, TypedDict

import reflex as rx

from singleuse_app.components.glyphs import chevron_icon
from singleuse_app.components.words import t


class DayCell(TypedDict):
    """One day of the month, a date as ``iso``. ``label`` is spoken: "Friday 4 September, 6 times free".

    Like the times a plain dictionary: a page is sent so many of them that nothing may have to be done to each.
    """

    iso: str
    label: str
    count: int


class Weekday(TypedDict):
    """What heads a column, and how it is spoken."""

    name: str
    short: str


class Time(TypedDict):
    """One start on offer."""

    value: str
    text: str
    chosen: bool


class TimeGroup(TypedDict):
    """The times of a part of the day: Morning, Afternoon, Evening."""

    name: str
    times: list[Time]


class MonthGrid(rx.Component):
    """The React component in `calendar.jsx`, whose days are those that the server tells."""

    library = rx.asset("calendar.jsx", shared=True).importable_path
    tag = "MonthGrid"

    month: rx.Var[str]
    chosen: rx.Var[str]
    today: rx.Var[str]
    days: rx.Var[list[DayCell]]
    first_weekday: rx.Var[int]
    weekdays: rx.Var[list[Weekday]]
    label: rx.Var[str]
    on_choose: rx.EventHandler[rx.event.passthrough_event_spec(str)]  # ty: ignore[invalid-type-form]
    on_month: rx.EventHandler[rx.event.passthrough_event_spec(str)]  # ty: ignore[invalid-type-form]


def month_calendar(
    *, choice: Any, on_choose: Callable[..., Any], on_month: Callable[..., Any], on_previous: Any, on_next: Any
) -> rx.Component:
    """The month of a ``Choice``. ``on_choose`` and ``on_month`` take a date, the latter the first of a month.

    A button towards a month that does not exist looks idle but keeps its focus, so its handler must bear being called.
    """
    return rx.el.div(
        rx.el.div(
            rx.el.h2(choice.month_title, class_name="calendar__month", custom_attrs={"aria-live": "polite"}),
            _turn(t("Previous month"), "back", on_previous, choice.has_previous),
            _turn(t("Next month"), "on", on_next, choice.has_next),
            class_name="calendar__head",
        ),
        MonthGrid.create(
            month=choice.month,
            chosen=choice.day,
            today=choice.today,
            days=choice.days,
            first_weekday=choice.first_weekday,
            weekdays=choice.weekdays,
            label=choice.month_title,
            on_choose=on_choose,
            on_month=on_month,
        ),
        role="group",
        class_name="calendar",
        custom_attrs={"aria-label": t("Choose a day")},
    )


def time_choices(
    groups: rx.Var, on_choose: Callable[..., Any], *, legend: rx.Var | str, count: rx.Var | str
) -> rx.Component:
    """The times of one day. ``groups`` is a Var of ``list[TimeGroup]``; ``on_choose`` takes the time's ``value``."""
    return rx.el.fieldset(
        rx.el.legend(rx.el.h2(legend, id="times", tab_index=-1), class_name="times__legend"),
        rx.el.p(count, class_name="times__count"),
        rx.foreach(
            groups,
            lambda group: rx.el.div(
                rx.el.h3(group["name"], class_name="times__part"),
                rx.el.div(
                    rx.foreach(group["times"], lambda time: _time(time, on_choose)),
                    class_name="times__grid",
                ),
                class_name="times__group",
                key=group["name"],
            ),
        ),
        class_name="times",
    )


def _turn(label: rx.Var, towards: str, on_click: Any, is_possible: rx.vars.BooleanVar) -> rx.Component:
    return rx.el.button(
        chevron_icon(towards),
        type="button",
        on_click=on_click,
        class_name="button button--icon",
        custom_attrs={"aria-label": label, "aria-disabled": rx.cond(is_possible, "false", "true")},
    )


def _time(time: Any, on_choose: Callable[..., Any]) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="time",
            value=time["value"],
            default_checked=time["chosen"],
            on_click=on_choose(time["value"]),
        ),
        rx.el.span(time["text"], class_name="time__face"),
        class_name="time",
        key=time["value"],
    )
