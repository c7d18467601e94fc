"""A list in pages, narrowed by chips: how the host's lists are gone through."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from singleuse_app.components.words import t


@dataclass(frozen=True)
class Chip:
    """A part of a list, with how much is in it, where that is known."""

    name: str
    count: str
    href: str
    is_current: bool


def chips_view(chips: Any, label: rx.Var) -> rx.Component:
    """The parts to choose from."""
    return rx.el.nav(rx.foreach(chips, _draw_chip), class_name="chips", custom_attrs={"aria-label": label})


def pages_view(state: Any) -> rx.Component:
    """The ways to the neighbours of a page, ``back`` and ``more``; nothing where it is the only one."""
    return rx.cond(
        (state.back != "") | (state.more != ""),
        rx.el.nav(
            _turn(t("Back"), state.back),
            rx.el.span(state.range_words, class_name="small soft"),
            _turn(t("More"), state.more),
            class_name="board__pages",
            custom_attrs={"aria-label": t("Pages")},
        ),
        rx.fragment(),
    )


def range_words(page: int, size: int, shown: int) -> str:
    """Which of a list stand on a page.

    >>> range_words(2, 50, 7)
    '51–57'
    """
    first = (page - 1) * size
    return f"{first + 1}–{first + shown}"


def _draw_chip(chip: rx.vars.ObjectVar[Chip]) -> rx.Component:
    return rx.el.a(
        chip.name,
        rx.cond(chip.count, rx.el.span(" ", chip.count), rx.fragment()),
        href=chip.href,
        class_name="chip",
        custom_attrs={"aria-current": rx.cond(chip.is_current, "true", "false")},
        key=chip.name,
    )


def _turn(text: rx.Var, href: Any) -> rx.Component:
    return rx.cond(href != "", rx.el.a(text, href=href, class_name="button button--small"), rx.fragment())
