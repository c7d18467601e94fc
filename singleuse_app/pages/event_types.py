"""/: the host's home. One card for each event type, with the button that makes a single-use link."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import reflex as rx

from singleuse_app import clock, live, session
from singleuse_app.components.empty import empty_state, skeleton
from singleuse_app.components.event_cards import Card, Waiting, archived_view, event_card, event_type_path, undo_view
from singleuse_app.components.frame import announcer, host_frame
from singleuse_app.components.shortcuts import NEW
from singleuse_app.components.standard_link import StandardLine, standard_line
from singleuse_app.components.words import t
from singleuse_app.formats import any_of_words, duration_words, first_upper, for_host_words, moment_words, zone_words
from singleuse_app.operations import event_type_edits, event_types, link_board, links, standard_links
from singleuse_app.operations.event_types import ArchivedEventType, EventTypeCard
from singleuse_app.operations.history import desk
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.link_board import LinkRow
from singleuse_app.operations.standard_links import StandardLink
from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.errors import NotFound
from singleuse_app.scheduling.link_filters import LinkFilter
from singleuse_app.scheduling.links import LinkStatus
from singleuse_app.settings import settings
from singleuse_app.wording import noted, say

ROUTE = "/"
TITLE = t("Event types · Singleuse")
WAITING = LinkFilter(status=LinkStatus.ACTIVE)
KNOWN_WAITING = 100
"""Of the newest so many links, each card shows the first few of its own."""

SHOWN_WAITING = 5
MESSAGE = noted("""Hello,

here is a link to book “{name}” with me, at a time that suits you:
{url}

It works once.

