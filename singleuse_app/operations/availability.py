"""What a host offers: the one look-up behind the slots that a page shows and the slot that a booking takes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from singleuse_app.models import EventType, Hours, Schedule, TimeClaim
from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.errors import NotFound
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.slots import Slot, available_slots


def slots_on_offer(session: Session, event_type: EventType, *, now: datetime, within: Interval) -> list[Slot]:
    """The slots of ``event_type`` that start inside ``within``, in order. The page and the booking both ask here."""
    rules = event_type.rules()
    reach = timedelta(days=1) + max(rules.before_buffer, rules.after_buffer)
    busy = _busy(session, event_type, Interval(within.start - reach, within.end + reach))
    return available_slots(rules, schedule_of(session, event_type), busy, now=now, within=within)


def bookable_range(event_type: EventType, *, now: datetime) -> Interval:
    """A stretch of time that surely holds every slot on offer: the booking window, and a day for zones ahead."""
    return Interval(now, now + timedelta(days=event_type.booking_window_days + 2))


def schedule_of(session: Session, event_type: EventType) -> AvailabilitySchedule:
    """The hours that an event type is offered in."""
    schedule = session.get(Schedule, event_type.schedule_id)
    if schedule is None:
        raise NotFound
    hours = session.exec(select(Hours).where(Hours.schedule_id == schedule.id)).all()
    return schedule.rules(list(hours))


def _busy(session: Session, event_type: EventType, within: Interval) -> Sequence[Interval]:
    rows = session.exec(
        select(TimeClaim.protected_start, TimeClaim.protected_end).where(
            TimeClaim.host_id == event_type.host_id,
            col(TimeClaim.released_at).is_(None),
            col(TimeClaim.protected_end) > within.start,
            col(TimeClaim.protected_start) < within.end,
        )
    ).all()
    return [Interval(start, end) for start, end in rows]
