"""All links of a host, a page at a time: filtered, searched, sorted; and everything about one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, func, or_, select

from singleuse_app import db
from singleuse_app.ids import EVENT_TYPE, LINK, LINK_BATCH, parse_id, public_id
from singleuse_app.models import Booking, EventLog, EventType, Link, LinkRequest
from singleuse_app.operations.history import Happened
from singleuse_app.operations.links import can_be_given_back, options_of, own_link
from singleuse_app.operations.searching import contains
from singleuse_app.scheduling.errors import NotFound
from singleuse_app.scheduling.link_filters import LinkFilter, LinkOrder
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.scheduling.links import LinkStatus, link_status

PAGE = 50
COUNTED = 1000
"""So far links are counted; beyond, there are more."""

SHOWN_LOG = 100
NOTHING = UUID(int=0)
EVERYTHING = LinkFilter()

_SPENT = col(Link.uses) >= col(Link.max_uses)
_REVOKED = and_(col(Link.uses) < col(Link.max_uses), col(Link.revoked_at).is_not(None))
_OPEN = and_(col(Link.uses) < col(Link.max_uses), col(Link.revoked_at).is_(None))


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
    opened_at: datetime | None
    booked_by: str
    booked_start: datetime | None
    is_asked_for: bool


@dataclass(frozen=True, slots=True)
class LinkDetails:
    """Everything about one link: its row, for whom it is, and what happened to it, the latest last. ``own``
    is where it differs from its event type."""

    row: LinkRow
    recipient_name: str
    recipient_email: str
    only_recipient: bool
    can_be_given_back: bool
    own: LinkOptions
    log: tuple[tuple[datetime, Happened], ...]


def list_links(
    *, host_id: UUID, wanted: LinkFilter = EVERYTHING, size: int = PAGE, now: datetime
) -> tuple[list[LinkRow], bool]:
    """A page of a host's links, and whether there are more after it. Standard links are not among them: nobody handed
    them out."""
    with db.reading() as session:
        keys = session.exec(
            select(Link.id)
            .where(*_wanted(session, host_id, wanted, now))
            .order_by(*_order(wanted.order, now))
            .offset((wanted.page - 1) * size)
            .limit(size + 1)
        ).all()
        by_key = {row.id: row for row in link_rows(session, keys[:size], now)}
        return [by_key[public_id(LINK, key)] for key in keys[:size]], len(keys) > size


def count_links(*, host_id: UUID, now: datetime) -> dict[LinkStatus, int]:
    """How many links of each status a host has, ``COUNTED`` at most."""
    with db.reading() as session:
        off = switched_off(session, host_id)
        numbers = [
            select(func.count())
            .select_from(select(Link.id).where(*handed_out_by(host_id), condition).limit(COUNTED).subquery())
            .scalar_subquery()
            for condition in (has_status(status, off, now) for status in LinkStatus)
        ]
        return dict(zip(LinkStatus, session.connection().execute(sa.select(*numbers)).one(), strict=True))


def link_details(*, host_id: UUID, link_id: object, now: datetime) -> LinkDetails:
    """Everything about one link of this host's, else ``NotFound``."""
    with db.reading() as session:
        link, _ = own_link(session, host_id, link_id, handed_out=True)
        [row] = link_rows(session, [link.id], now)
        lines = session.exec(
            select(EventLog.at, EventLog.kind)
            .where(EventLog.link_id == link.id)
            .order_by(col(EventLog.id).desc())
            .limit(SHOWN_LOG)
        ).all()
        return LinkDetails(
            row=row,
            recipient_name=link.recipient_name,
            recipient_email=link.recipient_email,
            only_recipient=link.only_recipient,
            can_be_given_back=can_be_given_back(session, link, now),
            own=options_of(link),
            log=tuple((at, Happened(kind)) for at, kind in reversed(lines)),
        )


def _wanted(session: Session, host_id: UUID, wanted: LinkFilter, now: datetime) -> list[ColumnElement[bool]]:
    conditions = handed_out_by(host_id)
    if wanted.status:
        conditions.append(has_status(wanted.status, switched_off(session, host_id), now))
    if wanted.event_type:
        conditions.append(col(Link.event_type_id) == _key(EVENT_TYPE, wanted.event_type))
    if wanted.batch:
        conditions.append(col(Link.batch_id) == _key(LINK_BATCH, wanted.batch))
    if wanted.text:
        conditions.append(_mentions(host_id, wanted.text))
    return conditions


