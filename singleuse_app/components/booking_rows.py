"""A host's bookings by day, and what each shows when it is opened."""

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from singleuse_app.components.answers import answers_view
from singleuse_app.components.copy_link import copy_link_button
from singleuse_app.components.words import around, t


@dataclass(frozen=True)
class Row:
    """One booking, ready to be drawn."""

    id: str
    time: str
    invitee: str
    email: str
    room: str
    room_host: str
    mail_to: str
    event_name: str
    mark: str
    details: list[tuple[str, str]]
    can_cancel: bool
    can_move: bool
    move_href: str
    is_cancelled: bool
    has_begun: bool
    is_no_show: bool
    new_link_path: str


@dataclass(frozen=True)
class Day:
    """The bookings of one day of the host's."""

    key: str
    name: str
    date: str
    rows: list[Row] = field(default_factory=list)


def day_view(day: rx.vars.ObjectVar[Day], state: Any) -> rx.Component:
    """One day. ``state`` has the handlers ``cancel``, ``ask_for_another_time`` and ``mark``."""
    return rx.el.section(
        rx.el.h2(day.name, " ", rx.el.span(day.date)),
        rx.el.ul(rx.foreach(day.rows, lambda row: _draw_row(row, state))),
        class_name="bookings__day",
        key=day.key,
    )


def _draw_row(row: rx.vars.ObjectVar[Row], state: Any) -> rx.Component:
    return rx.el.li(
        rx.el.details(
            rx.el.summary(
                rx.el.span(row.time, class_name="bookings__time"),
                rx.el.span(
                    row.invitee,
                    rx.cond(row.mark, rx.el.span(" ", row.mark), rx.fragment()),
                    class_name="bookings__invitee",
                ),
                rx.el.span(row.event_name, class_name="bookings__event"),
            ),
            rx.el.div(
                rx.el.p(rx.el.elements.a(row.email, href=row.mail_to)),
                rx.cond(
                    row.room,
                    rx.el.p(
                        around(
                            "Video call: {address}",
                            address=rx.el.elements.a(
                                row.room_host, href=row.room, rel="noopener noreferrer", target="_blank"
                            ),
                        ),
                    ),
                    rx.fragment(),
                ),
                rx.cond(row.details, answers_view(row.details), rx.fragment()),
                rx.cond(row.can_move, _change_time(row, state), rx.fragment()),
                rx.cond(row.can_cancel, _cancel(row, state), rx.fragment()),
                rx.cond(row.has_begun, _no_show(row, state), rx.fragment()),
                rx.cond(row.is_cancelled, _send_new_link(row, state), rx.fragment()),
                class_name="booking__more",
            ),
            class_name="booking",
        ),
        key=row.id,
        class_name=rx.cond(row.is_cancelled, "bookings__cancelled", ""),
    )


def _change_time(row: rx.vars.ObjectVar[Row], state: Any) -> rx.Component:
    return rx.fragment(
        rx.el.p(rx.el.a(t("Move it yourself"), href=row.move_href, class_name="button button--small")),
        _with_message(
            row,
            "another",
            state.ask_for_another_time,
            label=t("Why, in a few words"),
            summary=t("Ask for another time…"),
            hint=t("Your time is free at once. The invitee reads this and chooses another; their link stays used."),
            button=rx.el.button(t("Ask for another time"), type="submit", class_name="button"),
        ),
    )


def _cancel(row: rx.vars.ObjectVar[Row], state: Any) -> rx.Component:
    return _with_message(
        row,
        "reason",
        state.cancel,
        summary=t("Cancel this booking…"),
        hint=t("The invitee reads it. Their link stays used."),
        button=rx.el.button(t("Cancel the booking"), type="submit", class_name="button button--danger"),
    )


def _with_message(
    row: rx.vars.ObjectVar[Row],
    name: str,
    on_submit: Any,
    *,
    summary: rx.Var,
    hint: rx.Var,
    button: rx.Component,
    label: rx.Var | None = None,
) -> rx.Component:
    return rx.el.details(
        rx.el.summary(summary),
        rx.el.form(
            rx.el.input(type="hidden", name="booking_id", value=row.id, read_only=True),
            rx.el.div(
                rx.el.label(t("Message") if label is None else label, html_for=f"{name}-{row.id}"),
                rx.el.p(hint, class_name="field-hint", id=f"{name}-hint-{row.id}"),
                rx.el.textarea(
                    id=f"{name}-{row.id}",
                    name="reason",
                    rows="3",
                    max_length=500,
                    custom_attrs={"aria-describedby": f"{name}-hint-{row.id}"},
                ),
                class_name="field",
            ),
            button,
            on_submit=on_submit,
            class_name="form",
        ),
        class_name="guests",
    )


def _no_show(row: rx.vars.ObjectVar[Row], state: Any) -> rx.Component:
    return rx.el.button(
        rx.cond(row.is_no_show, t("They came after all"), t("Nobody came")),
        type="button",
        on_click=state.mark(row.id, ~row.is_no_show),
        class_name="button button--small",
    )


def _send_new_link(row: rx.vars.ObjectVar[Row], state: Any) -> rx.Component:
    return rx.el.div(
        rx.el.button(
            t("Send a new link by mail"),
            type="button",
            on_click=state.new_link_by_mail(row.id),
            class_name="button",
        ),
        copy_link_button(t("Copy a new link"), row.new_link_path, class_name="button"),
        rx.el.p(t("It works once. The second button copies it for you to send."), class_name="small soft"),
    )