{host}""")


class EventTypesState(session.HostPage, session.LivePage, rx.State):
    """The cards."""

    cards: list[Card] = []
    archived: list[tuple[str, str]] = []
    just_archived: tuple[str, str] = ("", "")
    announcement: str = ""
    sends_mail: bool = False

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Show the page, and keep it true from now on."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        live.follow(self, [desk(host.id)], EventTypesState.refresh)
        return await self._show(host)

    @rx.event
    async def revoke(self, link_id: Any = None) -> rx.event.EventSpec | None:
        """Take back a link that waits."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        await rx.run_in_thread(partial(links.revoke_link, host_id=host.id, link_id=link_id, now=clock.now()))
        return await self._show(host)

    @rx.event
    async def switch_standard_link(self, event_type_id: Any = None, on: Any = None) -> rx.event.EventSpec | None:
        """Switch an event type's standard link on or off."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        switch = partial(standard_links.switch_standard_link, host_id=host.id, event_type_id=event_type_id)
        await rx.run_in_thread(partial(switch, on=on is True, now=clock.now()))
        await self._show(host)
        line = next((card.standard for card in self.cards if card.standard.event_type_id == event_type_id), None)
        self.announcement = line.announcement if line else ""
        return None

    @rx.event
    async def switch(self, event_type_id: Any = None, on: Any = None) -> rx.event.EventSpec | None:
        """Let an event type be booked, or not for now."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        return await self._change(host, event_types.switch_event_type, event_type_id, on=on is True)

    @rx.event
    async def move(self, event_type_id: Any = None, places: Any = None) -> rx.event.EventSpec | None:
        """Move a card up or down."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        places = places if places in (-1, 1) else 0
        return await self._change(host, event_types.move_event_type, event_type_id, places=places)

    @rx.event
    async def duplicate(self, event_type_id: Any = None) -> rx.event.EventSpec | None:
        """A copy, right below."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        return await self._change(host, event_type_edits.duplicate_event_type, event_type_id)

    @rx.event
    async def archive(self, event_type_id: Any = None, archived: Any = None) -> rx.event.EventSpec | None:
        """Put an event type away, or take it out again."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        away = archived is True
        self.just_archived = next(
            ((card.id, card.name) for card in self.cards if away and card.id == event_type_id), ("", "")
        )
        return await self._change(host, event_types.archive_event_type, event_type_id, archived=away)

    async def _change(
        self, host: SignedInHost, change: Callable[..., Any], event_type_id: object, **how: Any
    ) -> rx.event.EventSpec | None:
        names = {card.id: card.name for card in self.cards} | dict(self.archived)
        with suppress(NotFound):  # it is gone already: what is there is shown
            await rx.run_in_thread(
                partial(change, host_id=host.id, event_type_id=event_type_id, now=clock.now(), **how)
            )
        await self._show(host)
        place = next((at for at, card in enumerate(self.cards, 1) if card.id == event_type_id), 0)
        name = names.get(str(event_type_id), "")
        told = noted("{name}: {place} of {all}.") if place else noted("{name}: archived.")
        self.announcement = say(told, name=name, place=place, all=len(self.cards)) if name else ""
        return None

    async def _show(self, host: SignedInHost) -> None:
        now, self.sends_mail = clock.now(), settings().smtp is not None
        own, waiting, away, public = await rx.run_in_thread(partial(_look, host, now))
        self.archived = [(one.id, one.name) for one in away]
        self.cards = [
            replace(_card(card, waiting, host, now), standard=_standard_line(card, public.get(card.id))) for card in own
        ]
        self.host_name = host.name
        self.ready = True


def page() -> rx.Component:
    """The list of cards."""
    return host_frame(
        announcer(EventTypesState.announcement),
        rx.cond(
            EventTypesState.ready,
            rx.fragment(
                undo_view(EventTypesState),
                rx.cond(
                    EventTypesState.cards,
                    rx.el.ul(
                        rx.foreach(EventTypesState.cards, lambda card: event_card(card, EventTypesState)),
                        class_name="event-cards",
                    ),
                    empty_state(
                        t("Nothing is offered"),
                        t("An event type is what invitees book: a name, a duration, your hours."),
                    ),
                ),
                archived_view(EventTypesState),
            ),
            skeleton(3),
        ),
        actions=rx.el.a(t("New event type"), href=event_type_path(), class_name="button", custom_attrs=NEW),
        title=t("Event types"),
        current=ROUTE,
        host_name=EventTypesState.host_name,
    )


def _look(
    host: SignedInHost, now: datetime
) -> tuple[list[EventTypeCard], list[LinkRow], list[ArchivedEventType], dict[str, StandardLink]]:
    waiting, _ = link_board.list_links(host_id=host.id, wanted=WAITING, size=KNOWN_WAITING, now=now)
    return (
        event_types.list_event_types(host_id=host.id, now=now),
        waiting,
        event_types.list_archived_event_types(host_id=host.id),
        standard_links.list_standard_links(host_id=host.id),
    )


def _card(card: EventTypeCard, made: list[LinkRow], host: SignedInHost, now: datetime) -> Card:
    waiting = [_waiting(link, host, now) for link in made if link.event_type_id == card.id]
    durations = any_of_words(
        [duration_words(minutes) for minutes in sorted({card.duration_minutes, *card.other_durations})]
    )
    return Card(
        id=card.id,
        name=card.name,
        colour=card.colour,
        is_off=card.is_off,
        facts=" · ".join(filter(None, (durations, for_host_words(card.place)))),
        hours=_hours_words(card.availability, now),
        next_free=say("Next free: {moment}", moment=moment_words(card.next_free, host.time_zone, now=now, how=host.how))
        if card.next_free
        else say("No free time"),
        create_path=f"/api/event-types/{card.id}/single-use-links",
        message=say(MESSAGE, name=card.name, host=host.name, url="{url}"),
        waiting=waiting[:SHOWN_WAITING],
        more_waiting=say("and {number} more", number=len(waiting) - SHOWN_WAITING)
        if len(waiting) > SHOWN_WAITING
        else "",
    )


def _standard_line(card: EventTypeCard, link: StandardLink | None) -> StandardLine:
    if link is None:
        return standard_line(card.id, card.name)
    return standard_line(card.id, card.name, link_id=link.id, address=link.address)


def _waiting(link: LinkRow, host: SignedInHost, now: datetime) -> Waiting:
    moment = moment_words(link.created_at, host.time_zone, now=now, how=host.how)
    return Waiting(
        id=link.id,
        made=first_upper(say("made {moment}", moment=moment)),
        recipient=" · ".join(
            filter(None, (say("for {name}", name=link.recipient) if link.recipient else "", link.note))
        ),
        books_once=link.books_once,
        copy_path=f"/api/links/{link.id}/copy",
        revoke_label=say("Revoke the link made {moment}", moment=moment),
    )


def _hours_words(schedule: AvailabilitySchedule, now: datetime) -> str:
    """The hours of a week in one line, days with the same hours together."""
    by_day: dict[int, list[str]] = {}
    for hours in schedule.weekly_hours:
        start, end = (f"{minute // 60:02}:{minute % 60:02}" for minute in (hours.start_minute, hours.end_minute))
        by_day.setdefault(hours.weekday, []).append(f"{start}–{end}")
    names = (say("Mon"), say("Tue"), say("Wed"), say("Thu"), say("Fri"), say("Sat"), say("Sun"))
    runs: list[tuple[int, int, str]] = []
    for day in sorted(by_day):
        text = ", ".join(by_day[day])
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == text:
            runs[-1] = (runs[-1][0], day, text)
        else:
            runs.append((day, day, text))
    parts = [f"{names[a]}–{names[b]} {text}" if a != b else f"{names[a]} {text}" for a, b, text in runs]
    return f"{'; '.join(parts) or say('No hours yet')} · {zone_words(schedule.time_zone, now)}"
