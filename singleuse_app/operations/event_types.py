"""What a host offers: its cards on the host's own page, and changes to it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from uuid import UUID

from sqlmodel import Session, col, select

from singleuse_app import db
from singleuse_app.ids import EVENT_TYPE, SCHEDULE, parse_id, public_id
from singleuse_app.models import EventType, Schedule
from singleuse_app.operations.availability import busy_in, next_free, schedule_of, why_not
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.errors import NotFound
from singleuse_app.scheduling.explain import WhyNot
from singleuse_app.scheduling.locations import Location
from singleuse_app.scheduling.slots import Slot


@dataclass(frozen=True, slots=True)
class EventTypeCard:
    """One event type with its hours and the start of its next free slot, ``None`` where there is none."""

    id: str
    name: str
    description: str
    colour: str
    place: Location
    duration_minutes: int
    other_durations: tuple[int, ...]
    is_off: bool
    schedule_id: str
    availability: AvailabilitySchedule
    next_free: datetime | None


@dataclass(frozen=True, slots=True)
class ArchivedEventType:
    """One that was put away."""

    id: str
    name: str


def list_event_types(*, host_id: UUID, now: datetime) -> list[EventTypeCard]:
    """A host's event types, in the order that the host gave them, without archived ones."""
    with db.reading() as session:
        known = _Known(session, host_id)
        return [_card(known, row, now) for row in in_order(session, host_id)]


def list_archived_event_types(*, host_id: UUID) -> list[ArchivedEventType]:
    """What a host has put away, by name."""
    with db.reading() as session:
        rows = session.exec(
            select(EventType.id, EventType.name)
            .where(EventType.host_id == host_id, col(EventType.archived_at).is_not(None))
            .order_by(col(EventType.name), col(EventType.id))
        ).all()
        return [ArchivedEventType(public_id(EVENT_TYPE, key), name) for key, name in rows]


def list_names(*, host_id: UUID, with_off: bool = True, with_archived: bool = True) -> list[tuple[str, str]]:
    """Id and name of a host's event types, in their order, archived ones last."""
    with db.reading() as session:
        rows = session.exec(
            select(EventType.id, EventType.name)
            .where(
                EventType.host_id == host_id,
                True if with_off else col(EventType.off_at).is_(None),
                True if with_archived else col(EventType.archived_at).is_(None),
            )
            .order_by(col(EventType.archived_at).is_not(None), col(EventType.position), col(EventType.id))
        ).all()
        return [(public_id(EVENT_TYPE, key), name) for key, name in rows]


@db.repeatable
def switch_event_type(*, host_id: UUID, event_type_id: object, on: bool, now: datetime) -> None:
    """Let an event type be booked, or not for now. Its links wait; what is booked stays and can be moved."""
    with db.writing() as session:
        hold(session, host_id)
        row = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        if on != (row.off_at is None):
            row.off_at = None if on else now
            session.add(row)
            record(session, Happened.EVENT_TYPE_CHANGED, now=now, host_id=host_id, event_type_id=row.id)


@db.repeatable
def archive_event_type(*, host_id: UUID, event_type_id: object, archived: bool = True, now: datetime) -> None:
    """Put an event type away, or take it out again. Put away, its links book no more; what is booked stays and can be
    cancelled."""
    with db.writing() as session:
        hold(session, host_id)
        row = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        if archived != (row.archived_at is not None):
            row.archived_at = now if archived else None
            session.add(row)
            record(session, Happened.EVENT_TYPE_CHANGED, now=now, host_id=host_id, event_type_id=row.id)


@db.repeatable
def move_event_type(*, host_id: UUID, event_type_id: object, places: int, now: datetime) -> None:
    """Move an event type so many places down its host's list, or up where ``places`` is negative, to an end at most."""
    with db.writing() as session:
        hold(session, host_id)
        moved = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        rows = in_order(session, host_id)
        if moved not in rows:
            raise NotFound
        place = max(0, rows.index(moved) + places)
        rows.remove(moved)
        rows.insert(place, moved)
        number(session, rows)
        record(session, Happened.EVENT_TYPE_CHANGED, now=now, host_id=host_id, event_type_id=moved.id)


