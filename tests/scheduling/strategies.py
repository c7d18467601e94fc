"""Random questions to the engine: schedules, rules, bookings and ranges, mostly around changes of the clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from singleuse_app.scheduling.availability import AvailabilitySchedule, DateOverride, WeeklyHours
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.public_holidays import PublicHolidays
from singleuse_app.scheduling.recurrence import Recurrence
from singleuse_app.scheduling.slot_rules import SlotRules
from singleuse_app.scheduling.slots import Slot, available_slots
from tests.scheduling.brute_force import EPOCH, brute_force_slots, holidays_of
from tests.scheduling.rrules import recurrence_or_none, rrules
from tests.scheduling.scenes import DAY, MINUTE, TICK

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

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
ZONES = sorted(set((files("tzdata") / "zones").read_text().split()) - {"Factory"})
FIRST, LAST = datetime(2000, 1, 8, tzinfo=UTC), datetime(2037, 12, 28, tzinfo=UTC)
HOURS_IN_ALL = (LAST - FIRST) // timedelta(hours=1)

COUNTRIES = [("DE", "BE"), ("DE", "BY"), ("US", None), ("US", "CA"), ("GB", "SCT"), ("JP", None), ("BR", "SP")]


@cache
def changes_of(zone: str) -> tuple[datetime, ...]:
    """The instants from 2000 to 2037 at which clocks of a zone are changed: no offset lasts less than six days."""
    clock = ZoneInfo(zone)

    def offset_at(minute: int) -> timedelta | None:
        return datetime.fromtimestamp(minute * 60, clock).utcoffset()

    found, step = [], 6 * 1440
    first, last = ((end - EPOCH) // MINUTE for end in (FIRST, LAST))
    offset = offset_at(first)
    for before in range(first, last, step):
        low, high = before, before + step
        if offset_at(high) != offset:
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if offset_at(middle) != offset else (middle, high)
            found.append(EPOCH + high * MINUTE)
            offset = offset_at(before + step)
    return tuple(found)


@st.composite
def somewhere(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone and an instant: mostly one at which its clocks are changed."""
    if draw(st.integers(0, 3)) == 0:
        zone, change = draw(st.sampled_from(CLOCK_CHANGES))
        return zone, datetime.fromisoformat(change + "Z")
    zone, number = draw(st.sampled_from(ZONES)), draw(st.integers(0, HOURS_IN_ALL))
    changes = changes_of(zone)
    return zone, changes[number % len(changes)] if changes and number % 8 else FIRST + number * timedelta(hours=1)


def in_minutes(least: int, most: int) -> st.SearchStrategy[timedelta]:
    return st.integers(least, most).map(lambda number: number * MINUTE)


def one_of_minutes(*common: int, most: int) -> st.SearchStrategy[timedelta]:
    """Mostly one of the usual numbers of minutes. One draw, for many draws are slow."""

    def minutes(number: int) -> timedelta:
        return (number - 4 * most if number > 4 * most else common[number % len(common)]) * MINUTE

    return st.integers(0, 5 * most).map(minutes)


