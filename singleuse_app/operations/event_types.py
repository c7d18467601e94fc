"""What a host offers: its cards on the host's own page, and changes to it."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from singleuse_app import db
from singleuse_app.ids import EVENT_TYPE, parse_id, public_id
from singleuse_app.models import EventType, Schedule
from singleuse_app.operations.availability import bookable_range, schedule_of, slots_on_offer
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.scheduling.availability import AvailabilitySchedule, WeeklyHours
from singleuse_app.scheduling.bookings import MAX_NAME_LENGTH, parse_text
from singleuse_app.scheduling.errors import InvalidInput, NotFound

MAX_CUTOFF_MINUTES = 525_600


@dataclass(frozen=True, slots=True)
class EventTypeCard:
    """One event type with its hours and the start of its next free slot, ``None`` where there is none."""

    id: str
    name: str
    description: str
    location: str
    duration_minutes: int
    availability: AvailabilitySchedule
    next_free: datetime | None


def list_event_types(*, host_id: UUID, now: datetime) -> list[EventTypeCard]:
    """A host's event types, in the order in which they were made, without archived ones."""
    with db.reading() as session:
        rows = session.exec(
            select(EventType)
            .where(EventType.host_id == host_id, col(EventType.archived_at).is_(None))
            .order_by(col(EventType.id))
        ).all()
        return [_card(session, row, now) for row in rows]


@dataclass(frozen=True, slots=True)
class Edit:
    """New values for an event type; ``None`` keeps what is there. Times are whole minutes."""

    name: str | None = None
    description: str | None = None
    location: str | None = None
    duration_minutes: int | None = None
    start_time_increment_minutes: int | None = None
    before_buffer_minutes: int | None = None
    after_buffer_minutes: int | None = None
    minimum_notice_minutes: int | None = None
    booking_window_days: int | None = None
    cancel_cutoff_minutes: int | None = None
    reschedule_cutoff_minutes: int | None = None
    reopens_on_cancel: bool | None = None


@db.repeatable
def edit_event_type(*, host_id: UUID, event_type_id: object, edit: Edit, now: datetime) -> None:
    """Change an event type. Links follow at once; a page that shows other terms is told when it confirms.

    Raises ``NotFound`` for another host's, ``InvalidInput`` or ``InvalidAvailability`` for values that make no sense.
    """
    with db.writing() as session:
        hold(session, host_id)
        row = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        before = (row.name, row.duration_minutes, row.location)
        for name, value in asdict(edit).items():
            if value is not None:
                setattr(row, name, value)
        row.rules()  # which refuses numbers that make no sense
        wrong: dict[str, str] = {}
        row.name = parse_text(row.name, "name", MAX_NAME_LENGTH, wrong)
        for name in ("cancel_cutoff_minutes", "reschedule_cutoff_minutes"):
            if not 0 <= getattr(row, name) <= MAX_CUTOFF_MINUTES:
                wrong[name] = "cutoff_out_of_range"
        if wrong:
            raise InvalidInput(wrong)
        if (row.name, row.duration_minutes, row.location) != before:
            row.terms_version += 1
        session.add(row)
        record(session, Happened.EVENT_TYPE_CHANGED, now=now, host_id=host_id, event_type_id=row.id)


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
def archive_event_type(*, host_id: UUID, event_type_id: object, now: datetime) -> None:
    """Put an event type away for good. Its links book no more; what is booked stays and can be cancelled."""
    with db.writing() as session:
        hold(session, host_id)
        row = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        if row.archived_at is None:
            row.archived_at = now
            session.add(row)
            record(session, Happened.EVENT_TYPE_CHANGED, now=now, host_id=host_id, event_type_id=row.id)


@db.repeatable
def set_weekly_hours(
    *, host_id: UUID, event_type_id: object, weekly_hours: tuple[WeeklyHours, ...], now: datetime
) -> None:
    """Replace the hours of the schedule that an event type is offered in, for all that are offered in it."""
    with db.writing() as session:
        hold(session, host_id)
        row = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        schedule = session.get_one(Schedule, row.schedule_id)
        schedule.availability = replace(schedule.availability, weekly_hours=weekly_hours)
        session.add(schedule)
        record(session, Happened.HOURS_CHANGED, now=now, host_id=host_id)


def get_own(session: Session, host_id: UUID, event_type_id: UUID) -> EventType:
    """The host's event type of that id; ``NotFound`` for another host's as for none."""
    row = session.get(EventType, event_type_id)
    if row is None or row.host_id != host_id:
        raise NotFound
    return row


def _card(session: Session, row: EventType, now: datetime) -> EventTypeCard:
    slots = slots_on_offer(session, row, row.rules(), now=now, within=bookable_range(row, now=now))
    return EventTypeCard(
        id=public_id(EVENT_TYPE, row.id),
        name=row.name,
        description=row.description,
        location=row.location,
        duration_minutes=row.duration_minutes,
        availability=schedule_of(session, row),
        next_free=slots[0].start if slots else None,
    )
