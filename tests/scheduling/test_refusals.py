"""Schedules, recurrences and holidays that make no sense are refused, each with its code."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singleuse_app.scheduling.availability import AvailabilitySchedule, DateOverride, WeeklyHours
from singleuse_app.scheduling.errors import InvalidAvailability
from singleuse_app.scheduling.public_holidays import MAX_WORKED, PublicHolidays
from singleuse_app.scheduling.recurrence import Recurrence, days_of

MONDAY = date(2026, 7, 6)
DAY = timedelta(days=1)
CODES = {
    "recurrence_unreadable",
    "recurrence_finer_than_daily",
    "recurrence_never_fires",
    "recurrence_number_out_of_range",
    "recurrence_until_no_date",
}


def refusal_of(rrule: str, start: date = MONDAY) -> str:
    with pytest.raises(InvalidAvailability) as refusal:
        Recurrence(rrule, start)
    return refusal.value.code


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=HOURLY",
        "FREQ=MINUTELY",
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;INTERVAL=1",
        "FREQ=DAILY;BYHOUR=9",
        "FREQ=DAILY;BYMINUTE=0,30",
        "FREQ=WEEKLY;BYDAY=MO;BYSECOND=0",
    ],
)
def test_a_rule_finer_than_daily_is_refused(rrule: str) -> None:
    assert refusal_of(rrule) == "recurrence_finer_than_daily"


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        "FREQ=MONTHLY;BYMONTH=4,6,9,11;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=8",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=6",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=YEARLY;BYWEEKNO=1;BYMONTH=6",
        "FREQ=YEARLY;INTERVAL=1000;BYMONTH=1;BYMONTHDAY=1",
        "FREQ=WEEKLY;UNTIL=20260705",
        "FREQ=WEEKLY;BYDAY=TU;UNTIL=20260706",
        "FREQ=DAILY;UNTIL=19700101",
    ],
)
def test_a_rule_that_never_fires_is_refused(rrule: str) -> None:
    assert refusal_of(rrule) == "recurrence_never_fires"


def test_every_fourth_year_from_the_wrong_one_has_no_leap_day() -> None:
    rrule = "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29"
    assert refusal_of(rrule, date(2026, 1, 1)) == "recurrence_never_fires"
    assert Recurrence(rrule, date(2028, 1, 1)).rrule == rrule


@pytest.mark.parametrize(
    "rrule",
    [
        "",
        " ",
        ";",
        "garbage",
        "DAILY",
        "FREQ",
        "FREQ=",
        "FREQ=FORTNIGHTLY",
        "INTERVAL=2",
        "freq=daily",
        "RRULE:FREQ=DAILY",
        "FREQ=DAILY;",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY; INTERVAL=2",
        "FREQ=DAILY\nEXDATE:20260706",
        "FREQ=DAILY;X-OWN=1",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=MONTHLY;BYDAY=99MO",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYMONTHDAY=MO",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYMONTH=0",
        "FREQ=YEARLY;BYYEARDAY=367",
        "FREQ=YEARLY;BYWEEKNO=54",
        "FREQ=MONTHLY;BYMONTHDAY=1,32",
        "FREQ=MONTHLY;BYMONTHDAY=0,1",
        "FREQ=YEARLY;BYMONTH=-1,2",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=DAILY;BYDAY=2TU",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=WEEKLY;BYSETPOS=1",
        "FREQ=DAILY;COUNT=3;UNTIL=20260707",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367",
        "FREQ=YEARLY;BYEASTER=0",
        "FREQ=WEEKLY;WKST=XX",
        "FREQ=WEEKLY;WKST=MO,TU",
        "FREQ=MONTHLY;BYMONTHDAY=" + "1," * 200 + "1",
        "FREQ=DAILY;" * 1000,
        "F" * 100_000,
        "FREQ=DAILY;INTERVAL=" + "9" * 5000,
    ],
    ids=lambda rrule: repr(rrule[:40]),
)
def test_a_rule_that_cannot_be_read_is_refused(rrule: str) -> None:
    assert refusal_of(rrule) == "recurrence_unreadable"


@pytest.mark.parametrize(
    "part",
    ["INTERVAL=0", "INTERVAL=-1", "INTERVAL=1001", "INTERVAL=" + "9" * 100, "INTERVAL=MO", "COUNT=0", "COUNT=1001"],
)
def test_a_number_out_of_range_is_refused(part: str) -> None:
    assert refusal_of(f"FREQ=DAILY;{part}") == "recurrence_number_out_of_range"


@pytest.mark.parametrize("until", ["TOMORROW", "20260230", "20261301", "2026", "20260706T090000", "20260706T090000Z"])
def test_an_end_that_is_no_date_is_refused(until: str) -> None:
    assert refusal_of(f"FREQ=DAILY;UNTIL={until}") == "recurrence_until_no_date"


# What may stand in a rule, and what may not; in any order, and more than once.
PARTS = st.tuples(
    st.sampled_from(["FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"])
    | st.sampled_from(["BYYEARDAY", "BYWEEKNO", "BYHOUR", "BYEASTER", "X", ""]),
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "MO", "-1FR", "99MO", "MO,TU", "20270101", "", "+", "1-1"])
    | st.sampled_from([0, 1, -1, 5, 13, 29, 31, 53, 366, 1000, -1000]).map(str)
    | st.text("-+,0123456789MOTUWE", max_size=8),
).map("=".join)
RULES = st.tuples(
    st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY", "FREQ=HOURLY", ""]),
    st.lists(PARTS, max_size=4).map(";".join),
).map(";".join)


@given(RULES | st.text(), st.dates(date(2000, 1, 1), date(2080, 12, 31)))
def test_whatever_is_written_is_a_rule_with_dates_or_is_refused(rrule: str, start: date) -> None:
    try:
        Recurrence(rrule, start)
    except InvalidAvailability as refused:
        code = refused.code
    else:
        code = "" if any(days_of(rrule, start, year) for year in range(start.year, start.year + 11)) else "no dates"
    assert code in CODES | {""}


@pytest.mark.parametrize("start", [date.min, date(1999, 12, 31), date(2100, 1, 1), date.max])
def test_a_recurrence_that_starts_before_2000_or_after_2099_is_refused(start: date) -> None:
    assert refusal_of("FREQ=DAILY", start) == "date_out_of_range"


@pytest.mark.parametrize("start", [date(2000, 1, 1), date(2099, 12, 31)])
@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
def test_a_recurrence_may_start_on_the_first_and_on_the_last_of_those_days(frequency: str, start: date) -> None:
    assert Recurrence(f"FREQ={frequency}", start).start == start


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        ((600, 540), "hours_end_before_start"),
        ((600, 600), "hours_end_before_start"),
        ((-1, 600), "hours_out_of_range"),
        ((0, 10**30), "hours_out_of_range"),
    ],
)
def test_recurring_hours_that_make_no_sense_are_refused(hours: tuple[int, int], code: str) -> None:
    with pytest.raises(InvalidAvailability) as refusal:
        AvailabilitySchedule("UTC", (), (), (Recurrence("FREQ=DAILY", MONDAY, ((0, 60), hours)),))
    assert refusal.value.code == code


def test_too_many_entries_are_refused() -> None:
    def schedule(weekly: int = 0, overrides: int = 0, recurrences: int = 0) -> AvailabilitySchedule:
        return AvailabilitySchedule(
            "UTC",
            (WeeklyHours(0, 540, 600),) * weekly,
            tuple(DateOverride(MONDAY + number * DAY, ()) for number in range(overrides)),
            (Recurrence("FREQ=DAILY", MONDAY),) * recurrences,
        )

    assert schedule(100, 1000, 50).time_zone == "UTC"
    for most, entries in ((100, {"weekly": 101}), (1000, {"overrides": 1001}), (50, {"recurrences": 51})):
        with pytest.raises(InvalidAvailability) as refusal:
            schedule(**entries)
        assert (refusal.value.code, refusal.value.params) == ("too_many_entries", {"most": most})


def test_too_many_hours_of_one_date_are_refused() -> None:
    hours = tuple((minute, minute + 1) for minute in range(25))
    assert len(DateOverride(MONDAY, hours[:24]).hours) == 24
    with pytest.raises(InvalidAvailability) as refusal:
        DateOverride(MONDAY, hours)
    assert (refusal.value.code, refusal.value.params) == ("too_many_entries", {"most": 24})
    with pytest.raises(InvalidAvailability) as refusal:
        AvailabilitySchedule("UTC", (), (), (Recurrence("FREQ=DAILY", MONDAY, hours),))
    assert (refusal.value.code, refusal.value.params) == ("too_many_entries", {"most": 24})


@pytest.mark.parametrize(
    ("country", "region"),
    [("", None), ("XX", None), ("de", None), ("Germany", None), ("DE", "XX"), ("DE", ""), ("DE", "Berlin"), ("", "BE")],
)
def test_holidays_of_a_country_or_region_that_nobody_knows_are_refused(country: str, region: str | None) -> None:
    with pytest.raises(InvalidAvailability) as refusal:
        PublicHolidays(country, region)
    assert (refusal.value.code, refusal.value.params) == ("holidays_unknown", {"country": country, "region": region})


def test_too_many_worked_holidays_are_refused() -> None:
    worked = [MONDAY + number * DAY for number in range(MAX_WORKED + 1)]
    assert PublicHolidays("DE", worked=frozenset(worked[1:])).country == "DE"
    with pytest.raises(InvalidAvailability) as refusal:
        PublicHolidays("DE", worked=frozenset(worked))
    assert refusal.value.code == "too_many_entries"
