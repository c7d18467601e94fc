"""/book/<token>: what an invitee sees. Looking spends nothing; **Confirm booking** does."""

from collections import Counter
from collections.abc import AsyncGenerator
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, live, tokens, visitor
from singleuse_app.components.choice import (
    Choice,
    choice_of,
    days_after,
    days_before,
    days_of,
    days_view,
    times_view,
    zone_view,
)
from singleuse_app.components.empty import skeleton
from singleuse_app.components.fields import text_field
from singleuse_app.components.frame import announcer, invitee_frame
from singleuse_app.components.invitee import (
    Booked,
    Dead,
    Offer,
    booked_of,
    booked_view,
    dead_of,
    dead_view,
    offer_of,
    offer_view,
)
from singleuse_app.formats import zone_options
from singleuse_app.ids import BOOKING, parse_id
from singleuse_app.messages import words
from singleuse_app.operations import bookings, hosts
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.operations.history import link as link_topic
from singleuse_app.operations.history import offer as offer_topic
from singleuse_app.scheduling.bookings import BookingConfirmation, known_time_zone, parse_invitee
from singleuse_app.scheduling.errors import InvalidInput, LinkRefusal, Refusal, TryAgain
from singleuse_app.session import SET_UP
from singleuse_app.settings import settings

ROUTE = "/book/[token]"


