"""What a host offers, as cards for the host's own page."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from singleuse_app import db
from singleuse_app.ids import EVENT_TYPE, public_id
from singleuse_app.models import EventType
from singleuse_app.operations.availability import bookable_range, schedule_of, slots_on_offer
from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.errors import NotFound


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


def get_own(session: Session, host_id: UUID, event_type_id: UUID) -> EventType:
    """The host's event type of that id; ``NotFound`` for another host's as for none."""
    row = session.get(EventType, event_type_id)
    if row is None or row.host_id != host_id:
        raise NotFound
    return row


def _card(session: Session, row: EventType, now: datetime) -> EventTypeCard:
    slots = slots_on_offer(session, row, now=now, within=bookable_range(row, now=now))
    return EventTypeCard(
        id=public_id(EVENT_TYPE, row.id),
        name=row.name,
        description=row.description,
        location=row.location,
        duration_minutes=row.duration_minutes,
        availability=schedule_of(session, row),
        next_free=slots[0].start if slots else None,
    )
