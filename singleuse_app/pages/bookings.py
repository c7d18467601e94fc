"""/bookings: what is booked, by day; what was, and what was cancelled. The address says which are shown."""

from datetime import date, datetime
from functools import partial
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, live, session
from singleuse_app.components.booking_rows import Day, Row, day_view
from singleuse_app.components.bookings_feed import feed_view
from singleuse_app.components.empty import empty_state, skeleton
from singleuse_app.components.finder import finder
from singleuse_app.components.frame import announcer, host_frame
from singleuse_app.components.paging import Chip, chips_view, pages_view, range_words
from singleuse_app.components.words import around, t
from singleuse_app.formats import clock_words, day_words, first_upper, near_day_words, zone_words
from singleuse_app.operations import booking_list, host_bookings, link_mails, manage_booking
from singleuse_app.operations.booking_list import BookingRow
from singleuse_app.operations.history import desk
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.manage_booking import AsHost
from singleuse_app.scheduling.booking_filters import BookingFilter, BookingView, parse_booking_filter
from singleuse_app.settings import settings
from singleuse_app.wording import noted, say

ROUTE = "/bookings"
TITLE = t("Bookings · Singleuse")
NAMES = {
    BookingView.UPCOMING: noted("Upcoming"),
    BookingView.PAST: noted("Past"),
    BookingView.CANCELLED: noted("Cancelled"),
    BookingView.ASKED: noted("Another time asked"),
}
CANCELLED_BY = {"host": noted("You cancelled it"), "invitee": noted("Cancelled by the invitee")}


