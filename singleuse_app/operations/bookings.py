"""Booking a slot: the transaction in which a link is spent, and the looks at it before and after."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from types import SimpleNamespace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam, inspect
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, or_, select, update

from singleuse_app import db, tokens
from singleuse_app.ids import BOOKING, new_id, parse_id, public_id
from singleuse_app.models import Booking, EventType, Host, Link, Schedule, TimeClaim
from singleuse_app.operations.address_proofs import look_at_proof, need_proof
from singleuse_app.operations.availability import free_times, slot_at
from singleuse_app.operations.booking_messages import remind_of, tell_of
from singleuse_app.operations.found_links import LINK_COLUMNS, find_by_token, hidden_link, hold_by_token, link_of
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import HeldHost
from singleuse_app.operations.open_bookings import refuse_second_booking
from singleuse_app.scheduling.address_proofs import Proof
from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.bookings import BookingConfirmation, Invitee, Party, Terms
from singleuse_app.scheduling.errors import (
    InvalidInput,
    LinkAlreadyUsed,
    LinkNotFound,
    NotFound,
    Refusal,
    SlotUnavailable,
    TermsChanged,
)
from singleuse_app.scheduling.months import FIRST_VIEW, FreeTimes, View
from singleuse_app.scheduling.questions import Answer, Question, fits, parse_questions
from singleuse_app.scheduling.slots import Slot
from singleuse_app.statements import Ready
from singleuse_app.wording import wording

RECEIPT_LIFETIME = timedelta(days=30)

_LOOK_UP = Ready(
    sa.select(*LINK_COLUMNS, col(Schedule.availability), col(Booking.id))
    .select_from(inspect(Link).local_table)
    .join(inspect(EventType).local_table, col(EventType.id) == Link.event_type_id)
    .join(inspect(Schedule).local_table, col(Schedule.id) == EventType.schedule_id)
    .outerjoin(Booking, (col(Booking.link_id) == Link.id) & (col(Booking.receipt_hash) == bindparam("receipt_hash")))
    .where(Link.id == bindparam("link_id"))
)
_BY_RECEIPT = (
    sa.select(col(Booking.id))
    .where(
        col(Booking.link_id) == bindparam("link_id"),
        col(Booking.receipt_hash).in_(bindparam("hashes", expanding=True)),
    )
    .order_by(col(Booking.id).desc())
    .limit(1)
)
_CLAIM_USE = Ready(
    update(inspect(Link).local_table)
    .where(
        col(Link.id) == bindparam("link_id"),
        col(Link.uses) < col(Link.max_uses),
        col(Link.revoked_at).is_(None),
        or_(col(Link.expires_at).is_(None), col(Link.expires_at) > bindparam("now")),
    )
    .values(uses=col(Link.uses) + 1)
)


@dataclass(frozen=True, slots=True)
class OpenLink:
    """What an invitee sees behind a link that is active.

    ``times`` are those of the duration in ``terms``, one of ``durations`` in minutes. ``attempt`` is 1, and 2 where a
    cancelled booking gave its use back: whoever cancelled may book again. ``is_opened`` is false before a browser has
    ever shown it. ``proof`` is how far this browser is where only one address may book, by a code. ``expires_at`` is
    when the link ends by itself, if it does.
    """

    link_id: UUID
    host_id: UUID
    host_name: str
    host_time_zone: str
    description: str
    terms: Terms
    durations: tuple[int, ...]
    times: FreeTimes
    attempt: int
    books_once: bool = True
    is_opened: bool = True
    questions: tuple[Question, ...] = ()
    guests_allowed: bool = True
    prefill: Mapping[str, str] = field(default_factory=dict)
    proof: Proof | None = None
    expires_at: datetime | None = None

    @property
    def without_times(self) -> tuple[object, ...]:
        """All of it that stays the same until somebody edits it."""
        own = (self.durations, self.attempt, self.books_once, self.questions, self.guests_allowed, self.prefill)
        return (self.terms, self.host_name, self.description, self.expires_at, *own)


@dataclass(frozen=True, slots=True)
class _Keys:
    """What a booking is known by. Made before it is anybody's turn to write, for others wait meanwhile."""

    id: UUID
    kid: str
    manage_hash: str

    @classmethod
    def new(cls) -> "_Keys":
        """Fresh ones."""
        key, kid = new_id(), tokens.current_kid()
        return cls(key, kid, tokens.hash_token(tokens.derive(tokens.MANAGE, key, kid)))


