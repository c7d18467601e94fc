"""The engine against itself: what must hold between its answers to two questions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import assume, event, given
from hypothesis import strategies as st

from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.open_hours import open_intervals
from singleuse_app.scheduling.slot_rules import SlotRules
from singleuse_app.scheduling.slots import Slot, counted_range
from tests.scheduling.brute_force import Wall, minutes, overlap
from tests.scheduling.scenes import DAY, MINUTE, SECOND
from tests.scheduling.strategies import (
    BUFFERS,
    DURATIONS,
    INCREMENTS,
    MEETINGS,
    NOTICES,
    WINDOWS,
    Question,
    anything,
    changes_of,
    in_minutes,
    instants,
    intervals,
    patient,
    questions,
    weekly_hours,
)

WEEK = 7 * DAY
STEADY_ZONES = ["UTC", "Asia/Kolkata", "Asia/Kathmandu", "America/Phoenix", "Etc/GMT+12", "Pacific/Kiritimati"]


@patient
@given(questions(recurring=True, longest=DAY))
def test_the_open_minutes_are_those_whose_wall_reading_lies_in_the_hours(question: Question) -> None:
    within = question.within
    wall = Wall(question.schedule, within.start, within.end)
    found = open_intervals(question.schedule, within)
    inside = {minute for interval in found for minute in minutes(interval.start, interval.end)}
    assert inside == {minute for minute in minutes(within.start, within.end) if wall.is_open(minute)}
    assert all(interval.start < interval.end for interval in found)
    assert all(earlier.end < later.start for earlier, later in pairwise(found))
    assert all(within.start <= interval.start and interval.end <= within.end for interval in found)


@patient
@given(anything(days=10, longest=20 * DAY), st.data())
def test_a_part_of_the_range_has_that_part_of_the_slots(question: Question, data: st.DataObject) -> None:
    within, length = question.within, question.within.end - question.within.start
    start = within.start + data.draw(st.timedeltas(timedelta(0), length))
    part = Interval(start, data.draw(st.sampled_from([within.end, min(start + DAY, within.end)])))
    expected = [slot for slot in question.slots() if part.start <= slot.start < part.end]
    event("some slots" if expected else "no slots")
    assert replace(question, within=part).slots() == expected


@patient
@given(anything(days=5, longest=10 * DAY), in_minutes(0, 3000), in_minutes(0, 3000))
def test_a_wider_range_never_removes_a_slot(question: Question, earlier: timedelta, later: timedelta) -> None:
    wider = Interval(question.within.start - earlier, question.within.end + later)
    assert set(question.slots()) <= set(replace(question, within=wider).slots())


@patient
@given(questions(days=10, longest=20 * DAY), st.data())
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
@given(anything(), st.data())
def test_more_busy_time_never_adds_a_slot(question: Question, data: st.DataObject) -> None:
    more = data.draw(st.lists(intervals(question.within.start, days=2, lengths=MEETINGS), max_size=3))
    fewer = replace(question, busy=question.busy + more).slots()
    assert set(fewer) <= set(question.slots())
    assert fewer == replace(question, busy=more[::-1] + question.busy[::-1] + more).slots()


@patient
@given(anything())
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
@given(anything(), st.data())
def test_more_bookings_that_a_cap_counts_never_add_a_slot(question: Question, data: st.DataObject) -> None:
    more = data.draw(st.lists(instants(question.within.start, days=8), min_size=1, max_size=4))
    capped = replace(question, booked=question.booked + more)
    assert set(capped.slots()) <= set(question.slots())
    assert capped.slots() == replace(capped, booked=capped.booked[::-1]).slots()


@patient
@given(anything(), st.lists(st.integers(-400, 400), max_size=6))
def test_bookings_outside_the_counted_range_change_nothing(question: Question, away: list[int]) -> None:
    counted = counted_range(question.rules, question.within)
    booked = [question.within.start + days * DAY for days in away]
    known = [start for start in booked if counted and counted.start <= start < counted.end]
    assert replace(question, booked=booked).slots() == replace(question, booked=known).slots()


@patient
@given(st.data())
def test_a_week_later_all_is_the_same_a_week_later(data: st.DataObject) -> None:
    zone = data.draw(st.sampled_from(STEADY_ZONES))
    assert not changes_of(zone)
    middle = data.draw(instants(datetime(2019, 1, 1, tzinfo=UTC), days=18 * 365))
    rules = SlotRules(
        duration=data.draw(DURATIONS),
        start_time_increment=data.draw(INCREMENTS),
        before_buffer=data.draw(BUFFERS),
        after_buffer=data.draw(BUFFERS),
        minimum_notice=data.draw(NOTICES),
        booking_window_days=data.draw(WINDOWS),
    )
    question = Question(
        rules,
        AvailabilitySchedule(zone, tuple(data.draw(weekly_hours()))),
        data.draw(st.lists(intervals(middle, days=3, lengths=MEETINGS), max_size=6)),
        data.draw(instants(middle - DAY, days=2)),
        data.draw(intervals(middle - DAY, days=1, lengths=st.just(3 * DAY))),
        data.draw(st.lists(instants(middle, days=3), max_size=3)),
    )
    later = Question(
        rules,
        question.schedule,
        [Interval(block.start + WEEK, block.end + WEEK) for block in question.busy],
        question.now + WEEK,
        Interval(question.within.start + WEEK, question.within.end + WEEK),
        [start + WEEK for start in question.booked],
    )
    assert later.slots() == [Slot(slot.start + WEEK, slot.end + WEEK) for slot in question.slots()]


@patient
@given(questions(recurring=True, days=3, longest=5 * DAY), st.data())
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
