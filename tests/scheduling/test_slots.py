"""Which starts are on offer, one rule at a time."""

from datetime import UTC, date, datetime, timedelta

import pytest

from singleuse_app.scheduling.availability import AvailabilitySchedule, DateOverride, WeeklyHours
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.slot_rules import SlotRules
from singleuse_app.scheduling.slots import Slot, available_slots
from tests.scheduling.scenes import ALWAYS, HOUR, HOURLY, LONG_AGO, MINUTE, SECOND, at, daily, starts, taken

# Weekly hours and the grid


def test_weekly_hours_offer_their_weekday_and_no_other() -> None:
    schedule = daily("UTC", "09:00", "11:00", 0)  # 6 July 2026 is a Monday
    assert starts(schedule, "2026-07-05", 8) == ["06 09:00", "06 10:00"]


def test_a_slot_has_the_start_and_the_end_of_the_meeting_in_utc() -> None:
    within = taken("2026-07-06T00:00", "2026-07-07T00:00")
    slots = available_slots(HOURLY, daily("Europe/Berlin", "09:00", "10:00"), [], now=LONG_AGO, within=within)
    assert slots == [Slot(at("2026-07-06T07:00"), at("2026-07-06T08:00"))]
    assert slots[0].start.tzinfo is UTC


def test_starts_step_by_the_increment_and_the_whole_meeting_stays_inside() -> None:
    rules = SlotRules(duration=45 * MINUTE, start_time_increment=20 * MINUTE)
    assert starts(daily("UTC", "09:10", "10:35"), "2026-07-06", rules=rules) == ["06 09:10", "06 09:30", "06 09:50"]


def test_a_meeting_longer_than_the_hours_is_never_offered() -> None:
    rules = SlotRules(duration=61 * MINUTE, start_time_increment=MINUTE)
    assert starts(daily("UTC", "09:00", "10:00"), "2026-07-06", rules=rules) == []


def test_hours_across_midnight_have_one_grid() -> None:
    schedule = AvailabilitySchedule("UTC", (WeeklyHours(0, 1320, 1440), WeeklyHours(1, 0, 120)))
    rules = SlotRules(duration=50 * MINUTE, start_time_increment=50 * MINUTE)
    assert starts(schedule, "2026-07-06", 2, rules=rules) == ["06 22:00", "06 22:50", "06 23:40", "07 00:30"]
    assert starts(schedule, "2026-07-07", rules=rules) == ["07 00:30"]


def test_a_meeting_may_run_past_the_end_of_the_range() -> None:
    schedule = daily("UTC", "23:30", "24:00", 0)
    rules = SlotRules(duration=30 * MINUTE, start_time_increment=30 * MINUTE)
    within = taken("2026-07-06T23:30", "2026-07-06T23:31")
    assert len(available_slots(rules, schedule, [], now=LONG_AGO, within=within)) == 1


def test_the_range_holds_its_first_instant_and_not_its_last() -> None:
    schedule = daily("UTC", "09:00", "12:00")
    within = taken("2026-07-06T09:00", "2026-07-06T11:00")
    slots = available_slots(HOURLY, schedule, [], now=LONG_AGO, within=within)
    assert [slot.start.hour for slot in slots] == [9, 10]


def test_a_range_may_start_and_end_within_a_second() -> None:
    nine, tick = at("2026-07-06T09:00"), timedelta(microseconds=1)
    schedule = daily("UTC", "09:00", "12:00")
    for within, found in ((Interval(nine, nine + tick), 1), (Interval(nine + tick, nine + HOUR), 0)):
        assert len(available_slots(HOURLY, schedule, [], now=LONG_AGO, within=within)) == found


def test_an_empty_range_holds_nothing() -> None:
    within = taken("2026-07-06T09:00", "2026-07-06T09:00")
    assert available_slots(HOURLY, daily("UTC", "09:00", "12:00"), [], now=LONG_AGO, within=within) == []


