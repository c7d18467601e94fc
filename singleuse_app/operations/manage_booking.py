"""What becomes of a booking after it was made: cancelled or moved, by its host or by its invitee."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from singleuse_app import db, tokens
from singleuse_app.ids import BOOKING, parse_id
from singleuse_app.models import Booking, EventType, Host, Link, TimeClaim
from singleuse_app.operations.availability import free_times, schedule_of, slot_at
from singleuse_app.operations.booking_messages import remind_of, tell_of
from singleuse_app.operations.bookings import confirmation, refusal_of_guard
from singleuse_app.operations.history import Happened, record, times_happened
from singleuse_app.operations.hosts import HeldHost, hold
from singleuse_app.scheduling.bookings import (
    BookingConfirmation,
    Party,
    Policies,
    parse_reason,
    refusal_to_cancel,
    refusal_to_correct,
    refusal_to_move,
)
from singleuse_app.scheduling.errors import BookingCancelled, BookingChanged, BookingRefusal, NotFound
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.links import opens_again
from singleuse_app.scheduling.months import FIRST_VIEW, FreeTimes, View
from singleuse_app.scheduling.slot_rules import SlotRules


@dataclass(frozen=True, slots=True)
class AsHost:
    """A signed-in host, who names one of their bookings by its public id."""

    host_id: UUID
    booking_id: object
    party = Party.HOST


@dataclass(frozen=True, slots=True)
class AsInvitee:
    """Whoever holds the manage token of a booking."""

    manage_token: object
    party = Party.INVITEE


@dataclass(frozen=True, slots=True)
class ManagedBooking:
    """A booking as it is now, and why the one who looks at it cannot cancel it, move it, or correct its
    address; ``None`` where they can."""

    booking: BookingConfirmation
    host_id: UUID
    link_id: UUID
    policies: Policies
    not_to_cancel: BookingRefusal | None
    not_to_move: BookingRefusal | None
    not_to_correct: BookingRefusal | None


def manage_token(*, booking_id: object) -> str:
    """The secret that lets an invitee cancel or move a booking: for their own mail, and nowhere else."""
    with db.reading() as session:
        booking = session.get(Booking, parse_id(BOOKING, booking_id))
        if booking is None:
            raise NotFound
        return tokens.derive(tokens.MANAGE, booking.id, booking.kid)


def open_booking(*, who: AsHost | AsInvitee) -> BookingConfirmation:
    """A booking as it is now, whatever was written in an old mail; ``NotFound`` for anybody else's."""
    with db.reading() as session:
        booking = _find(session, who)
        return confirmation(session.get_one(Host, booking.host_id), booking)


def look_at_booking(*, who: AsHost | AsInvitee, now: datetime) -> ManagedBooking:
    """As :func:`open_booking`, with what can be done about it."""
    with db.reading() as session:
        booking = _find(session, who)
        policies, facts = session.get_one(EventType, booking.event_type_id).policies(), booking.facts()
        return ManagedBooking(
            booking=confirmation(session.get_one(Host, booking.host_id), booking),
            host_id=booking.host_id,
            link_id=booking.link_id,
            policies=policies,
            not_to_cancel=BookingCancelled()
            if facts.cancelled and not facts.asked
            else refusal_to_cancel(facts, policies, by=who.party, now=now),
            not_to_move=refusal_to_move(facts, policies, by=who.party, now=now),
            not_to_correct=refusal_to_correct(
                facts,
                made_at=booking.created_at,
                corrections=times_happened(session, Happened.ADDRESS_CORRECTED, booking_id=booking.id),
                now=now,
            ),
        )


def times_to_move_to(*, who: AsHost | AsInvitee, view: View = FIRST_VIEW, now: datetime) -> FreeTimes:
    """The free times that a booking may be moved to, of a month; refused as the move itself would be."""
    with db.reading() as session:
        booking = _find(session, who)
        event_type = session.get_one(EventType, booking.event_type_id)
        if refusal := refusal_to_move(booking.facts(), event_type.policies(), by=who.party, now=now):
            raise refusal
        rules, schedule = _rules_of(session, booking, event_type), schedule_of(session, event_type)
        return free_times(session, event_type, rules, schedule, view, now=now, moving=booking.id)


@db.repeatable
def cancel_booking(*, who: AsHost | AsInvitee, reason: object = "", now: datetime) -> BookingConfirmation:
    """End a booking: its time is free again, both sides are owed a message. Twice is as good as once.

    Cancelled by its host, it leaves its link spent. Cancelled by its invitee, it gives the link its use back where the
    event type says so: once in the link's life, and never past its expiry or revocation.

    Raises ``NotFound``, or the ``BookingRefusal`` that says why it cannot be cancelled any more.
    """
    said = parse_reason(reason)
    try:
        with db.writing() as session:
            host, booking, event_type = hold_booking(session, who)
            facts = booking.facts()
            if facts.cancelled and not facts.asked:
                return confirmation(host, booking)
            if refusal := refusal_to_cancel(facts, event_type.policies(), by=who.party, now=now):
                raise refusal
            end_booking(session, booking, Happened.CANCELLED, by=who.party, reason=said, now=now)
            if who.party is Party.INVITEE and event_type.reopens_on_cancel and not facts.asked:
                _give_use_back(session, booking, event_type, now)
            return confirmation(host, booking)
    except IntegrityError as error:
        raise refusal_of_guard(error) from error


