"""The cards of a host's event types: what each offers, its button, its menu, and its links that wait."""

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from singleuse_app.components.copy_link import copy_link_button
from singleuse_app.components.link_options import copy_with_options
from singleuse_app.components.shortcuts import COPY
from singleuse_app.components.standard_link import StandardLine, standard_link_view
from singleuse_app.components.waiting_link import waiting_link_actions
from singleuse_app.components.words import around, t
from singleuse_app.settings import settings


@dataclass(frozen=True)
class Waiting:
    """A link that was made and not used yet."""

    id: str
    made: str
    recipient: str
    books_once: bool
    copy_path: str
    revoke_label: str


@dataclass(frozen=True)
class Card:
    """One event type, ready to be drawn."""

    id: str
    name: str
    colour: str
    is_off: bool
    facts: str
    hours: str
    next_free: str
    create_path: str
    message: str
    standard: StandardLine = field(default_factory=StandardLine)
    waiting: list[Waiting] = field(default_factory=list)
    more_waiting: str = ""


def event_card(card: rx.vars.ObjectVar[Card], state: Any) -> rx.Component:
    """One card. ``state`` has the handlers: revoke, switch, move, duplicate, archive, switch_standard_link."""
    return rx.el.li(
        rx.el.div(
            rx.el.h2(card.name, rx.cond(card.is_off, rx.el.span(t("Off"), class_name="chip"), rx.fragment())),
            rx.el.p(card.facts, class_name="event-card__facts"),
            rx.el.p(card.hours, class_name="event-card__facts"),
            rx.el.p(card.next_free, class_name="event-card__next"),
            class_name="event-card__main",
        ),
        rx.el.div(
            rx.cond(
                card.is_off,
                rx.el.button(
                    t("Switch on"),
                    type="button",
                    on_click=state.switch(card.id, True),
                    class_name="button",
                    custom_attrs={"aria-label": t("Switch {name} on", name=card.name)},
                ),
                copy_link_button(
                    t("Copy single-use link"), card.create_path, class_name="button button--primary", custom_attrs=COPY
                ),
            ),
            _menu(card, state),
            _this_computer_only(),
            class_name="event-card__actions",
        ),
        standard_link_view(card.standard, state.switch_standard_link),
        rx.cond(
            card.waiting,
            rx.el.section(
                rx.el.h3(t("Links waiting")),
                rx.el.ul(rx.foreach(card.waiting, lambda link: _draw_waiting(link, state))),
                rx.cond(
                    card.more_waiting,
                    rx.el.p(rx.el.a(card.more_waiting, href="/links"), class_name="small"),
                    rx.fragment(),
                ),
                class_name="waiting",
            ),
            rx.fragment(),
        ),
        class_name="event-card",
        custom_attrs={"data-colour": card.colour, "data-off": rx.cond(card.is_off, "true", "false")},
        key=card.id,
    )


def _menu(card: rx.vars.ObjectVar[Card], state: Any) -> rx.Component:
    """What is done more rarely. It closes when the focus leaves it, by the script of every page."""

    return rx.el.details(
        rx.el.summary(
            t("More"),
            class_name="button button--quiet",
            custom_attrs={"aria-label": t("More for {name}", name=card.name)},
        ),
        rx.el.div(
            rx.cond(
                card.is_off,
                rx.fragment(),
                copy_with_options(card.name, card.create_path, sends_mail=state.sends_mail),
            ),
            rx.cond(
                card.is_off,
                rx.fragment(),
                copy_link_button(
                    t("Copy as message"),
                    card.create_path,
                    copied_message=t("Copied: a message with a link that works once."),
                    field_label=t("Copy this message from here. Its link works once."),
                    message=card.message,
                    class_name="button button--small",
                ),
            ),
            rx.el.a(t("Edit"), href=event_type_path(card.id), class_name="button button--small"),
            _item(t("Duplicate"), state.duplicate(card.id)),
            _item(t("Move up"), state.move(card.id, -1)),
            _item(t("Move down"), state.move(card.id, 1)),
            _item(rx.cond(card.is_off, t("Switch on"), t("Switch off")), state.switch(card.id, card.is_off)),
            _item(t("Archive"), state.archive(card.id, True)),
            class_name="menu__sheet",
        ),
        class_name="menu",
    )


def _item(text: rx.Var | str, on_click: Any) -> rx.Component:
    return rx.el.button(text, type="button", on_click=on_click, class_name="button button--small")


def event_type_path(event_type_id: Any = "") -> Any:
    """Where an event type is changed; a new one where none is named."""
    return f"/event-type?id={event_type_id}" if isinstance(event_type_id, rx.Var) else "/event-type"


def undo_view(state: Any) -> rx.Component:
    """What has just been archived, and the way back."""
    key, name = state.just_archived[0], state.just_archived[1]
    return rx.el.div(
        rx.cond(
            key != "",
            rx.el.div(
                rx.el.p(t("{name} is archived: its links book no more. Bookings stay.", name=name)),
                rx.el.button(
                    t("Undo"), type="button", on_click=state.archive(key, False), class_name="button button--small"
                ),
                class_name="notice",
            ),
            rx.fragment(),
        ),
        role="status",
    )


def archived_view(state: Any) -> rx.Component:
    """What was put away, and can be offered again."""
    return rx.cond(
        state.archived,
        rx.el.details(
            rx.el.summary(t("Archived")),
            rx.el.ul(
                rx.foreach(
                    state.archived,
                    lambda one: rx.el.li(
                        one[1],
                        rx.el.button(
                            t("Offer again"),
                            type="button",
                            on_click=state.archive(one[0], False),
                            class_name="button button--quiet button--small",
                            custom_attrs={"aria-label": t("Offer {name} again", name=one[1])},
                        ),
                        key=one[0],
                    ),
                )
            ),
            class_name="archived",
        ),
        rx.fragment(),
    )


def _this_computer_only() -> rx.Component:
    if not settings().opens_here_only:
        return rx.fragment()
    return rx.el.p(
        around("The link opens only on this computer, until {setting} is set.", setting=rx.el.code("PUBLIC_URL")),
        class_name="small soft",
    )


def _draw_waiting(link: rx.vars.ObjectVar[Waiting], state: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(link.made), rx.cond(link.recipient, rx.el.p(link.recipient), rx.fragment()), class_name="slip__body"
        ),
        rx.el.div(
            waiting_link_actions(link, state.revoke),
            class_name="slip__stub",
        ),
        class_name="slip",
        key=link.id,
    )
