"""Beside a schedule's form: what it comes to in the days ahead, and why a time is not on offer."""

from typing import Any

import reflex as rx

from singleuse_app.components.availability_values import Strip
from singleuse_app.components.fields import select_field, text_field
from singleuse_app.components.words import t


def days_ahead_view(state: Any) -> rx.Component:
    """Two weeks as strips. Their words say the same to whoever does not see them."""
    return rx.el.section(
        rx.el.h2(state.preview_title, id="days-ahead"),
        rx.el.p(state.preview_zone, class_name="small soft"),
        rx.el.ol(
            rx.foreach(state.preview, _strip), class_name="strips", custom_attrs={"aria-labelledby": "days-ahead"}
        ),
        rx.el.div(
            _turn(t("Earlier"), t("Two weeks earlier"), state.turn(-1), is_disabled=~state.has_earlier),
            _turn(t("Later"), t("Two weeks later"), state.turn(1)),
            class_name="actions",
        ),
        class_name="form__part",
    )


def why_view(state: Any) -> rx.Component:
    """Why a time is not on offer, by what is saved."""
    return rx.el.section(
        rx.el.h2(t("Why is this time not offered?")),
        rx.el.p(t("Changes count once they are saved."), class_name="small soft"),
        rx.el.form(
            select_field(
                t("Event type"),
                "why_event_type",
                state.event_types,
                required=True,
                error=state.wrong_why["why_event_type"],
            ),
            rx.el.div(
                text_field(t("Date"), "why_date", type="date", required=True, error=state.wrong_why["why_date"]),
                text_field(t("Time"), "why_time", type="time", required=True, error=state.wrong_why["why_time"]),
                class_name="form__pair",
            ),
            rx.el.button(t("Explain"), type="submit", class_name="button"),
            on_submit=state.explain,
            no_validate=True,
            class_name="form",
            custom_attrs={"data-refused": state.refused_why},
        ),
        rx.el.div(
            rx.cond(
                state.why_title,
                rx.el.div(
                    rx.el.p(state.why_title, class_name="why__title"),
                    rx.el.ul(rx.foreach(state.why, rx.el.li)),
                    class_name="why",
                ),
                rx.fragment(),
            ),
            role="status",
        ),
        class_name="form__part why-not",
    )


def _strip(strip: rx.vars.ObjectVar[Strip]) -> rx.Component:
    return rx.el.li(
        rx.el.p(
            rx.el.span(strip.day, ": ", class_name="strip__day"),
            rx.el.span(strip.hours, class_name=rx.cond(strip.is_open, "", "soft")),
        ),
        rx.cond(strip.note, rx.el.p(strip.note, class_name="small soft"), rx.fragment()),
        rx.el.svg(
            rx.foreach(
                strip.stretches,
                lambda stretch: rx.el.svg.rect(x=stretch[0], y=0, width=stretch[1], height=8),
            ),
            class_name="strip",
            view_box="0 0 1440 8",
            custom_attrs={"aria-hidden": "true", "focusable": "false", "preserveAspectRatio": "none"},
        ),
        key=strip.day,
    )


def _turn(text: rx.Var, label: rx.Var, on_click: Any, *, is_disabled: Any = False) -> rx.Component:
    return rx.el.button(
        text,
        type="button",
        on_click=on_click,
        class_name="button button--quiet button--small",
        custom_attrs={"aria-label": label, "aria-disabled": rx.cond(is_disabled, "true", "false")},
    )
