"""The parts of a host's overview: lists that lead on, and a picture of the last days."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from singleuse_app.components.words import t
from singleuse_app.wording import say


@dataclass(frozen=True)
class Line:
    """One line of a list: when, who or what, and of which event type."""

    key: str
    when: str
    what: str
    about: str


@dataclass(frozen=True)
class Series:
    """One row of the picture: what is counted, how often, a bar for each day in percent of the tallest of all rows, and
    the row in words."""

    name: str
    total: str
    bars: list[int] = field(default_factory=list)
    words: str = ""


def series_of(name: str, counts: Sequence[int], days: Sequence[str], tallest: int, *, counted: int) -> Series:
    """The row of a picture in which the highest bar stands for ``tallest``. Whatever happened can be seen. A day is
    ``counted`` so far and no further.

    >>> series_of("Made", [0, 1, 30], ["1 July", "2 July", "3 July"], 30, counted=50).bars
    [0, 8, 100]
    >>> series_of("Made", [0, 1, 30], ["1 July", "2 July", "3 July"], 30, counted=30).total
    '31 or more'
    """
    most = max(counts)

    def so_many(number: int) -> str:
        return say("{number} or more", number=f"{number:,}") if most >= counted else f"{number:,}"

    facts = {"name": name, "sum": so_many(sum(counts)), "days": len(counts)}
    words = say("{name}: {sum} in {days} days", **facts)
    if most:
        day = days[counts.index(most)]
        words = say("{name}: {sum} in {days} days, most on {day}: {most}", day=day, most=so_many(most), **facts)
    bars = [max(8, 100 * count // tallest) if count else 0 for count in counts]
    return Series(name, so_many(sum(counts)), bars, words)


def lines_view(title: rx.Var | str, lines: Any, empty: rx.Var, more: rx.Component) -> rx.Component:
    """A list under its heading, with the way to all of it; where there is nothing, what that means."""
    return rx.el.section(
        rx.el.h2(title),
        rx.cond(
            lines,
            rx.fragment(
                rx.el.ul(rx.foreach(lines, _line), class_name="glance__lines"),
                rx.el.p(more, class_name="small"),
            ),
            rx.el.p(empty, class_name="soft"),
        ),
        class_name="glance__part",
    )


def picture_view(series: Any, first_day: rx.Var | str) -> rx.Component:
    """The rows below one another, on one scale, so that they compare."""
    return rx.el.section(
        rx.el.h2(t("The last 30 days")),
        rx.foreach(series, _row),
        rx.el.p(rx.el.span(first_day), rx.el.span(t("today")), class_name="picture__axis small soft"),
        class_name="glance__part picture",
    )


def _line(line: rx.vars.ObjectVar[Line]) -> rx.Component:
    return rx.el.li(
        rx.el.span(line.when, class_name="glance__when"),
        rx.el.span(
            rx.el.span(line.what, class_name="glance__what"),
            rx.cond(line.about, rx.el.span(" ", line.about, class_name="soft"), rx.fragment()),
        ),
        key=line.key,
    )


def _row(row: rx.vars.ObjectVar[Series]) -> rx.Component:
    bars: Any = row.bars
    return rx.el.div(
        rx.el.p(rx.el.span(row.name), rx.el.strong(row.total), class_name="picture__name"),
        rx.el.div(
            rx.foreach(bars, lambda tall: rx.el.span(style={"block_size": f"{tall}%"})),
            class_name="picture__bars",
            role="img",
            custom_attrs={"aria-label": row.words},
        ),
        key=row.name,
        class_name="picture__row",
    )
