"""What a host does with a booking of theirs, besides what its invitee may do, too."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from singleuse_app import db
from singleuse_app.ids import BOOKING, parse_id
from singleuse_app.models import Booking, EventType, Link
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.operations.links import NO_OPTIONS, HandedOutLink, add_link, first_expiry, options_of
from singleuse_app.operations.manage_booking import AsHost, end_booking, hold_booking
from singleuse_app.scheduling.bookings import Party, parse_reason, refusal_to_move
from singleuse_app.scheduling.errors import BookingCancelled, BookingRefusal, LinkOff, NotFound


@db.repeatable
def mark_no_show(*, host_id: UUID, booking_id: object, did_not_come: bool, now: datetime) -> None:
    """Remember that an invitee did not come, or that they did. Their link stays spent.

    Raises ``NotFound``, and a ``BookingRefusal`` for a booking that was cancelled or has not begun.
    """
    with db.writing() as session:
        hold(session, host_id)
        booking = _own(session, host_id, booking_id)
        if booking.cancelled_at is not None:
            raise BookingCancelled
        if booking.start > now:
            raise BookingRefusal("booking_not_begun")
        if did_not_come != (booking.no_show_at is not None):
            booking.no_show_at = now if did_not_come else None
            session.add(booking)
            kind = Happened.NO_SHOW if did_not_come else Happened.NO_SHOW_TAKEN_BACK
            keys = {"event_type_id": booking.event_type_id, "link_id": booking.link_id, "booking_id": booking.id}
            record(session, kind, now=now, host_id=host_id, **keys)


@db.repeatable
def ask_for_another_time(*, who: AsHost, reason: object = "", now: datetime) -> str:
    """Give a booking's time up and ask its invitee for another; the invitee's name. Its link stays spent: the booking
    stands again once its invitee has chosen a time at the address at which they manage it. Twice is as good as once.

    Raises ``NotFound``, ``InvalidInput`` for too long a reason, or the ``BookingRefusal`` that says why it cannot be
    moved any more.
    """
    said = parse_reason(reason)
    with db.writing() as session:
        _, booking, event_type = hold_booking(session, who)
        facts = booking.facts()
        if not facts.asked:
            if refusal := refusal_to_move(facts, event_type.policies(), by=Party.HOST, now=now):
                raise refusal
            end_booking(session, booking, Happened.ANOTHER_TIME_ASKED, by=Party.HOST, reason=said, now=now)
        return booking.invitee_name


@db.retrying
def send_new_link(*, host_id: UUID, booking_id: object, now: datetime) -> HandedOutLink:
    """A new single-use link for who made a booking, of the same event type, with the options of the link it was made
    with. It expires as any new link of that event type does. Raises ``NotFound``, and ``LinkOff`` where that is off."""
    with db.writing() as session:
        booking = _own(session, host_id, booking_id)
        old, event_type = session.get_one(Link, booking.link_id), session.get_one(EventType, booking.event_type_id)
        if not event_type.offered:
            raise LinkOff("event_type_off", name=event_type.name)
        options = replace(
            NO_OPTIONS if old.address else options_of(old),
            recipient_name=booking.invitee_name,
            recipient_email=booking.invitee_email,
        )
        expires_at = first_expiry(session, event_type, options, now)
        return add_link(session, event_type, max_uses=1, expires_at=expires_at, options=options, now=now)


def _own(session: Session, host_id: UUID, booking_id: object) -> Booking:
    booking = session.get(Booking, parse_id(BOOKING, booking_id))
    if booking is None or booking.host_id != host_id:
        raise NotFound
    return booking
