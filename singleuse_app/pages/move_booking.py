"""/move-booking?id=<booking>: another time for a booking, chosen by its host. Only free times are offered."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, live, session, visitor
from singleuse_app.choosing import Choosing, choice_sections, form_section
from singleuse_app.components.choice import Viewer, chosen_heading
from singleuse_app.components.empty import empty_state, skeleton
from singleuse_app.components.fields import submit_button
from singleuse_app.components.frame import announcer, host_frame
from singleuse_app.components.words import t
from singleuse_app.formats import zone_words
from singleuse_app.messages import words
from singleuse_app.operations import manage_booking
from singleuse_app.operations.history import desk
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.manage_booking import AsHost, ManagedBooking
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import Refusal, SlotUnavailable, TryAgain
from singleuse_app.scheduling.months import FreeTimes
from singleuse_app.scheduling.zone_search import present_name
from singleuse_app.wording import say

ROUTE = "/move-booking"
TITLE = t("Move a booking · Singleuse")


class MoveBookingState(session.HostPage, Choosing, rx.State):
    """One booking, as it is and as it could be: ``view`` is loading, choose, or told (why not, or that it is done)."""

    invitee: str = ""
    event_name: str = ""
    is_at: str = ""
    theirs: str = ""
    sequence: str = ""
    told_title: str = ""
    told: str = ""
    is_sending: bool = False

    @rx.event
    async def open(self) -> EventSpec | None:
        """Offer the times that the booking can be moved to."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        live.follow(self, [desk(host.id)], MoveBookingState.refresh)
        self._close_choice()
        self.view = "loading"
        return await self._show(host)

    @rx.event
    async def refresh(self) -> EventSpec | None:
        """Look again, because something happened to the host's time."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        if self.view == "choose":
            await self._tell_what_went(self._show(host))
        return None

    @rx.event
    async def move(self, form: Any = None) -> AsyncGenerator[EventSpec | None]:
        """Move the booking to the chosen time. The form carries what the page showed."""
        if (host := await session.host_of(self)) is None:
            yield await session.elsewhere(self)
            return
        form = form if isinstance(form, dict) else {}
        start, shown = visitor.instant_of(form.get("time")) or self._chosen, visitor.number_of(form.get("sequence"))
        if self.view != "choose" or start is None or shown is None:
            self.form_error = words("start_missing")
            return
        self.form_error, self.is_sending = "", True
        yield None
        who = AsHost(host.id, self._address_token())
        move = partial(manage_booking.reschedule_booking, who=who, start=start, sequence=shown, now=clock.now())
        try:
            moved = await rx.run_in_thread(move)
            await self._tell_moved(moved)
            yield rx.set_focus("content")
        except SlotUnavailable:
            self._chosen = start
            await self._show(host)
            yield self._face_gone()
        except TryAgain as refusal:  # to look now would only ask the same database again
            self.form_error = words(refusal)
        except Refusal as refusal:
            await self._show(host)
            self.form_error = words(refusal)
        finally:
            self.is_sending = False

    async def _show(self, host: SignedInHost) -> None:
        self.host_name = host.name
        who, view, now = AsHost(host.id, self._address_token()), await self._view(), clock.now()
        is_first = self.view != "choose"
        if is_first:  # by the host's own clock, whatever this browser believes
            self._viewer = Viewer(present_name(host.time_zone), host.how, host.locale)
        viewer = self._viewer

        def read() -> tuple[ManagedBooking, FreeTimes]:
            looked = manage_booking.look_at_booking(who=who, now=now)
            if looked.not_to_move:
                raise looked.not_to_move
            month = viewer.day_of(looked.booking.start) if is_first else view.month
            seen = replace(view, time_zone=viewer.zone, month=month)
            return looked, manage_booking.times_to_move_to(who=who, view=seen, now=now)

        try:
            looked, times = await rx.run_in_thread(read)
        except Refusal as refusal:
            self._close_choice()
            self._tell(say("This booking stays as it is"), words(refusal))
            return
        booking = looked.booking
        self.invitee, self.event_name = booking.invitee.name, booking.terms.event_name
        self.is_at, self.sequence = self._viewer.words(booking.start), str(booking.sequence)
        self.ready = True
        self._day = self._day or self._viewer.day_of(booking.start)
        await self._offer(times)
        self.theirs = self._for_them(booking)

    async def _tell_moved(self, moved: BookingConfirmation) -> None:
        await visitor.keep_choice(self, self._address_token(), None)
        self._close_choice()
        self._tell(
            say("Moved"),
            say("{name} is booked for {time}.", name=moved.invitee.name, time=self._viewer.words(moved.start)),
        )

    def _for_them(self, booking: BookingConfirmation) -> str:
        """The chosen time where the invitee is, if their clock shows another."""
        theirs = replace(self._viewer, zone=present_name(booking.invitee.time_zone))
        if self._chosen is None or theirs.words(self._chosen) == self._viewer.words(self._chosen):
            return ""
        at = f"{theirs.words(self._chosen)}, {zone_words(theirs.zone, self._chosen)}"
        return say("For {name}: {time}", name=booking.invitee.name, time=at)

    def _tell(self, title: str, text: str) -> None:
        self.view, self.told_title, self.told, self.announcement = "told", title, text, f"{title}. {text}"
        self.ready = True

    async def _look_again(self) -> None:
        if (host := await session.host_of(self)) is None:
            self.reset()
            self._tell(say("The times are put away"), words("not_signed_in"))
            return
        await self._show(host)

    def _address_token(self) -> object:
        return str(self.router.url.query_parameters.get("id", ""))

    def _what_comes_next(self) -> str:
        return say("Confirm it below.")


def page() -> rx.Component:
    """What is moved, the choice of another time, and in the end where it went."""
    state = MoveBookingState
    return host_frame(
        announcer(state.announcement),
        rx.cond(
            state.ready,
            rx.match(
                state.view,
                ("choose", _choice()),
                (
                    "told",
                    empty_state(
                        state.told_title,
                        state.told,
                        rx.el.a(t("Back to the bookings"), href="/bookings", class_name="button"),
                    ),
                ),
                rx.fragment(),
            ),
            skeleton(kind="calendar"),
        ),
        title=t("Move a booking"),
        current="/bookings",
        host_name=state.host_name,
    )


def _choice() -> rx.Component:
    state = MoveBookingState
    return rx.el.div(
        rx.el.p(
            rx.el.strong(state.invitee),
            ", ",
            state.event_name,
            ". ",
            t("Now {time}", time=state.is_at),
            ".",
            class_name="moving",
        ),
        rx.el.div(
            rx.el.button(t("Back"), type="button", on_click=state.back, class_name="button button--quiet book__back"),
            *choice_sections(state),
            form_section(state, _form()),
            class_name="book book--host",
            custom_attrs={"data-step": state.step},
        ),
    )


def _form() -> rx.Component:
    state = MoveBookingState
    return rx.el.form(
        chosen_heading(state.choice, t("The new time")),
        rx.el.p(state.form_error, class_name="form-error", role="alert"),
        rx.el.input(type="hidden", name="time", value=state.choice.chosen),
        rx.el.input(type="hidden", name="sequence", value=state.sequence),
        rx.cond(state.theirs, rx.el.p(state.theirs, class_name="small soft"), rx.fragment()),
        rx.el.p(t("{name} is told. Their link stays used.", name=state.invitee), class_name="small soft"),
        rx.el.div(
            submit_button(t("Move the booking"), is_busy=state.is_sending),
            rx.el.a(t("Keep the time as it is"), href="/bookings", class_name="button button--quiet"),
            class_name="form__actions",
        ),
        on_submit=state.move,
        no_validate=True,
        class_name="form",
    )
