"""/overview: what is next, what waits, what expires, and what the last days were like."""

from datetime import datetime
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, live, session
from singleuse_app.components.empty import skeleton
from singleuse_app.components.frame import host_frame
from singleuse_app.components.overview_parts import Line, Series, lines_view, picture_view, series_of
from singleuse_app.components.words import t
from singleuse_app.formats import (
    age_words,
    clock_words,
    count_words,
    day_words,
    first_upper,
    moment_words,
    near_day_words,
)
from singleuse_app.link_words import LAST_MOMENT
from singleuse_app.operations import booking_list, overview
from singleuse_app.operations.booking_list import BookingRow
from singleuse_app.operations.history import MINUTE, desk, mail
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.link_board import COUNTED, LinkRow
from singleuse_app.operations.overview import SHOWN, DayCount, Overview
from singleuse_app.wording import say

ROUTE = "/overview"
TITLE = t("Overview · Singleuse")


class OverviewState(session.HostPage, session.LivePage, rx.State):
    """The host's desk at a glance. It changes by itself."""

    meetings: list[Line] = []
    waiting: list[Line] = []
    waiting_title: str = ""
    expiring: list[Line] = []
    asking: str = ""
    unsettled: str = ""
    undelivered: str = ""
    picture: list[Series] = []
    first_day: str = ""

    @rx.event
    async def open(self) -> EventSpec | None:
        """Show the page, and keep it true from now on: how long links wait, too."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        live.follow(self, [desk(host.id), mail(host.id), MINUTE], OverviewState.refresh)
        return await self._show(host)

    async def _show(self, host: SignedInHost) -> None:
        now = clock.now()

        def read() -> tuple[list[BookingRow], Overview]:
            upcoming, _ = booking_list.list_bookings(host_id=host.id, size=SHOWN, now=now)
            return upcoming, overview.read_overview(host_id=host.id, time_zone=host.time_zone, now=now)

        upcoming, seen = await rx.run_in_thread(read)
        self.meetings = [_meeting(row, host, now) for row in upcoming]
        self.waiting = [_waiting(row, now) for row in seen.oldest]
        number = say("{number} or more", number=f"{COUNTED:,}") if seen.waiting >= COUNTED else str(seen.waiting)
        self.waiting_title = say("Links that wait: {number}", number=number) if seen.waiting else say("Links that wait")
        self.expiring = [_expiring(row, host, now) for row in seen.expiring]
        asking = say("{number} people ask for a new link", number=seen.asking)
        self.asking = say("One person asks for a new link") if seen.asking == 1 else asking if seen.asking else ""
        self.unsettled = (
            first_upper(
                count_words(
                    seen.unsettled,
                    "{number} booking without a time: another is asked for",
                    "{number} bookings without a time: another is asked for",
                )
            )
            if seen.unsettled
            else ""
        )
        undelivered = count_words(
            seen.undelivered, "{number} message could not be delivered", "{number} messages could not be delivered"
        )
        self.undelivered = first_upper(undelivered) if seen.undelivered else ""
        self.picture, self.first_day = _picture(seen.days), day_words(seen.days[0].day)
        self.host_name = host.name
        self.ready = True


def page() -> rx.Component:
    """The lists, and the picture beside them."""
    state = OverviewState
    return host_frame(
        rx.cond(
            state.ready,
            rx.el.div(
                _notices(),
                lines_view(
                    t("Next"),
                    state.meetings,
                    t("Nothing is booked. Send someone a single-use link, and their booking appears here by itself."),
                    rx.el.a(t("All bookings"), href="/bookings"),
                ),
                picture_view(state.picture, state.first_day),
                lines_view(
                    state.waiting_title,
                    state.waiting,
                    t("No link waits to be booked with."),
                    rx.el.a(t("All that wait"), href="/links?status=active&sort=oldest"),
                ),
                lines_view(
                    t("Links that expire within a week"),
                    state.expiring,
                    t("No link does."),
                    rx.el.a(t("By expiry"), href="/links?status=active&sort=expiry"),
                ),
                class_name="glance",
            ),
            skeleton(5, "row"),
        ),
        title=t("Overview"),
        current=ROUTE,
        host_name=state.host_name,
    )


def _notices() -> rx.Component:
    state = OverviewState
    return rx.cond(
        state.asking + state.unsettled + state.undelivered != "",
        rx.el.ul(
            rx.cond(state.asking, rx.el.li(rx.el.a(state.asking, href="/links")), rx.fragment()),
            rx.cond(state.unsettled, rx.el.li(rx.el.a(state.unsettled, href="/bookings?view=asked")), rx.fragment()),
            rx.cond(state.undelivered, rx.el.li(rx.el.a(state.undelivered, href="/mail?only=failed")), rx.fragment()),
            class_name="notice glance__notices",
        ),
        rx.fragment(),
    )


def _meeting(row: BookingRow, host: SignedInHost, now: datetime) -> Line:
    zone = ZoneInfo(host.time_zone)
    start, end = row.start.astimezone(zone), row.end.astimezone(zone)
    day = first_upper(near_day_words(start.date(), today=now.astimezone(zone).date()))
    return Line(row.id, f"{day}, {clock_words(start, end, host.how)}", row.invitee.name, row.event_name)


def _waiting(row: LinkRow, now: datetime) -> Line:
    return Line(row.id, age_words(now - row.created_at), *_whom(row, say("opened") if row.opened_at else ""))


def _expiring(row: LinkRow, host: SignedInHost, now: datetime) -> Line:
    assert row.expires_at
    when = first_upper(moment_words(row.expires_at - LAST_MOMENT, host.time_zone, now=now, how=host.how))
    return Line(row.id, when, *_whom(row))


def _whom(row: LinkRow, seen: str = "") -> tuple[str, str]:
    return (row.recipient, ", ".join(filter(None, (seen, row.event_name)))) if row.recipient else (row.event_name, seen)


def _picture(days: list[DayCount]) -> list[Series]:
    names = [day_words(each.day) for each in days]
    rows = (
        (say("Links made"), [each.made for each in days]),
        (say("Opened"), [each.opened for each in days]),
        (say("Booked"), [each.booked for each in days]),
    )
    tallest = max(1, *(count for _, counts in rows for count in counts))
    return [series_of(name, counts, names, tallest, counted=overview.DAY_COUNTED) for name, counts in rows]
