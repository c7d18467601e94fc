"""What a host wants to know at a glance: which links wait, which expire soon, and what the last days were like."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from singleuse_app import db
from singleuse_app.ids import LINK, public_id
from singleuse_app.models import Booking, EventLog, Link, LinkOpening, LinkRequest
from singleuse_app.operations.history import Happened
from singleuse_app.operations.link_board import (
    COUNTED,
    LinkRow,
    handed_out_by,
    has_status,
    link_rows,
    switched_off,
)
from singleuse_app.operations.mail_log import count_failed
from singleuse_app.scheduling.links import LinkStatus
from singleuse_app.scheduling.zones import date_of, local_day, local_midnight

DAYS = 30
SHOWN = 5
SOON = timedelta(days=7)
DAY_COUNTED = 10_000
"""So far what happened on a day is counted; beyond, there was more."""

_STRETCH = (
    sa.column("day", sa.Integer),
    sa.column("begins", sa.BigInteger),
    sa.column("ends", sa.BigInteger),
)


@dataclass(frozen=True, slots=True)
class DayCount:
    """How often it happened on a date of the host's: links made, links opened for the first time, bookings made."""

    day: date
    made: int
    opened: int
    booked: int


@dataclass(frozen=True, slots=True)
class Overview:
    """``waiting`` counts the links that can be booked with, ``COUNTED`` at most; ``oldest`` are the first of them, and
    ``expiring`` those that will expire within a week, the next first. ``asking`` counts the people who ask for a new
    link, ``unsettled`` the bookings for which another time is asked, ``undelivered`` the
    messages that were given up. ``days`` end with today."""

    waiting: int
    oldest: list[LinkRow]
    expiring: list[LinkRow]
    asking: int
    unsettled: int
    undelivered: int
    days: list[DayCount]


def read_overview(*, host_id: UUID, time_zone: str, now: datetime) -> Overview:
    """A host's overview, its days by the clocks of ``time_zone``."""
    with db.reading() as session:
        active = [
            *handed_out_by(host_id),
            has_status(LinkStatus.ACTIVE, switched_off(session, host_id), now),
        ]
        soon = (col(Link.expires_at) > now, col(Link.expires_at) <= now + SOON)
        oldest = session.exec(select(Link.id).where(*active).order_by(col(Link.id)).limit(SHOWN)).all()
        expiring = session.exec(
            select(Link.id).where(*active, *soon).order_by(col(Link.expires_at), col(Link.id)).limit(SHOWN)
        ).all()
        rows = {row.id: row for row in link_rows(session, [*oldest, *expiring], now)}
        return Overview(
            waiting=session.exec(
                select(func.count()).select_from(select(Link.id).where(*active).limit(COUNTED).subquery())
            ).one(),
            oldest=_in_order(oldest, rows),
            expiring=_in_order(expiring, rows),
            asking=session.exec(
                select(func.count(col(LinkRequest.id))).where(
                    LinkRequest.host_id == host_id,
                    col(LinkRequest.answered_at).is_(None),
                    col(LinkRequest.dismissed_at).is_(None),
                )
            ).one(),
            unsettled=session.exec(
                select(func.count(col(Booking.id))).where(
                    Booking.host_id == host_id, col(Booking.another_time_asked_at).is_not(None)
                )
            ).one(),
            undelivered=count_failed(session, host_id),
            days=_days(session, host_id, time_zone, now),
        )


def _in_order(keys: Iterable[UUID], rows: dict[str, LinkRow]) -> list[LinkRow]:
    return [rows[public_id(LINK, key)] for key in keys]


def _days(session: Session, host_id: UUID, zone: str, now: datetime) -> list[DayCount]:
    """Each count is a stretch of one index, and no longer than ``DAY_COUNTED``."""
    today = local_day(zone, int(now.timestamp()))
    numbers = range(today - DAYS + 1, today + 1)
    stretches = [(day, local_midnight(zone, day), local_midnight(zone, day + 1)) for day in numbers]
    wanted = sa.values(*_STRETCH).data(stretches).cte("wanted")

    def count(table: type[EventLog] | type[LinkOpening], *which: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        at = sa.type_coerce(col(table.at), sa.BigInteger)
        within = (col(table.host_id) == host_id, at >= wanted.c.begins, at < wanted.c.ends)
        lines = sa.select(col(table.id)).where(*within, *which).limit(DAY_COUNTED).correlate(wanted).subquery()
        return sa.select(func.count()).select_from(lines).scalar_subquery()

    made, booked = (count(EventLog, col(EventLog.kind) == kind) for kind in (Happened.LINK_CREATED, Happened.BOOKED))
    told = session.connection().execute(sa.select(wanted.c.day, made, count(LinkOpening), booked))
    return [DayCount(date_of(day), *counts) for day, *counts in told.all()]