@db.repeatable
def reschedule_booking(
    *, who: AsHost | AsInvitee, start: datetime, sequence: int, now: datetime
) -> BookingConfirmation:
    """Move a booking to another slot: the same booking, the same link, nothing spent. Twice is as good as once.

    It keeps its duration and its place, ignores its own old time and its link's expiry. ``sequence`` is that of the
    booking as the page showed it. An invitee may do it three times, until the host's cut-off, and whenever the host
    asked for another time: then the booking stands again.

    Raises ``NotFound``, ``BookingChanged`` where somebody else changed it meanwhile, ``SlotUnavailable``, or the
    ``BookingRefusal`` that says why it cannot be moved any more.
    """
    try:
        with db.writing() as session:
            host, booking, event_type = hold_booking(session, who)
            if booking.cancelled_at is None and booking.start == start:
                return confirmation(host, booking)
            if refusal := refusal_to_move(booking.facts(), event_type.policies(), by=who.party, now=now):
                raise refusal
            if booking.sequence != sequence:
                raise BookingChanged
            rules = _rules_of(session, booking, event_type)
            slot = slot_at(session, event_type, rules, start, now=now, moving=booking.id)
            protected = Interval(slot.start - rules.before_buffer, slot.end + rules.after_buffer)
            if booking.cancelled_at is None:
                claim = session.exec(_live_claim(booking)).one()
                claim.protected_start, claim.protected_end = protected.start, protected.end
                booking.moves += who.party is Party.INVITEE
            else:  # its host gave the time up and asked for another
                claim = TimeClaim(
                    host_id=booking.host_id,
                    booking_id=booking.id,
                    protected_start=protected.start,
                    protected_end=protected.end,
                )
                booking.cancelled_at = booking.cancelled_by = booking.another_time_asked_at = None
                booking.cancel_reason = ""
            old_start, old_end = int(booking.start.timestamp()), int(booking.end.timestamp())
            booking.start, booking.end = slot.start, slot.end
            booking.sequence += 1
            session.add_all([claim, booking])
            _tell(session, Happened.RESCHEDULED, booking, now, by=who.party, old_start=old_start, old_end=old_end)
            remind_of(session, booking, event_type, now=now)
            return confirmation(host, booking)
    except IntegrityError as error:
        raise refusal_of_guard(error) from error


def _find(session: Session, who: AsHost | AsInvitee) -> Booking:
    if isinstance(who, AsHost):
        booking = session.get(Booking, parse_id(BOOKING, who.booking_id))
        if booking is None or booking.host_id != who.host_id:
            raise NotFound
        return booking
    if not isinstance(who.manage_token, str) or not who.manage_token.isascii():
        raise NotFound
    digest = tokens.hash_token(who.manage_token)
    booking = session.exec(select(Booking).where(Booking.manage_hash == digest)).first()
    if booking is None:
        raise NotFound
    return booking


def hold_booking(session: Session, who: AsHost | AsInvitee) -> tuple[HeldHost, Booking, EventType]:
    """Lock the host; then the booking and its event type as they are now."""
    booking = _find(session, who)
    host = hold(session, booking.host_id)
    session.refresh(booking)
    return host, booking, session.get_one(EventType, booking.event_type_id)


def _rules_of(session: Session, booking: Booking, event_type: EventType) -> SlotRules:
    """The rules of the link that it was booked with, and the duration that it has."""
    rules = session.get_one(Link, booking.link_id).rules(event_type, event_type.duration_minutes)
    return replace(rules, duration=booking.end - booking.start)


def _live_claim(booking: Booking) -> SelectOfScalar[TimeClaim]:
    return select(TimeClaim).where(TimeClaim.booking_id == booking.id, col(TimeClaim.released_at).is_(None))


def end_booking(session: Session, booking: Booking, what: Happened, *, by: Party, reason: str, now: datetime) -> None:
    """Free the time of a booking that is held, and owe both sides word of it; its link stays spent."""
    booking.cancelled_at, booking.cancelled_by, booking.cancel_reason = now, by, reason
    booking.another_time_asked_at = now if what is Happened.ANOTHER_TIME_ASKED else None
    booking.sequence += 1
    for claim in session.exec(_live_claim(booking)):
        claim.released_at = now
        session.add(claim)
    session.add(booking)
    _tell(session, what, booking, now, by=by, reason=reason)


def _give_use_back(session: Session, booking: Booking, event_type: EventType, now: datetime) -> None:
    link = session.get_one(Link, booking.link_id)
    if not opens_again(link.facts(event_type), reopened=link.reopened_at is not None, now=now):
        return
    booking.use_released_at = now
    session.add(booking)
    session.flush()  # the schema counts live bookings when the link's uses go down
    link.uses -= 1
    link.reopened_at = now
    session.add(link)
    record(
        session,
        Happened.LINK_REOPENED,
        now=now,
        host_id=link.host_id,
        event_type_id=link.event_type_id,
        link_id=link.id,
    )


def _tell(session: Session, what: Happened, booking: Booking, now: datetime, **facts: object) -> None:
    record(
        session,
        what,
        now=now,
        host_id=booking.host_id,
        event_type_id=booking.event_type_id,
        link_id=booking.link_id,
        booking_id=booking.id,
    )
    tell_of(session, what, booking, now=now, **facts)