def test_one_second_asks_for_one_start() -> None:
    schedule = daily("UTC", "09:00", "12:00")
    for minute, offered in ((0, True), (1, False), (30, True)):
        start = at("2026-07-06T10:00") + minute * MINUTE
        rules = SlotRules(duration=HOUR, start_time_increment=30 * MINUTE)
        slots = available_slots(rules, schedule, [], now=LONG_AGO, within=Interval(start, start + SECOND))
        assert slots == ([Slot(start, start + HOUR)] if offered else [])


# The host's zone and its clock changes


def test_the_same_hours_are_other_instants_in_another_zone() -> None:
    assert starts(daily("Asia/Kolkata", "09:00", "10:00", 0), "2026-07-06") == ["06 03:30"]
    assert starts(daily("America/Los_Angeles", "09:00", "10:00", 0), "2026-07-06") == ["06 16:00"]


def test_starts_keep_their_wall_time_when_clocks_change() -> None:
    schedule = daily("America/New_York", "09:00", "10:00")
    assert starts(schedule, "2026-03-07", 3) == ["07 14:00", "08 13:00", "09 13:00"]
    assert starts(schedule, "2026-10-31", 3) == ["31 13:00", "01 14:00", "02 14:00"]


def test_a_skipped_hour_offers_nothing_and_the_meeting_spans_it() -> None:
    # At 02:00 in New York, 07:00 UTC, the clock turned to 03:00.
    schedule = daily("America/New_York", "01:00", "04:00", 6)
    assert starts(schedule, "2026-03-08") == ["08 06:00", "08 07:00"]


def test_a_repeated_hour_is_offered_twice() -> None:
    schedule = daily("America/New_York", "01:00", "03:00", 6)
    assert starts(schedule, "2026-11-01") == ["01 05:00", "01 06:00", "01 07:00"]


def test_a_repeated_half_hour_is_offered_twice() -> None:
    rules = SlotRules(duration=30 * MINUTE, start_time_increment=30 * MINUTE)
    schedule = daily("Australia/Lord_Howe", "01:00", "02:30", 6)
    assert starts(schedule, "2026-04-04", 2, rules=rules) == ["04 14:00", "04 14:30", "04 15:00", "04 15:30"]


def test_a_date_that_a_zone_skipped_offers_nothing() -> None:
    assert starts(daily("Pacific/Apia", "09:00", "10:00", 4), "2011-12-28", 5) == []  # Friday, 30 December
    assert starts(daily("Pacific/Apia", "09:00", "10:00", 3, 5), "2011-12-28", 5) == ["29 19:00", "30 19:00"]


# Existing bookings


def test_what_is_busy_removes_the_starts_that_collide_and_moves_none() -> None:
    schedule = daily("UTC", "09:00", "14:00")
    busy = (taken("2026-07-06T10:30", "2026-07-06T10:40"),)
    assert starts(schedule, "2026-07-06", busy=busy) == ["06 09:00", "06 11:00", "06 12:00", "06 13:00"]


def test_a_meeting_may_touch_what_is_busy() -> None:
    busy = (taken("2026-07-06T10:00", "2026-07-06T11:00"),)
    assert starts(daily("UTC", "09:00", "12:00"), "2026-07-06", busy=busy) == ["06 09:00", "06 11:00"]


def test_one_microsecond_of_overlap_is_a_collision() -> None:
    tick = timedelta(microseconds=1)
    touching = taken("2026-07-06T10:00", "2026-07-06T11:00")
    early, late = (Interval(touching.start - tick, touching.end), Interval(touching.start, touching.end + tick))
    schedule = daily("UTC", "09:00", "12:00")
    assert starts(schedule, "2026-07-06", busy=(early,)) == ["06 11:00"]
    assert starts(schedule, "2026-07-06", busy=(late,)) == ["06 09:00"]


def test_an_empty_busy_interval_takes_no_time() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, before_buffer=HOUR, after_buffer=HOUR)
    busy = (taken("2026-07-06T09:30", "2026-07-06T09:30"),)
    assert starts(daily("UTC", "09:00", "10:00"), "2026-07-06", rules=rules, busy=busy) == ["06 09:00"]


