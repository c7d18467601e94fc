"""/manage/<token>: a booking as it is now, for its invitee. Looking changes nothing, however old the mail."""

from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, live, session, tokens, visitor
from singleuse_app.choosing import Choosing, choice_sections, form_section
from singleuse_app.components.choice import chosen_heading
from singleuse_app.components.empty import skeleton
from singleuse_app.components.fields import submit_button, text_field
from singleuse_app.components.frame import announcer, invitee_frame
from singleuse_app.components.invitee import Booked, booked_of
from singleuse_app.components.managed import Managed, managed_of, managed_view, moving_ticket
from singleuse_app.components.ticket import dead_ticket
from singleuse_app.components.words import t
from singleuse_app.correcting import Correcting, correct_button, correct_form
from singleuse_app.ids import BOOKING, parse_id
from singleuse_app.messages import TITLES, WORDS, words
from singleuse_app.operations import manage_booking
from singleuse_app.operations.history import link as link_topic
from singleuse_app.operations.history import offer as offer_topic
from singleuse_app.operations.manage_booking import AsInvitee
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import InvalidInput, NotFound, Refusal, SlotUnavailable, TryAgain
from singleuse_app.wording import say

ROUTE = "/manage/[token]"


class ManageBookingState(Choosing, Correcting, rx.State):
    """One visit to one booking: ``view`` is loading, booking, choose (another time) or unknown."""

    booked: rx.Field[Booked] = rx.field(default_factory=Booked)
    managed: rx.Field[Managed] = rx.field(default_factory=Managed)
    is_cancelling: bool = False
    is_sending: bool = False
    note: str = ""
    reason_error: str = ""

    _sequence: int = 0

    @rx.event
    async def open(self) -> None:
        """Show the booking as it is now; what this tab had begun with it goes on, if it still can."""
        await session.spend(self, "look_ups")
        await self._look()
        token = self._address_token()
        if self.managed.can_move and await visitor.choice_of(self, token):
            await self._offer_times()
        elif self.managed.can_cancel:
            self.is_cancelling = await visitor.is_cancelling(self, token)

    @rx.event
    async def refresh(self) -> None:
        """Look again, because something happened to the booking or to its host's time."""
        await self._look()
        if self.view == "choose":
            await self._tell_what_went(self._offer_times())

    @rx.event
    async def reschedule(self) -> EventSpec | None:
        """Offer the times that the booking can be moved to; until now none was sent."""
        if self.view == "booking":
            self.is_cancelling, self.is_correcting, self.note = False, False, ""
            await self._offer_times()
        if self.view != "choose":
            return None
        self.announcement = f"{say('Choose another time')}. {self.choice.day_title}, {self.choice.day_count}."
        return rx.set_focus("content")

    @rx.event
    async def keep(self) -> EventSpec | None:
        """Leave everything as it is."""
        await self._put_away()
        await self._look()
        return rx.set_focus("confirmation") if self.view == "booking" else None

    @rx.event
    async def ask_to_cancel(self) -> EventSpec | None:
        """Ask for a reason, which may stay empty."""
        if self.view != "booking" or not self.managed.can_cancel:
            return None
        self.is_cancelling, self.is_correcting = True, False
        await visitor.keep_cancelling(self, self._address_token())
        return rx.set_focus("reason")

    @rx.event
    async def cancel(self, form: Any = None) -> AsyncGenerator[EventSpec | None]:
        """Cancel the booking. Its host is told the reason."""
        form = form if isinstance(form, dict) else {}
        self.reason_error = self.note = ""
        self.is_sending = True
        yield None
        cancel = partial(
            manage_booking.cancel_booking, who=self._invitee(), reason=form.get("reason", ""), now=clock.now()
        )
        try:
            await rx.run_in_thread(cancel)
            await self._show_changed()
            yield rx.set_focus("confirmation")
        except InvalidInput as refusal:
            self.reason_error = words(refusal.fields["reason"])
            yield rx.set_focus("reason")
        except Refusal as refusal:
            await self._show_refused(refusal)
        finally:
            self.is_sending = False

    @rx.event
    async def move(self, form: Any = None) -> AsyncGenerator[EventSpec | None]:
        """Move the booking to the chosen time. The form carries what the page showed."""
        form = form if isinstance(form, dict) else {}
        self.form_error = ""
        start = visitor.instant_of(form.get("time")) or self._chosen
        if start is None:
            self.form_error = words("start_missing")
            return
        shown = visitor.number_of(form.get("sequence"))
        self.is_sending = True
        yield None
        move = partial(
            manage_booking.reschedule_booking,
            who=self._invitee(),
            start=start,
            sequence=self._sequence if shown is None else shown,
            now=clock.now(),
        )
        try:
            await rx.run_in_thread(move)
            await self._show_changed()
            yield rx.set_focus("confirmation")
        except SlotUnavailable:
            await self._offer_times()
            yield self._face_gone()
        except Refusal as refusal:
            await self._show_refused(refusal)
        finally:
            self.is_sending = False

    async def _show_changed(self) -> None:
        await self._put_away()
        await self._look()
        self.announcement = f"{self.booked.stamp}. {self.booked.day}, {self.booked.time}, {self.booked.zone}."

    async def _show_refused(self, refusal: Refusal) -> None:
        """What became of the wish, above the booking as it is."""
        if isinstance(refusal, TryAgain):  # to look now would only ask the same database again
            self.form_error = self.note = words(refusal)
            return
        await self._put_away()
        await self._look()
        self.note = words(refusal)

    async def _look(self) -> None:
        look = partial(manage_booking.look_at_booking, who=self._invitee(), now=clock.now())
        try:
            found = await rx.run_in_thread(look)
        except NotFound:
            live.unfollow(self)
            self.reset()
            self.view, self.announcement = "unknown", words("booking_not_found")
            return
        topics = [link_topic(found.link_id), offer_topic(found.host_id)]
        live.follow(self, topics, ManageBookingState.refresh)
        booking = found.booking
        self.managed, self._sequence = (
            managed_of(
                booking,
                found.policies,
                not_to_move=found.not_to_move,
                not_to_cancel=found.not_to_cancel,
                not_to_correct=found.not_to_correct,
            ),
            booking.sequence,
        )
        file_url = tokens.calendar_file_url(booking.booking_id, parse_id(BOOKING, booking.booking_id))
        self.booked = booked_of(booking, file_url, how=await visitor.conventions_of(self))
        if self.view != "choose":
            self.view = "booking"
        elif not self.managed.can_move:
            await self._put_away()

    async def _offer_times(self) -> None:
        view = await self._view()
        look = partial(manage_booking.times_to_move_to, who=self._invitee(), view=view, now=clock.now())
        try:
            found = await rx.run_in_thread(look)
        except Refusal as refusal:
            await self._show_refused(refusal)
            return
        await self._offer(found)

    async def _look_again(self) -> None:
        await self._offer_times()

    async def _put_away(self) -> None:
        """Back to the booking: nothing is being chosen or cancelled."""
        self._close_choice()
        await visitor.keep_choice(self, self._address_token(), None)
        self.is_cancelling, self.is_correcting, self.note = False, False, ""
        self.view = "booking"

    def _make_room(self) -> None:
        self.is_cancelling = False

    async def _show_corrected(self, booking: BookingConfirmation) -> None:
        await self._look()
        self.announcement = self.booked.invitee

    def _manage_token(self) -> object:
        return self._address_token()

    def _what_comes_next(self) -> str:
        return say("Confirm it below.")

    def _invitee(self) -> AsInvitee:
        return AsInvitee(self._address_token())


