"""What happened, in the settings: a list, the newest first."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from singleuse_app.components.words import t


@dataclass(frozen=True)
class ActivityLine:
    """One line of the event log, ready to be drawn."""

    key: str
    when: str
    what: str
    about: str


def activity_view(state: Any) -> rx.Component:
    """Nothing but a button until somebody wants to know."""
    return rx.el.section(
        rx.el.h2(t("Activity")),
        rx.el.p(t("What happened to your links, bookings and settings, as the event log has it.")),
        rx.cond(
            state.is_shown,
            rx.fragment(
                rx.el.ol(rx.foreach(state.lines, _line), class_name="devices", id="activity"),
                rx.el.div(
                    rx.cond(state.is_first, rx.fragment(), _button(t("Newest"), state.show)),
                    rx.cond(state.has_more, _button(t("Older"), state.older), rx.fragment()),
                    class_name="form__actions",
                ),
            ),
            rx.el.p(_button(t("Show what happened"), state.show)),
        ),
        class_name="form__part",
    )


def _button(label: rx.Var, on_click: Any) -> rx.Component:
    return rx.el.button(label, type="button", on_click=on_click, class_name="button")


def _line(line: rx.vars.ObjectVar[ActivityLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.el.strong(line.what), rx.el.span(" ", line.about, class_name="soft small")),
        rx.el.span(line.when, class_name="small soft"),
        key=line.key,
    )
