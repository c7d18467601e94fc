"""What a row of the board shows when it is opened."""

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from singleuse_app.components.copy_link import copy_link_button
from singleuse_app.components.fields import text_field
from singleuse_app.components.words import t


@dataclass(frozen=True)
class Details:
    """Everything about the link whose row is open. ``last_day`` is an ISO date, as a date field has it."""

    id: str = ""
    email: str = ""
    mail_to: str = ""
    only_recipient: bool = False
    by_code: bool = False
    no_codes: str = ""
    send_href: str = ""
    note: str = ""
    last_day: str = ""
    opened: str = ""
    own: str = ""
    qr: str = ""
    qr_label: str = ""
    can_undo: bool = False
    can_last_longer: bool = False
    books_once: bool = True
    reissue_path: str = ""
    reissue_label: str = ""
    reissue_words: str = ""
    log: list[tuple[str, str]] = field(default_factory=list)


def details_view(details: Any, state: Any) -> rx.Component:
    """What happened to a link, its note, its last day, its QR code, and what can be done with it."""
    return rx.el.div(
        rx.el.div(
            rx.cond(
                details.email,
                rx.el.p(
                    rx.el.elements.a(details.email, href=details.mail_to),
                    rx.cond(details.only_recipient, rx.fragment(" · ", t("only this address may book")), rx.fragment()),
                    rx.cond(details.by_code, t(", by a code that is sent there"), ""),
                ),
                rx.fragment(),
            ),
            rx.cond(details.no_codes, rx.el.p(details.no_codes, class_name="notice notice--warning"), rx.fragment()),
            rx.cond(details.own, rx.el.p(t("Its own: {what}", what=details.own)), rx.fragment()),
            rx.el.p(details.opened, class_name="soft"),
            _form(details, state),
            rx.el.div(
                rx.cond(
                    details.can_undo,
                    rx.el.button(t("Undo revoke"), type="button", on_click=state.undo(details.id), class_name="button"),
                    rx.fragment(),
                ),
                rx.cond(
                    details.send_href,
                    rx.el.a(t("Send by mail"), href=details.send_href, class_name="button"),
                    rx.fragment(),
                ),
                copy_link_button(
                    details.reissue_label, details.reissue_path, books_once=details.books_once, class_name="button"
                ),
                rx.el.p(details.reissue_words, class_name="small soft"),
                class_name="link-details__actions",
            ),
            class_name="link-details__main",
        ),
        rx.el.div(
            rx.el.h2(t("What happened")),
            rx.el.ol(
                rx.foreach(details.log, lambda line: rx.el.li(rx.el.span(line[0], class_name="soft"), " ", line[1])),
                class_name="log small",
            ),
        ),
        rx.cond(
            details.qr,
            rx.el.div(
                rx.el.img(src=details.qr, alt=details.qr_label, width="164", height="164", class_name="qr"),
                rx.el.elements.a(t("Open to print"), href=details.qr, target="_blank", class_name="small"),
                class_name="link-details__qr",
            ),
            rx.fragment(),
        ),
        class_name="link-details",
        key=details.id,
    )


def _form(details: Any, state: Any) -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="link_id", value=details.id, read_only=True),
        text_field(
            t("Note"), "note", hint=t("Only you read it."), default_value=details.note, error=state.wrong["note"]
        ),
        rx.el.div(
            text_field(
                t("Last day"),
                "expires_on",
                type="date",
                default_value=details.last_day,
                error=state.wrong["expires_on"],
                key=details.last_day,
            ),
            rx.cond(
                details.can_last_longer,
                rx.el.button(t("A week longer"), type="button", on_click=state.extend(details.id), class_name="button"),
                rx.fragment(),
            ),
            class_name="link-details__expiry",
        ),
        rx.el.button(t("Save"), type="submit", class_name="button"),
        on_submit=state.save,
        no_validate=True,
        class_name="form",
    )
