"""Bookings as files: one for whoever is shown it, many for their host."""

import asyncio
from collections.abc import Callable
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from singleuse_app import clock, limits, session, tokens
from singleuse_app.api import signing_in
from singleuse_app.csv_files import csv_file
from singleuse_app.ids import BOOKING, parse_id
from singleuse_app.notifications.ics import answers_in_words, calendar_feed, calendar_file
from singleuse_app.operations import booking_list, bookings
from singleuse_app.operations import bookings_feed as feeds
from singleuse_app.operations.booking_list import MAX_EXPORTED, BookingRow
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.scheduling.booking_filters import BookingFilter, parse_booking_filter
from singleuse_app.scheduling.errors import NotFound

CALENDAR = "text/calendar; charset=utf-8; method=PUBLISH"
HEAD = ("date", "start", "end", "time zone", "event type", "name", "e-mail", "guests", "answers", "status", "reason")


async def booking_file(request: Request) -> Response:
    """The calendar file of a booking, for whoever was shown its address on the confirmation."""
    booking_id, proof = request.path_params["booking_id"], request.path_params["proof"]

    def find() -> bytes:
        if not tokens.is_derived(proof, tokens.CALENDAR_FILE, parse_id(BOOKING, booking_id)):
            raise NotFound
        return calendar_file(bookings.get_booking(booking_id=booking_id), now=clock.now())

    await limits.spend_here("look_ups", signing_in.address_of(request))
    return _file(await asyncio.to_thread(find), "meeting.ics", CALENDAR)


async def bookings_table(request: Request) -> Response:
    """The bookings that the page shows, and those of its other pages, as a table; times in the host's zone."""

    def write(host: SignedInHost, wanted: BookingFilter) -> bytes:
        read = booking_list.list_bookings(host_id=host.id, wanted=wanted, size=MAX_EXPORTED, now=clock.now())
        return csv_file([HEAD, *(_row(row, host) for row in read[0])])

    return _file(await _for_host(request, write), "bookings.csv", "text/csv; charset=utf-8")


async def bookings_calendar(request: Request) -> Response:
    """The same for a calendar."""

    def write(host: SignedInHost, wanted: BookingFilter) -> bytes:
        found = booking_list.bookings_to_export(host_id=host.id, wanted=wanted, now=clock.now())
        return calendar_file(*found, now=clock.now())

    return _file(await _for_host(request, write), "bookings.ics", CALENDAR)


async def bookings_feed(request: Request) -> Response:
    """A host's bookings for whoever has the secret address: the host's own calendar program."""

    def read() -> bytes:
        now = clock.now()
        feed = feeds.read_feed(token=request.path_params["token"], now=now)
        return calendar_feed(f"Bookings with {feed.host_name}", feed.bookings, now=now)

    await limits.spend_here("look_ups", signing_in.address_of(request))
    return _file(await asyncio.to_thread(read), "bookings.ics", "text/calendar; charset=utf-8")


async def feed_address(request: Request, make: Callable[..., str] = feeds.feed_token) -> Response:
    """The secret address of the bookings of whoever is signed in, for their clipboard."""

    def find() -> str:
        host = session.host_of_cookie(request.headers.get("cookie", ""))
        return make(host_id=host.id, now=clock.now())

    return JSONResponse({"url": tokens.bookings_feed_url(await asyncio.to_thread(find))})


async def new_feed_address(request: Request) -> Response:
    """Another secret address; at the old one there is nothing any more."""
    return await feed_address(request, feeds.reset_feed)


async def _for_host(request: Request, write: Callable[[SignedInHost, BookingFilter], bytes]) -> bytes:
    def find() -> bytes:
        host = session.host_of_cookie(request.headers.get("cookie", ""))
        return write(host, parse_booking_filter({**request.query_params, "page": ""}))

    return await asyncio.to_thread(find)


def _row(row: BookingRow, host: SignedInHost) -> tuple[str, ...]:
    start, end = (at.astimezone(ZoneInfo(host.time_zone)) for at in (row.start, row.end))
    status = _status(row)
    invitee = row.invitee
    when = (f"{start:%Y-%m-%d}", f"{start:%H:%M}", f"{end:%H:%M}", host.time_zone)
    who = (invitee.name, invitee.email, ", ".join(invitee.guests), answers_in_words(invitee))
    return *when, row.event_name, *who, status, row.cancel_reason


def _file(content: bytes, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _status(row: BookingRow) -> str:
    if row.is_asked:
        return "asked for another time"
    return f"cancelled by {row.cancelled_by}" if row.cancelled_by else "did not come" if row.is_no_show else "booked"
