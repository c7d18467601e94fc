"""A schedule that is being edited: what stands in its form, kept until it is saved. A mixin of a host page's State.

What was typed into a schedule is kept by this tab of the browser, so neither a lost connection nor a look at another
schedule loses it.
"""

import json
from datetime import date, timedelta
from functools import partial
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, session
from singleuse_app.components.availability_values import Form, Strip, Tab, fingerprint, form_of, strip_of
from singleuse_app.formats import PLAIN, WEEKDAYS, Conventions, day_words, zone_words
from singleuse_app.operations import schedules
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.schedules import ScheduleCard
from singleuse_app.scheduling import schedule_forms
from singleuse_app.scheduling.availability import MAX_OVERRIDES, MAX_RECURRENCES
from singleuse_app.scheduling.days_ahead import days_ahead
from singleuse_app.scheduling.recurrence import Recurrence
from singleuse_app.scheduling.schedule_forms import Draft, read_draft
from singleuse_app.wording import say

SHOWN_DAYS = 14
MOST_TURNS = 52
MOST_KEPT = 30_000
"""So many characters of what is not saved are kept in the browser; it comes back with every connection."""


class Drafting(rx.State, mixin=True):
    """The schedule ``current`` in its form, and what that comes to. ``kept`` holds drafts by schedule, for this tab."""

    tabs: rx.Field[list[Tab]] = rx.field(default_factory=list)
    current: str = ""
    used_by: str = ""
    form: rx.Field[Form] = rx.field(default_factory=Form)
    preview: rx.Field[list[Strip]] = rx.field(default_factory=list)
    preview_title: str = ""
    preview_zone: str = ""
    has_earlier: bool = False
    is_changed: bool = False
    is_saved: bool = False
    form_error: str = ""
    announcement: str = ""
    kept: str = rx.SessionStorage("", name="singleuse_hours")

    _draft: str = ""
    _wrong: dict[str, str] = {}
    _turned: int = 0
    _how: Conventions = PLAIN

    @rx.event
    async def draft(self, name: Any = None, text: Any = None) -> EventSpec | None:
        """Show in the preview what is being typed."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        found = await self._in_hand(host)
        if found and isinstance(name, str) and name in found[1]:
            draft = found[1].typing({name: text})
            still = read_draft(draft, found[0].availability).wrong
            self._wrong = {
                field: still.get(field, "") if field == name else code for field, code in self._wrong.items()
            }
            self._wrong = {field: code for field, code in self._wrong.items() if code}
            self._draw(found[0], draft)
        return None

    @rx.event
    async def copy_hours(self, source: Any = None, to: Any = None) -> EventSpec | None:
        """Copy the hours of a weekday to another one, to Monday to Friday, or to all."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        days = {"weekdays": range(5), "all": range(7)}.get(to) if isinstance(to, str) else [to]
        found = await self._in_hand(host)
        if found is None or not days or any(not _is_weekday(day) for day in (source, *days)):
            return None
        self._draw(found[0], schedule_forms.with_copies(found[1], source, days, new_id=_new_id))
        names = ", ".join(say(WEEKDAYS[day]) for day in days if day != source)
        self.announcement = say("The hours of {day} are on {days} too.", day=say(WEEKDAYS[source]), days=names)
        return None

    @rx.event
    async def add_date(self) -> EventSpec | None:
        """One more date with hours of its own."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        if (found := await self._in_hand(host)) and len(found[1].dates) < MAX_OVERRIDES:
            row = _new_id()
            self._draw(found[0], schedule_forms.with_date(found[1], row), new_row=row)
        return None

    @rx.event
    async def remove_date(self, row: Any = None) -> EventSpec | None:
        """Let a date have its usual hours again."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        return await self._remove_row(host, row, say("The date has its usual hours again."), "add-date")

    @rx.event
    async def add_rule(self) -> EventSpec | None:
        """One more recurrence: days off, until it is given hours."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        if (found := await self._in_hand(host)) and len(found[1].rules) < MAX_RECURRENCES:
            row, today = _new_id(), _today(found[0].availability.time_zone)
            rule = Recurrence("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", today)
            self._draw(found[0], schedule_forms.with_rule(found[1], row, rule), new_row=row)
        return None

    @rx.event
    async def remove_rule(self, row: Any = None) -> EventSpec | None:
        """Take a recurrence away."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        return await self._remove_row(host, row, say("The recurrence was removed."), "add-rule")

    @rx.event
    async def turn(self, turns: Any = None) -> EventSpec | None:
        """Look two weeks farther ahead, or back."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        if (found := await self._in_hand(host)) and turns in (-1, 1):
            self._turned = min(max(self._turned + int(turns), 0), MOST_TURNS)
            self._draw(*found)
            self.announcement = self.preview_title
        return None

    async def _remove_row(self, host: SignedInHost, row: object, said: str, then: str) -> EventSpec | None:
        if found := await self._in_hand(host):
            self._draw(found[0], schedule_forms.without(found[1], row))
            self.announcement = said
        return rx.set_focus(then)

    async def _in_hand(self, host: SignedInHost) -> tuple[ScheduleCard, Draft] | None:
        """The schedule that is shown, if it still is this host's, and what stands in its form."""
        card = next((each for each in await cards_of(host) if each.id == self.current), None)
        draft = schedule_forms.parse_kept(self._draft)
        return (card, draft) if card and draft else None

    def _draw(self, card: ScheduleCard, draft: Draft, *, new_row: str = "") -> None:
        reading, saved = read_draft(draft, card.availability), read_draft(fresh_draft(card), card.availability)
        self.is_changed = reading != saved
        if self.is_changed:
            self.is_saved = False
        self._draft = schedule_forms.kept_text(draft)
        self._keep(card.id, self._draft if self.is_changed else "")
        self.tabs = [
            Tab(tab.id, tab.name, self.is_changed if tab.id == card.id else tab.is_changed) for tab in self.tabs
        ]
        self.used_by = (
            say("Used by {names}.", names=", ".join(card.used_by)) if card.used_by else say("No event type uses it.")
        )
        self.form = form_of(draft, self._wrong, new_row=new_row, first_weekday=self._how.first_weekday)
        zone = reading.schedule.time_zone
        first = _today(zone) + timedelta(days=SHOWN_DAYS * self._turned)
        unread = [weekday for weekday, row in enumerate(draft.days) if f"hours-{row}" in reading.wrong]
        self.preview = [strip_of(day, unread, self._how) for day in days_ahead(reading.schedule, first, SHOWN_DAYS)]
        self.preview_title = (
            say("Two weeks from {day}", day=day_words(first)) if self._turned else say("The next two weeks")
        )
        self.preview_zone = say("Times in {zone}", zone=zone_words(zone, clock.now()))
        self.has_earlier = self._turned > 0

    def _forget(self) -> None:
        self._keep(self.current, "")
        self._draft, self._wrong, self.is_changed, self.form_error = "", {}, False, ""

    def _kept_drafts(self) -> dict[str, str]:
        """What this tab of the browser keeps of each schedule. It may hold anything."""
        try:
            kept = json.loads(self.kept) if isinstance(self.kept, str) and self.kept else {}
        except (ValueError, RecursionError):
            kept = {}
        return {str(key): text for key, text in kept.items() if text} if isinstance(kept, dict) else {}

    def _keep(self, schedule_id: str, text: str) -> None:
        kept = {key: other for key, other in self._kept_drafts().items() if key != schedule_id}
        told = json.dumps({**kept, schedule_id: text} if text else kept)
        self.kept = told if len(told) <= MOST_KEPT else ""


async def cards_of(host: SignedInHost) -> list[ScheduleCard]:
    """The host's schedules."""
    return await rx.run_in_thread(partial(schedules.list_schedules, host_id=host.id))


def fresh_draft(card: ScheduleCard) -> Draft:
    """The form of a schedule as it is saved."""
    base, since = fingerprint(card.name, card.availability), _today(card.availability.time_zone)
    return schedule_forms.draft_of(card.name, card.availability, base=base, since=since, new_id=_new_id)


def _today(zone: str) -> date:
    return clock.now().astimezone(ZoneInfo(zone)).date()


def _new_id() -> str:
    return token_hex(4)


def _is_weekday(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 6
