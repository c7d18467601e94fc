"""What a host offers: the one look-up behind the slots that a page shows and the slot that a booking takes."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, ColumnElement, bindparam, func, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, col, select

from singleuse_app.models import Booking, CalendarBusy, CalendarFeed, EventType, Instant, Schedule, TimeClaim
from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.errors import SlotUnavailable
from singleuse_app.scheduling.event_types import BookingWindow
from singleuse_app.scheduling.explain import WhyNot, explain
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.months import FreeTimes, View, month_of
from singleuse_app.scheduling.slot_rules import MAX_BOOKING_WINDOW_DAYS, SlotRules
from singleuse_app.scheduling.slots import Slot, available_slots, counted_range
from singleuse_app.statements import Ready

LONGEST_CLAIM = timedelta(days=4)
"""More than a meeting with its buffers can last: three days. What calendars say is cut into pieces of this length."""

NEARBY = timedelta(days=7)
"""How far around a time that went the nearest others are looked for."""


class _Overlap(FunctionElement[bool]):
    """Whether two stretches of time meet, said once more in the words of ``time_claim_overlap``.

    PostgreSQL may look a claim up in the index of that constraint. Without these words, and for a host of whom its
    statistics know nothing yet, it goes through all claims of the host there. SQLite has no such index.
    """

    type = Boolean()
    inherit_cache = True


@compiles(_Overlap)
def _say_nothing(_element: ColumnElement[bool], _compiler: SQLCompiler, **_options: Any) -> str:
    return "true"


@compiles(_Overlap, "postgresql")
def _say_range(element: FunctionElement[bool], compiler: SQLCompiler, **options: Any) -> str:
    start, end, other_start, other_end = element.clauses
    ranges = func.int8range(start, end).op("&&")(func.int8range(other_start, other_end))
    return compiler.process(ranges, **options)


_SCHEDULE = select(col(Schedule.availability)).where(Schedule.id == bindparam("schedule_id"))
_BOOKED_TIME = select(TimeClaim.protected_start, TimeClaim.protected_end).where(
    TimeClaim.host_id == bindparam("host_id"),
    col(TimeClaim.released_at).is_(None),
    col(TimeClaim.protected_end) > bindparam("start"),
    col(TimeClaim.protected_end) < bindparam("far_end"),  # says nothing new, but the index ends there
    col(TimeClaim.protected_start) < bindparam("end"),
    _Overlap(
        col(TimeClaim.protected_start),
        col(TimeClaim.protected_end),
        bindparam("start", type_=Instant()),
        bindparam("end", type_=Instant()),
    ),
)
_IN_CALENDARS = (
    col(CalendarBusy.host_id) == bindparam("host_id"),
    col(CalendarBusy.end) > bindparam("start"),
    col(CalendarBusy.end) < bindparam("far_end"),
    col(CalendarBusy.start) < bindparam("end"),
)
_BUSY_ELSEWHERE = select(CalendarBusy.start, CalendarBusy.end).where(*_IN_CALENDARS)
_BUSY = Ready(union_all(_BOOKED_TIME, _BUSY_ELSEWHERE))
_BUSY_WITH_OTHERS = Ready(union_all(_BOOKED_TIME.where(TimeClaim.booking_id != bindparam("moving")), _BUSY_ELSEWHERE))
_BUSY_BY_CALENDAR = (
    select(CalendarFeed.name, CalendarBusy.start, CalendarBusy.end)
    .join(CalendarFeed, col(CalendarFeed.id) == CalendarBusy.feed_id)
    .where(*_IN_CALENDARS)
    .order_by(col(CalendarFeed.name))
)
_BOOKED = select(Booking.id, Booking.start).where(
    Booking.host_id == bindparam("host_id"),
    col(Booking.start) >= bindparam("start"),
    col(Booking.start) < bindparam("end"),
    Booking.event_type_id == bindparam("event_type_id"),
    col(Booking.cancelled_at).is_(None),
)


def free_times(
    session: Session,
    event_type: EventType,
    rules: SlotRules,
    schedule: AvailabilitySchedule,
    view: View,
    *,
    now: datetime,
    moving: UUID | None = None,
) -> FreeTimes:
    """What ``view`` shows of an event type: never more than a month of it, however much is free."""
    zone = ZoneInfo(view.time_zone)
    bounds = bookable_range(event_type, now=now)

    def starts_in(within: Interval) -> tuple[datetime, ...]:
        found = slots_on_offer(session, event_type, rules, now=now, schedule=schedule, within=within, moving=moving)
        return tuple([slot.start for slot in found])

    def first_after(start: datetime) -> datetime | None:
        stretches = _ever_longer(Interval(start, bounds.end)) if start < bounds.end else ()
        return next((starts[0] for within in stretches if (starts := starts_in(within))), None)

    this_month, last_month = (moment.astimezone(zone).date().replace(day=1) for moment in (now, bounds.end))
    month = min(max((view.month or this_month).replace(day=1), this_month), last_month)
    starts = starts_in(month_of(month, zone))
    next_free = None if starts else first_after(month_of(month, zone).end)
    if view.month is None and next_free is not None:
        month, next_free = next_free.astimezone(zone).date().replace(day=1), None
        starts = starts_in(month_of(month, zone))
    nearest = None
    if (chosen := view.chosen) and chosen not in starts and chosen not in starts_in(_moment(chosen)):
        first, last = (min(max(chosen, now) + far, bounds.end) for far in (-NEARBY, NEARBY))
        around = starts_in(Interval(max(first, now), last))
        nearest = tuple(sorted(sorted(around, key=lambda start: abs(start - chosen))[:3]))
    return FreeTimes(month, starts, month > this_month, month < last_month, next_free, nearest)


def slots_on_offer(
    session: Session,
    event_type: EventType,
    rules: SlotRules,
    *,
    now: datetime,
    schedule: AvailabilitySchedule | None = None,
    within: Interval,
    moving: UUID | None = None,
    busy: list[Interval] | None = None,
) -> list[Slot]:
    """The slots of ``event_type`` that start inside ``within``, in order. The page and the booking both ask here.

    ``rules`` are the event type's, with the duration that is asked for; ``schedule`` is its own and ``busy`` what
    :func:`busy_in` says, for whoever has read them already. The booking that is ``moving`` does not stand in its own
    way, neither by its time nor under a cap.
    """
    schedule = schedule or schedule_of(session, event_type)
    busy = _busy(session, event_type, rules, within, moving) if busy is None else busy
    booked = _booked(session, event_type, rules, within, moving)
    return available_slots(rules, schedule, busy, now=now, within=within, booked=booked)


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
    within = _moment(start)
    for slot in slots_on_offer(session, event_type, rules, now=now, schedule=schedule, within=within, moving=moving):
        if slot.start == start:
            return slot
    raise SlotUnavailable


def next_free(
    session: Session,
    event_type: EventType,
    schedule: AvailabilitySchedule,
    *,
    now: datetime,
    busy_in: Callable[[Interval], list[Interval]],
) -> Slot | None:
    """The first slot on offer. It looks at the coming weeks first and farther ahead only where they are full."""
    rules, bounds = event_type.rules(), bookable_range(event_type, now=now)
    look = partial(slots_on_offer, session, event_type, rules, now=now, schedule=schedule)
    for within in _ever_longer(bounds):
        if slots := look(within=within, busy=busy_in(within)):
            return slots[0]
    return None


def busy_in(session: Session, host_id: UUID, within: Interval) -> list[Interval]:
    """All busy time of a host that matters to anybody who starts inside ``within``, however long they meet."""
    start, end = within.start - LONGEST_CLAIM, within.end + LONGEST_CLAIM
    wanted = {"host_id": host_id, "start": start, "end": end, "far_end": end + LONGEST_CLAIM}
    return _intervals(session, _BUSY, wanted)


def why_not(
    session: Session, event_type: EventType, rules: SlotRules, start: datetime, *, now: datetime
) -> list[WhyNot]:
    """All that keeps ``start`` from being on offer, for its host; nothing where it is."""
    schedule, within = schedule_of(session, event_type), _moment(start)
    wanted = _wanted(event_type, rules, within)
    busy = [Interval(*times) for times in session.connection().execute(_BOOKED_TIME, wanted)]
    found = session.connection().execute(_BUSY_BY_CALENDAR, wanted)
    calendars = [(name, Interval(start, end)) for name, start, end in found]
    booked = _booked(session, event_type, rules, within, None)
    return explain(rules, schedule, busy, start, now=now, booked=booked, calendars=calendars)


def bookable_range(event_type: EventType, *, now: datetime) -> Interval:
    """A stretch of time that surely holds every slot on offer: the booking window, and a day for zones ahead.

    Where the window is open, or its dates are far away, two years.
    """
    days = (
        MAX_BOOKING_WINDOW_DAYS if event_type.booking_window != BookingWindow.DAYS else event_type.booking_window_days
    )
    return Interval(now, now + timedelta(days=days + 2))


def schedule_of(session: Session, event_type: EventType) -> AvailabilitySchedule:
    """The hours that an event type is offered in."""
    return session.connection().execute(_SCHEDULE, {"schedule_id": event_type.schedule_id}).scalar_one()


def _ever_longer(bounds: Interval) -> Iterator[Interval]:
    """Stretches that follow one another and fill ``bounds``: first a week, each as long as all before it and more."""
    start, step = bounds.start, timedelta(weeks=1)
    while start < bounds.end:
        yield Interval(start, min(start + step, bounds.end))
        start, step = start + step, 2 * step


def _moment(start: datetime) -> Interval:
    return Interval(start, start + timedelta(seconds=1))


def _busy(
    session: Session, event_type: EventType, rules: SlotRules, within: Interval, moving: UUID | None
) -> list[Interval]:
    wanted = _wanted(event_type, rules, within)
    if moving is None:
        return _intervals(session, _BUSY, wanted)
    return _intervals(session, _BUSY_WITH_OTHERS, {**wanted, "moving": moving})


def _intervals(session: Session, statement: Ready, wanted: dict[str, Any]) -> list[Interval]:
    return [Interval(start, end) for start, end in statement.rows(session.connection(), **wanted)]


def _wanted(event_type: EventType, rules: SlotRules, within: Interval) -> dict[str, Any]:
    """What busy time matters to whoever starts inside ``within``."""
    end = within.end + rules.duration + rules.after_buffer
    return {
        "host_id": event_type.host_id,
        "start": within.start - rules.before_buffer,
        "end": end,
        "far_end": end + LONGEST_CLAIM,
    }


def _booked(
    session: Session, event_type: EventType, rules: SlotRules, within: Interval, moving: UUID | None
) -> list[datetime]:
    """The starts that the caps count."""
    counted = counted_range(rules, within)
    if counted is None:
        return []
    wanted = {
        "host_id": event_type.host_id,
        "event_type_id": event_type.id,
        "start": counted.start,
        "end": counted.end,
    }
    return [start for key, start in session.connection().execute(_BOOKED, wanted) if key != moving]
