"""Booking a slot: the transaction in which a link is spent, and the looks at it before and after."""

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, or_, select, update

from singleuse_app import db
from singleuse_app.ids import BOOKING, new_id, parse_id, public_id
from singleuse_app.models import Booking, EventType, Host, Link, TimeClaim
from singleuse_app.notifications import outbox
from singleuse_app.operations.availability import bookable_range, slots_on_offer
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.links import find_by_token
from singleuse_app.scheduling.bookings import BookingConfirmation, Invitee, Terms
from singleuse_app.scheduling.errors import (
    LinkAlreadyUsed,
    NotFound,
    SlotUnavailable,
    TermsChanged,
    TryAgain,
)
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.links import link_status, refusal_of
from singleuse_app.scheduling.slots import Slot

RECEIPT_LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OpenLink:
    """What an invitee sees behind a link that is active."""

    link_id: UUID
    host_id: UUID
    host_name: str
    host_time_zone: str
    description: str
    terms: Terms
    slots: list[Slot]


@dataclass(frozen=True, slots=True)
class BookingRow:
    """One booking as its host sees it."""

    id: str
    event_name: str
    start: datetime
    end: datetime
    invitee: Invitee


def open_link(*, token: object, receipt: str, now: datetime) -> OpenLink | BookingConfirmation:
    """What is behind a link: its free slots, or to whoever holds the receipt of a booking on it, that booking.

    Looking spends nothing, however often. A link that cannot be booked with raises its ``LinkRefusal`` and tells
    nothing else.
    """
    with db.reading() as session:
        link, event_type = find_by_token(session, token)
        booking = _booking_of(session, link, receipt)
        if booking is not None and now - booking.created_at < RECEIPT_LIFETIME:
            return _confirmation(session, booking)
        if refusal := refusal_of(link_status(link.facts(event_type), now=now)):
            raise refusal
        host = session.get(Host, link.host_id)
        assert host is not None  # a foreign key says so
        return OpenLink(
            link_id=link.id,
            host_id=host.id,
            host_name=host.name,
            host_time_zone=host.time_zone,
            description=event_type.description,
            terms=event_type.terms(),
            slots=slots_on_offer(session, event_type, now=now, within=bookable_range(event_type, now=now)),
        )


def book_slot(
    *, token: object, start: datetime, invitee: Invitee, receipt: str, terms_version: int, now: datetime
) -> BookingConfirmation:
    """Spend one use of a link on one slot: link, time, booking, log and messages owed, or nothing at all.

    ``receipt`` was minted before the booking and makes it repeatable: the same receipt on the same link gets the same
    booking back, with ``taken=False`` where it now asks for another time or address. ``start`` is an instant that
    :func:`open_link` offered; the end follows from the event type. ``terms_version`` is that of the terms shown.

    Raises a ``LinkRefusal`` where the link cannot be booked with, ``TermsChanged``, ``SlotUnavailable``, or
    ``TryAgain``; then nothing was changed.
    """
    try:
        with db.writing() as session:
            link, event_type = find_by_token(session, token)
            if earlier := _booking_of(session, link, receipt):
                same = earlier.start == start and earlier.invitee_email == invitee.email
                return replace(_confirmation(session, earlier), taken=same)
            claim_use(session, link, event_type, now=now)
            if event_type.terms_version != terms_version:
                raise TermsChanged
            slot = _slot_at(session, event_type, start, now)
            booking = add_booking(session, link, event_type, slot=slot, invitee=invitee, receipt=receipt, now=now)
            return _confirmation(session, booking)
    except IntegrityError as error:
        raise _refusal_of_guard(error) from error


def claim_use(session: Session, link: Link, event_type: EventType, *, now: datetime) -> None:
    """Count one use of the link if it can still be booked with, else raise why not.

    The conditional UPDATE is the claim, whatever was read before: it gives manners. The schema gives safety.
    """
    if refusal := refusal_of(link_status(link.facts(event_type), now=now)):
        raise refusal
    claimed = session.exec(
        update(Link)
        .where(
            col(Link.id) == link.id,
            col(Link.uses) < col(Link.max_uses),
            col(Link.revoked_at).is_(None),
            or_(col(Link.expires_at).is_(None), col(Link.expires_at) > now),
        )
        .values(uses=col(Link.uses) + 1)
    )
    if claimed.rowcount != 1:
        raise LinkAlreadyUsed