class BookingState(rx.State):
    """One visit to one link: ``view`` is loading, choose, booked or dead."""

    view: str = "loading"
    offer: rx.Field[Offer] = rx.field(default_factory=Offer)
    choice: rx.Field[Choice] = rx.field(default_factory=Choice)
    booked: rx.Field[Booked] = rx.field(default_factory=Booked)
    dead: rx.Field[Dead] = rx.field(default_factory=Dead)
    zones: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)
    step: str = "day"
    announcement: str = ""
    is_sending: bool = False
    name_error: str = ""
    email_error: str = ""
    form_error: str = ""

    _starts: list[datetime] = []
    _terms_version: int = 0
    _attempt: int = 1
    _zone: str = "UTC"
    _month: date | None = None
    _day: date | None = None
    _chosen: datetime | None = None

    @rx.event
    async def open(self) -> EventSpec | None:
        """Show what is behind the link; to whoever booked with it in this browser, their booking."""
        if not await rx.run_in_thread(hosts.is_set_up):
            return rx.redirect(SET_UP)
        await self._look()
        return None

    @rx.event
    async def refresh(self) -> None:
        """Look again, because something happened to this link or to its host's time."""
        await self._look()

    @rx.event
    async def choose_day(self, day: Any = None) -> None:
        """Show the times of a day."""
        chosen = _date(day)
        if chosen not in self._free_days():
            return
        self._day, self._chosen = chosen, None
        await visitor.keep_choice(self, self._link_token(), self._chosen)
        self._draw()
        self.step = "time"
        self.announcement = f"{self.choice.day_title}, {self.choice.day_count}."

    @rx.event
    async def choose_time(self, start: Any = None) -> None:
        """Choose a start that is on offer."""
        chosen = visitor.instant_of(start)
        if chosen not in self._starts:
            return
        self._chosen = chosen
        await visitor.keep_choice(self, self._link_token(), self._chosen)
        self._draw()
        self.step, self.form_error = "form", ""
        self.announcement = f"{self.choice.chosen_time} chosen. Your name and e-mail address come next."

    @rx.event
    async def back(self) -> None:
        """On a phone: to the step before."""
        self.step = "time" if self.step == "form" else "day"

    @rx.event
    async def previous_month(self) -> None:
        """Turn the calendar back to the last month with a free day."""
        if self._month and (days := days_before(self._month, self._free_days())):
            self._turn(max(days))

    @rx.event
    async def next_month(self) -> None:
        """Turn the calendar on to the next month with a free day."""
        if self._month and (days := days_after(self._month, self._free_days())):
            self._turn(min(days))

    @rx.event
    async def change_zone(self) -> None:
        """Offer all time zones, or put the list away."""
        self.zones = [] if self.zones or self.view != "choose" else zone_options()

    @rx.event
    async def choose_zone(self, zone: Any = None) -> None:
        """Show every time in another zone. It changes no slot."""
        known = known_time_zone(zone)
        if self.view != "choose" or known is None:
            return
        await visitor.keep_time_zone(self, known)
        self._zone = known
        self._month = self._day = self._local_day(self._chosen)
        self.zones = []
        self._draw()
        self.announcement = self.choice.zone_line

    @rx.event
    async def book(self, form: Any = None) -> AsyncGenerator[EventSpec | None]:
        """Book the chosen time for whoever filled in the form. What was typed stays, whatever happens.

        The form carries what the page showed, because a form that was sent while the connection was lost may arrive
        before the page has loaded again.
        """
        form = form if isinstance(form, dict) else {}
        if self.view != "choose":
            await self._look()
            if self.view != "choose":
                return
        self.name_error = self.email_error = self.form_error = ""
        try:
            invitee = parse_invitee(form.get("name"), form.get("email"), self._zone)
        except InvalidInput as refusal:
            said = {field: words(code) for field, code in refusal.fields.items()}
            self.name_error, self.email_error = said.get("name", ""), said.get("email", "")
            yield rx.set_focus(next(iter(said)))
            return
        start = visitor.instant_of(form.get("time")) or self._chosen
        if start is None:
            self.form_error = words("start_missing")
            return
        self.is_sending = True
        yield None
        book = partial(
            bookings.book_slot,
            token=self._link_token(),
            start=start,
            invitee=invitee,
            receipt=await visitor.receipt_of(self),
            attempt=visitor.number_of(form.get("attempt")) or self._attempt,
            terms_version=visitor.number_of(form.get("terms")) or self._terms_version,
            now=clock.now(),
        )
        try:
            self._show_booked(await rx.run_in_thread(book))
            yield rx.set_focus("confirmation")
        except LinkRefusal as refusal:
            self._show_dead(refusal)
        except TryAgain as refusal:  # to look now would only ask the same database again
            self.form_error = words(refusal)
        except Refusal as refusal:
            await self._look()
            self.form_error = words(refusal)
        finally:
            self.is_sending = False

    async def _look(self) -> None:
        look = partial(
            bookings.open_link, token=self._link_token(), receipt=await visitor.receipt_of(self), now=clock.now()
        )
        try:
            found = await rx.run_in_thread(look)
        except LinkRefusal as refusal:
            self._show_dead(refusal)
            return
        if isinstance(found, BookingConfirmation):
            self._show_booked(found)
        else:
            await self._show_choice(found)

    async def _show_choice(self, found: OpenLink) -> None:
        self.offer = offer_of(found.terms, found.host_name, found.description, found.attempt)
        self._starts = [slot.start for slot in found.slots]
        self._terms_version, self._attempt = found.terms.version, found.attempt
        if self.view != "choose":
            self.view = "choose"
            self._zone = await visitor.time_zone_of(self)
            chosen = await visitor.choice_of(self, self._link_token())
            if chosen in self._starts:
                self._chosen, self.step = chosen, "form"
                self._month = self._day = self._local_day(chosen)
            topics = [link_topic(found.link_id), offer_topic(found.host_id)]
            live.follow(self, topics, BookingState.refresh)
        elif self._chosen is not None and self._chosen not in self._starts:
            self.step, self._chosen = "time", None
            self.form_error = self.announcement = (
                f"{self.choice.chosen_time} has just been taken. What you typed is still here: choose another time."
            )
        self._draw()

    def _draw(self) -> None:
        free = self._free_days()
        if self._day not in free:
            self._day = min(free, default=None)
            self._month = self._day
        self._month = self._month or self._day
        self.choice = choice_of(
            self._starts, self._zone, month=self._month, day=self._day, chosen=self._chosen, now=clock.now()
        )

    def _turn(self, day: date) -> None:
        self._month = day
        self._draw()

    def _show_booked(self, booking: BookingConfirmation) -> None:
        live.unfollow(self)
        self.reset()
        proof = tokens.derive_current(tokens.CALENDAR_FILE, parse_id(BOOKING, booking.booking_id))
        self.booked = booked_of(booking, f"{settings().api_origin}/api/bookings/{booking.booking_id}/{proof}.ics")
        self.view = "booked"
        stamp = "Cancelled" if booking.cancelled else "Booked"
        self.announcement = f"{stamp}. {self.booked.day}, {self.booked.time}, {self.booked.zone}. {self.booked.note}"

    def _show_dead(self, refusal: LinkRefusal) -> None:
        """Forget all that was shown, and say why there is nothing."""
        live.unfollow(self)
        self.reset()
        self.dead = dead_of(refusal)
        self.view = "dead"
        self.announcement = words(refusal)

    def _local_day(self, start: datetime | None) -> date | None:
        return start.astimezone(ZoneInfo(self._zone)).date() if start else None

    def _free_days(self) -> Counter[date]:
        return days_of(self._starts, self._zone)

    def _link_token(self) -> object:
        """The link's token in the address, whatever a client says that it is: the operation checks it."""
        return getattr(self, "token", None)


