"""Answers that other schedulers' tests give, as facts. ``data/slots.json`` explains its fields and sources."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from singleuse_app.scheduling.availability import AvailabilitySchedule, DateOverride, WeeklyHours
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.open_hours import open_intervals
from singleuse_app.scheduling.slot_rules import SlotRules
from singleuse_app.scheduling.slots import available_slots
from tests.scheduling.scenes import minute

VECTORS = json.loads((Path(__file__).parent / "data" / "slots.json").read_text())["vectors"]

ASSERTIONS = {
    "expected",
    "expected_count",
    "expected_first",
    "expected_last",
    "expected_contains",
    "expected_absent",
    "expected_windows",
    "expected_free",
}
NOT_UNDERSTOOD = {"rolling_days", "expected_first_not_before"}  # in no vector


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def interval(pair: list[str]) -> Interval:
    return Interval(instant(pair[0]), instant(pair[1]))


def read_schedule(vector: dict) -> AvailabilitySchedule:
    """Weekdays turn from Sunday = 0 to Monday = 0; hours that end before they start, which are refused, are dropped."""
    written = vector["schedule"]
    weekly = tuple(
        WeeklyHours((day - 1) % 7, minute(hours["start"]), minute(hours["end"]))
        for hours in written["weekly"]
        for day in hours["days"]
        if minute(hours["start"]) < minute(hours["end"])
    )
    overrides = tuple(
        DateOverride(
            date.fromisoformat(override["date"]), tuple((minute(a), minute(b)) for a, b in override["intervals"])
        )
        for override in written["overrides"]
    )
    if "bookable_dates" in vector:  # the same weekly hours, on these dates alone
        days = [date.fromisoformat(day) for day in vector["bookable_dates"]]
        overrides = tuple(
            DateOverride(day, tuple((h.start_minute, h.end_minute) for h in weekly if h.weekday == day.weekday()))
            for day in days
        )
        weekly = ()
    return AvailabilitySchedule(written["tz"], weekly, overrides)


def starts(vector: dict, duration: int, increment: int) -> list[datetime]:
    first, last = (instant(end) for end in vector["range"])
    rules = SlotRules(
        duration=timedelta(minutes=duration),
        start_time_increment=timedelta(minutes=increment),
        before_buffer=timedelta(minutes=vector["buffer_before"]),
        after_buffer=timedelta(minutes=vector["buffer_after"]),
        minimum_notice=timedelta(minutes=vector["notice_min"]),
        max_per_day=vector.get("max_bookings_per_day"),
    )
    busy = [interval(block) for block in vector["busy"]]
    slots = available_slots(
        rules,
        read_schedule(vector),
        busy,
        now=instant(vector["now"]),
        within=Interval(first, last + timedelta(seconds=1)),
        booked=[block.start for block in busy[: vector.get("own_bookings_that_day", 0)]],
    )
    assert all(slot.end - slot.start == rules.duration for slot in slots)
    return [slot.start for slot in slots]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_the_answer_is_the_one_that_another_scheduler_gives(vector: dict) -> None:
    assert not NOT_UNDERSTOOD & vector.keys()
    assert ASSERTIONS & vector.keys()
    found = starts(vector, vector["duration_min"], vector["increment_min"])
    assert found == sorted(found)
    if "expected" in vector:
        assert found == [instant(start) for start in vector["expected"]]
    if "expected_count" in vector:
        assert len(found) == vector["expected_count"]
    if "expected_first" in vector:
        assert found[0] == instant(vector["expected_first"])
    if "expected_last" in vector:
        assert found[-1] == instant(vector["expected_last"])
    assert {instant(start) for start in vector.get("expected_contains", [])} <= set(found)
    assert not {instant(start) for start in vector.get("expected_absent", [])} & set(found)
    if "expected_windows" in vector:
        windows = open_intervals(read_schedule(vector), interval(vector["range"]))
        assert windows == [interval(window) for window in vector["expected_windows"]]
    if "expected_free" in vector:  # what is free is where a meeting of one minute fits
        free = [interval(stretch) for stretch in vector["expected_free"]]
        one = timedelta(minutes=1)
        minutes = [part.start + n * one for part in free for n in range((part.end - part.start) // one)]
        assert starts(vector, 1, 1) == minutes


def test_without_its_cap_a_day_with_a_booking_still_has_slots() -> None:
    [capped] = [vector for vector in VECTORS if "max_bookings_per_day" in vector]
    uncapped = {name: value for name, value in capped.items() if name != "max_bookings_per_day"}
    assert len(starts(uncapped, 60, 60)) == 23
