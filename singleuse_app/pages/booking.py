"""/book/<token> and /with/<host>/<event type>, for the invitee. Looking spends nothing; **Confirm booking** does."""

from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, live, session, tokens, visitor
from singleuse_app.answering import Answering
from singleuse_app.asking import asking_view, met_dead_link
from singleuse_app.choosing import Choosing, choice_sections, form_section
from singleuse_app.components.booking_form import form_fields
from singleuse_app.components.choice import chosen_heading
from singleuse_app.components.dead_links import DEAD_KINDS, Dead, dead_of, dead_view
from singleuse_app.components.empty import skeleton
from singleuse_app.components.fields import submit_button
from singleuse_app.components.frame import announcer, invitee_frame, served_title
from singleuse_app.components.invitee import (
    Booked,
    Offer,
    booked_of,
    booked_view,
    durations_view,
    offer_of,
    offer_view,
)
from singleuse_app.components.later import Later
from singleuse_app.components.words import t
from singleuse_app.correcting import Correcting, correct_button, correct_form
from singleuse_app.ids import BOOKING, parse_id
from singleuse_app.messages import words
from singleuse_app.opening import note_opening
from singleuse_app.operations import bookings, hosts, manage_booking
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.operations.history import link as link_topic
from singleuse_app.operations.history import offer as offer_topic
from singleuse_app.proving import Proving
from singleuse_app.scheduling.address_proofs import ProofState
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import InvalidInput, LinkRefusal, Refusal, TooMany, TryAgain
from singleuse_app.scheduling.slugs import standard_address
from singleuse_app.wording import say

ROUTE = "/book/[token]"
STANDARD_ROUTE = "/with/[host]/[event_type]"


