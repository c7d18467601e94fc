"""/links: every link that was handed out, and what became of it. The address says which are shown."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, live, session
from singleuse_app.components.empty import skeleton
from singleuse_app.components.frame import announcer, host_frame
from singleuse_app.components.link_board import Row, board_view
from singleuse_app.components.link_details import Details
from singleuse_app.components.link_requests import Asked, requests_view
from singleuse_app.components.link_tools import Batch, batch_view, filters_view, undo_view
from singleuse_app.components.paging import Chip, range_words
from singleuse_app.components.shortcuts import NEW
from singleuse_app.components.words import t
from singleuse_app.formats import count_words, first_upper
from singleuse_app.ids import LINK_BATCH
from singleuse_app.link_words import asked_of, batch_of, chips_of, details_of, row_of
from singleuse_app.messages import words
from singleuse_app.operations import event_types, link_batches, link_board, link_mails, link_requests, links
from singleuse_app.operations.history import desk
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.link_batches import BatchRow
from singleuse_app.operations.link_board import LinkDetails, LinkRow
from singleuse_app.operations.link_requests import LinkRequestRow
from singleuse_app.scheduling.errors import InvalidInput, NotFound, Refusal
from singleuse_app.scheduling.link_filters import LinkFilter, parse_link_filter
from singleuse_app.scheduling.links import LinkStatus
from singleuse_app.scheduling.texts import lines, one_line, parse_day
from singleuse_app.wording import noted, say

ROUTE = "/links"
TITLE = t("Links · Singleuse")
NOTHING_WRONG = {"note": "", "expires_on": ""}


class LinksState(session.HostPage, session.LivePage, rx.State):
    """The rows, one of which may be open."""

    chips: list[Chip] = []
    event_type: str = ""
    event_types: list[tuple[str, str]] = []
    batch: Batch = Batch()
    batches: list[tuple[str, str]] = []
    order: str = ""
    rows: list[Row] = []
    leaves_out: bool = False
    back: str = ""
    more: str = ""
    range_words: str = ""
    details: Details = Details()
    wrong: dict[str, str] = NOTHING_WRONG
    just_revoked: tuple[str, str] = ("", "")
    requests: list[Asked] = []
    announcement: str = ""

    @rx.event
    async def open(self) -> EventSpec | None:
        """Show the page, and keep it true from now on."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        live.follow(self, [desk(host.id)], LinksState.refresh)
        self.just_revoked = ("", "")
        await self._show(host)
        number = len(self.rows)
        shown = (
            count_words(number, "{number} link, and more.", "{number} links, and more.")
            if self.more
            else count_words(number, "{number} link.", "{number} links.")
        )
        self.announcement = first_upper(shown) if self.leaves_out else ""
        return None

    @rx.event
    async def toggle(self, link_id: Any = None) -> EventSpec | None:
        """Open a row, or close it."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        self.wrong = NOTHING_WRONG
        self.details = Details() if self.details.id == link_id else Details(id=one_line(link_id))
        return await self._show(host)

    @rx.event
    async def revoke(self, link_id: Any = None) -> EventSpec | None:
        """Take back a link that was not used."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        await self._do(host, links.revoke_link, link_id)
        label = next((row.recipient for row in self.rows if row.id == link_id), "")
        whose = noted("The link for {name} is revoked: it books no more.")
        told = whose if label else noted("The link is revoked: it books no more.")
        self.just_revoked = (one_line(link_id), say(told, name=label))
        return None

    @rx.event
    async def undo(self, key: Any = None) -> EventSpec | None:
        """Give back a link that has just been revoked, or all those of a list that were."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        self.just_revoked = ("", "")
        if one_line(key).startswith(LINK_BATCH):
            undo = partial(link_batches.undo_revoke_batch, host_id=host.id, batch_id=key, now=clock.now())
            count = await rx.run_in_thread(undo)
            await self._show(host)
        else:
            await self._do(host, links.undo_revoke, key)
            count = 1
        self.announcement = first_upper(count_words(count, "{number} link given back.", "{number} links given back."))
        return rx.set_focus("content")

    @rx.event
    async def revoke_batch(self) -> EventSpec | None:
        """Take back all links of the list that is shown."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        revoke = partial(link_batches.revoke_batch, host_id=host.id, batch_id=self.batch.id, now=clock.now())
        count = await rx.run_in_thread(revoke)
        await self._show(host)
        said = count_words(
            count, "{number} link revoked: it books no more.", "{number} links revoked: they book no more."
        )
        self.just_revoked = (self.batch.id if count else "", first_upper(said))
        return None

    @rx.event
    async def extend(self, link_id: Any = None) -> EventSpec | None:
        """Let a link last a week longer."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        await self._do(host, links.extend_link, link_id)
        self.announcement = say("The link lasts a week longer.")
        return None

    @rx.event
    async def save(self, form: Any = None) -> EventSpec | None:
        """Keep the note and the last day of the link whose row is open."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        form = form if isinstance(form, dict) else {}
        last_day, self.wrong = one_line(form.get("expires_on")), NOTHING_WRONG
        try:
            if last_day and parse_day(last_day) is None:
                raise InvalidInput({"expires_on": "date_missing"})
            edit = partial(links.edit_link, note=lines(form.get("note")), expires_on=parse_day(last_day))
            await self._do(host, edit, form.get("link_id"))
        except InvalidInput as refusal:
            self.wrong = {**NOTHING_WRONG, **{name: words(code) for name, code in refusal.fields.items()}}
            self.announcement = words(refusal)
            return rx.set_focus(next(iter(refusal.fields)))
        self.announcement = say("Saved.")
        return None

    @rx.event
    async def answer_by_mail(self, request_id: Any = None) -> EventSpec | None:
        """Make the new link that somebody asks for, and lead to where it is sent."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        link_mails.need_mail_server()
        answer = partial(link_requests.answer_link_request, request_id=request_id, now=clock.now())
        made = await rx.run_in_thread(partial(answer, host_id=host.id))
        return rx.redirect(f"/send-links?link={made.id}")

    @rx.event
    async def dismiss(self, request_id: Any = None) -> EventSpec | None:
        """Put away a request for a new link."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        dismiss = partial(link_requests.dismiss_link_request, request_id=request_id, now=clock.now())
        await rx.run_in_thread(partial(dismiss, host_id=host.id))
        return await self._show(host)

    def _filter(self) -> LinkFilter:
        return parse_link_filter(dict(self.router.url.query_parameters))

    async def _do(self, host: SignedInHost, change: Callable[..., Any], link_id: object) -> None:
        """Change one link, and show all. Whoever is refused sees how it is now, too."""
        try:
            await rx.run_in_thread(partial(change, host_id=host.id, link_id=link_id, now=clock.now()))
        except InvalidInput:
            raise
        except Refusal:
            await self._show(host)
            raise
        await self._show(host)

    async def _show(self, host: SignedInHost) -> None:
        now, wanted = clock.now(), self._filter()
        seen = await rx.run_in_thread(partial(_look, host, wanted, self.details.id, now))
        self.requests = [asked_of(row, host, now) for row in seen.asked]
        self.chips = chips_of(wanted, seen.counts)
        self.event_types = [("", say("All event types")), *seen.event_types]
        self.event_type, self.order = wanted.event_type, wanted.order.value
        self.batches = [("", say("All lists")), *((batch.id, batch.name) for batch in seen.batches)]
        self.batch = batch_of(wanted, seen.batches)
        self.leaves_out = wanted.leaves_out or wanted.page > 1
        self.details = details_of(seen.details, host, now) if seen.details else Details()
        self.rows = [row_of(link, host, now, is_open=link.id == self.details.id) for link in seen.rows]
        self.back = f"{ROUTE}?{wanted.query(page=wanted.page - 1)}" if wanted.page > 1 else ""
        self.more = f"{ROUTE}?{wanted.query(page=wanted.page + 1)}" if seen.has_more else ""
        self.range_words = range_words(wanted.page, link_board.PAGE, len(seen.rows))
        self.host_name = host.name
        self.ready = True