@db.repeatable
def choose_schedule(*, host_id: UUID, event_type_id: object, schedule_id: object, now: datetime) -> None:
    """Offer an event type in the hours of another of the host's schedules."""
    with db.writing() as session:
        hold(session, host_id)
        row = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        row.schedule_id = own_schedule(session, host_id, schedule_id)
        session.add(row)
        record(session, Happened.EVENT_TYPE_CHANGED, now=now, host_id=host_id, event_type_id=row.id)


def explain_time(
    *, host_id: UUID, event_type_id: object, start: datetime, duration_minutes: int | None = None, now: datetime
) -> list[WhyNot]:
    """Why a host's event type cannot be booked at ``start``: everything that is in the way; nothing where it can.

    Raises ``NotFound`` for another host's, ``InvalidAvailability`` for a duration that makes no sense.
    """
    with db.reading() as session:
        row = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        rules = row.rules()
        if duration_minutes is not None:
            rules = replace(rules, duration=timedelta(minutes=duration_minutes))
        return why_not(session, row, rules, start, now=now)


def get_own(session: Session, host_id: UUID, event_type_id: UUID) -> EventType:
    """The host's event type of that id; ``NotFound`` for another host's as for none."""
    row = session.get(EventType, event_type_id)
    if row is None or row.host_id != host_id:
        raise NotFound
    return row


def own_schedule(session: Session, host_id: UUID, schedule_id: object) -> UUID:
    """The key of the host's schedule of that public id; ``NotFound`` for another host's as for none."""
    schedule = session.get(Schedule, parse_id(SCHEDULE, schedule_id))
    if schedule is None or schedule.host_id != host_id:
        raise NotFound
    return schedule.id


def in_order(session: Session, host_id: UUID) -> list[EventType]:
    """A host's event types that are not put away, in their order."""
    return list(
        session.exec(
            select(EventType)
            .where(EventType.host_id == host_id, col(EventType.archived_at).is_(None))
            .order_by(col(EventType.position), col(EventType.id))
        )
    )


def number(session: Session, rows: list[EventType]) -> None:
    """Let them stand in this order."""
    for position, row in enumerate(rows):
        row.position = position
        session.add(row)


class _Known:
    """What several event types of a host have in common, and is looked up once for all of them."""

    def __init__(self, session: Session, host_id: UUID) -> None:
        self.session = session
        self.busy = cache(partial(busy_in, session, host_id))
        self._schedules: dict[UUID, AvailabilitySchedule] = {}
        self._next_free: dict[object, Slot | None] = {}

    def schedule(self, row: EventType) -> AvailabilitySchedule:
        """The hours that an event type is offered in."""
        if row.schedule_id not in self._schedules:
            self._schedules[row.schedule_id] = schedule_of(self.session, row)
        return self._schedules[row.schedule_id]

    def next_free(self, row: EventType, *, now: datetime) -> Slot | None:
        """The first slot on offer: the same for those with the same rules and hours, and no cap."""
        rules = row.rules()
        alike = (rules, row.schedule_id, row.booking_window, row.id if rules.has_caps else None)
        if alike not in self._next_free:
            self._next_free[alike] = next_free(self.session, row, self.schedule(row), now=now, busy_in=self.busy)
        return self._next_free[alike]


def _card(known: _Known, row: EventType, now: datetime) -> EventTypeCard:
    free = known.next_free(row, now=now)
    return EventTypeCard(
        id=public_id(EVENT_TYPE, row.id),
        name=row.name,
        description=row.description,
        colour=row.colour,
        place=row.place(),
        duration_minutes=row.duration_minutes,
        other_durations=tuple(row.other_durations),
        is_off=row.off_at is not None,
        schedule_id=public_id(SCHEDULE, row.schedule_id),
        availability=known.schedule(row),
        next_free=free.start if free else None,
    )
