"""A host's schedules: which one is shown, another one, and one that goes."""

from typing import Any

import reflex as rx

from singleuse_app.components.words import t


def schedule_tabs(state: Any) -> rx.Component:
    """The schedules by name, and the button for another one."""
    return rx.el.div(
        rx.foreach(
            state.tabs,
            lambda tab: rx.el.button(
                tab.name,
                rx.cond(tab.is_changed, rx.el.span(t("not saved")), rx.fragment()),
                type="button",
                on_click=state.choose(tab.id),
                class_name="chip",
                custom_attrs={"aria-pressed": rx.cond(tab.id == state.current, "true", "false")},
                key=tab.id,
            ),
        ),
        rx.el.button(
            t("Add a schedule"), type="button", on_click=state.add_schedule, class_name="button button--quiet"
        ),
        role="group",
        class_name="chips schedules",
        custom_attrs={"aria-label": t("Schedules")},
    )


def removing_view(state: Any) -> rx.Component:
    """The button that removes the schedule, and the question before it does."""

    def button(text: rx.Var, on_click: Any, key: str, kind: str) -> rx.Component:
        return rx.el.button(text, type="button", id=key, on_click=on_click, class_name=f"button button--{kind}")

    return rx.fragment(
        button(t("Remove schedule"), state.ask_to_remove, "ask-to-remove", "danger"),
        rx.cond(
            state.is_asking,
            rx.fragment(
                rx.el.p(t("Remove this schedule for good?")),
                button(t("Yes, remove it"), state.remove_schedule, "remove-schedule", "danger"),
                button(t("Keep it"), state.keep_schedule, "keep-schedule", "quiet"),
            ),
            rx.fragment(),
        ),
    )