def open_link(
    *, token: object, receipt: str, duration_minutes: int | None = None, view: View = FIRST_VIEW, now: datetime
) -> OpenLink | BookingConfirmation:
    """What is behind a link: a month of free times, or to whoever holds the receipt of a booking on it, that booking.

    Looking spends nothing, however often. A duration that is not offered, or not any more, is not taken: the event
    type's own stands. A link that cannot be booked with raises its ``LinkRefusal`` and tells
    nothing else.
    """
    with db.reading() as session:
        try:
            found = find_by_token(session, token)
        except LinkNotFound as nothing:  # or a standard link that is off; both take the same steps
            if booking := _booking_of(session, *hidden_link(session, token), receipt, now):
                return confirmation(session.get_one(Host, booking.host_id), booking)
            raise nothing from None
        link, event_type = found.link, found.event_type
        booking = _booking_of(session, link.id, link.reopened_at, receipt, now)
        refusal = link.refusal(event_type, now=now)
        if booking and (refusal or booking.use_released_at is None):
            return confirmation(session.get_one(Host, link.host_id), booking)
        if refusal:
            raise refusal
        durations = link.durations(event_type)
        duration = duration_minutes if duration_minutes in durations else durations[0]
        return OpenLink(
            link_id=link.id,
            host_id=link.host_id,
            host_name=found.host_name,
            host_time_zone=found.host_time_zone,
            description=event_type.description,
            terms=link.terms(event_type, duration),
            durations=durations,
            times=free_times(session, event_type, link.rules(event_type, duration), found.schedule, view, now=now),
            attempt=_attempts(link.reopened_at),
            books_once=link.max_uses == 1,
            is_opened=link.opened_at is not None or link.address is not None,
            questions=parse_questions(event_type.questions),
            guests_allowed=event_type.guests_allowed,
            prefill=link.known(),
            proof=look_at_proof(session, link, receipt, now=now),
            expires_at=link.expires_at,
        )


@db.repeatable
def book_slot(
    *,
    token: object,
    start: datetime,
    invitee: Invitee,
    duration_minutes: int | None = None,
    receipt: str,
    attempt: int = 1,
    terms_version: int,
    now: datetime,
) -> BookingConfirmation:
    """Spend one use of a link on one slot: link, time, booking, log and messages owed, or nothing at all.

    ``receipt`` was minted before the booking and makes it repeatable: the same receipt on the same link gets the same
    booking back, with ``taken=False`` where it now asks for another time, duration or address. ``start`` is an instant
    that :func:`open_link` offered; the end follows from the duration: one of those offered, the event type's own unless
    chosen. ``attempt`` and ``terms_version`` are those shown.

    Raises a ``LinkRefusal`` where the link cannot be booked with, ``InvalidInput`` where it is for another address or
    this one has a booking already, or ``code`` where this browser has yet to prove it,
    ``TermsChanged``, ``SlotUnavailable``, or ``TryAgain``; then nothing was changed. ``OutcomeUnknown`` is for a
    database that went away in the middle of the commit and stays away: the same receipt will tell.
    """
    keys = _Keys.new()
    try:
        with db.writing() as session:
            key, host = hold_by_token(session, token)
            receipt_hash = _receipt_hash(key, receipt, attempt)
            link, event_type, schedule, earlier = _look_up(session, key, receipt_hash)
            if earlier:
                same = earlier.start == start and (link.by_code or earlier.invitee_email == invitee.email)
                same = same and duration_minutes in {None, earlier.terms["duration_minutes"]}
                return replace(confirmation(host, earlier), taken=same)
            claim_use(session, link, event_type, now=now)
            if link.by_code:
                need_proof(session, link, receipt, now=now)
                invitee = replace(invitee, email=invitee.email or link.recipient_email)
            if not link.is_for(invitee.email):
                raise InvalidInput({"email": "email_not_invited"})
            durations = link.durations(event_type)
            duration = durations[0] if duration_minutes is None else duration_minutes
            if event_type.terms_version != terms_version or duration not in durations:
                raise TermsChanged
            if not fits(event_type.questions, invitee.answers) or (invitee.guests and not event_type.guests_allowed):
                raise TermsChanged
            refuse_second_booking(session, event_type, invitee.email, now=now)
            rules, offered = link.rules(event_type, duration), link.terms(event_type, duration)
            terms = offered.agreed(host.name, invitee, wording(invitee.locale).say)
            slot = slot_at(session, event_type, rules, start, now=now, schedule=schedule)
            booking = add_booking(
                session,
                host,
                link,
                event_type,
                terms,
                slot=slot,
                invitee=invitee,
                keys=keys,
                receipt_hash=receipt_hash,
                now=now,
            )
    except IntegrityError as error:
        raise refusal_of_guard(error) from error
    return confirmation(host, booking)