def hours_from(number: int) -> tuple[int, int]:
    """Mostly usual opening hours: a number from 0 to 9,999 as a pair of minutes of a day."""
    opens, length = OPENINGS[number % len(OPENINGS)], LENGTHS[number // 100 % len(LENGTHS)]
    opens += number * 7 % 1439 % (1439 - opens) if number > 7_500 else 0
    return opens, min(opens + length, 1440)


OPENINGS = (540, 480, 0, 0, 30, 60, 120, 600, 1320, 1380)
LENGTHS = (480, 480, 60, 120, 240, 600, 1440)
HOURS = st.integers(0, 9_999).map(hours_from)
DAY_HOURS = st.lists(HOURS, min_size=1, max_size=2).map(tuple)
REPLACED = st.sampled_from([((540, 1020),), ((0, 1440),), ((30, 90), (600, 1440)), ((0, 700),), ()]) | DAY_HOURS
ANY_HOURS = st.lists(st.tuples(st.integers(0, 6), HOURS), max_size=8)
PATTERNS = st.sampled_from(["daily"] * 8 + ["around the clock", "any"])
DAYS_AWAY = st.lists(st.sampled_from([-9, -8, -7, -4, -2, -1, 0, 1, 2, 3]), max_size=2, unique=True)
STARTS_AWAY = st.sampled_from([0, -1, -2, -7, -14, -28, -61, -365, -366, -730]) | st.integers(-1500, 1)


@st.composite
def weekly_hours(draw: st.DrawFn) -> list[WeeklyHours]:
    pattern = draw(PATTERNS)
    if pattern == "daily":
        pairs = draw(DAY_HOURS)
        return [WeeklyHours(day, *pair) for day in range(7) for pair in pairs]
    if pattern == "around the clock":
        closed = draw(st.sampled_from([None, None, 0, 6]))
        return [WeeklyHours(day, 0, 1440) for day in range(7) if day != closed]
    return [WeeklyHours(day, *pair) for day, pair in draw(ANY_HOURS)]


@st.composite
def recurrences(draw: st.DrawFn, middle: date) -> list[Recurrence]:
    found = []
    for _ in range(draw(st.integers(0, 2))):
        start = max(date.fromordinal(middle.toordinal() + draw(STARTS_AWAY)), date(2000, 1, 1))
        hours_then = draw(DAY_HOURS) if draw(st.booleans()) else ()
        rule = draw(rrules(start, start + 1000 * DAY))
        found.append(recurrence_or_none(rule, start, hours_then))
    return [rule for rule in found if rule]


@st.composite
def public_holidays(draw: st.DrawFn, middle: date) -> tuple[PublicHolidays, date]:
    """The holidays of a country, and the day of one of them in the same year; on a few of them the host works."""
    country, region = draw(st.sampled_from(COUNTRIES))
    dates = sorted(holidays_of(country, region, max(middle.year, 2001)))
    some = draw(st.integers(0, 10_000))
    worked = {dates[some % len(dates)]} if some % 3 == 0 else set()
    return PublicHolidays(country, region, frozenset(worked)), dates[some % len(dates)]


@st.composite
def schedules(
    draw: st.DrawFn,
    time_zone: str,
    middle: datetime,
    *,
    recurring: bool = False,
    holidays: PublicHolidays | None = None,
) -> AvailabilitySchedule:
    overrides = [DateOverride((middle + day * DAY).date(), draw(REPLACED)) for day in draw(DAYS_AWAY)]
    rules = draw(recurrences(middle.date())) if recurring else []
    return AvailabilitySchedule(time_zone, tuple(draw(weekly_hours())), tuple(overrides), tuple(rules), holidays)


FRACTIONS = {1: TICK, 2: 59_999_999 * TICK}


@cache
def instants_away(days: int) -> st.SearchStrategy[timedelta]:
    """Mostly whole minutes, as those of meetings are, but not always."""
    return st.integers(-days * 8 * 1440, days * 8 * 1440).map(
        lambda number: number // 8 * MINUTE + FRACTIONS.get(number % 8, 0 * TICK)
    )


def instants(middle: datetime, *, days: int) -> st.SearchStrategy[datetime]:
    return instants_away(days).map(lambda away: middle + away)


@st.composite
def intervals(draw: st.DrawFn, middle: datetime, *, days: int, lengths: st.SearchStrategy[timedelta]) -> Interval:
    start = middle + draw(instants_away(days))
    return Interval(start, start + draw(lengths))


MEETINGS = one_of_minutes(30, 0, 60, 60, 120, most=480).map(
    lambda length: length + (TICK if length == 60 * MINUTE else 0 * TICK)
)
DURATIONS = one_of_minutes(30, 15, 30, 1, 60, 60, 90, most=480)
INCREMENTS = one_of_minutes(15, 5, 30, 45, 60, 420, most=1440)
BUFFERS = one_of_minutes(0, 0, 0, 15, most=120)
NOTICES = one_of_minutes(0, 0, 60, 1440, most=2000)
NOW_AWAY = st.sampled_from([1, 2, 3, 3, 5])
WINDOWS = st.sampled_from([None, None, None, 1, 2, 3, 4, 7])
ONLY = st.sampled_from([()] * 4 + [((540, 720), (840, 960)), ((0, 90), (1380, 1440)), ((75, 1000),)]) | DAY_HOURS
CAPS = st.sampled_from([None, None, None, 5, 3, 2, 1])


@cache
def lengths_to(longest: timedelta) -> st.SearchStrategy[timedelta]:
    return in_minutes(-2 * (longest // MINUTE), longest // MINUTE).map(lambda less: longest - max(less, 0 * MINUTE))


@dataclass(frozen=True)
class Question:
    """All that is given to ``available_slots``."""

    rules: SlotRules
    schedule: AvailabilitySchedule
    busy: list[Interval]
    now: datetime
    within: Interval
    booked: list[datetime]

    def slots(self) -> list[Slot]:
        return available_slots(
            self.rules, self.schedule, self.busy, now=self.now, within=self.within, booked=self.booked
        )

    def slots_by_brute_force(self) -> list[Slot]:
        return brute_force_slots(
            self.rules, self.schedule, self.busy, now=self.now, within=self.within, booked=self.booked
        )


@st.composite
def slot_rules(draw: st.DrawFn, middle: date, *, limited: bool) -> SlotRules:
    """Mostly short meetings; ``limited`` ones have dates, caps and hours."""
    first = last = None
    if limited:
        first, last = (middle + day * DAY for day in draw(st.tuples(st.integers(-4, 0), st.integers(0, 4))))
        first, last = draw(st.sampled_from([(None, None), (first, None), (None, last), (first, last)]))
    return SlotRules(
        duration=draw(DURATIONS),
        start_time_increment=draw(INCREMENTS),
        before_buffer=draw(BUFFERS),
        after_buffer=draw(BUFFERS),
        minimum_notice=draw(NOTICES),
        booking_window_days=draw(WINDOWS),
        first_date=first,
        last_date=last,
        max_per_day=draw(CAPS) if limited else None,
        max_per_week=draw(CAPS) if limited else None,
        max_per_month=draw(CAPS) if limited else None,
        hours=draw(ONLY) if limited else (),
    )


@st.composite
def questions(
    draw: st.DrawFn,
    *,
    recurring: bool = False,
    limited: bool = False,
    busy: int = 3,
    days: int = 1,
    longest: timedelta = 3 * DAY,
) -> Question:
    time_zone, middle = draw(somewhere())
    holidays = None
    if recurring and draw(st.booleans()):
        holidays, celebrated = draw(public_holidays(middle.date()))
        if draw(st.booleans()):
            middle = datetime(celebrated.year, celebrated.month, celebrated.day, 12, tzinfo=UTC)
    return Question(
        draw(slot_rules(middle.date(), limited=limited)),
        draw(schedules(time_zone, middle, recurring=recurring, holidays=holidays)),
        draw(st.lists(intervals(middle, days=3, lengths=MEETINGS), max_size=busy)),
        draw(instants(middle - draw(NOW_AWAY) * DAY, days=1)),
        draw(intervals(middle - longest / 2, days=days, lengths=lengths_to(longest))),
        draw(st.lists(instants(middle, days=draw(st.sampled_from([2, 8, 32]))), max_size=3)) if limited else [],
    )


def anything(*, days: int = 1, longest: timedelta = 3 * DAY) -> st.SearchStrategy[Question]:
    return questions(recurring=True, limited=True, busy=6, days=days, longest=longest)


MANY = 2_000 if settings.get_current_profile_name() == "thorough" else 12
"""How many examples each of the five kinds of questions gets that brute force answers too."""
