"""The engine against a brute-force answer and against itself, on random schedules in zones around their clock changes.

The brute-force answer walks minute by minute and asks ``zoneinfo`` what the host's clock shows. It shares no code with
the engine, only the values that both are given, and it can afford to take each rule literally.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from singleuse_app.scheduling.availability import AvailabilitySchedule, DateOverride, WeeklyHours, open_intervals
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.slots import Slot, SlotRules, available_slots

TICK, SECOND, MINUTE, DAY = (timedelta(microseconds=1), timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1))
WEEK = 7 * DAY

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


# The brute-force answer


class Wall:
    """What the host's clock shows, and whether the host is open then."""

    def __init__(self, schedule: AvailabilitySchedule) -> None:
        self.zone = ZoneInfo(schedule.time_zone)
        self.weekly = [
            [(h.start_minute, h.end_minute) for h in schedule.weekly_hours if h.weekday == day] for day in range(7)
        ]
        self.overrides = {override.date: override.hours for override in schedule.date_overrides}

    def read(self, instant: datetime) -> tuple[date, bool]:
        local = instant.astimezone(self.zone)
        today, minute = local.date(), local.hour * 60 + local.minute
        hours = self.overrides.get(today, self.weekly[today.weekday()])
        return today, any(start <= minute < end for start, end in hours)

    def is_open(self, instant: datetime) -> bool:
        return self.read(instant)[1]

    def date(self, instant: datetime) -> date:
        return self.read(instant)[0]


def minutes(first: datetime, last: datetime) -> Iterator[datetime]:
    """The whole minutes from ``first`` on, before ``last``. Hours, clock changes and so starts all lie on minutes."""
    minute = first.replace(second=0, microsecond=0)
    minute += MINUTE if minute < first else timedelta(0)
    while minute < last:
        yield minute
        minute += MINUTE


def brute_force_slots(
    rules: SlotRules, schedule: AvailabilitySchedule, busy: list[Interval], now: datetime, within: Interval
) -> list[Slot]:
    wall = Wall(schedule)
    # The grid depends on when the host opened: back to a closed minute, or far beyond a week.
    begin = within.start.replace(second=0, microsecond=0)
    farthest = begin - 2 * WEEK
    while begin > farthest and wall.is_open(begin):
        begin -= MINUTE
    on_grid, closed = [], set()
    opened_at = anchor = None
    newest_date = wall.date(begin - MINUTE)
    for minute in minutes(begin, within.end + rules.duration):
        today, is_open = wall.read(minute)
        if not is_open:
            closed.add(minute)
            opened_at = anchor = None
        elif opened_at is None or anchor is None:
            opened_at = anchor = minute
        elif today > newest_date and minute - opened_at > WEEK:
            anchor = minute
        newest_date = max(newest_date, today)
        if anchor is not None and (minute - anchor) % rules.start_time_increment == timedelta(0):
            on_grid.append(minute)

    def on_offer(start: datetime) -> bool:
        end = start + rules.duration
        notice, days = rules.minimum_notice, rules.booking_window_days
        return (
            within.start <= start < within.end
            and (start >= now + notice if notice else start > now)
            and (days is None or wall.date(start) <= wall.date(now) + days * DAY)
            and closed.isdisjoint(minutes(start, end))
            and not any(overlap(start - rules.before_buffer, end + rules.after_buffer, b.start, b.end) for b in busy)
        )

    return [Slot(start, start + rules.duration) for start in on_grid if on_offer(start)]


def overlap(start: datetime, end: datetime, other_start: datetime, other_end: datetime) -> bool:
    return max(start, other_start) < min(end, other_end)


# Random values

