"""Correcting the address of a booking on its confirmation: for whoever holds its manage token. A mixin of States."""

from functools import partial
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, session
from singleuse_app.components.fields import text_field
from singleuse_app.components.words import t
from singleuse_app.messages import words
from singleuse_app.operations import corrections
from singleuse_app.operations.manage_booking import AsInvitee
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import InvalidInput, Refusal


class Correcting(rx.State, mixin=True):
    """A form with one field, while it is open."""

    is_correcting: bool = False
    correction_error: str = ""

    @rx.event
    async def begin_correcting(self) -> EventSpec:
        """Open the form."""
        self._make_room()
        self.is_correcting, self.correction_error = True, ""
        return rx.set_focus("right-address")

    @rx.event
    async def stop_correcting(self) -> EventSpec:
        """Leave the address as it is."""
        self.is_correcting, self.correction_error = False, ""
        return rx.set_focus("confirmation")

    @rx.event
    async def correct(self, form: Any = None) -> EventSpec | None:
        """Take the new address. Whoever holds the manage token may."""
        form = form if isinstance(form, dict) else {}
        self.correction_error = ""
        correct = partial(
            corrections.correct_email,
            who=AsInvitee(self._manage_token()),
            email=form.get("right-address"),
            now=clock.now(),
        )
        try:
            await session.spend(self, "corrections")
            booking = await rx.run_in_thread(correct)
        except InvalidInput as refusal:
            self.correction_error = words(refusal.fields["email"])
            return rx.set_focus("right-address")
        except Refusal as refusal:
            self.correction_error = words(refusal)
            return rx.set_focus("right-address")
        self.is_correcting = False
        await self._show_corrected(booking)
        return rx.set_focus("confirmation")

    def _make_room(self) -> None:
        """Put other forms away."""

    def _manage_token(self) -> object:
        """The secret that lets the invitee change the booking that is shown."""
        raise NotImplementedError

    async def _show_corrected(self, booking: BookingConfirmation) -> None:
        """Show the booking with its new address, and say so."""
        raise NotImplementedError


def correct_button(state: Any) -> rx.Component:
    """The quiet way to the form."""
    return rx.el.button(
        t("Wrong e-mail address? Correct it"),
        type="button",
        on_click=state.begin_correcting,
        class_name="button button--link",
    )


def correct_form(state: Any) -> rx.Component:
    """The form, while it is open."""
    return rx.cond(
        state.is_correcting,
        rx.el.form(
            rx.el.h2(t("Correct your e-mail address")),
            text_field(
                t("E-mail"),
                "right-address",
                type="email",
                autocomplete="email",
                required=True,
                error=state.correction_error,
            ),
            rx.el.div(
                rx.el.button(t("Save"), type="submit", class_name="button button--primary"),
                rx.el.button(t("Keep it"), type="button", on_click=state.stop_correcting, class_name="button"),
                class_name="form__actions",
            ),
            on_submit=state.correct,
            no_validate=True,
            class_name="form asking",
        ),
        rx.fragment(),
    )
