"""Many links at once: made for a list of people, found and taken back together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlmodel import Session, col, select, update

from singleuse_app import db
from singleuse_app.ids import EVENT_TYPE, LINK_BATCH, new_id, parse_id, public_id
from singleuse_app.models import EventType, Link, LinkBatch
from singleuse_app.operations.event_types import get_own
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.operations.links import TAKEN_BACK_FOR_GOOD, UNDO_WITHIN, add_link, first_expiry, token_of
from singleuse_app.scheduling.errors import InvalidInput, LinkOff, NotFound, UndoTooLate
from singleuse_app.scheduling.link_lists import MAX_LINKS, Person
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.scheduling.links import LinkStatus, link_status

SHOWN_BATCHES = 100


@dataclass(frozen=True, slots=True)
class BatchRow:
    """Links that were made together, under one name."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BatchLink:
    """One of them, to be handed out. ``token`` is empty where it cannot be booked with any more."""

    person: Person
    event_name: str
    token: str
    status: LinkStatus
    expires_at: datetime | None


@db.retrying
def create_batch(
    *,
    host_id: UUID,
    event_type_id: object,
    name: str,
    people: Sequence[Person],
    options: LinkOptions,
    now: datetime,
    tell: Callable[[int], None] = lambda made: None,
) -> BatchRow:
    """A single-use link for each of ``people``: all of them or none. ``tell`` hears how many there are so far.

    ``options`` hold for all. ``only_recipient`` does for those who have an address. Raises ``NotFound`` for an event
    type that is not this host's, ``LinkOff`` for one that is off, ``InvalidInput`` for too few or too many people.
    """
    if not 1 <= len(people) <= MAX_LINKS:
        raise InvalidInput({"count": "links_count"}, most=MAX_LINKS)
    with db.writing() as session:
        event_type = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        if not event_type.offered:
            raise LinkOff("event_type_off", name=event_type.name)
        expires_at = first_expiry(session, event_type, options, now)
        batch = LinkBatch(id=new_id(), host_id=host_id, name=name, created_at=now)
        db.insert(session, batch)
        add = partial(add_link, session, event_type, max_uses=1, expires_at=expires_at, batch_id=batch.id, now=now)
        for made, person in enumerate(people, 1):
            add(options=_options_for(person, options))
            tell(made)
        return _row(batch)


def list_batches(*, host_id: UUID) -> list[BatchRow]:
    """A host's batches, the newest first."""
    with db.reading() as session:
        rows = session.exec(
            select(LinkBatch)
            .where(LinkBatch.host_id == host_id)
            .order_by(col(LinkBatch.id).desc())
            .limit(SHOWN_BATCHES)
        ).all()
        return [_row(row) for row in rows]


def batch_links(*, host_id: UUID, batch_id: object, now: datetime) -> tuple[BatchRow, list[BatchLink]]:
    """A batch with all its links, in the order of the list; ``NotFound`` for another host's."""
    with db.reading() as session:
        batch = _own(session, host_id, batch_id)
        found = session.exec(
            select(Link, EventType)
            .join(EventType, col(EventType.id) == Link.event_type_id)
            .where(Link.batch_id == batch.id)
            .order_by(col(Link.id))
        ).all()
        return _row(batch), [_batch_link(link, event_type, now) for link, event_type in found]


@db.repeatable
def revoke_batch(*, host_id: UUID, batch_id: object, now: datetime) -> int:
    """Take back all links of a batch that were not used or taken back yet. Says how many."""
    with db.writing() as session:
        hold(session, host_id)
        batch = _own(session, host_id, batch_id)
        still_open = (
            Link.batch_id == batch.id,
            col(Link.uses) < col(Link.max_uses),
            col(Link.revoked_at).is_(None),
        )
        return _set_revoked(session, host_id, still_open, now, now=now)


@db.retrying
def undo_revoke_batch(*, host_id: UUID, batch_id: object, now: datetime) -> int:
    """Give back what :func:`revoke_batch` took last, within the hour; else ``UndoTooLate``. Says how many."""
    with db.writing() as session:
        hold(session, host_id)
        batch = _own(session, host_id, batch_id)
        latest = select(Link.revoked_at).where(Link.batch_id == batch.id, col(Link.revoked_at).is_not(None))
        at = session.exec(latest.order_by(col(Link.revoked_at).desc()).limit(1)).first()
        if at is None:
            return 0
        if now - at > UNDO_WITHIN:
            raise UndoTooLate
        taken = (Link.batch_id == batch.id, col(Link.revoked_at) == at, ~TAKEN_BACK_FOR_GOOD)
        return _set_revoked(session, host_id, taken, None, now=now)


def _set_revoked(session: Session, host_id: UUID, which: tuple, revoked_at: datetime | None, *, now: datetime) -> int:
    kind = Happened.LINK_REVOKED if revoked_at else Happened.LINK_RESTORED
    rows = session.exec(select(Link.id, Link.event_type_id).where(*which)).all()
    if rows:
        session.exec(update(Link).where(*which).values(revoked_at=revoked_at))
    for key, event_type_id in rows:
        record(session, kind, now=now, host_id=host_id, event_type_id=event_type_id, link_id=key)
    return len(rows)


def _options_for(person: Person, options: LinkOptions) -> LinkOptions:
    return replace(
        options,
        recipient_name=person.name,
        recipient_email=person.email,
        note=person.note,
        only_recipient=options.only_recipient and bool(person.email),
    )


def _batch_link(link: Link, event_type: EventType, now: datetime) -> BatchLink:
    status = link_status(link.facts(event_type), now=now)
    return BatchLink(
        person=Person(link.recipient_name, link.recipient_email, link.note),
        event_name=event_type.name,
        token=token_of(link).token if status is LinkStatus.ACTIVE else "",
        status=status,
        expires_at=link.expires_at,
    )


def _own(session: Session, host_id: UUID, batch_id: object) -> LinkBatch:
    batch = session.get(LinkBatch, parse_id(LINK_BATCH, batch_id))
    if batch is None or batch.host_id != host_id:
        raise NotFound
    return batch


def _row(batch: LinkBatch) -> BatchRow:
    return BatchRow(public_id(LINK_BATCH, batch.id), batch.name, batch.created_at)
