"""The link behind a token: what its page begins with, and what a booking holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select

from singleuse_app import db, tokens
from singleuse_app.models import EventType, Host, Link, Schedule
from singleuse_app.models.table import read_only
from singleuse_app.operations.hosts import HeldHost
from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.bookings import Terms
from singleuse_app.scheduling.errors import LinkNotFound
from singleuse_app.statements import Ready

_LINK, _EVENT_TYPE = sa.inspect(Link).local_table, sa.inspect(EventType).local_table
_ReadLink, _ReadEventType = read_only(Link), read_only(EventType)
LINK_COLUMNS = (*_LINK.c, *_EVENT_TYPE.c)
"""What :func:`link_of` makes a link of, and its event type: read with less ado than through the session's books."""

_BY_TOKEN = Ready(
    sa.select(*LINK_COLUMNS, col(Schedule.availability), col(Host.name), col(Host.time_zone))
    .select_from(_LINK)
    .join(_EVENT_TYPE, col(EventType.id) == Link.event_type_id)
    .join(Schedule, col(Schedule.id) == EventType.schedule_id)
    .join(Host, col(Host.id) == Link.host_id)
    .where(
        col(Link.token_hash) == bindparam("token_hash"),
        or_(
            col(Link.address).is_(None),
            col(Link.revoked_at).is_(None) & col(EventType.off_at).is_(None) & col(EventType.archived_at).is_(None),
        ),
    )
)
_HOLD_BY_TOKEN = Ready(
    sa.select(col(Link.id), col(Host.id), col(Host.name), col(Host.email), col(Host.time_zone))
    .join(Host, col(Host.id) == Link.host_id)
    .where(col(Link.token_hash) == bindparam("token_hash"))
    .with_for_update(key_share=True, of=Host)
)


NO_LINK = UUID(int=0)


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link behind a token, to be read only, with all that its page needs of others."""

    link: Link
    event_type: EventType
    schedule: AvailabilitySchedule
    host_name: str
    host_time_zone: str


@dataclass(frozen=True, slots=True)
class LinkOffer:
    """What whoever holds an active link is told at once. ``terms`` are those of the duration that is not chosen."""

    host_name: str
    terms: Terms
    description: str
    books_once: bool


def look_at_link(*, token: object, now: datetime) -> LinkOffer:
    """What an active link offers, without its times. A link that cannot be booked with raises its ``LinkRefusal`` and
    tells nothing else. Looking spends nothing, however often."""
    with db.reading() as session:
        found = find_by_token(session, token)
        link, event_type = found.link, found.event_type
        if refusal := link.refusal(event_type, now=now):
            raise refusal
        return LinkOffer(
            host_name=found.host_name,
            terms=link.terms(event_type, link.durations(event_type)[0]),
            description=event_type.description,
            books_once=link.max_uses == 1,
        )


def find_by_token(session: Session, token: object) -> FoundLink:
    """The link with that token. Anything that is no token raises ``LinkNotFound``.

    So does, after as much work, a standard link that its host does not publish now.
    """
    rows = _BY_TOKEN.rows(session.connection(), token_hash=_hash_of(token))
    if not rows:
        raise LinkNotFound
    [found] = rows
    return FoundLink(*link_of(found), *found[len(LINK_COLUMNS) :])


def link_of(row: Sequence[Any]) -> tuple[Link, EventType]:
    """A link and its event type from a row that begins with ``LINK_COLUMNS``: to be read, not to be changed."""
    link = _ReadLink(**dict(zip(_LINK.c.keys(), row, strict=False)))
    return link, _ReadEventType(**dict(zip(_EVENT_TYPE.c.keys(), row[len(_LINK.c) :], strict=False)))


def hidden_link(session: Session, token: object) -> tuple[UUID, datetime | None]:
    """The key of a link that :func:`find_by_token` does not find, if there is one, and when it opened again."""
    hidden = select(Link.id, Link.reopened_at).where(Link.token_hash == _hash_of(token))
    return session.exec(hidden).first() or (NO_LINK, None)


def hold_by_token(session: Session, token: object) -> tuple[UUID, HeldHost]:
    """Hold the host whose link has that token, as :func:`hold` does. Comes with the link's key; or ``LinkNotFound``."""
    found = _HOLD_BY_TOKEN.rows(session.connection(), token_hash=_hash_of(token))
    if not found:
        raise LinkNotFound
    [(key, *host)] = found
    return key, HeldHost(*host)


def _hash_of(token: object) -> str:
    if not isinstance(token, str) or not token.isascii():
        raise LinkNotFound
    return tokens.hash_token(token)