def test_busy_intervals_may_overlap_and_come_in_any_order() -> None:
    busy = (
        taken("2026-07-06T13:00", "2026-07-06T13:10"),
        taken("2026-07-05T00:00", "2026-07-06T09:30"),
        taken("2026-07-06T10:00", "2026-07-06T11:30"),
        taken("2026-07-06T10:10", "2026-07-06T10:20"),
    )
    schedule = daily("UTC", "08:00", "15:00")
    assert starts(schedule, "2026-07-06", busy=busy) == ["06 12:00", "06 14:00"]
    assert starts(schedule, "2026-07-06", busy=busy[::-1]) == ["06 12:00", "06 14:00"]


def test_a_booking_blocks_its_own_instant_on_both_sides_of_a_spring_change() -> None:
    # The wall says 10:00 on both days; in UTC that is 15:00 before the change of 8 March 2026 and 14:00 after it.
    schedule = daily("America/New_York", "09:00", "12:00", 5, 6)
    busy = (taken("2026-03-07T15:00", "2026-03-07T16:00"), taken("2026-03-08T14:00", "2026-03-08T15:00"))
    assert starts(schedule, "2026-03-07", 2, busy=busy[:1]) == [
        "07 14:00", "07 16:00", "08 13:00", "08 14:00", "08 15:00",
    ]  # fmt: skip
    assert starts(schedule, "2026-03-07", 2, busy=busy) == ["07 14:00", "07 16:00", "08 13:00", "08 15:00"]


def test_a_booking_blocks_its_own_instant_on_both_sides_of_an_autumn_change() -> None:
    schedule = daily("Europe/London", "09:00", "12:00", 5, 6)
    busy = (taken("2026-10-24T09:00", "2026-10-24T10:00"), taken("2026-10-25T10:00", "2026-10-25T11:00"))
    assert starts(schedule, "2026-10-24", 2, busy=busy[1:]) == [
        "24 08:00", "24 09:00", "24 10:00", "25 09:00", "25 11:00",
    ]  # fmt: skip
    assert starts(schedule, "2026-10-24", 2, busy=busy) == ["24 08:00", "24 10:00", "25 09:00", "25 11:00"]


def test_a_booking_in_one_pass_of_a_repeated_hour_leaves_the_other_free() -> None:
    schedule = daily("America/New_York", "01:00", "02:00", 6)
    first, second = (taken("2026-11-01T05:00", "2026-11-01T06:00"), taken("2026-11-01T06:00", "2026-11-01T07:00"))
    assert starts(schedule, "2026-11-01", busy=(first,)) == ["01 06:00"]
    assert starts(schedule, "2026-11-01", busy=(second,)) == ["01 05:00"]


# Buffers


def test_buffers_keep_free_what_lies_before_and_after() -> None:
    schedule = daily("UTC", "08:00", "14:00")
    busy = (taken("2026-07-06T10:00", "2026-07-06T11:00"),)
    before = SlotRules(duration=HOUR, start_time_increment=30 * MINUTE, before_buffer=HOUR)
    after = SlotRules(duration=HOUR, start_time_increment=30 * MINUTE, after_buffer=HOUR)
    morning = ["06 08:00", "06 08:30", "06 09:00"]
    afternoon = ["06 11:00", "06 11:30", "06 12:00", "06 12:30", "06 13:00"]
    assert starts(schedule, "2026-07-06", rules=before, busy=busy) == morning + afternoon[2:]
    assert starts(schedule, "2026-07-06", rules=after, busy=busy) == morning[:1] + afternoon


def test_buffers_may_stick_out_of_the_open_hours() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, before_buffer=2 * HOUR, after_buffer=2 * HOUR)
    assert starts(daily("UTC", "09:00", "10:00"), "2026-07-06", rules=rules) == ["06 09:00"]


