"""What happened to a host and whatever is theirs, as the event log has it, with the names that things have now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import union_all
from sqlmodel import Session, col, or_, select

from singleuse_app import db
from singleuse_app.models import Booking, EventLog, EventType, Link
from singleuse_app.operations.history import Happened

SHOWN = 30


@dataclass(frozen=True, slots=True)
class Happening:
    """One line. ``invitee``, ``recipient`` and ``event_name`` are empty where there is no such thing, or no such name;
    ``is_gone`` says that the line names something that is not there any more."""

    number: int
    at: datetime
    kind: Happened
    invitee: str
    recipient: str
    event_name: str
    is_gone: bool


def list_activity(*, host_id: UUID, before: int | None = None) -> tuple[list[Happening], bool]:
    """A host's newest lines, or those before a number, the newest first; and whether there are more."""
    with db.reading() as session:
        end = session.exec(select(EventLog.at).where(EventLog.id == before, EventLog.host_id == host_id)).first()
        if before is not None and end is None:
            return [], False
        newest = union_all(*(_newest(host_id, kind, end, before) for kind in Happened)).subquery()
        keys = session.connection().execute(
            select(newest.c.id).order_by(newest.c.at.desc(), newest.c.id.desc()).limit(SHOWN + 1)
        )
        wanted = list(keys.scalars())
        return _named(session, wanted[:SHOWN]), len(wanted) > SHOWN


def _newest(host_id: UUID, kind: Happened, end: datetime | None, before: int | None) -> Any:
    """Of each kind, for that is how the log's index goes."""
    lines = select(EventLog.id, EventLog.at).where(EventLog.host_id == host_id, EventLog.kind == kind)
    if end is not None:
        lines = lines.where(or_(EventLog.at < end, (col(EventLog.at) == end) & (col(EventLog.id) < before)))
    newest = lines.order_by(col(EventLog.at).desc(), col(EventLog.id).desc()).limit(SHOWN + 1).subquery()
    return select(newest.c.id, newest.c.at)


def _named(session: Session, keys: list[int]) -> list[Happening]:
    rows = session.connection().execute(
        sa.select(
            *(col(each) for each in (EventLog.id, EventLog.at, EventLog.kind, EventLog.link_id)),
            col(EventLog.event_type_id),
            col(Booking.invitee_name),
            col(Link.recipient_name),
            col(EventType.name),
            col(Link.id).label("there"),
        )
        .select_from(EventLog)
        .outerjoin(Booking, col(Booking.id) == EventLog.booking_id)
        .outerjoin(Link, col(Link.id) == EventLog.link_id)
        .outerjoin(EventType, col(EventType.id) == EventLog.event_type_id)
        .where(col(EventLog.id).in_(keys))
        .order_by(col(EventLog.at).desc(), col(EventLog.id).desc())
    )
    return [
        Happening(
            number=row.id,
            at=row.at,
            kind=Happened(row.kind),
            invitee=row.invitee_name or "",
            recipient=row.recipient_name or "",
            event_name=row.name or "",
            is_gone=bool((row.link_id and not row.there) or (row.event_type_id and not row.name)),
        )
        for row in rows
    ]