def add_booking(
    session: Session, link: Link, event_type: EventType, *, slot: Slot, invitee: Invitee, receipt: str, now: datetime
) -> Booking:
    """Write the booking with its time claim, its line in the log and its messages owed."""
    key = new_id()
    booking = Booking(
        id=key,
        uid=f"{key}@singleuse",
        host_id=link.host_id,
        event_type_id=event_type.id,
        link_id=link.id,
        max_uses=link.max_uses,
        use_no=_free_use_no(session, link),
        receipt_hash=_receipt_hash(link, receipt),
        start=slot.start,
        end=slot.end,
        invitee_name=invitee.name,
        invitee_email=invitee.email,
        invitee_time_zone=invitee.time_zone,
        terms=asdict(event_type.terms()),
        created_at=now,
    )
    session.add(booking)
    session.flush()
    rules = event_type.rules()
    session.add(
        TimeClaim(
            host_id=link.host_id,
            booking_id=key,
            protected_start=slot.start - rules.before_buffer,
            protected_end=slot.end + rules.after_buffer,
        )
    )
    record(
        session,
        Happened.BOOKED,
        now=now,
        host_id=link.host_id,
        event_type_id=event_type.id,
        link_id=link.id,
        booking_id=key,
    )
    outbox.enqueue(session, "booked", recipients=("invitee", "host"), subject_id=key, sequence=0, now=now)
    session.flush()
    return booking


def list_bookings(*, host_id: UUID, now: datetime, limit: int = 200) -> list[BookingRow]:
    """A host's bookings that have not ended, soonest first."""
    with db.reading() as session:
        rows = session.exec(
            select(Booking)
            .where(Booking.host_id == host_id, col(Booking.end) > now, col(Booking.cancelled_at).is_(None))
            .order_by(col(Booking.start))
            .limit(limit)
        ).all()
        return [
            BookingRow(public_id(BOOKING, row.id), row.terms["event_name"], row.start, row.end, _invitee(row))
            for row in rows
        ]


def get_booking(*, booking_id: object) -> BookingConfirmation:
    """A booking by its public id, for callers that have proven that they may see it; else ``NotFound``."""
    with db.reading() as session:
        booking = session.get(Booking, parse_id(BOOKING, booking_id))
        if booking is None:
            raise NotFound
        return _confirmation(session, booking)


def _slot_at(session: Session, event_type: EventType, start: datetime, now: datetime) -> Slot:
    within = Interval(start, start + timedelta(seconds=1))
    for slot in slots_on_offer(session, event_type, now=now, within=within):
        if slot.start == start:
            return slot
    raise SlotUnavailable


def _free_use_no(session: Session, link: Link) -> int:
    if link.max_uses == 1:
        return 1
    taken = set(
        session.exec(
            select(Booking.use_no).where(Booking.link_id == link.id, col(Booking.use_released_at).is_(None))
        ).all()
    )
    return next(number for number in count(1) if number not in taken)


def _booking_of(session: Session, link: Link, receipt: str) -> Booking | None:
    if not receipt:
        return None
    return session.exec(
        select(Booking).where(Booking.link_id == link.id, Booking.receipt_hash == _receipt_hash(link, receipt))
    ).first()


def _receipt_hash(link: Link, receipt: str) -> str:
    """A receipt names one attempt on one link, though a browser keeps one secret for all of them."""
    return hashlib.sha256(f"{link.id.hex}:{receipt}".encode()).hexdigest()


def _invitee(row: Booking) -> Invitee:
    return Invitee(row.invitee_name, row.invitee_email, row.invitee_time_zone)


def _confirmation(session: Session, booking: Booking) -> BookingConfirmation:
    host = session.get(Host, booking.host_id)
    assert host is not None  # a foreign key says so
    return BookingConfirmation(
        booking_id=public_id(BOOKING, booking.id),
        uid=booking.uid,
        sequence=booking.sequence,
        start=booking.start,
        end=booking.end,
        host_name=host.name,
        host_email=host.email,
        host_time_zone=host.time_zone,
        invitee=_invitee(booking),
        terms=Terms(**booking.terms),
        cancelled=booking.cancelled_at is not None,
    )


def _refusal_of_guard(error: IntegrityError) -> Exception:
    """What the schema's own guards mean, should they ever be the ones to refuse."""
    said = str(error.orig)
    if "time_claim_overlap" in said:
        return SlotUnavailable()
    if "live_use" in said or "use_no" in said or "booking.link_id" in said:
        return LinkAlreadyUsed()
    return TryAgain()