class BookingsState(session.HostPage, session.LivePage, rx.State):
    """The days of a page."""

    days: list[Day] = []
    zone_line: str = ""
    views: list[Chip] = []
    range_words: str = ""
    is_first_use: bool = False
    back: str = ""
    more: str = ""
    exports: str = ""
    announcement: str = ""

    @rx.event
    async def open(self) -> EventSpec | None:
        """Show the page, and keep it true from now on."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        live.follow(self, [desk(host.id)], BookingsState.refresh)
        return await self._show(host)

    @rx.event
    async def cancel(self, form: Any = None) -> EventSpec | None:
        """Cancel a booking, with a message for its invitee."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        form = form if isinstance(form, dict) else {}
        who = AsHost(host.id, form.get("booking_id"))
        cancel = partial(manage_booking.cancel_booking, who=who, reason=form.get("reason"), now=clock.now())
        cancelled = await rx.run_in_thread(cancel)
        await self._show(host)
        name = cancelled.invitee.name
        self.announcement = say(
            "The booking of {name} is cancelled. Under Cancelled you can send them a new link.", name=name
        )
        return rx.set_focus("content")

    @rx.event
    async def ask_for_another_time(self, form: Any = None) -> EventSpec | None:
        """Give a booking's time up and ask its invitee for another."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        form = form if isinstance(form, dict) else {}
        who = AsHost(host.id, form.get("booking_id"))
        ask = partial(host_bookings.ask_for_another_time, who=who, reason=form.get("reason"), now=clock.now())
        name = await rx.run_in_thread(ask)
        await self._show(host)
        self.announcement = say("The time is free. {name} is asked for another.", name=name)
        return rx.set_focus("content")

    @rx.event
    async def new_link_by_mail(self, booking_id: Any = None) -> EventSpec | None:
        """Make a new link for who made a booking, and lead to where it is sent."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        link_mails.need_mail_server()
        make = partial(host_bookings.send_new_link, host_id=host.id, booking_id=booking_id, now=clock.now())
        made = await rx.run_in_thread(make)
        return rx.redirect(f"/send-links?link={made.id}")

    @rx.event
    async def mark(self, booking_id: Any = None, did_not_come: Any = None) -> EventSpec | None:
        """Remember that nobody came, or that somebody did."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        mark = partial(host_bookings.mark_no_show, host_id=host.id, booking_id=booking_id)
        await rx.run_in_thread(partial(mark, did_not_come=did_not_come is True, now=clock.now()))
        return await self._show(host)

    def _filter(self) -> BookingFilter:
        return parse_booking_filter(dict(self.router.url.query_parameters))

    async def _show(self, host: SignedInHost) -> None:
        now, wanted = clock.now(), self._filter()
        read = partial(booking_list.list_bookings, host_id=host.id, wanted=wanted, now=now)
        rows, has_more = await rx.run_in_thread(read)
        self.days = _days(rows, host, now)
        self.views = [
            Chip(say(NAMES[view]), "", f"{ROUTE}?{wanted.query(view=view)}", view is wanted.view)
            for view in BookingView
        ]
        self.range_words = range_words(wanted.page, booking_list.PAGE, len(rows))
        self.is_first_use = wanted.view is BookingView.UPCOMING and not wanted.text and wanted.page == 1
        self.back = f"{ROUTE}?{wanted.query(page=wanted.page - 1)}" if wanted.page > 1 else ""
        self.more = f"{ROUTE}?{wanted.query(page=wanted.page + 1)}" if has_more else ""
        self.exports = wanted.query()
        self.zone_line = say("Times in {zone}", zone=zone_words(host.time_zone, now))
        self.host_name = host.name
        self.ready = True


def page() -> rx.Component:
    """The list by day."""
    state = BookingsState
    return host_frame(
        announcer(state.announcement),
        rx.cond(
            state.ready,
            rx.fragment(
                _tools(),
                rx.cond(
                    state.days,
                    rx.el.div(
                        rx.el.p(state.zone_line, class_name="soft small"),
                        rx.foreach(state.days, lambda day: day_view(day, state)),
                        pages_view(state),
                        rx.el.p(
                            around(
                                "Take these with you: {table} · {calendar}. At most 10,000 at a time.",
                                table=_export(t("as a table"), "csv"),
                                calendar=_export(t("for a calendar"), "ics"),
                            ),
                            class_name="soft small",
                        ),
                        class_name="bookings",
                    ),
                    rx.cond(
                        state.is_first_use,
                        empty_state(
                            t("Nothing booked yet"),
                            t("Copy a single-use link and send it to someone: their booking appears here by itself."),
                            rx.el.a(t("Go to event types"), href="/", class_name="button"),
                        ),
                        empty_state(t("No such booking"), t("Nothing fits what is chosen above.")),
                    ),
                ),
            ),
            skeleton(5, "row"),
        ),
        rx.cond(state.ready, feed_view(), rx.fragment()),
        title=t("Bookings"),
        current=ROUTE,
        host_name=state.host_name,
    )


def _tools() -> rx.Component:
    state = BookingsState
    return rx.el.div(
        chips_view(state.views, t("Bookings by time")),
        finder(t("Search bookings"), t("Search names, addresses, event types")),
        class_name="board",
    )


def _export(text: rx.Var, kind: str) -> rx.Component:
    href = f"{settings().api_origin}/api/bookings.{kind}?{BookingsState.exports}"
    return rx.el.elements.a(text, href=href)


def _days(rows: list[BookingRow], host: SignedInHost, now: datetime) -> list[Day]:
    zone = ZoneInfo(host.time_zone)
    today = now.astimezone(zone).date()
    by_day = groupby(rows, key=lambda row: row.start.astimezone(zone).date())
    return [_day(day, [_row(row, host, now) for row in of_day], today) for day, of_day in by_day]


def _day(day: date, rows: list[Row], today: date) -> Day:
    name, date_words = first_upper(near_day_words(day, today=today)), day_words(day)
    return Day(day.isoformat(), name, date_words if not name.startswith(date_words) else "", rows)


def _row(row: BookingRow, host: SignedInHost, now: datetime) -> Row:
    zone = ZoneInfo(host.time_zone)
    start, end = row.start.astimezone(zone), row.end.astimezone(zone)
    at_invitee = row.start.astimezone(ZoneInfo(row.invitee.time_zone))
    theirs = f"{clock_words(at_invitee, how=host.how)}, {zone_words(row.invitee.time_zone, row.start)}"
    facts = [
        (say("For them"), theirs if at_invitee.utcoffset() != start.utcoffset() else ""),
        (say("Place"), "" if row.room and not row.cancelled_by else row.location),
        (say("Guests"), ", ".join(row.invitee.guests)),
        *((answer.question, answer.answer) for answer in row.invitee.answers),
        (_ended_words(row), row.cancel_reason or say("without a message")),
    ]
    return Row(
        id=row.id,
        time=clock_words(start, end, host.how),
        invitee=row.invitee.name,
        email=row.invitee.email,
        room=row.room if not row.cancelled_by else "",
        room_host=urlsplit(row.room).hostname or "",
        mail_to=f"mailto:{row.invitee.email}",
        event_name=row.event_name,
        mark=say("did not come") if row.is_no_show else say("is asked for another time") if row.is_asked else "",
        details=[(name, text) for name, text in (facts if row.cancelled_by else facts[:-1]) if text],
        can_cancel=row.is_asked or (not row.cancelled_by and row.end > now),
        can_move=not row.cancelled_by and row.start > now,
        move_href=f"/move-booking?id={row.id}",
        is_cancelled=bool(row.cancelled_by) and not row.is_asked,
        has_begun=not row.cancelled_by and row.start <= now,
        is_no_show=row.is_no_show,
        new_link_path=f"/api/bookings/{row.id}/new-link",
    )


def _ended_words(row: BookingRow) -> str:
    return say("You asked for another time") if row.is_asked else say(CANCELLED_BY.get(row.cancelled_by, "Cancelled"))
