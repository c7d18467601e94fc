"""What a host offers: the one look-up behind the slots that a page shows and the slot that a booking takes."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from singleuse_app.models import EventType, Schedule, TimeClaim
from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.errors import SlotUnavailable
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.slots import Slot, SlotRules, available_slots

LONGEST_CLAIM = timedelta(days=4)
"""More than a meeting with its buffers can last: three days."""

_SCHEDULE = select(col(Schedule.availability)).where(Schedule.id == bindparam("schedule_id"))
_BUSY = select(TimeClaim.protected_start, TimeClaim.protected_end).where(
    TimeClaim.host_id == bindparam("host_id"),
    col(TimeClaim.released_at).is_(None),
    col(TimeClaim.protected_end) > bindparam("start"),
    col(TimeClaim.protected_end) < bindparam("far_end"),  # says nothing new, but the index ends there
    col(TimeClaim.protected_start) < bindparam("end"),
)
_BUSY_WITH_OTHERS = _BUSY.where(TimeClaim.booking_id != bindparam("moving"))


def slots_on_offer(
    session: Session,
    event_type: EventType,
    rules: SlotRules,
    *,
    now: datetime,
    schedule: AvailabilitySchedule | None = None,
    within: Interval,
    moving: UUID | None = None,
) -> list[Slot]:
    """The slots of ``event_type`` that start inside ``within``, in order. The page and the booking both ask here.

    ``rules`` are the event type's, with the duration that is asked for, and ``schedule`` its own, for whoever has read
    it already. The time of the booking that is ``moving`` does not stand in its own way.
    """
    wanted = {
        "host_id": event_type.host_id,
        "start": within.start - rules.before_buffer,
        "end": within.end + rules.duration + rules.after_buffer,
        "far_end": within.end + rules.duration + rules.after_buffer + LONGEST_CLAIM,
        "moving": moving,
    }
    statement = _BUSY if moving is None else _BUSY_WITH_OTHERS
    busy = [Interval(start, end) for start, end in session.connection().execute(statement, wanted)]
    return available_slots(rules, schedule or schedule_of(session, event_type), busy, now=now, within=within)


def slot_at(
    session: Session,
    event_type: EventType,
    rules: SlotRules,
    start: datetime,
    *,
    now: datetime,
    schedule: AvailabilitySchedule | None = None,
    moving: UUID | None = None,
) -> Slot:
    """The slot that starts at ``start``; ``SlotUnavailable`` where it is not on offer."""
    within = Interval(start, start + timedelta(seconds=1))
    for slot in slots_on_offer(session, event_type, rules, now=now, schedule=schedule, within=within, moving=moving):
        if slot.start == start:
            return slot
    raise SlotUnavailable


def bookable_range(event_type: EventType, *, now: datetime) -> Interval:
    """A stretch of time that surely holds every slot on offer: the booking window, and a day for zones ahead."""
    return Interval(now, now + timedelta(days=event_type.booking_window_days + 2))


def schedule_of(session: Session, event_type: EventType) -> AvailabilitySchedule:
    """The hours that an event type is offered in."""
    return session.connection().execute(_SCHEDULE, {"schedule_id": event_type.schedule_id}).scalar_one()
