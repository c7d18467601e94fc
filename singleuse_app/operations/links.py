"""Making, handing out and taking back links."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from singleuse_app import db, tokens
from singleuse_app.ids import EVENT_TYPE, LINK, new_id, parse_id, public_id
from singleuse_app.models import Booking, EventType, Host, Link
from singleuse_app.operations.event_types import get_own
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.scheduling.bookings import parse_prefill
from singleuse_app.scheduling.errors import InvalidInput, LinkOff, NotFound
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.scheduling.links import UNLIMITED_USES, LinkStatus, end_of_day, link_status, refusal_of
from singleuse_app.scheduling.slot_rules import FIRST_YEAR, LAST_YEAR

NO_OPTIONS = LinkOptions()
KEPT_OPTIONS = (
    "recipient_name",
    "recipient_email",
    "only_recipient",
    "note",
    "duration_minutes",
    "location",
    "first_date",
    "last_date",
)


@dataclass(frozen=True, slots=True)
class HandedOutLink:
    """A link that its host may hand out now. ``token`` is the secret of its URL."""

    id: str
    token: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link as its host sees it. ``booked_by`` and ``booked_start`` are of its latest booking."""

    id: str
    event_type_id: str
    event_name: str
    recipient: str
    note: str
    status: LinkStatus
    created_at: datetime
    expires_at: datetime | None
    booked_by: str
    booked_start: datetime | None


def create_single_use_link(
    *, host_id: UUID, event_type_id: object, options: LinkOptions = NO_OPTIONS, now: datetime
) -> HandedOutLink:
    """A new link that makes at most one booking."""
    return create_link(host_id=host_id, event_type_id=event_type_id, options=options, now=now)


@db.retrying
def create_link(
    *, host_id: UUID, event_type_id: object, max_uses: int = 1, options: LinkOptions = NO_OPTIONS, now: datetime
) -> HandedOutLink:
    """A new link of one event type, good for ``max_uses`` bookings, without a limit for ``UNLIMITED_USES``.

    Raises ``NotFound`` for an event type that is not this host's, ``LinkOff`` for one that is off,
    ``InvalidInput`` for options that make no sense.
    """
    wrong: dict[str, str] = {}
    if not 1 <= max_uses <= UNLIMITED_USES:
        wrong["max_uses"] = "uses_out_of_range"
    if options.duration_minutes is not None and not 1 <= options.duration_minutes <= 1440:
        wrong["duration_minutes"] = "duration_out_of_range"
    for name in ("first_date", "last_date", "expires_on"):
        if (day := getattr(options, name)) and not FIRST_YEAR <= day.year <= LAST_YEAR:
            wrong[name] = "date_missing"
    if wrong:
        raise InvalidInput(wrong)
    with db.writing() as session:
        event_type = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        if not event_type.offered:
            raise LinkOff
        expires_at = first_expiry(session, event_type, options, now)
        return add_link(session, event_type, max_uses=max_uses, expires_at=expires_at, options=options, now=now)


def add_link(
    session: Session,
    event_type: EventType,
    *,
    max_uses: int,
    expires_at: datetime | None,
    now: datetime,
    address: str | None = None,
    options: LinkOptions = NO_OPTIONS,
) -> HandedOutLink:
    """Write one link and its line in the log. An ``address`` makes it a standard link, whose token that is."""
    key, kid = new_id(), tokens.current_kid()
    token = address or tokens.derive(tokens.LINK, key, kid)
    link = Link(
        id=key,
        host_id=event_type.host_id,
        event_type_id=event_type.id,
        token_hash=tokens.hash_token(token),
        kid=kid,
        max_uses=max_uses,
        address=address,
        **{name: getattr(options, name) for name in KEPT_OPTIONS},
        prefill=parse_prefill(options.prefill),
        created_at=now,
        expires_at=expires_at,
    )
    db.insert(session, link)
    record(
        session,
        Happened.LINK_CREATED,
        now=now,
        host_id=event_type.host_id,
        event_type_id=event_type.id,
        link_id=key,
    )
    return token_of(link)


def token_of(link: Link) -> HandedOutLink:
    """What opens a link, for its host to hand out."""
    return HandedOutLink(public_id(LINK, link.id), link.address or tokens.derive(tokens.LINK, link.id, link.kid))


