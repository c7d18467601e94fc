"""/availability: the host's hours, what they come to in the days ahead, and why a time is not on offer."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, live, session
from singleuse_app.components.availability_form import schedule_form
from singleuse_app.components.availability_preview import days_ahead_view, why_view
from singleuse_app.components.availability_values import Tab, country_options, fingerprint
from singleuse_app.components.calendar_feeds import broken_view
from singleuse_app.components.empty import empty_state, skeleton
from singleuse_app.components.frame import announcer, host_frame
from singleuse_app.components.schedule_tabs import schedule_tabs
from singleuse_app.components.words import t
from singleuse_app.drafting import Drafting, cards_of, fresh_draft
from singleuse_app.explaining import Explaining
from singleuse_app.feed_words import warning_of
from singleuse_app.messages import words
from singleuse_app.operations import calendar_feeds, event_types, schedules
from singleuse_app.operations.history import desk
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.scheduling import schedule_forms
from singleuse_app.scheduling.availability import AvailabilitySchedule, WeeklyHours
from singleuse_app.scheduling.errors import InvalidInput, Refusal
from singleuse_app.wording import say

ROUTE = "/availability"
TITLE = t("Availability · Singleuse")


class AvailabilityState(session.HostPage, session.LivePage, Drafting, Explaining, rx.State):
    """One schedule in its form, and beside it what it comes to."""

    countries: list[tuple[str, str]] = []
    calendar_warning: str = ""
    was_changed_elsewhere: bool = False
    is_added: bool = False
    is_asking: bool = False
    is_sending: bool = False
    refused: int = 0

    @rx.event
    async def open(self) -> EventSpec | None:
        """Show the page, and keep it true from now on."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        live.follow(self, [desk(host.id)], AvailabilityState.refresh)
        self.current = str(self.router.url.query_parameters.get("id", ""))
        self.countries = [("", say("None")), *await rx.run_in_thread(partial(country_options, host.locale))]
        return await self._show(host)

    @rx.event
    async def choose(self, schedule_id: Any = None) -> EventSpec | None:
        """Show another schedule. What was typed into this one is kept for later."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        self.is_added = False
        await self._leave_for(host, schedule_id)
        return None

    @rx.event
    async def add_schedule(self) -> EventSpec | None:
        """Another schedule, which begins with the hours of this one."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        cards = await cards_of(host)
        like = next((card.availability for card in cards if card.id == self.current), None) or _usual(host)
        start = AvailabilitySchedule(like.time_zone, like.weekly_hours)
        add = partial(schedules.add_schedule, host_id=host.id, name=say("New schedule"), availability=start)
        try:
            key = await rx.run_in_thread(partial(add, now=clock.now()))
        except InvalidInput as refusal:
            self.form_error = " ".join(map(words, refusal.fields.values())) or words(refusal)
            return None
        self.is_added = True
        await self._leave_for(host, key)
        self.announcement = say("A new schedule. Give it a name.")
        return None

    @rx.event
    async def ask_to_remove(self) -> EventSpec | None:
        """Ask whether this schedule is to go, unless event types need it."""
        if await session.host_of(self) is None:
            return await session.elsewhere(self)
        self.is_asking = bool(self.current)
        self.announcement = say("Remove this schedule for good?") if self.is_asking else ""
        return None

    @rx.event
    async def keep_schedule(self) -> EventSpec | None:
        """Rather not."""
        if await session.host_of(self) is None:
            return await session.elsewhere(self)
        self.is_asking = False
        return rx.set_focus("ask-to-remove")

    @rx.event
    async def remove_schedule(self) -> EventSpec | None:
        """Take this schedule away."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        self.is_asking = False
        remove = partial(schedules.remove_schedule, host_id=host.id, schedule_id=self.current, now=clock.now())
        try:
            await rx.run_in_thread(remove)
        except Refusal as refusal:
            self.form_error = words(refusal)
            return None
        await self._leave_for(host, "")
        self.announcement = say("The schedule was removed.")
        return rx.set_focus("content")

    @rx.event
    async def discard(self) -> EventSpec | None:
        """Forget what is not saved."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        self._forget()
        await self._show(host)
        self.announcement = say("The schedule is shown as it is saved.")
        return rx.set_focus("save-schedule")

    @rx.event
    async def save(self, form: Any = None) -> AsyncGenerator[EventSpec | None]:
        """Keep what was typed, all of it or nothing."""
        if (host := await session.host_of(self)) is None:
            yield await session.elsewhere(self)
            return
        if (found := await self._in_hand(host)) is None:
            return
        card, draft = found
        self.form_error, self._wrong, self.is_sending = "", {}, True
        yield None
        draft = draft.typing(form if isinstance(form, dict) else {})
        try:
            new = schedule_forms.parse_draft(draft, card.availability)
            edit = partial(schedules.edit_schedule, host_id=host.id, schedule_id=card.id, now=clock.now())
            await rx.run_in_thread(partial(edit, name=new.name, availability=new.schedule))
            self._draft = schedule_forms.kept_text(replace(draft, base=fingerprint(new.name, new.schedule)))
            await self._show(host)
            self.is_saved, self.announcement = True, say("Saved: {name}.", name=new.name)
        except InvalidInput as refusal:
            self._wrong = dict(refusal.fields)
            self._draw(card, draft)
            self.form_error = "" if self._wrong else words(refusal)
            self.announcement = words("invalid_input")
            self.refused += 1
        except Refusal as refusal:
            self._draw(card, draft)
            self.form_error = words(refusal)
        finally:
            self.is_sending = False

    async def _show(self, host: SignedInHost) -> None:
        cards, feeds, self.event_types = await rx.run_in_thread(partial(_look, host, clock.now()))
        kept = self._kept_drafts()
        self.tabs = [Tab(card.id, card.name, card.id in kept) for card in cards]
        self.calendar_warning = warning_of(feeds)
        self.host_name, self._how = host.name, host.how
        card = next((each for each in cards if each.id == self.current), cards[0] if cards else None)
        self.current = card.id if card else ""
        if card is None:
            self._draft = ""
        else:
            base = fingerprint(card.name, card.availability)
            draft = schedule_forms.parse_kept(self._draft) or schedule_forms.parse_kept(kept.get(card.id))
            if draft is None or (draft.base != base and not (self.is_changed or card.id in kept)):
                self._wrong = {}
                draft = fresh_draft(card)
            self.was_changed_elsewhere = draft.base != base
            self._draw(card, draft)
        self.ready = True

    async def _leave_for(self, host: SignedInHost, schedule_id: object) -> None:
        self.current = schedule_id if isinstance(schedule_id, str) else ""
        self._draft, self._wrong, self._turned = "", {}, 0
        self.is_changed = self.is_saved = self.is_asking = False
        self.form_error = ""
        await self._show(host)


