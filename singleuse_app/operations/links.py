"""Making, handing out and taking back links."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, exists, select, update

from singleuse_app import db, tokens
from singleuse_app.ids import EVENT_TYPE, LINK, new_id, parse_id, public_id
from singleuse_app.models import EventLog, EventType, Host, Link, LinkOpening
from singleuse_app.operations.event_types import get_own
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.scheduling.bookings import parse_prefill
from singleuse_app.scheduling.errors import InvalidInput, LinkOff, NotFound, Refusal, UndoTooLate
from singleuse_app.scheduling.link_options import MAX_NOTE_LENGTH, LinkOptions, parse_link_hours
from singleuse_app.scheduling.links import UNLIMITED_USES, LinkStatus, end_of_day, link_status, refusal_of
from singleuse_app.scheduling.locations import Location, LocationKind, check_location
from singleuse_app.scheduling.slot_rules import FIRST_YEAR, LAST_YEAR
from singleuse_app.settings import settings

UNDO_WITHIN = timedelta(hours=1)
"""So long a link that was revoked can be given back. After that, revoked is for good."""

TAKEN_BACK_FOR_GOOD = exists().where(
    col(EventLog.link_id) == Link.id,
    col(EventLog.kind) == Happened.LINK_TAKEN_BACK,
    col(EventLog.at) >= Link.revoked_at,
)
"""A command did it: links have leaked, or a backup was restored in which some are open that were used since."""

A_WEEK = timedelta(days=7)
NO_OPTIONS = LinkOptions()
KEPT_OPTIONS = (
    "recipient_name",
    "recipient_email",
    "only_recipient",
    "by_code",
    "note",
    "duration_minutes",
    "location_kind",
    "location",
    "first_date",
    "last_date",
    "hours",
)


@dataclass(frozen=True, slots=True)
class HandedOutLink:
    """A link that its host may hand out now. ``token`` is the secret of its URL."""

    id: str
    token: str


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
    check_location(Location(options.location_kind or LocationKind.TEXT, options.location or ""), wrong)
    options = replace(options, hours=parse_link_hours(options.hours, wrong))
    if options.by_code and settings().smtp is None:
        wrong["by_code"] = "no_mail_for_codes"
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
    batch_id: UUID | None = None,
    options: LinkOptions = NO_OPTIONS,
) -> HandedOutLink:
    """Write one link and its line in the log. An ``address`` makes it a standard link, whose token that is.

    For one address alone, it asks for a code wherever mail can be sent. One that must ask raises a ``Refusal`` where
    none can: nobody could book with it.
    """
    if options.by_code and settings().smtp is None:
        raise Refusal("no_mail_for_codes")
    is_bound = options.only_recipient and bool(options.recipient_email)
    options = replace(options, by_code=is_bound and settings().smtp is not None)
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
        batch_id=batch_id,
        **{name: getattr(options, name) for name in KEPT_OPTIONS},
        prefill=parse_prefill(options.prefill),
        created_at=now,
        expires_at=expires_at,
    )
    db.insert(session, link)
    _log(session, Happened.LINK_CREATED, link, now)
    return token_of(link)


def token_of(link: Link) -> HandedOutLink:
    """What opens a link, for its host to hand out. Raises a ``Refusal`` where the key file lacks its key."""
    try:
        return HandedOutLink(public_id(LINK, link.id), link.address or tokens.derive(tokens.LINK, link.id, link.kid))
    except KeyError:
        raise Refusal("link_key_missing") from None


def copy_link(*, host_id: UUID, link_id: object, now: datetime) -> HandedOutLink:
    """The token of an unused link again, for its host. A link that cannot be booked with raises its refusal."""
    with db.reading() as session:
        link, event_type = own_link(session, host_id, link_id)
        if refusal := refusal_of(link_status(link.facts(event_type), now=now)):
            raise refusal
        return token_of(link)


@db.repeatable
def revoke_link(*, host_id: UUID, link_id: object, now: datetime) -> None:
    """Take a link back. Twice is as good as once; one that has been used up raises ``LinkAlreadyUsed``."""
    with db.writing() as session:
        hold(session, host_id)
        link, event_type = own_link(session, host_id, link_id)
        status = link_status(link.facts(event_type), now=now)
        if status is LinkStatus.REVOKED:
            return
        if status is LinkStatus.USED and (refusal := refusal_of(status)):
            raise refusal
        link.revoked_at = now
        session.add(link)
        _log(session, Happened.LINK_REVOKED, link, now)


@db.repeatable
def undo_revoke(*, host_id: UUID, link_id: object, now: datetime) -> None:
    """Give a link back that its host revoked within ``UNDO_WITHIN``; any other raises ``UndoTooLate``. What else would
    keep it from being booked with still does."""
    with db.writing() as session:
        hold(session, host_id)
        link, _ = own_link(session, host_id, link_id, handed_out=True)
        if link.revoked_at is None:
            return
        if not can_be_given_back(session, link, now):
            raise UndoTooLate
        link.revoked_at = None
        session.add(link)
        _log(session, Happened.LINK_RESTORED, link, now)


@db.repeatable
def edit_link(*, host_id: UUID, link_id: object, note: str, expires_on: date | None, now: datetime) -> None:
    """What its host notes about a link, and its last day in the host's zone, ``None`` for never.

    ``InvalidInput`` where the note is too long, or that day is over and was not its last day before.
    """
    if len(note) > MAX_NOTE_LENGTH:
        raise InvalidInput({"note": "note_too_long"})
    with db.writing() as session:
        hold(session, host_id)
        link, _ = own_link(session, host_id, link_id, handed_out=True)
        if expires_on != last_day(link.expires_at, session.get_one(Host, host_id).time_zone):
            link.expires_at = expiry(session, host_id, expires_on, now)
        link.note = note
        session.add(link)
        _log(session, Happened.LINK_CHANGED, link, now)


@db.retrying
def extend_link(*, host_id: UUID, link_id: object, now: datetime) -> None:
    """Let a link that expires last a week longer; one that has expired, a week from today."""
    with db.writing() as session:
        host = hold(session, host_id)
        link, _ = own_link(session, host_id, link_id, handed_out=True)
        if link.expires_at is None:
            return
        last = last_day(max(link.expires_at, now), host.time_zone)
        assert last is not None
        link.expires_at = end_of_day(last + A_WEEK, host.time_zone)
        session.add(link)
        _log(session, Happened.LINK_CHANGED, link, now)


@db.retrying
def reissue_link(*, host_id: UUID, link_id: object, now: datetime) -> HandedOutLink:
    """A new link in place of an old one, with its options, and as many days to go as that had at first.

    The old one is revoked if it could be booked with. Raises ``LinkOff`` where the event type is off.
    """
    with db.writing() as session:
        host = hold(session, host_id)
        old, event_type = own_link(session, host_id, link_id, handed_out=True)
        if not event_type.offered:
            raise LinkOff("event_type_off", name=event_type.name)
        if refusal_of(link_status(old.facts(event_type), now=now)) is None:
            old.revoked_at = now
            session.add(old)
            _log(session, Happened.LINK_REVOKED, old, now)
        expires_at = None
        if last := last_day(old.expires_at, host.time_zone):
            lasted = last - _day_of(old.created_at, host.time_zone)
            expires_at = end_of_day(_day_of(now, host.time_zone) + lasted, host.time_zone)
        options = options_of(old)
        return add_link(session, event_type, max_uses=old.max_uses, expires_at=expires_at, options=options, now=now)


@db.repeatable
def note_opening(*, link_id: UUID, now: datetime) -> None:
    """Remember when a single-use link was first opened. Whether by a person or a mail scanner, nobody knows."""
    with db.writing() as session:
        opened = (
            update(Link)
            .where(col(Link.id) == link_id, col(Link.opened_at).is_(None), col(Link.address).is_(None))
            .values(opened_at=now)
        )
        if session.exec(opened).rowcount:
            link = session.get_one(Link, link_id)
            db.insert_values(session, LinkOpening, {"at": now, "host_id": link.host_id, "link_id": link.id})


def can_be_given_back(session: Session, link: Link, now: datetime) -> bool:
    """Whether a revoke can be undone: it is not long ago, and no command has taken the link back."""
    if link.revoked_at is None or now - link.revoked_at > UNDO_WITHIN:
        return False
    return session.exec(select(Link.id).where(Link.id == link.id, TAKEN_BACK_FOR_GOOD)).first() is None


def own_link(session: Session, host_id: UUID, link_id: object, *, handed_out: bool = False) -> tuple[Link, EventType]:
    """A link of this host's, with its event type, else ``NotFound``; with ``handed_out``, no standard link."""
    link = session.get(Link, parse_id(LINK, link_id))
    event_type = session.get(EventType, link.event_type_id) if link else None
    if link is None or event_type is None or link.host_id != host_id or (handed_out and link.address):
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
        expires_on = _day_of(now, zone) + timedelta(days=days)
    return expiry(session, event_type.host_id, expires_on, now)


def last_day(expires_at: datetime | None, time_zone: str) -> date | None:
    """The last day of a link that expires at that instant, in its host's zone."""
    return expires_at and _day_of(expires_at - timedelta(seconds=1), time_zone)


def options_of(link: Link) -> LinkOptions:
    """What a link has of its own, but for its expiry."""
    return LinkOptions(**{name: getattr(link, name) for name in KEPT_OPTIONS}, prefill=link.prefill)


def _day_of(at: datetime, time_zone: str) -> date:
    return at.astimezone(ZoneInfo(time_zone)).date()


def _log(session: Session, kind: Happened, link: Link, now: datetime) -> None:
    record(session, kind, now=now, host_id=link.host_id, event_type_id=link.event_type_id, link_id=link.id)
