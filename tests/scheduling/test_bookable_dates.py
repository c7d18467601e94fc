"""On which dates an event type can be booked: notice, booking window, first and last date, caps."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from singleuse_app.scheduling.availability import AvailabilitySchedule, WeeklyHours
from singleuse_app.scheduling.slot_rules import SlotRules
from singleuse_app.scheduling.slots import available_slots, counted_range
from tests.scheduling.scenes import ALWAYS, DAY, HOUR, HOURLY, MINUTE, TICK, at, daily, starts, taken

# Minimum notice and booking window


def test_without_notice_a_start_must_lie_after_now() -> None:
    schedule, tick = daily("UTC", "09:00", "11:00"), TICK
    nine = at("2026-07-06T09:00")
    assert starts(schedule, "2026-07-06", now=nine - tick) == ["06 09:00", "06 10:00"]
    assert starts(schedule, "2026-07-06", now=nine) == ["06 10:00"]
    assert starts(schedule, "2026-07-06", now=nine + tick) == ["06 10:00"]


def test_with_notice_a_start_may_lie_exactly_that_far_ahead() -> None:
    schedule, tick = daily("UTC", "09:00", "11:00"), TICK
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, minimum_notice=DAY)
    nine = at("2026-07-05T09:00")
    assert starts(schedule, "2026-07-06", rules=rules, now=nine) == ["06 09:00", "06 10:00"]
    assert starts(schedule, "2026-07-06", rules=rules, now=nine + tick) == ["06 10:00"]


def test_notice_moves_no_start() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, minimum_notice=90 * MINUTE)
    now = at("2026-07-06T08:10")
    assert starts(daily("UTC", "09:30", "13:00"), "2026-07-06", rules=rules, now=now) == ["06 10:30", "06 11:30"]


def test_notice_is_elapsed_time_across_a_clock_change() -> None:
    # From 10:00 on Saturday to 10:00 on Sunday only 23 hours pass in New York on 8 March 2026.
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, minimum_notice=DAY)
    schedule = daily("America/New_York", "10:00", "12:00", 6)
    assert starts(schedule, "2026-03-08", rules=rules, now=at("2026-03-07T15:00")) == ["08 15:00"]


def test_the_booking_window_holds_its_whole_last_date_in_the_hosts_zone() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, booking_window_days=1)
    schedule = daily("America/Los_Angeles", "22:00", "24:00")
    # 06:30 UTC on the 6th is still the 5th in Los Angeles; the last date, the 6th, ends at 07:00 UTC on the 7th.
    now = at("2026-07-06T06:30")
    assert starts(schedule, "2026-07-05", 5, rules=rules, now=now) == ["07 05:00", "07 06:00"]
    two_nights = ["07 05:00", "07 06:00", "08 05:00", "08 06:00"]
    assert starts(schedule, "2026-07-05", 5, rules=rules, now=now + HOUR) == two_nights


def test_a_booking_window_of_no_days_is_today() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, booking_window_days=0)
    now = at("2026-07-06T09:30")
    assert starts(daily("UTC", "09:00", "12:00"), "2026-07-06", 3, rules=rules, now=now) == ["06 10:00", "06 11:00"]


def test_a_meeting_may_run_past_the_end_of_the_booking_window() -> None:
    rules = SlotRules(duration=2 * HOUR, start_time_increment=HOUR, booking_window_days=0)
    schedule = AvailabilitySchedule("UTC", (WeeklyHours(0, 1380, 1440), WeeklyHours(1, 0, 180)))
    assert starts(schedule, "2026-07-06", 3, rules=rules, now=at("2026-07-06T09:30")) == ["06 23:00"]


def test_the_last_date_ends_where_the_clock_shows_it_for_the_last_time() -> None:
    # At 02:00 on 5 March 2010 clocks at Casey station went back to 23:00 on 4 March: 15:00 UTC.
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, booking_window_days=0)
    schedule = AvailabilitySchedule("Antarctica/Casey", ALWAYS)
    assert starts(schedule, "2010-03-04", 2, rules=rules, now=at("2010-03-04T11:00")) == ["04 12:00", "04 15:00"]


# First and last date


def test_the_first_and_the_last_date_are_both_bookable() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, first_date=date(2026, 7, 7), last_date=date(2026, 7, 8))
    assert starts(daily("UTC", "09:00", "10:00"), "2026-07-05", 6, rules=rules) == ["07 09:00", "08 09:00"]


def test_first_and_last_date_are_those_of_the_hosts_zone() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, first_date=date(2026, 7, 7), last_date=date(2026, 7, 7))
    schedule = daily("Pacific/Kiritimati", "00:00", "02:00")  # UTC+14
    assert starts(schedule, "2026-07-05", 4, rules=rules) == ["06 10:00", "06 11:00"]


def test_the_earlier_of_the_last_date_and_the_booking_window_counts() -> None:
    schedule, now = daily("UTC", "09:00", "10:00"), at("2026-07-06T08:00")
    for last_date, days, found in ((7, 5, ["06 09:00", "07 09:00"]), (20, 0, ["06 09:00"])):
        rules = SlotRules(
            duration=HOUR,
            start_time_increment=HOUR,
            last_date=date(2026, 7, last_date),
            booking_window_days=days,
        )
        assert starts(schedule, "2026-07-05", 9, rules=rules, now=now) == found


# Caps


def test_a_day_is_full_with_as_many_bookings_as_its_cap() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, max_per_day=2)
    schedule = daily("UTC", "09:00", "11:00")
    one = [at("2026-07-06T15:00")]
    assert starts(schedule, "2026-07-06", rules=rules, booked=one) == ["06 09:00", "06 10:00"]
    assert starts(schedule, "2026-07-06", 2, rules=rules, booked=one * 2) == ["07 09:00", "07 10:00"]


def test_a_booking_counts_on_the_date_of_its_start_in_the_hosts_zone() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, max_per_day=1)
    schedule = daily("America/Los_Angeles", "09:00", "10:00")
    late_on_the_sixth = [at("2026-07-07T06:59") + 59 * TICK]
    assert starts(schedule, "2026-07-06", 2, rules=rules, booked=late_on_the_sixth) == ["07 16:00"]


def test_a_week_is_counted_from_monday_to_sunday() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, max_per_week=1)
    schedule = daily("UTC", "09:00", "10:00")
    every = [f"{day:02} 09:00" for day in range(4, 15)]  # 6 July 2026 is a Monday
    for booked in ("2026-07-06T00:00", "2026-07-12T23:59"):
        found = starts(schedule, "2026-07-04", 11, rules=rules, booked=[at(booked)])
        assert found == [start for start in every if not "06" <= start[:2] <= "12"]


def test_a_month_is_that_of_the_calendar() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, max_per_month=1)
    schedule = daily("UTC", "09:00", "10:00")
    for booked in ("2026-07-01T00:00", "2026-07-31T23:59"):
        assert starts(schedule, "2026-06-30", 34, rules=rules, booked=[at(booked)]) == [
            "30 09:00", "01 09:00", "02 09:00",
        ]  # fmt: skip


def test_the_same_month_of_another_year_is_another_month() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, max_per_month=1)
    booked = [at("2025-07-06T09:00"), at("2027-07-06T09:00")]
    assert starts(daily("UTC", "09:00", "10:00"), "2026-07-06", rules=rules, booked=booked) == ["06 09:00"]


def test_a_date_that_a_clock_shows_twice_is_counted_as_one() -> None:
    # At 02:00 on 5 March 2010 clocks at Casey station went back to 23:00 on 4 March: 15:00 UTC.
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, max_per_day=1)
    schedule = AvailabilitySchedule("Antarctica/Casey", ALWAYS)
    found = starts(schedule, "2010-03-04", 1, rules=rules, booked=[at("2010-03-04T15:30")])
    assert found == ["04 13:00", "04 14:00", *(f"04 {hour}:00" for hour in range(16, 24))]


def test_every_booking_that_a_cap_counts_lies_in_the_counted_range() -> None:
    within = taken("2026-07-15T09:00", "2026-07-15T10:00")
    for field, first, last in (
        ("max_per_day", "2026-07-14T10:00", "2026-07-16T12:00"),
        ("max_per_week", "2026-07-12T10:00", "2026-07-20T12:00"),
        ("max_per_month", "2026-06-30T10:00", "2026-08-01T12:00"),
    ):
        counted = counted_range(replace(HOURLY, **{field: 1}), within)
        assert counted
        assert counted.start <= at(first)
        assert at(last) <= counted.end
    assert counted_range(HOURLY, within) is None


@pytest.mark.parametrize("field", ["max_per_day", "max_per_week", "max_per_month"])
def test_without_bookings_no_cap_closes_anything(field: str) -> None:
    rules = replace(HOURLY, **{field: 1})
    assert starts(daily("UTC", "09:00", "10:00"), "2026-07-06", rules=rules) == ["06 09:00"]


def test_a_naive_now_is_refused_whatever_the_rules() -> None:
    within = taken("2026-07-06T00:00", "2026-07-07T00:00")
    for rules in (HOURLY, SlotRules(HOUR, HOUR, booking_window_days=3), SlotRules(HOUR, HOUR, minimum_notice=HOUR)):
        with pytest.raises(ValueError, match="needs a time zone"):
            available_slots(rules, daily("UTC", "09:00", "12:00"), [], now=datetime(2026, 7, 6), within=within)  # noqa: DTZ001
