"""All links of a host, a page at a time: filtered, searched, sorted; and everything about one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam, inspect, union_all
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
from singleuse_app.scheduling.links import LinkFacts, LinkStatus, link_status

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
    books_once: bool


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


_LATEST = (
    select(Booking.id)
    .where(Booking.link_id == Link.id, col(Booking.use_released_at).is_(None))
    .order_by(col(Booking.use_no).desc())
    .limit(1)
    .correlate(inspect(Link).local_table)
    .scalar_subquery()
)
_ASKED_FOR = (
    select(LinkRequest.link_id)
    .where(
        LinkRequest.link_id == Link.id,
        col(LinkRequest.answered_at).is_(None),
        col(LinkRequest.dismissed_at).is_(None),
    )
    .correlate(inspect(Link).local_table)
    .exists()
)
_ROWS = (
    sa.select(
        *(
            col(column)
            for column in (
                Link.id,
                Link.event_type_id,
                Link.recipient_name,
                Link.recipient_email,
                Link.note,
                Link.uses,
                Link.max_uses,
                Link.revoked_at,
                Link.expires_at,
                Link.created_at,
                Link.opened_at,
                Booking.invitee_name,
                Booking.start,
            )
        ),
        col(EventType.name).label("event_name"),
        (col(EventType.off_at).is_(None) & col(EventType.archived_at).is_(None)).label("offered"),
        _ASKED_FOR.label("is_asked_for"),
    )
    .select_from(inspect(Link).local_table)
    .join(inspect(EventType).local_table, col(EventType.id) == Link.event_type_id)
    .outerjoin(inspect(Booking).local_table, col(Booking.id) == _LATEST)
    .where(col(Link.id).in_(bindparam("keys", expanding=True)))
)
"""What a row says of a link, and no more: to make models of it all takes longer than to find it."""


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
            .where(EventLog.link_id == link.id, EventLog.kind != Happened.LINK_OPENED)
            .order_by(col(EventLog.id).desc())
            .limit(SHOWN_LOG)
        ).all()
        log = [(at, Happened(kind)) for at, kind in reversed(lines)]
        if link.opened_at:  # which the log does not say, see LinkOpening
            place = next((place for place, (at, _) in enumerate(log) if at > link.opened_at), len(log))
            log.insert(place, (link.opened_at, Happened.LINK_OPENED))
        return LinkDetails(
            row=row,
            recipient_name=link.recipient_name,
            recipient_email=link.recipient_email,
            only_recipient=link.only_recipient,
            can_be_given_back=can_be_given_back(session, link, now),
            own=options_of(link),
            log=tuple(log),
        )


def _wanted(session: Session, host_id: UUID, wanted: LinkFilter, now: datetime) -> list[ColumnElement[bool]]:
    conditions = handed_out_by(host_id)
    if wanted.status:
        by_age = wanted.order in (LinkOrder.NEWEST, LinkOrder.OLDEST)
        conditions.append(has_status(wanted.status, switched_off(session, host_id), now, by_age=by_age))
    if wanted.event_type:
        conditions.append(col(Link.event_type_id) == _key(EVENT_TYPE, wanted.event_type))
    if wanted.batch:
        conditions.append(col(Link.batch_id) == _key(LINK_BATCH, wanted.batch))
    if wanted.text:
        conditions.append(_mentions(session, host_id, wanted.text))
    return conditions


def handed_out_by(host_id: UUID) -> list[ColumnElement[bool]]:
    """A host's links, but for standard ones, which nobody handed out."""
    return [col(Link.host_id) == host_id, col(Link.address).is_(None)]


def switched_off(session: Session, host_id: UUID) -> Sequence[UUID]:
    """The event types whose links do not book for now."""
    is_off = or_(col(EventType.off_at).is_not(None), col(EventType.archived_at).is_not(None))
    return session.exec(select(EventType.id).where(EventType.host_id == host_id, is_off)).all()


def has_status(status: LinkStatus, off: Sequence[UUID], now: datetime, *, by_age: bool = False) -> ColumnElement[bool]:
    """What :func:`link_status` says, in SQL: the very conditions of the indexes.

    ``by_age`` is for who wants the newest, or the oldest: not all that have expired are found first, and then sorted.
    """
    expiry = func.coalesce(col(Link.expires_at), 0) if by_age else col(Link.expires_at)
    lasts = or_(col(Link.expires_at).is_(None), col(Link.expires_at) > now)
    return {
        LinkStatus.USED: _SPENT,
        LinkStatus.REVOKED: _REVOKED,
        LinkStatus.EXPIRED: and_(_OPEN, col(Link.expires_at).is_not(None), expiry <= now),
        LinkStatus.OFF: and_(_OPEN, lasts, col(Link.event_type_id).in_(off)) if off else sa.false(),
        LinkStatus.ACTIVE: and_(_OPEN, lasts, col(Link.event_type_id).not_in(off)) if off else and_(_OPEN, lasts),
    }[status]


def _mentions(session: Session, host_id: UUID, text: str) -> ColumnElement[bool]:
    called = session.exec(
        select(EventType.id).where(EventType.host_id == host_id, contains([col(EventType.name)], text))
    ).all()
    texts = [col(Link.recipient_name), col(Link.recipient_email), col(Link.note)]
    own = select(Link.id).where(*handed_out_by(host_id), contains(texts, text))
    booked = select(Booking.link_id).where(
        Booking.host_id == host_id, contains([col(Booking.invitee_name), col(Booking.invitee_email)], text)
    )
    # found first, for few are: to ask it of each link takes longer than to find them
    mentioned = col(Link.id).in_(union_all(own, booked))
    return or_(mentioned, col(Link.event_type_id).in_(called)) if called else mentioned


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
    found = session.connection().execute(_ROWS, {"keys": keys})
    return [
        LinkRow(
            id=public_id(LINK, row.id),
            event_type_id=public_id(EVENT_TYPE, row.event_type_id),
            event_name=row.event_name,
            recipient=row.recipient_name or row.recipient_email,
            note=row.note,
            status=link_status(
                LinkFacts(row.uses, row.max_uses, row.revoked_at, row.expires_at, offered=row.offered), now=now
            ),
            created_at=row.created_at,
            expires_at=row.expires_at,
            opened_at=row.opened_at,
            booked_by=row.invitee_name or "",
            booked_start=row.start,
            is_asked_for=row.is_asked_for,
            books_once=row.max_uses == 1,
        )
        for row in found
    ]