TITLE = rx.cond(
    ManageBookingState.view == "unknown",
    t(TITLES["booking_not_found"]),
    rx.cond(
        ManageBookingState.view == "choose",
        t("Choose another time"),
        rx.cond(ManageBookingState.booked.is_cancelled, t("Cancelled"), t("Your booking")),
    ),
)


def page() -> rx.Component:
    """The booking; the choice of another time; or a word that there is no such booking."""
    state = ManageBookingState
    said = t(WORDS["booking_not_found"]).split(". ")
    return invitee_frame(
        announcer(state.announcement),
        rx.cond(state.view == "loading", skeleton(3, "ticket"), rx.fragment()),
        rx.cond(
            state.view == "booking",
            managed_view(
                state.booked,
                state.managed,
                note=state.note,
                on_move=state.reschedule,
                on_cancel=state.ask_to_cancel,
                is_cancelling=state.is_cancelling,
                cancelling=_cancel_form(),
                correct=correct_button(state),
            ),
            rx.fragment(),
        ),
        rx.cond(state.view == "booking", correct_form(state), rx.fragment()),
        rx.cond(state.view == "choose", _choice(), rx.fragment()),
        rx.cond(
            state.view == "unknown",
            dead_ticket("unknown", f"{said[0]}.", said[1]),
            rx.fragment(),
        ),
    )


def _choice() -> rx.Component:
    state = ManageBookingState
    return rx.el.div(
        rx.el.div(
            moving_ticket(state.booked, state.managed),
            rx.el.button(
                t("Keep the time as it is"), type="button", on_click=state.keep, class_name="button button--quiet"
            ),
            class_name="book__ticket",
        ),
        rx.el.button(t("Back"), type="button", on_click=state.back, class_name="button button--quiet book__back"),
        *choice_sections(state),
        form_section(state, _move_form()),
        class_name="book",
        custom_attrs={"data-step": state.step},
    )


def _move_form() -> rx.Component:
    state = ManageBookingState
    return rx.el.form(
        chosen_heading(state.choice, t("Your new time")),
        rx.el.p(state.form_error, class_name="form-error", role="alert"),
        rx.el.input(type="hidden", name="time", value=state.choice.chosen),
        rx.el.input(type="hidden", name="sequence", value=state.managed.sequence),
        rx.el.p(t("Was {time}", time=f"{state.booked.day}, {state.booked.time}"), class_name="small soft"),
        submit_button(t("Move booking"), is_busy=state.is_sending),
        on_submit=state.move,
        no_validate=True,
        class_name="form",
    )


def _cancel_form() -> rx.Component:
    state = ManageBookingState
    return rx.el.form(
        rx.el.h2(t("Cancel this booking?")),
        text_field(
            t("Reason"),
            "reason",
            type="textarea",
            error=state.reason_error,
            hint=t("{host} is told what you write here.", host=state.booked.host_name),
        ),
        rx.el.div(
            submit_button(t("Cancel this booking"), is_busy=state.is_sending),
            rx.el.button(t("Keep it"), type="button", on_click=state.keep, class_name="button"),
            class_name="form__actions",
        ),
        on_submit=state.cancel,
        no_validate=True,
        class_name="form form--kept",
    )
