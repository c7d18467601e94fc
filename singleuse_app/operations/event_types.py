"""What a host offers: its cards on the host's own page, and changes to it."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from singleuse_app import db
from singleuse_app.ids import EVENT_TYPE, SCHEDULE, parse_id, public_id
from singleuse_app.models import EventType, Schedule
from singleuse_app.models.event_types import BookingWindow
from singleuse_app.operations.availability import next_free, schedule_of, why_not
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.bookings import MAX_NAME_LENGTH, parse_text
from singleuse_app.scheduling.errors import InvalidAvailability, InvalidInput, NotFound
from singleuse_app.scheduling.explain import WhyNot
from singleuse_app.scheduling.questions import Question, parse_message, parse_questions, parse_redirect_url

MAX_CUTOFF_MINUTES = 525_600
MAX_OTHER_DURATIONS = 10


@dataclass(frozen=True, slots=True)
class EventTypeCard:
    """One event type with its hours and the start of its next free slot, ``None`` where there is none."""

    id: str
    name: str
    description: str
    location: str
    duration_minutes: int
    schedule_id: str
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
    """New values for an event type; ``None`` keeps what is there. Times are whole minutes. A cap of 0 takes it away."""

    name: str | None = None
    description: str | None = None
    location: str | None = None
    duration_minutes: int | None = None
    other_durations: tuple[int, ...] | None = None
    start_time_increment_minutes: int | None = None
    before_buffer_minutes: int | None = None
    after_buffer_minutes: int | None = None
    minimum_notice_minutes: int | None = None
    booking_window: BookingWindow | None = None
    booking_window_days: int | None = None
    first_date: date | None = None
    last_date: date | None = None
    max_per_day: int | None = None
    max_per_week: int | None = None
    max_per_month: int | None = None
    cancel_cutoff_minutes: int | None = None
    reschedule_cutoff_minutes: int | None = None
    reopens_on_cancel: bool | None = None
    questions: tuple[Question, ...] | None = None
    guests_allowed: bool | None = None
    confirmation_message: str | None = None
    redirect_url: str | None = None


@db.repeatable
def edit_event_type(*, host_id: UUID, event_type_id: object, edit: Edit, now: datetime) -> None:
    """Change an event type. Links follow at once; a page that shows other terms is told when it confirms.

    Raises ``NotFound`` for another host's, ``InvalidInput`` or ``InvalidAvailability`` for values that make no sense.
    """
    with db.writing() as session:
        hold(session, host_id)
        row = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        before = _told(row)
        for name, value in asdict(edit).items():
            if value is not None:
                setattr(row, name, None if name.startswith("max_per_") and value == 0 else value)
        _refuse_nonsense(row)
        row.questions = [asdict(question) for question in parse_questions(row.questions)]
        wrong: dict[str, str] = {}
        row.confirmation_message = parse_message(row.confirmation_message, wrong)
        row.redirect_url = parse_redirect_url(row.redirect_url, wrong)
        row.name = parse_text(row.name, "name", MAX_NAME_LENGTH, wrong)
        for name in ("cancel_cutoff_minutes", "reschedule_cutoff_minutes"):
            if not 0 <= getattr(row, name) <= MAX_CUTOFF_MINUTES:
                wrong[name] = "cutoff_out_of_range"
        if wrong:
            raise InvalidInput(wrong)
        if _told(row) != before:
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
def choose_schedule(*, host_id: UUID, event_type_id: object, schedule_id: object, now: datetime) -> None:
    """Offer an event type in the hours of another of the host's schedules."""
    with db.writing() as session:
        hold(session, host_id)
        row = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        schedule = session.get(Schedule, parse_id(SCHEDULE, schedule_id))
        if schedule is None or schedule.host_id != host_id:
            raise NotFound
        row.schedule_id = schedule.id
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


def _told(row: EventType) -> tuple[object, ...]:
    """What an open page must not miss."""
    asked = [{**question, "options": list(question["options"])} for question in row.questions]
    return (row.name, row.duration_minutes, row.location, asked, row.guests_allowed)


def _refuse_nonsense(row: EventType) -> None:
    rules = row.rules()  # which looks at all of its numbers
    if row.booking_window == BookingWindow.DATES and (row.first_date is None or row.last_date is None):
        raise InvalidAvailability("booking_window_without_dates")
    row.other_durations = sorted(set(row.other_durations) - {row.duration_minutes})
    if len(row.other_durations) > MAX_OTHER_DURATIONS:
        raise InvalidAvailability("too_many_entries", most=MAX_OTHER_DURATIONS)
    for minutes in row.other_durations:
        replace(rules, duration=timedelta(minutes=minutes))


def get_own(session: Session, host_id: UUID, event_type_id: UUID) -> EventType:
    """The host's event type of that id; ``NotFound`` for another host's as for none."""
    row = session.get(EventType, event_type_id)
    if row is None or row.host_id != host_id:
        raise NotFound
    return row


def _card(session: Session, row: EventType, now: datetime) -> EventTypeCard:
    schedule = schedule_of(session, row)
    free = next_free(session, row, schedule, now=now)
    return EventTypeCard(
        id=public_id(EVENT_TYPE, row.id),
        name=row.name,
        description=row.description,
        location=row.location,
        duration_minutes=row.duration_minutes,
        schedule_id=public_id(SCHEDULE, row.schedule_id),
        availability=schedule,
        next_free=free.start if free else None,
    )
