"""A booking as its invitee manages it: what can still be done, in words."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import reflex as rx

from singleuse_app.components.invitee import Booked, booked_view
from singleuse_app.components.ticket import ticket_head
from singleuse_app.components.words import t
from singleuse_app.formats import duration_words
from singleuse_app.messages import words
from singleuse_app.scheduling.bookings import BookingConfirmation, Policies
from singleuse_app.scheduling.errors import BookingRefusal
from singleuse_app.wording import noted, say


@dataclass(frozen=True)
class Managed:
    """What can be done about a booking. ``told`` says why something cannot be done, or until when it can."""

    can_move: bool = False
    can_cancel: bool = False
    can_correct: bool = False
    is_asked: bool = False
    told: str = ""
    sequence: str = ""
    duration: str = ""


def managed_of(
    booking: BookingConfirmation,
    policies: Policies,
    *,
    not_to_move: BookingRefusal | None,
    not_to_cancel: BookingRefusal | None,
    not_to_correct: BookingRefusal | None,
) -> Managed:
    """The possibilities in words. The refusals say why there is none; ``None`` where there is."""
    said = dict.fromkeys(words(refusal) for refusal in (not_to_move, not_to_cancel) if refusal is not None)
    deadlines = [
        say(until, before=duration_words(cutoff // timedelta(minutes=1)))
        for until, refusal, cutoff in (
            (
                noted("You can choose another time until {before} before the start."),
                not_to_move,
                policies.reschedule_cutoff,
            ),
            (noted("You can cancel until {before} before the start."), not_to_cancel, policies.cancel_cutoff),
        )
        if refusal is None and cutoff > timedelta(0)
    ]
    return Managed(
        can_move=not_to_move is None,
        can_cancel=not_to_cancel is None,
        can_correct=not_to_correct is None,
        is_asked=booking.asked,
        told="" if booking.cancelled else " ".join([*said, *deadlines]),  # a cancelled ticket says so itself
        sequence=str(booking.sequence),
        duration=duration_words(booking.terms.duration_minutes),
    )


def managed_view(
    booked: rx.vars.ObjectVar[Booked],
    managed: rx.vars.ObjectVar[Managed],
    *,
    note: rx.Var | str,
    on_move: Any,
    on_cancel: Any,
    is_cancelling: rx.Var | bool,
    cancelling: rx.Component,
    correct: rx.Component,
) -> rx.Component:
    """The stamped ticket with its two buttons, and below it, while it is wanted, the form that asks for a reason."""
    return rx.el.div(
        rx.el.p(note, class_name="form-error", role="alert"),
        booked_view(
            booked,
            rx.cond(
                managed.can_move,
                rx.el.button(
                    rx.cond(managed.is_asked, t("Choose another time"), t("Reschedule")),
                    type="button",
                    on_click=on_move,
                    class_name=rx.cond(managed.is_asked, "button button--primary", "button"),
                ),
                rx.fragment(),
            ),
            rx.cond(
                is_cancelling,
                rx.fragment(),
                rx.cond(
                    managed.can_cancel,
                    rx.el.button(
                        t("Cancel booking"), type="button", on_click=on_cancel, class_name="button button--danger"
                    ),
                    rx.fragment(),
                ),
            ),
            correct=rx.cond(managed.can_correct, correct, rx.fragment()),
        ),
        rx.cond(managed.told, rx.el.p(managed.told, class_name="notice"), rx.fragment()),
        rx.cond(is_cancelling, cancelling, rx.fragment()),
        class_name="managed",
    )


def moving_ticket(booked: rx.vars.ObjectVar[Booked], managed: rx.vars.ObjectVar[Managed]) -> rx.Component:
    """The ticket at the head while another time is chosen: when the meeting is now stands on its stub."""
    return ticket_head(
        event_name=booked.event_name,
        host_name=booked.host_name,
        duration_text=managed.duration,
        location=booked.location,
        note=rx.cond(
            managed.is_asked,
            t("Another time is asked for"),
            t("Now {time}", time=f"{booked.day}, {booked.time}"),
        ),
    )