def claim_use(session: Session, link: Link, event_type: EventType, *, now: datetime) -> None:
    """Count one use of the link if it can still be booked with, else raise why not.

    The conditional UPDATE is the claim, whatever was read before: it gives manners. The schema gives safety.
    """
    if refusal := link.refusal(event_type, now=now):
        raise refusal
    if _CLAIM_USE.count(session.connection(), link_id=link.id, now=now) != 1:
        raise LinkAlreadyUsed


def add_booking(
    session: Session,
    host: HeldHost,
    link: Link,
    event_type: EventType,
    terms: Terms,
    *,
    slot: Slot,
    invitee: Invitee,
    keys: "_Keys",
    receipt_hash: str,
    now: datetime,
) -> SimpleNamespace:
    """Write the booking with its time claim, its line in the log and its messages owed."""
    key = keys.id
    booking = SimpleNamespace(  # for to make a Booking takes longer than to insert it
        id=key,
        sequence=0,
        uid=f"{key}@singleuse",
        host_id=host.id,
        event_type_id=event_type.id,
        link_id=link.id,
        max_uses=link.max_uses,
        use_no=_free_use_no(session, link),
        receipt_hash=receipt_hash,
        kid=keys.kid,
        manage_hash=keys.manage_hash,
        start=slot.start,
        end=slot.end,
        invitee_name=invitee.name,
        invitee_email=invitee.email,
        invitee_time_zone=invitee.time_zone,
        locale=invitee.locale,
        terms=asdict(terms),
        guests=list(invitee.guests),
        answers=[asdict(answer) for answer in invitee.answers],
        created_at=now,
        cancelled_at=None,
        cancelled_by=None,
        cancel_reason="",
        another_time_asked_at=None,
    )
    claim = {
        "host_id": host.id,
        "booking_id": key,
        "protected_start": slot.start - timedelta(minutes=event_type.before_buffer_minutes),
        "protected_end": slot.end + timedelta(minutes=event_type.after_buffer_minutes),
    }
    db.insert_values(session, Booking, vars(booking))
    db.insert_values(session, TimeClaim, claim)
    record(
        session,
        Happened.BOOKED,
        now=now,
        host_id=host.id,
        event_type_id=event_type.id,
        link_id=link.id,
        booking_id=key,
    )
    tell_of(session, Happened.BOOKED, booking, now=now)
    remind_of(session, booking, event_type, now=now)
    return booking


