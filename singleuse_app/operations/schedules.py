"""A host's availability schedules: named sets of hours, of which each event type is offered in one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from singleuse_app import db
from singleuse_app.ids import SCHEDULE, new_id, parse_id, public_id
from singleuse_app.models import EventType, Schedule
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.bookings import MAX_NAME_LENGTH, parse_text
from singleuse_app.scheduling.errors import InvalidInput, NotFound, ScheduleInUse

MAX_SCHEDULES = 50


@dataclass(frozen=True, slots=True)
class ScheduleCard:
    """One schedule of a host, with the names of the event types that are offered in it."""

    id: str
    name: str
    availability: AvailabilitySchedule
    used_by: tuple[str, ...]


def list_schedules(*, host_id: UUID) -> list[ScheduleCard]:
    """A host's schedules, in the order in which they were made."""
    with db.reading() as session:
        used = session.exec(
            select(EventType.schedule_id, EventType.name)
            .where(EventType.host_id == host_id, col(EventType.archived_at).is_(None))
            .order_by(col(EventType.id))
        ).all()
        rows = session.exec(select(Schedule).where(Schedule.host_id == host_id).order_by(col(Schedule.id))).all()
        return [
            ScheduleCard(
                id=public_id(SCHEDULE, row.id),
                name=row.name,
                availability=row.availability,
                used_by=tuple(name for schedule_id, name in used if schedule_id == row.id),
            )
            for row in rows
        ]


@db.retrying
def add_schedule(*, host_id: UUID, name: object, availability: AvailabilitySchedule, now: datetime) -> str:
    """A new schedule, for event types to be offered in; its public id. Raises ``InvalidInput`` for a bad name."""
    clean_name = _parse_name(name)
    with db.writing() as session:
        hold(session, host_id)
        if len(session.exec(select(Schedule.id).where(Schedule.host_id == host_id)).all()) >= MAX_SCHEDULES:
            raise InvalidInput({"name": "too_many_schedules"})
        key = new_id()
        row = Schedule(id=key, host_id=host_id, name=clean_name, availability=availability, created_at=now)
        db.insert(session, row)
        record(session, Happened.HOURS_CHANGED, now=now, host_id=host_id)
        return public_id(SCHEDULE, key)


@db.repeatable
def edit_schedule(
    *,
    host_id: UUID,
    schedule_id: object,
    name: object = None,
    availability: AvailabilitySchedule | None = None,
    now: datetime,
) -> None:
    """Change a schedule, for all event types that are offered in it; ``None`` keeps what is there.

    Raises ``NotFound`` for another host's, ``InvalidInput`` for a bad name.
    """
    clean_name = None if name is None else _parse_name(name)
    with db.writing() as session:
        hold(session, host_id)
        row = _own(session, host_id, schedule_id)
        row.name = clean_name or row.name
        row.availability = availability or row.availability
        session.add(row)
        record(session, Happened.HOURS_CHANGED, now=now, host_id=host_id)


@db.repeatable
def remove_schedule(*, host_id: UUID, schedule_id: object, now: datetime) -> None:
    """Take a schedule away. Raises ``ScheduleInUse`` while an event type, archived or not, is offered in it."""
    with db.writing() as session:
        hold(session, host_id)
        row = _own(session, host_id, schedule_id)
        if names := session.exec(select(EventType.name).where(EventType.schedule_id == row.id)).all():
            raise ScheduleInUse(names=", ".join(names))
        session.delete(row)
        record(session, Happened.HOURS_CHANGED, now=now, host_id=host_id)


def _own(session: Session, host_id: UUID, schedule_id: object) -> Schedule:
    row = session.get(Schedule, parse_id(SCHEDULE, schedule_id))
    if row is None or row.host_id != host_id:
        raise NotFound
    return row


def _parse_name(name: object) -> str:
    wrong: dict[str, str] = {}
    clean = parse_text(name, "name", MAX_NAME_LENGTH, wrong)
    if wrong:
        raise InvalidInput(wrong)
    return clean
