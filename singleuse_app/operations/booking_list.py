"""A host's bookings, a page at a time: upcoming, past or cancelled, and those that a search finds."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from singleuse_app import db
from singleuse_app.ids import BOOKING, public_id
from singleuse_app.models import Booking, EventType, Host
from singleuse_app.operations.bookings import confirmation, invitee_of
from singleuse_app.operations.searching import contains
from singleuse_app.scheduling.booking_filters import BookingFilter, BookingView
from singleuse_app.scheduling.bookings import BookingConfirmation, Invitee, Terms
from singleuse_app.scheduling.event_types import LONGEST_MEETING

PAGE = 50
MAX_EXPORTED = 10_000
UPCOMING = BookingFilter()


@dataclass(frozen=True, slots=True)
class BookingRow:
    """One booking as its host sees it. ``cancelled_by`` is empty while it stands; ``is_asked`` while another time is
    asked for. ``room`` is the address of a video call."""

    id: str
    event_name: str
    location: str
    room: str
    start: datetime
    end: datetime
    invitee: Invitee
    cancelled_by: str
    is_asked: bool
    cancel_reason: str
    is_no_show: bool


def list_bookings(
    *, host_id: UUID, wanted: BookingFilter = UPCOMING, size: int = PAGE, now: datetime
) -> tuple[list[BookingRow], bool]:
    """A page of a host's bookings, and whether there are more after it: upcoming ones until they have ended, soonest
    first; all others latest first. A text is looked for in names, addresses and event types."""
    page = _statement(host_id, wanted, now).offset((wanted.page - 1) * size).limit(size + 1)
    with db.reading() as session:
        rows = session.exec(page).all()
        return [_row(row) for row in rows[:size]], len(rows) > size


def bookings_to_export(*, host_id: UUID, wanted: BookingFilter, now: datetime) -> list[BookingConfirmation]:
    """The same bookings with everything that a calendar keeps of them, ``MAX_EXPORTED`` at most."""
    with db.reading() as session:
        host = session.get_one(Host, host_id)
        wanted_rows = _statement(host_id, wanted, now).where(col(Booking.erased_at).is_(None))
        return [confirmation(host, row) for row in session.exec(wanted_rows.limit(MAX_EXPORTED))]


def _statement(host_id: UUID, wanted: BookingFilter, now: datetime) -> SelectOfScalar[Booking]:
    conditions = [col(Booking.host_id) == host_id, *_in_view(wanted.view, now)]
    if wanted.text:
        conditions.append(_mentions(host_id, wanted.text))
    upwards = wanted.view is BookingView.UPCOMING
    order = [each if upwards else each.desc() for each in (col(Booking.start), col(Booking.id))]
    return select(Booking).where(*conditions).order_by(*order)


def _in_view(view: BookingView, now: datetime) -> list[ColumnElement[bool]]:
    """In terms of the start, which has an index: nothing lasts longer than a day, so what is to come needs no past."""
    cancelled_at, start, end = col(Booking.cancelled_at), col(Booking.start), col(Booking.end)
    if view is BookingView.ASKED:
        return [col(Booking.another_time_asked_at).is_not(None)]
    if view is BookingView.CANCELLED:
        return [cancelled_at.is_not(None), col(Booking.another_time_asked_at).is_(None)]
    if view is BookingView.PAST:
        return [cancelled_at.is_(None), start < now, end <= now]
    return [cancelled_at.is_(None), start > now - LONGEST_MEETING, end > now]


def _mentions(host_id: UUID, text: str) -> ColumnElement[bool]:
    called = select(EventType.id).where(EventType.host_id == host_id, contains([col(EventType.name)], text))
    invited = contains([col(Booking.invitee_name), col(Booking.invitee_email)], text)
    return or_(invited, col(Booking.event_type_id).in_(called))


def _row(booking: Booking) -> BookingRow:
    return BookingRow(
        id=public_id(BOOKING, booking.id),
        event_name=booking.terms["event_name"],
        location=booking.terms.get("location", ""),
        room=Terms(**booking.terms).room,
        start=booking.start,
        end=booking.end,
        invitee=invitee_of(booking),
        cancelled_by=booking.cancelled_by or "",
        is_asked=booking.another_time_asked_at is not None,
        cancel_reason=booking.cancel_reason,
        is_no_show=booking.no_show_at is not None,
    )