class BookingState(Choosing, Answering, Proving, Correcting, rx.State):
    """One visit to one link: ``view`` is loading, choose, booked or dead."""

    offer: rx.Field[Offer] = rx.field(default_factory=Offer)
    booked: rx.Field[Booked] = rx.field(default_factory=Booked)
    dead: rx.Field[Dead] = rx.field(default_factory=Dead)
    is_sending: bool = False

    _offered: tuple[object, ...] = ()
    _duration: int | None = None
    _terms_version: int = 0
    _attempt: int = 1

    @rx.event
    async def open(self) -> AsyncGenerator[EventSpec | None]:
        """Show what is behind the link; to whoever booked with it in this browser, their booking."""
        await session.spend(self, "look_ups")
        self._offered = ()  # another address may bring other answers
        found = await self._look()
        if self.dead.kind == DEAD_KINDS["link_not_found"] and not await rx.run_in_thread(hosts.is_set_up):
            yield rx.redirect(session.SET_UP)
        if found is not None:
            yield None  # nobody waits until it is written down
            await note_opening(self, found)

    @rx.event
    async def refresh(self) -> None:
        """Look again, because something happened to this link or to its host's time, or its last minute is over."""
        await self._tell_what_went(self._look())

    @rx.event
    async def choose_duration(self, minutes: Any = None) -> None:
        """Show the times at which a meeting of another duration can start."""
        duration = visitor.number_of(minutes)
        if self.view == "choose" and duration is not None:
            self._duration = duration
            await self._look()
            self.announcement = f"{self.offer.duration}. {self._gone or self._day_words()}"

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
        self.form_error = self.code_error = ""
        invitee = self._invitee_of(form, self._viewer.zone)
        if invitee is None:
            self.announcement = (
                say("Did you mean {address}?", address=self.suggestion) if self.suggestion else words("invalid_input")
            )
            if self.suggestion:
                yield rx.set_focus("suggestion-yes")
            return
        start = visitor.instant_of(form.get("time")) or self._chosen
        if start is None:
            self.form_error = words("start_missing")
            return
        self.is_sending = True
        yield None
        book = partial(
            bookings.book_slot,
            token=self._address_token(),
            start=start,
            invitee=replace(invitee, locale=await visitor.locale_of(self)),
            duration_minutes=visitor.number_of(form.get("duration")) or self._duration,
            receipt=await self._receipt(),
            attempt=visitor.number_of(form.get("attempt")) or self._attempt,
            terms_version=visitor.number_of(form.get("terms")) or self._terms_version,
            now=clock.now(),
        )
        try:
            by = {} if self._is_standard() else {"link": self._address_token()}  # nobody closes a public one to others
            await session.spend(self, "bookings", **by)
            await self._prove(form)
            booking = await rx.run_in_thread(book)
            await self._show_booked(booking, await _manage_url(booking))
            yield rx.set_focus("confirmation")
        except LinkRefusal as refusal:
            await self._show_dead(refusal)
        except InvalidInput as refusal:
            if self.proof.masked:
                await self._look()
            self._refuse(refusal)
            self.code_error = self.errors.get("code", self.errors.get("email", "")) if self.proof.masked else ""
            self.announcement = self.code_error or words(refusal)
            yield rx.set_focus("send-code") if self.code_error and self.proof.state != ProofState.SENT else None
        except (TryAgain, TooMany) as refusal:  # to look now would only ask the same database again
            self.form_error = words(refusal)
        except Refusal as refusal:
            await self._look()
            self.form_error = "" if self._gone else words(refusal)
            yield self._face_gone() if self._gone else None
        finally:
            self.is_sending = False

    @rx.event
    async def book_another(self) -> EventSpec | None:
        """On the page of a standard link: choose once more. The booking that is shown stays made."""
        if self.view != "booked" or not self._is_standard():
            return None
        await visitor.renew_visit(self)
        await visitor.keep_choice(self, self._address_token(), None)
        self.reset()
        await self._look()
        return rx.set_focus("content")

    async def _look(self) -> OpenLink | None:
        """Show what there is now. What can be chosen from, if there is that."""
        look = partial(
            bookings.open_link,
            token=self._address_token(),
            receipt=await self._receipt(),
            duration_minutes=self._duration,
            view=await self._view(),
            now=clock.now(),
        )
        try:
            found = await rx.run_in_thread(look)
        except LinkRefusal as refusal:
            await self._show_dead(refusal)
            return None
        if isinstance(found, BookingConfirmation):
            await self._show_booked(found)
            return None
        await self._show_choice(found)
        return found

    async def _show_choice(self, found: OpenLink) -> None:
        offered = (*found.without_times, self._viewer)
        if self._offered != offered:  # two hundred pages look after a booking; in nearly none is it new
            self._offered = offered
            self.offer = offer_of(
                found.terms,
                found.durations,
                found.host_name,
                found.description,
                attempt=found.attempt,
                books_once=found.books_once,
                until=self._viewer.words(found.expires_at - timedelta(minutes=1)) if found.expires_at else "",
            )
            self._ask(found, self.router.url.query_parameters)
        self._show_proof(found.proof)
        self._duration = found.terms.duration_minutes
        is_changed = self.view == "choose" and self._terms_version != found.terms.version
        self._terms_version, self._attempt = found.terms.version, found.attempt
        if self.view != "choose":
            topics = [link_topic(found.link_id), offer_topic(found.host_id)]
            live.follow(self, topics, BookingState.refresh)
        live.until(self, found.expires_at, BookingState.refresh)
        await self._offer(found.times)
        if is_changed:
            changed = say("The host has just changed this meeting. Look at it again before you confirm.")
            self.form_error = changed if self._chosen or self._gone else ""
            if self.step != "form":  # there it says so itself
                self.announcement = f"{changed} {self._gone}".strip()

    async def _look_again(self) -> None:
        await self._look()

    async def _show_booked(self, booking: BookingConfirmation, manage_url: str = "") -> None:
        live.unfollow(self)
        manage_url = manage_url or self.booked.manage_url  # shown until the page is left
        self.reset()
        file_url = tokens.calendar_file_url(booking.booking_id, parse_id(BOOKING, booking.booking_id))
        self.booked = booked_of(booking, file_url, manage_url, how=await visitor.conventions_of(self))
        self.view = "booked"
        self.announcement = (
            f"{self.booked.stamp}. {self.booked.day}, {self.booked.time}, {self.booked.zone}. {self.booked.note}"
        )

    async def _show_dead(self, refusal: LinkRefusal) -> None:
        """Forget all that was shown, and say why there is nothing."""
        live.unfollow(self)
        self.reset()
        self.dead = dead_of(refusal)
        self.view = "dead"
        self.announcement = words(refusal)
        await met_dead_link(self, self._address_token())

    async def _show_corrected(self, booking: BookingConfirmation) -> None:
        await self._show_booked(booking, self.booked.manage_url)
        self.announcement = self.booked.invitee

    def _manage_token(self) -> object:
        return self.booked.manage_url.rpartition("/")[2]

    def _say_of_proof(self, text: str) -> None:
        self.announcement = text

    def _is_standard(self) -> bool:
        return bool(getattr(self, "host", None))

    def _address_token(self) -> object:
        """The token in the address; the address itself where it is a standard link's."""
        if self._is_standard():
            return standard_address(getattr(self, "host", None), getattr(self, "event_type", None))
        return super()._address_token()

    async def _receipt(self) -> str:
        """Whoever books with a link that books once may come back for a month; with a standard link, for a visit."""
        return await (visitor.receipt_of_visit(self) if self._is_standard() else visitor.receipt_of(self))

    def _what_comes_next(self) -> str:
        if self.proof.masked:
            return say("Your name and a code by mail come next.")
        return say("Your name and e-mail address come next.")

    def _what_is_kept(self) -> str:
        return " " + say("What you typed is still here: choose another time.")