def page() -> rx.Component:
    """The table; ticket cards on a phone."""
    return host_frame(
        announcer(LinksState.announcement),
        undo_view(LinksState),
        rx.cond(
            LinksState.ready,
            rx.fragment(
                requests_view(LinksState.requests, LinksState.answer_by_mail, LinksState.dismiss),
                filters_view(LinksState),
                batch_view(LinksState),
                board_view(LinksState),
            ),
            skeleton(5, "row"),
        ),
        actions=rx.el.a(t("Many at once"), href="/many-links", class_name="button", custom_attrs=NEW),
        title=t("Links"),
        current=ROUTE,
        host_name=LinksState.host_name,
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one look at everything that the page shows has found."""

    rows: list[LinkRow]
    has_more: bool
    counts: dict[LinkStatus, int]
    event_types: list[tuple[str, str]]
    batches: list[BatchRow]
    asked: list[LinkRequestRow]
    details: LinkDetails | None


def _look(host: SignedInHost, wanted: LinkFilter, opened: str, now: datetime) -> _Seen:
    details = None
    if opened:
        with suppress(NotFound):
            details = link_board.link_details(host_id=host.id, link_id=opened, now=now)
    return _Seen(
        *link_board.list_links(host_id=host.id, wanted=wanted, now=now),
        counts=link_board.count_links(host_id=host.id, now=now),
        event_types=event_types.list_names(host_id=host.id),
        batches=link_batches.list_batches(host_id=host.id),
        asked=link_requests.list_link_requests(host_id=host.id, now=now),
        details=details,
    )