def test_buffers_collide_with_what_is_busy_outside_the_open_hours() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=HOUR, before_buffer=30 * MINUTE)
    busy = (taken("2026-07-06T08:00", "2026-07-06T08:31"),)
    assert starts(daily("UTC", "09:00", "11:00"), "2026-07-06", rules=rules, busy=busy) == ["06 10:00"]


# Open around the clock


def test_open_around_the_clock_the_grid_starts_afresh_at_each_local_midnight() -> None:
    rules = SlotRules(duration=8 * HOUR, start_time_increment=7 * HOUR)
    schedule = AvailabilitySchedule("Asia/Kolkata", ALWAYS)
    expected = ["06 01:30", "06 08:30", "06 15:30", "06 18:30"]  # 07:00, 14:00 and 21:00; then 00:00 of the next date
    assert starts(schedule, "2026-07-06", rules=rules) == expected


def test_open_around_the_clock_starts_follow_the_wall_after_a_clock_change() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=6 * HOUR)
    schedule = AvailabilitySchedule("Europe/Berlin", ALWAYS)
    assert starts(schedule, "2026-03-28", rules=rules) == ["28 05:00", "28 11:00", "28 17:00", "28 23:00"]
    assert starts(schedule, "2026-03-29", rules=rules) == ["29 05:00", "29 11:00", "29 17:00", "29 22:00"]
    assert starts(schedule, "2026-03-30", rules=rules) == ["30 04:00", "30 10:00", "30 16:00", "30 22:00"]


def test_a_window_of_several_days_has_one_grid_for_a_week_and_then_one_a_day() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=7 * HOUR)
    schedule = AvailabilitySchedule("UTC", ALWAYS, (DateOverride(date(2026, 7, 6), ((1200, 1440),)),))  # from 20:00
    assert starts(schedule, "2026-07-06", 2, rules=rules) == ["06 20:00", "07 03:00", "07 10:00", "07 17:00"]
    assert starts(schedule, "2026-07-13", 2, rules=rules) == [
        "13 06:00", "13 13:00", "13 20:00", "14 00:00", "14 07:00", "14 14:00", "14 21:00",
    ]  # fmt: skip


def test_a_midnight_exactly_a_week_after_the_start_of_a_window_still_belongs_to_its_grid() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=5 * HOUR)
    schedule = AvailabilitySchedule("UTC", ALWAYS, (DateOverride(date(2026, 7, 5), ()),))
    found = starts(schedule, "2026-07-13", 2, rules=rules)
    assert found[:6] == ["13 02:00", "13 07:00", "13 12:00", "13 17:00", "13 22:00", "14 00:00"]


def test_a_day_off_long_ago_does_not_move_the_grid_of_today() -> None:
    rules = SlotRules(duration=HOUR, start_time_increment=7 * HOUR)
    once_closed = AvailabilitySchedule("UTC", ALWAYS, (DateOverride(date(2026, 6, 1), ((0, 720),)),))
    assert starts(once_closed, "2026-07-06", 3, rules=rules) == starts(
        AvailabilitySchedule("UTC", ALWAYS), "2026-07-06", 3, rules=rules
    )


# Instants


def test_a_naive_now_is_refused() -> None:
    naive = at("2026-07-06T09:00").replace(tzinfo=None)
    within = taken("2026-07-06T00:00", "2026-07-07T00:00")
    with pytest.raises(ValueError, match="needs a time zone"):
        available_slots(HOURLY, daily("UTC", "09:00", "12:00"), [], now=naive, within=within)


def test_a_now_of_another_zone_is_the_same_instant() -> None:
    schedule = daily("UTC", "09:00", "11:00")
    now = datetime.fromisoformat("2026-07-06T11:00+02:00")
    assert starts(schedule, "2026-07-06", now=now) == ["06 10:00"]


def test_a_range_at_the_end_of_the_calendar_holds_nothing_and_raises_nothing() -> None:
    end = datetime.max.replace(tzinfo=UTC)
    schedule = AvailabilitySchedule("Pacific/Pago_Pago", ALWAYS)
    assert available_slots(HOURLY, schedule, [], now=LONG_AGO, within=Interval(end - SECOND, end)) == []
