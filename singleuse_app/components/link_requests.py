"""Who asks for a new link, for the host: each with the button that makes and copies the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from singleuse_app.components.copy_link import copy_link_button
from singleuse_app.components.words import t


@dataclass(frozen=True)
class Asked:
    """One request, ready to be drawn."""

    id: str
    who: str
    email: str
    mail_to: str
    message: str
    about: str
    copy_path: str
    copy_label: str
    send_label: str
    dismiss_label: str


def requests_view(requests: Any, on_send: Callable[..., Any], on_dismiss: Callable[..., Any]) -> rx.Component:
    """All of them; nothing where nobody asks."""
    return rx.cond(
        requests,
        rx.el.section(
            rx.el.h2(t("Asked for a new link")),
            rx.el.ul(rx.foreach(requests, lambda asked: _draw(asked, on_send, on_dismiss)), class_name="requests"),
            class_name="requests-section",
        ),
        rx.fragment(),
    )


def _draw(asked: Any, on_send: Callable[..., Any], on_dismiss: Callable[..., Any]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(asked.who),
                " · ",
                rx.el.elements.a(asked.email, href=asked.mail_to),
            ),
            rx.cond(asked.message, rx.el.p(asked.message, class_name="request__message"), rx.fragment()),
            rx.el.p(asked.about, class_name="small soft"),
            class_name="slip__body",
        ),
        rx.el.div(
            copy_link_button(asked.copy_label, asked.copy_path, class_name="button button--primary button--small"),
            rx.el.button(
                t("Send by mail"),
                type="button",
                on_click=on_send(asked.id),
                class_name="button button--small",
                custom_attrs={"aria-label": asked.send_label},
            ),
            rx.el.button(
                t("Dismiss"),
                type="button",
                on_click=on_dismiss(asked.id),
                class_name="button button--quiet button--small",
                custom_attrs={"aria-label": asked.dismiss_label},
            ),
            class_name="slip__stub",
        ),
        class_name="slip",
        key=asked.id,
    )
