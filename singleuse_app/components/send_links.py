"""Links by mail: the words, what one person will read, and how many are sent."""

from typing import Any

import reflex as rx

from singleuse_app.components.fields import submit_button, text_field
from singleuse_app.components.words import around, t


def send_links_form(state: Any) -> rx.Component:
    """The words and the preview. ``state`` has ``subject`` and ``text`` to start with, ``draft``, ``turn`` and
    ``send``."""
    return rx.el.form(
        rx.el.p(state.summary, class_name="soft"),
        rx.cond(state.left_out, rx.el.p(state.left_out, class_name="notice notice--warning"), rx.fragment()),
        text_field(
            t("Subject"),
            "subject",
            default_value=state.subject,
            required=True,
            error=state.errors["subject"],
            on_change=state.draft("subject").debounce(300),
            key=state.form_key + "subject",
        ),
        text_field(
            t("Text"),
            "text",
            type="textarea",
            rows="7",
            default_value=state.text,
            required=True,
            hint=t("{name}, {event} and {host} stand for what they say. Each mail has its own link below the text."),
            error=state.errors["text"],
            on_change=state.draft("text").debounce(300),
            key=state.form_key + "text",
        ),
        _preview(state),
        rx.cond(
            state.sent_before,
            rx.el.div(
                rx.el.label(rx.el.input(type="checkbox", name="again"), state.sent_before, class_name="field__check"),
                class_name="field",
            ),
            rx.fragment(),
        ),
        rx.el.p(state.form_error, class_name="form-error", role="alert"),
        submit_button(state.send_label, is_busy=state.is_sending),
        on_submit=state.send,
        no_validate=True,
        class_name="form",
    )


def sent_view(state: Any) -> rx.Component:
    """What has come of it."""
    return rx.el.section(
        rx.el.h2(state.sent, id="sent", tab_index=-1),
        rx.el.p(t("What becomes of each of them is seen on the Mail page.")),
        rx.el.div(
            rx.el.a(t("Look at mail"), href="/mail", class_name="button button--primary"),
            rx.el.a(t("Back to links"), href=state.board, class_name="button"),
            class_name="many__done",
        ),
        class_name="many",
    )


def no_mail_view() -> rx.Component:
    """Where there is no mail server."""
    return rx.el.div(
        rx.el.p(rx.el.strong(t("Nobody would get it.")), " ", t("There is no mail server to send it through.")),
        rx.el.p(
            around(
                "Copy the links and send them yourself, or see on {page} what is to be set.",
                page=rx.el.a(t("the Mail page"), href="/mail"),
            ),
        ),
        class_name="notice",
    )


def _preview(state: Any) -> rx.Component:
    turns = rx.el.div(
        rx.el.button(t("Previous mail"), type="button", on_click=state.turn(-1), class_name="button button--small"),
        rx.el.button(t("Next mail"), type="button", on_click=state.turn(1), class_name="button button--small"),
        class_name="many__done",
    )
    return rx.el.section(
        rx.el.h2(t("What they read")),
        rx.el.p(state.preview_place, class_name="small soft", role="status"),
        rx.el.pre(state.preview_text, tab_index=0, role="region", custom_attrs={"aria-label": t("The mail")}),
        rx.cond(state.has_several, turns, rx.fragment()),
        class_name="mails mails--preview",
    )
