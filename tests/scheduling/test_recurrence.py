"""Which dates a recurrence rule names."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from singleuse_app.scheduling.recurrence import MAX_YEARS, Recurrence, days_of
from tests.scheduling.brute_force import dates_by_dateutil
from tests.scheduling.rrules import recurrence_or_none, rrules
from tests.scheduling.strategies import patient

EPOCH = date(1970, 1, 1)


def dates(rrule: str, start: str, first_year: int, last_year: int | None = None) -> list[date]:
    rule = Recurrence(rrule, date.fromisoformat(start))
    years = range(first_year, (last_year or first_year) + 1)
    return [EPOCH + timedelta(days=day) for year in years for day in sorted(days_of(rule.rrule, rule.start, year))]


def text(found: list[date]) -> list[str]:
    return [f"{day:%m-%d}" for day in found]


def test_every_second_friday() -> None:
    found = dates("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "2026-07-03", 2026, 2027)
    assert text(found[:4]) == ["07-03", "07-17", "07-31", "08-14"]
    assert date(2026, 12, 18) in found
    assert date(2027, 1, 1) in found


def test_what_a_rule_does_not_say_follows_from_its_start() -> None:
    assert text(dates("FREQ=WEEKLY", "2026-12-10", 2026)) == ["12-10", "12-17", "12-24", "12-31"]
    assert text(dates("FREQ=MONTHLY", "2026-08-31", 2026)) == ["08-31", "10-31", "12-31"]
    assert dates("FREQ=YEARLY", "2026-08-31", 2026, 2028) == [date(year, 8, 31) for year in (2026, 2027, 2028)]
    assert text(dates("FREQ=YEARLY;BYMONTH=2,9", "2026-08-15", 2027)) == ["02-15", "09-15"]


def test_the_first_monday_of_the_month() -> None:
    found = text(dates("FREQ=MONTHLY;BYDAY=1MO", "2026-07-01", 2026))
    assert found == ["07-06", "08-03", "09-07", "10-05", "11-02", "12-07"]


def test_a_start_that_the_rule_does_not_name_is_not_one_of_its_dates() -> None:
    assert text(dates("FREQ=MONTHLY;BYDAY=1MO;COUNT=1", "2026-07-01", 2026)) == ["07-06"]


def test_a_leap_day_comes_every_fourth_year() -> None:
    assert dates("FREQ=YEARLY", "2024-02-29", 2024, 2035) == [date(year, 2, 29) for year in (2024, 2028, 2032)]


def test_the_last_weekday_of_the_month() -> None:
    found = text(dates("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01", 2026))
    assert found[:5] == ["01-30", "02-27", "03-31", "04-30", "05-29"]


def test_a_position_in_a_week_counts_from_the_start_of_the_week_and_not_of_the_rule() -> None:
    # dateutil alone would take the Wednesday: see RFC 5545, section 3.3.10, on BYSETPOS.
    found = text(dates("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", "2026-12-09", 2026))
    assert found == ["12-14", "12-21", "12-28"]


def test_a_count_includes_the_first_date() -> None:
    assert text(dates("FREQ=DAILY;COUNT=3", "2026-12-30", 2026, 2027)) == ["12-30", "12-31", "01-01"]


def test_a_count_goes_on_in_later_years() -> None:
    assert dates("FREQ=YEARLY;COUNT=3", "2026-07-06", 2026, 2040)[-1] == date(2028, 7, 6)


def test_until_is_the_last_date() -> None:
    rule = "FREQ=WEEKLY;BYDAY=MO;UNTIL={}"
    assert text(dates(rule.format("20260720"), "2026-07-06", 2026)) == ["07-06", "07-13", "07-20"]
    assert text(dates(rule.format("20260719"), "2026-07-06", 2026)) == ["07-06", "07-13"]


def test_every_second_week_depends_on_the_day_a_week_starts() -> None:
    # The example of RFC 5545, section 3.8.5.3.
    rule = "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST={}"
    assert text(dates(rule.format("MO"), "2027-08-10", 2027)) == ["08-10", "08-15", "08-24", "08-29"]
    assert text(dates(rule.format("SU"), "2027-08-10", 2027)) == ["08-10", "08-22", "08-24", "09-05"]


def test_week_numbers_are_those_of_iso_8601() -> None:
    assert text(dates("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "2026-01-01", 2026)) == ["05-11"]


def test_there_are_no_dates_before_the_start_and_none_in_a_far_future() -> None:
    assert dates("FREQ=DAILY", "2026-07-06", 2025) == []
    assert len(dates("FREQ=DAILY", "2026-07-06", 2026 + MAX_YEARS)) == 365
    assert dates("FREQ=DAILY", "2026-07-06", 2026 + MAX_YEARS + 1) == []
    assert dates("FREQ=DAILY", "2090-07-06", 2100) == []


@st.composite
def rules_with_starts(draw: st.DrawFn, first: date, last: date) -> tuple[str, date]:
    start = draw(st.dates(first, last))
    return draw(rrules(start, max(start, last))), start


def check(rrule: str, start: date, years: list[int]) -> list[date]:
    found = [EPOCH + timedelta(days=day) for year in years for day in sorted(days_of(rrule, start, year))]
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    assert found == [day for day in dates_by_dateutil(rrule, start, first, last) if day.year in years]
    return found


@patient
@given(rules_with_starts(date(2000, 1, 1), date(2037, 12, 31)), st.integers(0, 37))
def test_the_dates_are_those_that_dateutil_finds(rule: tuple[str, date], later: int) -> None:
    rrule, start = rule
    assume(recurrence_or_none(rrule, start))
    soon = range(start.year, min(start.year + 3, 2038))
    found = check(rrule, start, sorted({*soon, min(start.year + later, 2037)}))
    event("some dates" if found else "no dates")


@patient
@given(rules_with_starts(date(2000, 1, 1), date(2004, 12, 31)))
def test_the_dates_of_a_whole_generation_are_those_that_dateutil_finds(rule: tuple[str, date]) -> None:
    assume(recurrence_or_none(*rule))
    check(*rule, list(range(2000, 2038, 5)))


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=DAILY;INTERVAL=7",
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,SU;WKST=WE",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=31",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY;INTERVAL=2;BYWEEKNO=53",
        "FREQ=YEARLY;BYYEARDAY=366",
        "FREQ=YEARLY;BYDAY=MO;BYSETPOS=-1",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=100",
    ],
)
def test_until_2099_the_dates_are_those_that_dateutil_finds(rrule: str) -> None:
    assert check(rrule, date(2032, 2, 2), list(range(2032, 2100)))