# Instants of clock changes: by an hour, half an hour, two and three; over, at and across midnight; a whole day.
CLOCK_CHANGES = [
    ("America/New_York", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("Europe/London", "2026-10-25T01:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("America/Santiago", "2026-09-06T04:00"),  # 00:00 becomes 01:00
    ("America/Santiago", "2026-04-05T03:00"),  # 24:00 becomes 23:00
    ("America/Havana", "2026-11-01T05:00"),  # 01:00 becomes 00:00
    ("America/St_Johns", "2010-11-07T02:31"),  # 00:01 becomes 23:01 of the day before
    ("Antarctica/Casey", "2010-03-04T15:00"),  # 02:00 becomes 23:00 of the day before
    ("Antarctica/Troll", "2026-03-29T01:00"),  # two hours
    ("Africa/Casablanca", "2026-02-15T02:00"),
    ("Africa/Casablanca", "2026-03-22T02:00"),
    ("Africa/Cairo", "2010-08-10T21:00"),
    ("America/Noronha", "2000-10-08T02:00"),  # summer time of one week
    ("America/Noronha", "2000-10-15T01:00"),
    ("Asia/Pyongyang", "2018-05-04T15:00"),
    ("America/Caracas", "2007-12-09T07:00"),
    ("Pacific/Apia", "2011-12-30T10:00"),  # a day is skipped
    ("Asia/Kathmandu", "2026-03-29T01:00"),  # no change
]
ZONES = sorted(available_timezones() - {"localtime", "Factory"})

around_changes = st.sampled_from(CLOCK_CHANGES).map(lambda change: (change[0], datetime.fromisoformat(change[1] + "Z")))
anywhere = st.tuples(
    st.sampled_from(ZONES),
    st.integers(0, 37 * 365 * 24).map(lambda hours: datetime(2000, 1, 10, tzinfo=UTC) + timedelta(hours=hours)),
)


def in_minutes(least: int, most: int) -> st.SearchStrategy[timedelta]:
    return st.integers(least, most).map(lambda number: number * MINUTE)


def one_of_minutes(*common: int, most: int) -> st.SearchStrategy[timedelta]:
    """Mostly one of the usual numbers of minutes."""
    return st.sampled_from([number * MINUTE for number in common]) | in_minutes(max(min(common), 1), most)


@st.composite
def hours(draw: st.DrawFn) -> tuple[int, int]:
    start = draw(st.sampled_from([0, 30, 60, 120, 540, 1320, 1380]) | st.integers(0, 1439))
    return start, draw(st.sampled_from([1440, min(start + 60, 1440), min(start + 480, 1440)]))


@st.composite
def weekly_hours(draw: st.DrawFn) -> list[WeeklyHours]:
    pattern = draw(st.sampled_from(["daily", "around the clock", "any"]))
    if pattern == "daily":
        pairs = draw(st.lists(hours(), min_size=1, max_size=2))
        return [WeeklyHours(day, *pair) for day in range(7) for pair in pairs]
    if pattern == "around the clock":
        closed = draw(st.sampled_from([None, None, 0, 6]))
        return [WeeklyHours(day, 0, 1440) for day in range(7) if day != closed]
    return [WeeklyHours(day, *pair) for day, pair in draw(st.lists(st.tuples(st.integers(0, 6), hours()), max_size=8))]


@st.composite
def schedules(draw: st.DrawFn, time_zone: str, middle: datetime) -> AvailabilitySchedule:
    days = draw(st.lists(st.integers(-16, 4), max_size=3, unique=True))
    replaced = st.sampled_from([(), ((0, 1440),)]) | st.lists(hours(), min_size=1, max_size=3).map(tuple)
    overrides = [DateOverride((middle + day * DAY).date(), draw(replaced)) for day in days]
    return AvailabilitySchedule(time_zone, tuple(draw(weekly_hours())), tuple(overrides))


@st.composite
def intervals(draw: st.DrawFn, middle: datetime, *, days: int, lengths: st.SearchStrategy[timedelta]) -> Interval:
    """Mostly on whole minutes, as meetings are, but not always."""
    start = middle + draw(in_minutes(-days * 1440, days * 1440)) + draw(st.sampled_from([0, 0, 1, 59_999_999])) * TICK
    return Interval(start, start + draw(lengths))


meetings = st.sampled_from([timedelta(0), TICK, 30 * MINUTE, 60 * MINUTE]) | in_minutes(1, 480)


@dataclass(frozen=True)
class Question:
    """All that is given to ``available_slots``."""

    rules: SlotRules
    schedule: AvailabilitySchedule
    busy: list[Interval]
    now: datetime
    within: Interval

    def slots(self) -> list[Slot]:
        return available_slots(self.rules, self.schedule, self.busy, now=self.now, within=self.within)


@st.composite
def questions(draw: st.DrawFn, *, days: int = 1, longest: timedelta = 3 * DAY) -> Question:
    time_zone, middle = draw(around_changes | anywhere)
    rules = SlotRules(
        duration=draw(one_of_minutes(1, 30, 60, 90, most=1440)),
        start_time_increment=draw(one_of_minutes(5, 15, 45, 60, 420, most=1440)),
        before_buffer=draw(one_of_minutes(0, 0, 15, most=120)),
        after_buffer=draw(one_of_minutes(0, 0, 15, most=120)),
        minimum_notice=draw(one_of_minutes(0, 0, 60, 1440, most=2000)),
        booking_window_days=draw(st.sampled_from([None, None, 0, 1, 2, 3, 5])),
    )
    return Question(
        rules,
        draw(schedules(time_zone, middle)),
        draw(st.lists(intervals(middle, days=3, lengths=meetings), max_size=6)),
        draw(intervals(middle - 2 * DAY, days=2, lengths=st.just(timedelta(0)))).start,
        draw(intervals(middle - DAY, days=days, lengths=st.just(longest) | st.timedeltas(timedelta(0), longest))),
    )


# What always holds


@patient
@given(questions(longest=2 * DAY))
def test_the_slots_are_those_that_brute_force_finds(question: Question) -> None:
    slots = question.slots()
    event("some slots" if slots else "no slots")
    assert slots == brute_force_slots(question.rules, question.schedule, question.busy, question.now, question.within)


@patient
@given(questions())
def test_the_open_minutes_are_those_whose_wall_reading_lies_in_the_hours(question: Question) -> None:
    wall, within = Wall(question.schedule), question.within
    found = open_intervals(question.schedule, within)
    inside = {minute for interval in found for minute in minutes(interval.start, interval.end)}
    assert inside == {minute for minute in minutes(within.start, within.end) if wall.is_open(minute)}
    assert all(interval.start < interval.end for interval in found)
    assert all(earlier.end < later.start for earlier, later in pairwise(found))
    assert all(within.start <= interval.start and interval.end <= within.end for interval in found)


@patient
@given(questions(days=20, longest=40 * DAY), st.data())
def test_a_part_of_the_range_has_that_part_of_the_slots(question: Question, data: st.DataObject) -> None:
    within, length = question.within, question.within.end - question.within.start
    start = within.start + data.draw(st.timedeltas(timedelta(0), length))
    part = Interval(start, data.draw(st.sampled_from([within.end, min(start + DAY, within.end)])))
    expected = [slot for slot in question.slots() if part.start <= slot.start < part.end]
    event("some slots" if expected else "no slots")
    assert replace(question, within=part).slots() == expected


@patient
@given(questions(days=20, longest=40 * DAY), st.data())
def test_asking_for_one_start_agrees_with_asking_for_all(question: Question, data: st.DataObject) -> None:
    slots = question.slots()
    assume(slots)
    slot = data.draw(st.sampled_from(slots))
    assert replace(question, within=Interval(slot.start, slot.start + SECOND)).slots() == [slot]
    other = slot.start + data.draw(in_minutes(1, 1440))
    assume(other < question.within.end)
    found = replace(question, within=Interval(other, other + SECOND)).slots()
    assert found == [slot for slot in slots if slot.start == other]


@patient
@given(questions(), st.data())
def test_more_busy_time_never_adds_a_slot(question: Question, data: st.DataObject) -> None:
    more = data.draw(st.lists(intervals(question.within.start, days=2, lengths=meetings), max_size=3))
    fewer = replace(question, busy=question.busy + more).slots()
    assert set(fewer) <= set(question.slots())
    assert fewer == replace(question, busy=more[::-1] + question.busy[::-1] + more).slots()


@patient
@given(questions())
def test_more_notice_and_a_shorter_booking_window_never_add_a_slot(question: Question) -> None:
    rules = question.rules
    later = replace(rules, minimum_notice=rules.minimum_notice + 90 * MINUTE)
    sooner = replace(rules, booking_window_days=1)
    endless = replace(rules, booking_window_days=None)
    slots = set(question.slots())
    assert set(replace(question, rules=later).slots()) <= slots
    assert slots <= set(replace(question, rules=endless).slots())
    if rules.booking_window_days != 0:
        assert set(replace(question, rules=sooner).slots()) <= slots


@patient
@given(questions(days=3, longest=5 * DAY), st.data())
def test_booking_a_slot_takes_it_and_what_collides_with_it_and_nothing_else(
    question: Question, data: st.DataObject
) -> None:
    slots = question.slots()
    assume(slots)

    def protected(slot: Slot) -> tuple[datetime, datetime]:
        return slot.start - question.rules.before_buffer, slot.end + question.rules.after_buffer

    booked = protected(data.draw(st.sampled_from(slots)))
    left = [slot for slot in slots if not overlap(*protected(slot), *booked)]
    assert replace(question, busy=[*question.busy, Interval(*booked)]).slots() == left
