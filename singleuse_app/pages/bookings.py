"""/bookings: what is booked, by day."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from itertools import groupby
from zoneinfo import ZoneInfo

import reflex as rx

from singleuse_app import clock, live, session
from singleuse_app.components.answers import answers_view
from singleuse_app.components.empty import empty_state, skeleton
from singleuse_app.components.fetch_form import api_button
from singleuse_app.components.frame import host_frame
from singleuse_app.formats import clock_words, day_words, first_upper, near_day_words, zone_words
from singleuse_app.operations import bookings
from singleuse_app.operations.bookings import BookingRow
from singleuse_app.operations.history import desk
from singleuse_app.operations.hosts import SignedInHost

ROUTE = "/bookings"
TITLE = "Bookings · Singleuse"


@dataclass(frozen=True)
class Row:
    """One booking, ready to be drawn."""

    id: str
    time: str
    invitee: str
    email: str
    event_name: str
    invitee_time: str
    details: list[tuple[str, str]]


@dataclass(frozen=True)
class Day:
    """The bookings of one day of the host's."""

    key: str
    name: str
    date: str
    rows: list[Row] = field(default_factory=list)


class BookingsState(session.HostPage, rx.State):
    """The days."""

    days: list[Day] = []
    zone_line: str = ""

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Show the page, and keep it true from now on."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        live.follow(self, [desk(host.id)], BookingsState.refresh)
        return await self._show(host)

    @rx.event
    async def refresh(self) -> rx.event.EventSpec | None:
        """Read again."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        return await self._show(host)

    async def _show(self, host: SignedInHost) -> None:
        now = clock.now()
        rows = await rx.run_in_thread(partial(bookings.list_bookings, host_id=host.id, now=now))
        self.days = _days(rows, host, now)
        self.zone_line = f"Times in {zone_words(host.time_zone, now)}"
        self.host_name = host.name
        self.ready = True


def page() -> rx.Component:
    """The list by day."""
    return host_frame(
        rx.cond(
            BookingsState.ready,
            rx.cond(
                BookingsState.days,
                rx.el.div(
                    rx.el.p(BookingsState.zone_line, class_name="soft small"),
                    rx.foreach(BookingsState.days, _draw_day),
                    class_name="bookings",
                ),
                empty_state(
                    "Nothing booked yet",
                    "Copy a single-use link and send it to someone: their booking appears here by itself.",
                    rx.el.a("Go to event types", href="/", class_name="button"),
                ),
            ),
            skeleton(5, "row"),
        ),
        title="Bookings",
        current=ROUTE,
        host_name=BookingsState.host_name,
        sign_out=api_button("Sign out", "/api/sign-out", class_name="button button--quiet"),
    )


def _draw_day(day: rx.vars.ObjectVar[Day]) -> rx.Component:
    return rx.el.section(
        rx.el.h2(day.name, " ", rx.el.span(day.date)),
        rx.el.ul(rx.foreach(day.rows, _draw_row)),
        class_name="bookings__day",
        key=day.key,
    )


def _draw_row(row: rx.vars.ObjectVar[Row]) -> rx.Component:
    return rx.el.li(
        rx.el.span(row.time, class_name="bookings__time"),
        rx.el.span(row.invitee, " ", rx.el.span(row.email, class_name="soft small"), class_name="bookings__invitee"),
        rx.el.span(row.event_name, class_name="bookings__event soft"),
        rx.cond(
            row.details,
            rx.el.details(
                rx.el.summary("Details"),
                answers_view(row.details),
                class_name="bookings__details small",
            ),
            rx.fragment(),
        ),
        key=row.id,
    )


def _days(rows: list[BookingRow], host: SignedInHost, now: datetime) -> list[Day]:
    zone = ZoneInfo(host.time_zone)
    today = now.astimezone(zone).date()
    by_day = groupby(rows, key=lambda row: row.start.astimezone(zone).date())
    return [_day(day, [_row(row, zone) for row in of_day], today) for day, of_day in by_day]


def _day(day: date, rows: list[Row], today: date) -> Day:
    name, date_words = first_upper(near_day_words(day, today=today)), day_words(day)
    return Day(day.isoformat(), name, date_words if not name.startswith(date_words) else "", rows)


def _row(row: BookingRow, zone: ZoneInfo) -> Row:
    start, end = row.start.astimezone(zone), row.end.astimezone(zone)
    at_invitee = row.start.astimezone(ZoneInfo(row.invitee.time_zone))
    return Row(
        id=row.id,
        time=clock_words(start, end),
        invitee=row.invitee.name,
        email=row.invitee.email,
        event_name=row.event_name,
        invitee_time=clock_words(at_invitee) if at_invitee.utcoffset() != start.utcoffset() else "",
        details=[
            *([("Guests", ", ".join(row.invitee.guests))] if row.invitee.guests else []),
            *((answer.question, answer.answer) for answer in row.invitee.answers),
        ],
    )