def get_booking(*, booking_id: object) -> BookingConfirmation:
    """A booking by its public id, for callers that have proven that they may see it; else ``NotFound``."""
    with db.reading() as session:
        booking = session.get(Booking, parse_id(BOOKING, booking_id))
        if booking is None or booking.erased_at:
            raise NotFound
        return confirmation(session.get_one(Host, booking.host_id), booking)


def confirmation(host: Host | HeldHost, booking: Booking | SimpleNamespace) -> BookingConfirmation:
    """A booking as those who may see it are told of it."""
    return BookingConfirmation(
        booking_id=public_id(BOOKING, booking.id),
        uid=booking.uid,
        sequence=booking.sequence,
        start=booking.start,
        end=booking.end,
        host_name=host.name,
        host_email=host.email,
        host_time_zone=host.time_zone,
        invitee=invitee_of(booking),
        terms=Terms(**booking.terms),
        cancelled=booking.cancelled_at is not None,
        asked=booking.another_time_asked_at is not None,
        reason=booking.cancel_reason if booking.cancelled_by == Party.HOST else "",
    )


def invitee_of(row: Booking | SimpleNamespace) -> Invitee:
    """Who booked, with their guests and answers."""
    answers = tuple(Answer(**answer) for answer in row.answers)
    return Invitee(
        row.invitee_name, row.invitee_email, row.invitee_time_zone, tuple(row.guests), answers, locale=row.locale
    )


def refusal_of_guard(error: IntegrityError) -> Refusal:
    """What the schema's own guards mean, should they ever be the ones to refuse."""
    said = str(error.orig)
    if "time_claim_overlap" in said:
        return SlotUnavailable()
    if "live_use" in said or "use_no" in said or "link_uses" in said:
        return LinkAlreadyUsed()
    return db.Conflict()  # somebody wrote the same at the same moment: the next try finds it


def _look_up(
    session: Session, link_id: UUID, receipt_hash: str
) -> tuple[Link, EventType, AvailabilitySchedule, Booking | None]:
    """The link, its event type, the hours of that, and what this receipt has booked with the link already."""
    [(*row, schedule, earlier)] = _LOOK_UP.rows(session.connection(), link_id=link_id, receipt_hash=receipt_hash)
    return *link_of(row), schedule, session.get_one(Booking, earlier) if earlier else None


def _free_use_no(session: Session, link: Link) -> int:
    """A number that no live booking of the link has: mostly the next, else one that was given back."""
    if link.max_uses == 1:
        return 1
    live = select(Booking.use_no).where(Booking.link_id == link.id, col(Booking.use_released_at).is_(None))
    highest = session.exec(live.order_by(col(Booking.use_no).desc()).limit(1)).first() or 0
    if highest < link.max_uses:
        return highest + 1
    taken = set(session.exec(live).all())
    return next(number for number in count(1) if number not in taken)


def _booking_of(
    session: Session, link_id: UUID, reopened_at: datetime | None, receipt: str, now: datetime
) -> Booking | None:
    """The latest booking that this receipt has made with the link, while the receipt lasts."""
    if not receipt:
        return None
    hashes = [_receipt_hash(link_id, receipt, attempt + 1) for attempt in range(_attempts(reopened_at))]
    wanted = {"link_id": link_id, "hashes": hashes}
    key = session.connection().execute(_BY_RECEIPT, wanted).scalar()
    booking = session.get_one(Booking, key) if key else None
    return booking if booking and now - booking.created_at < RECEIPT_LIFETIME else None


def _attempts(reopened_at: datetime | None) -> int:
    """How many bookings a link may have had by now, one after another, that gave their use back; and this one."""
    return 1 if reopened_at is None else 2


def _receipt_hash(link_id: UUID, receipt: str, attempt: int) -> str:
    """A receipt names one attempt on one link, though a browser keeps one secret for all of them."""
    name = f"{link_id.hex}:{receipt}" + (f":{attempt}" if attempt > 1 else "")
    return hashlib.sha256(name.encode()).hexdigest()