def page() -> rx.Component:
    """The schedules, the form of one of them, and beside it what it comes to."""
    state = AvailabilityState
    return host_frame(
        announcer(state.announcement),
        rx.cond(
            state.ready,
            rx.fragment(
                broken_view(state.calendar_warning),
                schedule_tabs(state),
                rx.cond(
                    state.current,
                    rx.el.div(
                        schedule_form(state),
                        rx.el.aside(
                            days_ahead_view(state),
                            class_name="editor__preview",
                            custom_attrs={"aria-label": t("Preview")},
                        ),
                        why_view(state),
                        class_name="editor editor--hours",
                    ),
                    empty_state(t("No hours yet"), t("A schedule says when you can be booked.")),
                ),
            ),
            skeleton(7),
        ),
        title=t("Availability"),
        current=ROUTE,
        actions=rx.el.a(t("Calendars that keep you busy"), href="/calendars", class_name="button"),
        host_name=state.host_name,
    )


def _look(
    host: SignedInHost, now: datetime
) -> tuple[list[schedules.ScheduleCard], list[calendar_feeds.FeedCard], list[tuple[str, str]]]:
    return (
        schedules.list_schedules(host_id=host.id),
        calendar_feeds.list_feeds(host_id=host.id, now=now),
        event_types.list_names(host_id=host.id, with_archived=False),
    )


def _usual(host: SignedInHost) -> AvailabilitySchedule:
    return AvailabilitySchedule(host.time_zone, tuple(WeeklyHours(day, 540, 1020) for day in range(5)))
