"""Why a time is not on offer."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from singleuse_app.scheduling.availability import AvailabilitySchedule, DateOverride
from singleuse_app.scheduling.explain import Reason, WhyNot, explain
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.public_holidays import PublicHolidays
from singleuse_app.scheduling.recurrence import Recurrence
from singleuse_app.scheduling.slot_rules import SlotRules
from tests.scheduling.scenes import ALWAYS, DAY, HOUR, HOURLY, LONG_AGO, MINUTE, SECOND, TICK, at, daily, taken, weekly
from tests.scheduling.strategies import Question, anything, patient

NINE_TO_FIVE = daily("UTC", "09:00", "17:00")
TEN = "2026-07-06T10:00"  # a Monday


def why(
    start: str,
    schedule: AvailabilitySchedule = NINE_TO_FIVE,
    *,
    rules: SlotRules = HOURLY,
    busy: tuple[Interval, ...] = (),
    now: datetime = LONG_AGO,
    booked: tuple[datetime, ...] = (),
) -> list[str]:
    return [reason.reason.value for reason in explain(rules, schedule, busy, at(start), now=now, booked=booked)]


def test_what_is_on_offer_has_no_reason_not_to_be() -> None:
    assert why(TEN) == []


@pytest.mark.parametrize("start", ["2026-07-06T08:00", "2026-07-06T17:00", "2026-07-06T16:00:01"])
def test_outside_hours(start: str) -> None:
    assert "outside_hours" in why(start)


def test_no_grid_is_missed_where_nothing_is_open() -> None:
    assert why("2026-07-06T08:07") == ["outside_hours"]


def test_a_meeting_that_would_end_after_closing_is_outside_the_hours() -> None:
    rules = replace(HOURLY, start_time_increment=30 * MINUTE)
    assert why("2026-07-06T16:00", rules=rules) == []
    assert why("2026-07-06T16:30", rules=rules) == ["outside_hours"]


def test_a_date_override() -> None:
    day = date(2026, 7, 6)
    assert why(TEN, replace(NINE_TO_FIVE, date_overrides=(DateOverride(day, ()),))) == ["override"]
    assert why(TEN, replace(NINE_TO_FIVE, date_overrides=(DateOverride(day, ((720, 780),)),))) == ["override"]
    assert why("2026-07-07T10:00", replace(NINE_TO_FIVE, date_overrides=(DateOverride(day, ()),))) == []


def test_a_public_holiday_with_its_name() -> None:
    schedule = replace(NINE_TO_FIVE, holidays=PublicHolidays("US"))
    [reason] = explain(HOURLY, schedule, [], at("2026-12-25T10:00"), now=LONG_AGO)
    assert reason == WhyNot(reason.reason, "Christmas Day")
    assert reason.reason.value == "holiday"
    worked = replace(schedule, holidays=PublicHolidays("US", worked=frozenset({date(2026, 12, 25)})))
    assert explain(HOURLY, worked, [], at("2026-12-25T10:00"), now=LONG_AGO) == []


def test_a_recurring_day_off() -> None:
    mondays = Recurrence("FREQ=MONTHLY;BYDAY=1MO", date(2026, 1, 1))
    assert why(TEN, replace(NINE_TO_FIVE, recurrences=(mondays,))) == ["day_off"]


def test_nothing_but_a_holiday_has_a_name() -> None:
    [reason] = explain(HOURLY, NINE_TO_FIVE, [], at("2026-07-06T08:00"), now=LONG_AGO)
    assert not reason.holiday


def test_a_meeting_over_midnight_ends_on_a_day_that_says_why_it_is_closed() -> None:
    rules, late = SlotRules(2 * HOUR, HOUR), "2026-12-24T23:00"
    always = AvailabilitySchedule("UTC", ALWAYS)
    christmas = date(2026, 12, 25)
    assert why(late, always, rules=rules) == []
    assert why(late, replace(always, date_overrides=(DateOverride(christmas, ()),)), rules=rules) == ["override"]
    assert why(late, replace(always, recurrences=(Recurrence("FREQ=YEARLY", christmas),)), rules=rules) == ["day_off"]
    [reason] = explain(rules, replace(always, holidays=PublicHolidays("US")), [], at(late), now=LONG_AGO)
    assert (reason.reason.value, reason.holiday) == ("holiday", "Christmas Day")
    evenings = AvailabilitySchedule("UTC", weekly("20:00", "24:00"))
    assert why(late, evenings, rules=rules) == ["outside_hours"]


@pytest.mark.parametrize("start", ["2026-07-06T10:30", "2026-07-06T10:00:01", "2026-07-06T10:00:00.000001"])
def test_beside_the_grid(start: str) -> None:
    assert why(start) == ["grid"]


def test_too_soon() -> None:
    now = at("2026-07-06T09:30")
    assert why(TEN, now=now) == []
    assert why(TEN, now=at(TEN)) == ["notice"]
    assert why(TEN, rules=replace(HOURLY, minimum_notice=30 * MINUTE), now=now) == []
    assert why(TEN, rules=replace(HOURLY, minimum_notice=30 * MINUTE), now=now + TICK) == ["notice"]


def test_outside_the_booking_window() -> None:
    day, now = date(2026, 7, 6), at("2026-07-05T12:00")
    assert why(TEN, rules=replace(HOURLY, booking_window_days=1), now=now) == []
    for rules in (
        replace(HOURLY, booking_window_days=0),
        replace(HOURLY, first_date=day + timedelta(days=1)),
        replace(HOURLY, last_date=day - timedelta(days=1)),
    ):
        assert why(TEN, rules=rules, now=now) == ["booking_window"]


@pytest.mark.parametrize(
    ("period", "counted", "not_counted"),
    [
        ("day", "2026-07-06T23:00", "2026-07-07T09:00"),
        ("week", "2026-07-12T09:00", "2026-07-13T09:00"),
        ("month", "2026-07-31T09:00", "2026-06-30T09:00"),
    ],
)
def test_a_cap_that_is_reached(period: str, counted: str, not_counted: str) -> None:
    rules = replace(HOURLY, **{f"max_per_{period}": 2})
    assert why(TEN, rules=rules, booked=(at(counted), at(not_counted))) == []
    assert why(TEN, rules=rules, booked=(at(counted), at(counted))) == [f"cap_{period}"]


def test_busy() -> None:
    assert why(TEN, busy=(taken("2026-07-06T10:59", "2026-07-06T12:00"),)) == ["busy"]
    assert why(TEN, busy=(taken("2026-07-06T11:00", "2026-07-06T12:00"),)) == []
    assert why(TEN, busy=(taken("2026-07-06T10:30", "2026-07-06T10:30"),)) == []


def test_a_buffer() -> None:
    before, after = replace(HOURLY, before_buffer=15 * MINUTE), replace(HOURLY, after_buffer=15 * MINUTE)
    earlier, later = taken("2026-07-06T09:00", "2026-07-06T09:46"), taken("2026-07-06T11:14", "2026-07-06T12:00")
    assert why(TEN, rules=before, busy=(earlier,)) == ["buffer"]
    assert why(TEN, rules=before, busy=(later,)) == []
    assert why(TEN, rules=after, busy=(later,)) == ["buffer"]
    assert why(TEN, rules=after, busy=(earlier,)) == []


def test_a_calendar_by_its_name_once() -> None:
    rules, half_past = replace(HOURLY, before_buffer=15 * MINUTE), taken("2026-07-06T10:30", "2026-07-06T10:40")
    calendars = [("Work", half_past), ("Family", half_past), ("Work", taken("2026-07-06T10:50", "2026-07-06T10:55"))]
    found = explain(rules, NINE_TO_FIVE, [], at(TEN), now=LONG_AGO, calendars=calendars)
    assert found == [WhyNot(Reason.CALENDAR, calendar=name) for name in ("Work", "Family")]
    at_eleven = explain(rules, NINE_TO_FIVE, [], at("2026-07-06T11:00"), now=LONG_AGO, calendars=calendars)
    assert at_eleven == [WhyNot(Reason.BUFFER)]
    assert explain(rules, NINE_TO_FIVE, [half_past], at(TEN), now=LONG_AGO)[0].reason is Reason.BUSY


def test_what_is_busy_is_told_and_not_that_the_buffer_is_too() -> None:
    rules = replace(HOURLY, before_buffer=15 * MINUTE)
    assert why(TEN, rules=rules, busy=(taken("2026-07-06T09:50", "2026-07-06T10:10"),)) == ["busy"]


def test_all_reasons_are_told_hours_first_and_bookings_last() -> None:
    rules = replace(HOURLY, booking_window_days=0, max_per_day=1, max_per_week=1, max_per_month=1)
    start = at("2026-07-07T16:30")
    reasons = why(
        "2026-07-07T16:30",
        rules=replace(rules, last_date=date(2026, 7, 6)),
        busy=(Interval(start, start + HOUR),),
        now=start,
        booked=(start,),
    )
    assert reasons == [
        "outside_hours", "grid", "notice", "booking_window", "cap_day", "cap_week", "cap_month", "busy",
    ]  # fmt: skip


def test_a_naive_start_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        explain(HOURLY, NINE_TO_FIVE, [], datetime(2026, 7, 6, 10), now=LONG_AGO)  # noqa: DTZ001


ODD = st.sampled_from([TICK, 999_999 * TICK, SECOND, SECOND + TICK, 30 * SECOND, 59 * SECOND, MINUTE - TICK])


def reasons_at(question: Question, start: datetime) -> list[WhyNot]:
    """Every second busy time is a calendar's."""
    own, calendars = question.busy[::2], [("Work", block) for block in question.busy[1::2]]
    how = {"now": question.now, "booked": question.booked, "calendars": calendars}
    return explain(question.rules, question.schedule, own, start, **how)


@settings(patient, max_examples=settings().max_examples // 10)
@given(anything())
def test_each_minute_of_a_day_has_a_reason_if_and_only_if_it_is_not_on_offer(question: Question) -> None:
    first = question.within.start.replace(second=0, microsecond=0)
    offered = {slot.start for slot in replace(question, within=Interval(first, first + DAY)).slots()}
    event("some slots" if offered else "no slots")
    for number in range(1440):
        start = first + number * MINUTE
        assert bool(reasons_at(question, start)) is (start not in offered)


@patient
@given(anything(), st.lists(st.tuples(st.integers(-10, 10), ODD), min_size=1, max_size=8))
def test_any_instant_near_a_slot_has_a_reason_if_and_only_if_it_is_not_on_offer(
    question: Question, odd: list[tuple[int, timedelta]]
) -> None:
    some = question.slots()[:1]
    middle = some[0].start if some else question.within.start
    for start in [middle, *(middle + number * MINUTE + more for number, more in odd)]:
        found = replace(question, within=Interval(start, start + SECOND)).slots()
        assert bool(reasons_at(question, start)) is (start not in {slot.start for slot in found})