def handed_out_by(host_id: UUID) -> list[ColumnElement[bool]]:
    """A host's links, but for standard ones, which nobody handed out."""
    return [col(Link.host_id) == host_id, col(Link.address).is_(None)]


def switched_off(session: Session, host_id: UUID) -> Sequence[UUID]:
    """The event types whose links do not book for now."""
    is_off = or_(col(EventType.off_at).is_not(None), col(EventType.archived_at).is_not(None))
    return session.exec(select(EventType.id).where(EventType.host_id == host_id, is_off)).all()


def has_status(status: LinkStatus, off: Sequence[UUID], now: datetime) -> ColumnElement[bool]:
    """What :func:`link_status` says, in SQL: the very conditions of the indexes."""
    lasts = or_(col(Link.expires_at).is_(None), col(Link.expires_at) > now)
    return {
        LinkStatus.USED: _SPENT,
        LinkStatus.REVOKED: _REVOKED,
        LinkStatus.EXPIRED: and_(_OPEN, col(Link.expires_at).is_not(None), col(Link.expires_at) <= now),
        LinkStatus.OFF: and_(_OPEN, lasts, col(Link.event_type_id).in_(off)) if off else sa.false(),
        LinkStatus.ACTIVE: and_(_OPEN, lasts, col(Link.event_type_id).not_in(off)) if off else and_(_OPEN, lasts),
    }[status]


def _mentions(host_id: UUID, text: str) -> ColumnElement[bool]:
    booked = select(Booking.link_id).where(
        Booking.host_id == host_id, contains([col(Booking.invitee_name), col(Booking.invitee_email)], text)
    )
    called = select(EventType.id).where(EventType.host_id == host_id, contains([col(EventType.name)], text))
    texts = [col(Link.recipient_name), col(Link.recipient_email), col(Link.note)]
    # found apart, so that the links themselves are gone through in an index that has all the rest
    own = select(Link.id).where(*handed_out_by(host_id), contains(texts, text))
    return or_(col(Link.id).in_(own), col(Link.id).in_(booked), col(Link.event_type_id).in_(called))


def _order(order: LinkOrder, now: datetime) -> list[ColumnElement[Any]]:
    newest = col(Link.id).desc()
    orders: dict[LinkOrder, list[ColumnElement[Any]]] = {
        LinkOrder.NEWEST: [newest],
        LinkOrder.OLDEST: [col(Link.id).asc()],
        LinkOrder.EXPIRY: [
            or_(col(Link.expires_at).is_(None), col(Link.expires_at) <= now),
            col(Link.expires_at).is_(None),  # one database would put these first, the other last
            col(Link.expires_at).asc(),
            newest,
        ],
        LinkOrder.NAME: [
            and_(Link.recipient_name == "", Link.recipient_email == ""),
            func.lower(col(Link.recipient_name)),
            func.lower(col(Link.recipient_email)),
            newest,
        ],
    }
    return orders[order]


def _key(prefix: str, public: str) -> UUID:
    try:
        return parse_id(prefix, public)
    except NotFound:
        return NOTHING


def link_rows(session: Session, keys: Sequence[UUID], now: datetime) -> list[LinkRow]:
    """The links with these keys, in no order."""
    latest = (
        select(Booking.id)
        .where(Booking.link_id == Link.id, col(Booking.use_released_at).is_(None))
        .order_by(col(Booking.use_no).desc())
        .limit(1)
        .correlate(Link)
        .scalar_subquery()
    )
    waiting = select(LinkRequest.link_id).where(
        col(LinkRequest.link_id).in_(keys),
        col(LinkRequest.answered_at).is_(None),
        col(LinkRequest.dismissed_at).is_(None),
    )
    asked_for = set(session.exec(waiting).all())
    found = session.exec(
        select(Link, EventType, Booking)
        .join(EventType, col(EventType.id) == Link.event_type_id)
        .outerjoin(Booking, col(Booking.id) == latest)
        .where(col(Link.id).in_(keys))
    ).all()
    return [
        LinkRow(
            id=public_id(LINK, link.id),
            event_type_id=public_id(EVENT_TYPE, event_type.id),
            event_name=event_type.name,
            recipient=link.recipient_name or link.recipient_email,
            note=link.note,
            status=link_status(link.facts(event_type), now=now),
            created_at=link.created_at,
            expires_at=link.expires_at,
            opened_at=link.opened_at,
            booked_by=booking.invitee_name if booking else "",
            booked_start=booking.start if booking else None,
            is_asked_for=link.id in asked_for,
        )
        for link, event_type, booking in found
    ]