TITLE = rx.cond(
    BookingState.dead.title != "",
    BookingState.dead.title,
    rx.match(
        BookingState.view,
        ("choose", t("{event} with {host}", event=BookingState.offer.event_name, host=BookingState.offer.host_name)),
        ("booked", rx.cond(BookingState.booked.is_cancelled, t("Cancelled"), t("Booked"))),
        served_title(t("Book a time")),
    ),
)


def page() -> rx.Component:
    """The page of a link that was handed out."""
    return _page()


def standard_page() -> rx.Component:
    """The page of a standard link, with which one books again."""
    again = rx.el.button(
        t("Book another time"), type="button", on_click=BookingState.book_another, class_name="button button--quiet"
    )
    return _page(again)


def _page(*after_booking: rx.Component) -> rx.Component:
    """The invitee's page in each of its views. The form is hidden, never taken away: nothing that was typed is lost."""
    state = BookingState
    return invitee_frame(
        announcer(state.announcement),
        rx.cond(state.view == "loading", _skeleton(), rx.fragment()),
        rx.el.div(
            Later.create(
                rx.el.div(offer_view(state.offer), class_name="book__ticket"),
                rx.el.button(
                    t("Back"), type="button", on_click=state.back, class_name="button button--quiet book__back"
                ),
                *choice_sections(state, durations_view(state.offer, state.choose_duration)),
                form_section(state, _form()),
                is_due=state.view == "choose",
                is_waiting=state.view == "loading",
            ),
            class_name="book",
            custom_attrs={"data-step": state.step},
            hidden=state.view != "choose",
        ),
        rx.cond(state.view == "booked", _booked(*after_booking), rx.fragment()),
        rx.cond(state.view == "dead", dead_view(state.dead, asking_view()), rx.fragment()),
    )


def _booked(*actions: rx.Component) -> rx.Component:
    state = BookingState
    has_just_booked = state.booked.manage_url & ~state.booked.is_cancelled
    correct = rx.cond(has_just_booked, correct_button(state), rx.fragment())
    return rx.fragment(booked_view(state.booked, *actions, correct=correct), correct_form(state))


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
        chosen_heading(state.choice, t("Your details")),
        rx.el.p(state.form_error, class_name="form-error", role="alert"),
        rx.el.input(type="hidden", name="time", value=state.choice.chosen),
        rx.el.input(type="hidden", name="terms", value=state.offer.version),
        rx.el.input(type="hidden", name="attempt", value=state.offer.attempt),
        rx.el.input(type="hidden", name="duration", value=state.offer.minutes),
        *form_fields(state),
        submit_button(t("Confirm booking"), is_busy=state.is_sending, id="confirm"),
        on_submit=state.book,
        no_validate=True,
        class_name="form",
        custom_attrs={"data-refused": state.refused},
    )


async def _manage_url(booking: BookingConfirmation) -> str:
    """What manages the booking, handed once, to whoever has just made it: a receipt that comes back only reads.

    The booking is made, so a database that goes away now takes only this away.
    """
    if booking.taken:
        with suppress(TryAgain):
            token = partial(manage_booking.manage_token, booking_id=booking.booking_id)
            return tokens.manage_url(await rx.run_in_thread(token))
    return ""