TITLE = rx.cond(
    BookingState.dead.title != "",
    BookingState.dead.title,
    rx.cond(
        BookingState.view == "booked", rx.cond(BookingState.booked.is_cancelled, "Cancelled", "Booked"), "Book a time"
    ),
)


def page() -> rx.Component:
    """The invitee's page in each of its views. The form is hidden, never taken away: nothing that was typed is lost."""
    state = BookingState
    return invitee_frame(
        announcer(state.announcement),
        rx.cond(state.view == "loading", _skeleton(), rx.fragment()),
        rx.el.div(
            rx.el.div(offer_view(state.offer, "This link books once"), class_name="book__ticket"),
            rx.el.button("Back", type="button", on_click=state.back, class_name="button button--quiet book__back"),
            rx.el.section(
                days_view(
                    state.choice,
                    on_choose=state.choose_day,
                    on_previous=state.previous_month,
                    on_next=state.next_month,
                ),
                zone_view(state.choice, state.zones, on_change=state.change_zone, on_choose=state.choose_zone),
                class_name="book__days",
            ),
            rx.el.section(times_view(state.choice, state.choose_time), class_name="book__times"),
            rx.el.section(_form(), class_name="book__form"),
            class_name="book",
            custom_attrs={"data-step": state.step},
            hidden=state.view != "choose",
        ),
        rx.cond(state.view == "booked", booked_view(state.booked), rx.fragment()),
        rx.cond(state.view == "dead", dead_view(state.dead), rx.fragment()),
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        rx.el.div(skeleton(3, "ticket"), class_name="book__ticket"),
        rx.el.div(skeleton(kind="calendar"), class_name="book__days"),
        class_name="book",
        custom_attrs={"data-step": "day"},
    )


def _form() -> rx.Component:
    state = BookingState
    return rx.el.form(
        rx.el.h2(rx.cond(state.choice.chosen_time, state.choice.chosen_time, "Your details")),
        rx.el.p(state.form_error, class_name="form-error", role="alert"),
        rx.el.input(type="hidden", name="time", value=state.choice.chosen),
        rx.el.input(type="hidden", name="terms", value=state.offer.version),
        rx.el.input(type="hidden", name="attempt", value=state.offer.attempt),
        text_field("Your name", "name", autocomplete="name", required=True, error=state.name_error),
        text_field("E-mail", "email", type="email", autocomplete="email", required=True, error=state.email_error),
        rx.el.button(
            "Confirm booking",
            type="submit",
            class_name="button button--primary",
            custom_attrs={"aria-busy": rx.cond(state.is_sending, "true", "false")},
        ),
        on_submit=state.book,
        no_validate=True,
        class_name="form",
    )


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
