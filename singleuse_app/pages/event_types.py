"""/: the host's home. One card for each event type, with the button that makes a single-use link."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

import reflex as rx

from singleuse_app import clock, live, session
from singleuse_app.components.copy_link import copy_link_button
from singleuse_app.components.empty import skeleton
from singleuse_app.components.fetch_form import api_button
from singleuse_app.components.frame import announcer, host_frame
from singleuse_app.components.standard_link import StandardLine, standard_line, standard_link_view
from singleuse_app.formats import duration_words, first_upper, moment_words, zone_words
from singleuse_app.operations import event_types, links, standard_links
from singleuse_app.operations.event_types import EventTypeCard
from singleuse_app.operations.history import desk
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.links import LinkRow
from singleuse_app.operations.standard_links import StandardLink
from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.links import LinkStatus
from singleuse_app.settings import settings

ROUTE = "/"
TITLE = "Event types · Singleuse"
SHOWN_WAITING = 5


@dataclass(frozen=True)
class Waiting:
    """A link that was made and not used yet."""

    id: str
    made: str
    copy_path: str
    revoke_label: str


@dataclass(frozen=True)
class Card:
    """One event type, ready to be drawn."""

    name: str
    facts: str
    hours: str
    next_free: str
    create_path: str
    standard: StandardLine = field(default_factory=StandardLine)
    waiting: list[Waiting] = field(default_factory=list)
    more_waiting: str = ""


class EventTypesState(session.HostPage, rx.State):
    """The cards."""

    cards: list[Card] = []
    announcement: str = ""

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Show the page, and keep it true from now on."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        live.follow(self, [desk(host.id)], EventTypesState.refresh)
        return await self._show(host)

    @rx.event
    async def refresh(self) -> rx.event.EventSpec | None:
        """Read again."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
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

    async def _show(self, host: SignedInHost) -> None:
        now = clock.now()
        own = await rx.run_in_thread(partial(event_types.list_event_types, host_id=host.id, now=now))
        made = await rx.run_in_thread(partial(links.list_links, host_id=host.id, now=now))
        public = await rx.run_in_thread(partial(standard_links.list_standard_links, host_id=host.id))
        self.cards = [
            replace(_card(card, made, host, now), standard=_standard_line(card, public.get(card.id))) for card in own
        ]
        self.host_name = host.name
        self.ready = True


def page() -> rx.Component:
    """The list of cards."""
    return host_frame(
        announcer(EventTypesState.announcement),
        rx.cond(
            EventTypesState.ready,
            rx.el.ul(rx.foreach(EventTypesState.cards, _draw_card), class_name="event-cards"),
            skeleton(3),
        ),
        title="Event types",
        current=ROUTE,
        host_name=EventTypesState.host_name,
        sign_out=api_button("Sign out", "/api/sign-out", class_name="button button--quiet"),
    )


def _draw_card(card: rx.vars.ObjectVar[Card]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.h2(card.name),
            rx.el.p(card.facts, class_name="event-card__facts"),
            rx.el.p(card.hours, class_name="event-card__facts"),
            rx.el.p(card.next_free, class_name="event-card__next"),
            class_name="event-card__main",
        ),
        rx.el.div(
            copy_link_button("Copy single-use link", card.create_path, class_name="button button--primary"),
            _this_computer_only(),
            class_name="event-card__actions",
        ),
        standard_link_view(card.standard, EventTypesState.switch_standard_link),
        rx.cond(
            card.waiting,
            rx.el.section(
                rx.el.h3("Links waiting"),
                rx.el.ul(rx.foreach(card.waiting, _draw_waiting)),
                rx.cond(
                    card.more_waiting,
                    rx.el.p(rx.el.a(card.more_waiting, href="/links"), class_name="small"),
                    rx.fragment(),
                ),
                class_name="waiting",
            ),
            rx.fragment(),
        ),
        class_name="event-card",
        key=card.create_path,
    )


def _this_computer_only() -> rx.Component:
    if not settings().opens_here_only:
        return rx.fragment()
    return rx.el.p(
        "The link opens only on this computer, until ",
        rx.el.code("PUBLIC_URL"),
        " is set.",
        class_name="small soft",
    )


def _draw_waiting(link: rx.vars.ObjectVar[Waiting]) -> rx.Component:
    return rx.el.li(
        rx.el.div(rx.el.p(link.made), class_name="slip__body"),
        rx.el.div(
            copy_link_button("Copy again", link.copy_path, class_name="button button--quiet button--small"),
            rx.el.button(
                "Revoke",
                type="button",
                on_click=EventTypesState.revoke(link.id),
                class_name="button button--danger button--small",
                custom_attrs={"aria-label": link.revoke_label},
            ),
            class_name="slip__stub",
        ),
        class_name="slip",
        key=link.id,
    )


def _card(card: EventTypeCard, made: list[LinkRow], host: SignedInHost, now: datetime) -> Card:
    waiting = [
        _waiting(link, host, now) for link in made if link.event_type_id == card.id and link.status is LinkStatus.ACTIVE
    ]
    return Card(
        name=card.name,
        facts=" · ".join(filter(None, (duration_words(card.duration_minutes), card.location))),
        hours=_hours_words(card.availability, now),
        next_free=f"Next free: {moment_words(card.next_free, host.time_zone, now=now)}"
        if card.next_free
        else "No free time",
        create_path=f"/api/event-types/{card.id}/single-use-links",
        waiting=waiting[:SHOWN_WAITING],
        more_waiting=f"and {len(waiting) - SHOWN_WAITING} more" if len(waiting) > SHOWN_WAITING else "",
    )


def _standard_line(card: EventTypeCard, link: StandardLink | None) -> StandardLine:
    if link is None:
        return standard_line(card.id, card.name)
    return standard_line(card.id, card.name, link_id=link.id, address=link.address)


def _waiting(link: LinkRow, host: SignedInHost, now: datetime) -> Waiting:
    made = f"made {moment_words(link.created_at, host.time_zone, now=now)}"
    return Waiting(
        id=link.id,
        made=first_upper(made),
        copy_path=f"/api/links/{link.id}/copy",
        revoke_label=f"Revoke the link {made}",
    )


def _hours_words(schedule: AvailabilitySchedule, now: datetime) -> str:
    """The hours of a week in one line, days with the same hours together."""
    by_day: dict[int, list[str]] = {}
    for hours in schedule.weekly_hours:
        start, end = (f"{minute // 60:02}:{minute % 60:02}" for minute in (hours.start_minute, hours.end_minute))
        by_day.setdefault(hours.weekday, []).append(f"{start}–{end}")
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    runs: list[tuple[int, int, str]] = []
    for day in sorted(by_day):
        text = ", ".join(by_day[day])
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == text:
            runs[-1] = (runs[-1][0], day, text)
        else:
            runs.append((day, day, text))
    parts = [f"{names[a]}–{names[b]} {text}" if a != b else f"{names[a]} {text}" for a, b, text in runs]
    return f"{'; '.join(parts) or 'No hours yet'} · {zone_words(schedule.time_zone, now)}"
