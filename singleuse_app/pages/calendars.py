"""/calendars: the host's calendars elsewhere, which keep them busy here."""

from datetime import datetime
from functools import partial
from secrets import token_hex
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, live, session
from singleuse_app.components.calendar_feeds import FeedRow, calendars_view
from singleuse_app.components.empty import skeleton
from singleuse_app.components.frame import announcer, host_frame
from singleuse_app.components.words import t
from singleuse_app.feed_words import row_of
from singleuse_app.messages import words
from singleuse_app.operations import calendar_feeds
from singleuse_app.operations.history import MINUTE, desk
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.scheduling.errors import InvalidInput, Refusal
from singleuse_app.scheduling.texts import one_line
from singleuse_app.wording import say

ROUTE = "/calendars"
TITLE = t("Calendars · Singleuse")
NOTHING_WRONG = {"name": "", "feed_address": ""}


class CalendarsState(session.HostPage, rx.State):
    """The list of calendars, and the form for another one. ``_asked`` holds those that are to be read now, each with
    when it was read before."""

    rows: list[FeedRow] = []
    errors: dict[str, str] = NOTHING_WRONG
    wrong_name: dict[str, str] = {}
    form_error: str = ""
    form_key: str = ""
    refused: int = 0
    refused_name: int = 0
    is_sending: bool = False
    removed_id: str = ""
    removed_words: str = ""
    announcement: str = ""

    _checked: dict[str, datetime | None] = {}
    _asked: dict[str, datetime | None] = {}

    @rx.event
    async def open(self) -> EventSpec | None:
        """Show the page, and keep it true from now on: how long ago something was, too."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        live.follow(self, [desk(host.id), MINUTE], CalendarsState.refresh)
        self.reset()
        self.form_key = token_hex(8)
        return await self._show(host)

    @rx.event
    async def refresh(self) -> EventSpec | None:
        """Read again, and say what came of a reading. What is typed stays."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        before = {row.id: (row.is_being_read, bool(row.wrong)) for row in self.rows}
        await self._show(host)
        for row in self.rows:
            was_being_read, was_wrong = before.get(row.id, (False, False))
            if (was_being_read and not row.is_being_read) or bool(row.wrong) != was_wrong:
                self.announcement = f"{row.name}: {row.wrong or row.state}"
        return None

    @rx.event
    async def add(self, form: Any = None) -> EventSpec | None:
        """Add a calendar; it is read in the background at once."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        form = form if isinstance(form, dict) else {}
        self.errors, self.form_error = NOTHING_WRONG, ""
        add = partial(calendar_feeds.add_feed, host_id=host.id, name=form.get("name"), url=form.get("feed_address"))
        try:
            await rx.run_in_thread(partial(add, now=clock.now()))
        except InvalidInput as refusal:
            told = {name: words(code) for name, code in refusal.fields.items()}
            self.errors = {"name": told.get("name", ""), "feed_address": told.get("url", "")}
            self.announcement = words("invalid_input")
            self.refused += 1
            return None
        except Refusal as refusal:
            self.form_error = words(refusal)
            return None
        self.form_key = token_hex(8)
        self.announcement = say("{name} was added. It is being read.", name=one_line(form.get("name")))
        await self._show(host)
        return rx.set_focus("content")

    @rx.event
    async def rename(self, form: Any = None) -> EventSpec | None:
        """Give a calendar another name."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        form = form if isinstance(form, dict) else {}
        key, name = one_line(form.get("feed_id")), form.get("new_name")
        self.wrong_name = {}
        try:
            await self._do(host, partial(calendar_feeds.rename_feed, name=name), key)
        except InvalidInput as refusal:
            self.wrong_name = {row.id: "" for row in self.rows} | {key: words(refusal.fields["name"])}
            self.announcement = words("invalid_input")
            self.refused_name += 1
            return None
        self.announcement = say("The calendar is called {name} now.", name=one_line(name))
        return None

    @rx.event
    async def check(self, feed_id: Any = None) -> EventSpec | None:
        """Let a calendar be read now."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        self._asked[one_line(feed_id)] = self._checked.get(one_line(feed_id))
        await self._do(host, calendar_feeds.check_now, feed_id)
        self.announcement = say("{name} is being read.", name=self._name_of(feed_id))
        return None

    @rx.event
    async def remove(self, feed_id: Any = None) -> EventSpec | None:
        """Take a calendar away; for an hour it can be given back."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        name = self._name_of(feed_id)
        await self._do(host, calendar_feeds.remove_feed, feed_id)
        self.removed_id = one_line(feed_id)
        self.removed_words = say("{name} was removed. Its times are offered again.", name=name)
        return rx.set_focus("undo")

    @rx.event
    async def undo(self) -> EventSpec | None:
        """Give the calendar back that was removed last."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        key, self.removed_id = self.removed_id, ""
        await self._do(host, calendar_feeds.restore_feed, key)
        self.announcement = say("{name} is back.", name=self._name_of(key))
        return rx.set_focus("content")

    async def _do(self, host: SignedInHost, operation: Any, feed_id: object) -> None:
        await rx.run_in_thread(partial(operation, host_id=host.id, feed_id=feed_id, now=clock.now()))
        await self._show(host)

    async def _show(self, host: SignedInHost) -> None:
        now = clock.now()
        cards = await rx.run_in_thread(partial(calendar_feeds.list_feeds, host_id=host.id, now=now))
        self._checked = {card.id: card.checked_at for card in cards}
        self._asked = {key: at for key, at in self._asked.items() if self._checked.get(key) == at}
        self.rows = [row_of(card, host, is_asked=card.id in self._asked, now=now) for card in cards]
        self.wrong_name = {row.id: self.wrong_name.get(row.id, "") for row in self.rows}
        self.host_name = host.name
        self.ready = True

    def _name_of(self, feed_id: object) -> str:
        return next((row.name for row in self.rows if row.id == feed_id), say("The calendar"))


def page() -> rx.Component:
    """The calendars, and the form for another one."""
    state = CalendarsState
    return host_frame(
        announcer(state.announcement),
        rx.cond(state.ready, calendars_view(state), skeleton(5)),
        title=t("Calendars"),
        current="/availability",
        actions=rx.el.a(t("Back to your hours"), href="/availability", class_name="button button--quiet"),
        host_name=state.host_name,
    )
