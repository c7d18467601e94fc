"""Making and changing event types."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from singleuse_app import db
from singleuse_app.ids import EVENT_TYPE, SCHEDULE, new_id, parse_id, public_id
from singleuse_app.models import EventType, Schedule
from singleuse_app.operations.event_types import get_own, in_order, number, own_schedule
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.scheduling.bookings import MAX_NAME_LENGTH, parse_text
from singleuse_app.scheduling.errors import InvalidAvailability, InvalidInput
from singleuse_app.scheduling.event_types import (
    MAX_OTHER_DURATIONS,
    MAX_REMINDER_MINUTES,
    MAX_REMINDERS,
    YEAR_MINUTES,
    BookingWindow,
    Colour,
    Edit,
)
from singleuse_app.scheduling.locations import LocationKind, check_location
from singleuse_app.scheduling.questions import parse_message, parse_questions, parse_redirect_url
from singleuse_app.scheduling.slugs import slug_of

MAX_EVENT_TYPES = 200
NEW = Edit(
    duration_minutes=30,
    start_time_increment_minutes=30,
    minimum_notice_minutes=240,
    booking_window_days=60,
    reminders=(1440,),
)
"""What a new event type starts with."""

CAN_BE_GONE = ("max_per_day", "max_per_week", "max_per_month", "link_expiry_days")
"""Columns that are empty where an edit says 0."""

_NEVER_COPIED = {"id", "slug", "created_at", "off_at", "archived_at", "terms_version"}


@dataclass(frozen=True, slots=True)
class EditableEventType:
    """One event type as its host can change it: no value is ``None``, but for dates that there are not."""

    id: str
    values: Edit
    schedule_id: str
    is_off: bool
    is_archived: bool


def open_event_type(*, host_id: UUID, event_type_id: object) -> EditableEventType:
    """A host's event type, to be changed. Raises ``NotFound`` for another host's."""
    with db.reading() as session:
        row = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        kept = {name: getattr(row, name) for name in Edit.__slots__}
        kept |= {name: kept[name] or 0 for name in CAN_BE_GONE}
        kept |= {
            "colour": Colour(row.colour) if row.colour in list(Colour) else Colour.STONE,
            "location_kind": LocationKind(row.location_kind),
            "booking_window": BookingWindow(row.booking_window),
            "other_durations": tuple(row.other_durations),
            "reminders": tuple(row.reminders),
            "questions": parse_questions(row.questions),
        }
        return EditableEventType(
            id=public_id(EVENT_TYPE, row.id),
            values=Edit(**kept),
            schedule_id=public_id(SCHEDULE, row.schedule_id),
            is_off=row.off_at is not None,
            is_archived=row.archived_at is not None,
        )


@db.retrying
def create_event_type(*, host_id: UUID, edit: Edit, schedule_id: object = None, now: datetime) -> str:
    """A new event type at the end of its host's list, in the host's first schedule unless another is named; its public
    id. What ``edit`` leaves out is as in ``NEW``.

    Raises ``InvalidInput`` without a name, for values that make no sense, and where there are too many; ``NotFound``
    for another host's schedule.
    """
    with db.writing() as session:
        hold(session, host_id)
        key = new_id()
        row = EventType(
            id=key,
            host_id=host_id,
            schedule_id=_first_schedule(session, host_id)
            if schedule_id is None
            else own_schedule(session, host_id, schedule_id),
            name="",
            duration_minutes=30,
            start_time_increment_minutes=30,
            created_at=now,
        )
        _apply(row, NEW)
        _apply(row, edit)
        _refuse_nonsense(row)
        _add(session, row)
        record(session, Happened.EVENT_TYPE_CHANGED, now=now, host_id=host_id, event_type_id=key)
        return public_id(EVENT_TYPE, key)


@db.retrying
def duplicate_event_type(*, host_id: UUID, event_type_id: object, now: datetime) -> str:
    """A copy of an event type, right after it, with an address of its own and no links; its public id."""
    with db.writing() as session:
        hold(session, host_id)
        original = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        values = {name: value for name, value in original.model_dump().items() if name not in _NEVER_COPIED}
        key = new_id()
        values["name"] = f"Copy of {original.name}"[:MAX_NAME_LENGTH].strip()
        copy = EventType(**values, id=key, created_at=now)
        _add(session, copy, after=original)
        record(session, Happened.EVENT_TYPE_CHANGED, now=now, host_id=host_id, event_type_id=key)
        return public_id(EVENT_TYPE, key)


@db.repeatable
def edit_event_type(
    *, host_id: UUID, event_type_id: object, edit: Edit, schedule_id: object = None, now: datetime
) -> None:
    """Change an event type. Links follow at once; a page that shows other terms is told when it confirms.

    Raises ``NotFound`` for another host's, ``InvalidInput`` or ``InvalidAvailability`` for values that make no sense.
    """
    with db.writing() as session:
        hold(session, host_id)
        row = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        before = _told(row)
        _apply(row, edit)
        _refuse_nonsense(row)
        if schedule_id is not None:
            row.schedule_id = own_schedule(session, host_id, schedule_id)
        if _told(row) != before:
            row.terms_version += 1
        session.add(row)
        record(session, Happened.EVENT_TYPE_CHANGED, now=now, host_id=host_id, event_type_id=row.id)


def _apply(row: EventType, edit: Edit) -> None:
    for name, value in asdict(edit).items():
        if value is not None:
            setattr(row, name, None if value == 0 and name in CAN_BE_GONE else value)


def _add(session: Session, row: EventType, *, after: EventType | None = None) -> None:
    """Write a new event type, with a slug that no other of its host has."""
    slugs = session.exec(select(EventType.slug).where(EventType.host_id == row.host_id)).all()
    if len(slugs) >= MAX_EVENT_TYPES:
        raise InvalidInput({"name": "too_many_event_types"})
    row.slug = slug_of(row.name, otherwise="meeting", taken=set(slugs))
    rows = in_order(session, row.host_id)
    rows.insert(rows.index(after) + 1 if after in rows else len(rows), row)
    number(session, rows)


def _first_schedule(session: Session, host_id: UUID) -> UUID:
    schedules = select(Schedule.id).where(Schedule.host_id == host_id).order_by(col(Schedule.id))
    return session.exec(schedules.limit(1)).one()


def _told(row: EventType) -> tuple[object, ...]:
    """What an open page must not miss."""
    asked = [{**question, "options": list(question["options"])} for question in row.questions]
    return (row.name, row.duration_minutes, row.place(), asked, row.guests_allowed)


def _refuse_nonsense(row: EventType) -> None:
    rules = row.rules()  # which looks at all of its numbers
    if row.booking_window == BookingWindow.DATES and (row.first_date is None or row.last_date is None):
        raise InvalidAvailability("booking_window_without_dates")
    row.other_durations = sorted(set(row.other_durations) - {row.duration_minutes})
    if len(row.other_durations) > MAX_OTHER_DURATIONS:
        raise InvalidAvailability("too_many_entries", most=MAX_OTHER_DURATIONS)
    for minutes in row.other_durations:
        replace(rules, duration=timedelta(minutes=minutes))
    row.reminders = sorted(set(row.reminders), reverse=True)
    if len(row.reminders) > MAX_REMINDERS or not all(0 < minutes <= MAX_REMINDER_MINUTES for minutes in row.reminders):
        raise InvalidInput({"reminders": "reminders_malformed"})
    row.questions = [asdict(question) for question in parse_questions(row.questions)]
    wrong: dict[str, str] = {}
    row.location = check_location(row.place(), wrong).text
    row.confirmation_message = parse_message(row.confirmation_message, wrong)
    row.redirect_url = parse_redirect_url(row.redirect_url, wrong)
    row.name = parse_text(row.name, "name", MAX_NAME_LENGTH, wrong)
    for name in ("cancel_cutoff_minutes", "reschedule_cutoff_minutes"):
        if not 0 <= getattr(row, name) <= YEAR_MINUTES:
            wrong[name] = "cutoff_out_of_range"
    if wrong:
        raise InvalidInput(wrong)