def copy_link(*, host_id: UUID, link_id: object, now: datetime) -> HandedOutLink:
    """The token of an unused link again, for its host. A link that cannot be booked with raises its refusal."""
    with db.reading() as session:
        link, event_type = _own_link(session, host_id, link_id)
        if refusal := refusal_of(link_status(link.facts(event_type), now=now)):
            raise refusal
        return token_of(link)


@db.repeatable
def revoke_link(*, host_id: UUID, link_id: object, now: datetime) -> None:
    """Take a link back. Twice is as good as once; one that has been used up raises ``LinkAlreadyUsed``."""
    with db.writing() as session:
        hold(session, host_id)
        link, event_type = _own_link(session, host_id, link_id)
        status = link_status(link.facts(event_type), now=now)
        if status is LinkStatus.REVOKED:
            return
        if status is LinkStatus.USED and (refusal := refusal_of(status)):
            raise refusal
        link.revoked_at = now
        session.add(link)
        record(session, Happened.LINK_REVOKED, now=now, host_id=host_id, event_type_id=event_type.id, link_id=link.id)


@db.repeatable
def set_link_expiry(*, host_id: UUID, link_id: object, expires_on: date | None, now: datetime) -> None:
    """Let a link expire with the end of a day in the host's zone, or never. ``InvalidInput`` where that day is over."""
    with db.writing() as session:
        hold(session, host_id)
        link, event_type = _own_link(session, host_id, link_id)
        link.expires_at = expiry(session, host_id, expires_on, now)
        session.add(link)
        record(session, Happened.LINK_CHANGED, now=now, host_id=host_id, event_type_id=event_type.id, link_id=link.id)


def list_links(*, host_id: UUID, now: datetime, limit: int = 200) -> list[LinkRow]:
    """A host's newest links, newest first. Standard links are not among them: nobody handed them out."""
    with db.reading() as session:
        latest = (
            select(Booking.id)
            .where(Booking.link_id == Link.id, col(Booking.use_released_at).is_(None))
            .order_by(col(Booking.use_no).desc())
            .limit(1)
            .correlate(Link)
            .scalar_subquery()
        )
        rows = session.exec(
            select(Link, EventType, Booking)
            .join(EventType, col(EventType.id) == Link.event_type_id)
            .outerjoin(Booking, col(Booking.id) == latest)
            .where(Link.host_id == host_id, col(Link.address).is_(None))
            .order_by(col(Link.id).desc())
            .limit(limit)
        ).all()
        return [_row(link, event_type, booking, now) for link, event_type, booking in rows]


def _own_link(session: Session, host_id: UUID, link_id: object) -> tuple[Link, EventType]:
    link = session.get(Link, parse_id(LINK, link_id))
    event_type = session.get(EventType, link.event_type_id) if link else None
    if link is None or event_type is None or link.host_id != host_id:
        raise NotFound
    return link, event_type


def expiry(session: Session, host_id: UUID, expires_on: date | None, now: datetime) -> datetime | None:
    """When a link expires whose last day at its host is ``expires_on``; ``InvalidInput`` where that is over."""
    if expires_on is None:
        return None
    host = session.get(Host, host_id)
    assert host is not None  # a foreign key says so
    expires_at = end_of_day(expires_on, host.time_zone)
    if expires_at <= now:
        raise InvalidInput({"expires_on": "expires_too_soon"})
    return expires_at


def first_expiry(session: Session, event_type: EventType, options: LinkOptions, now: datetime) -> datetime | None:
    """When a new link expires: as told, or as its event type has it by default."""
    expires_on, days = options.expires_on, options.expires_after_days
    if expires_on is None and days is None:
        days = event_type.link_expiry_days
    if days:
        zone = session.get_one(Host, event_type.host_id).time_zone
        expires_on = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    return expiry(session, event_type.host_id, expires_on, now)


def options_of(link: Link) -> LinkOptions:
    """What a link has of its own, but for its expiry."""
    return LinkOptions(**{name: getattr(link, name) for name in KEPT_OPTIONS}, prefill=link.prefill)


def _row(link: Link, event_type: EventType, booking: Booking | None, now: datetime) -> LinkRow:
    return LinkRow(
        id=public_id(LINK, link.id),
        event_type_id=public_id(EVENT_TYPE, event_type.id),
        event_name=event_type.name,
        recipient=link.recipient_name or link.recipient_email,
        note=link.note,
        status=link_status(link.facts(event_type), now=now),
        created_at=link.created_at,
        expires_at=link.expires_at,
        booked_by=booking.invitee_name if booking else "",
        booked_start=booking.start if booking else None,
    )
