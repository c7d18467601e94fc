"""What an event type may ask for, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from singleuse_app.scheduling.errors import InvalidAvailability
from singleuse_app.scheduling.slot_rules import SlotRules
from tests.scheduling.scenes import DAY, HOUR, HOURLY, MINUTE, SECOND


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("duration", MINUTE, DAY),
        ("start_time_increment", MINUTE, DAY),
        ("before_buffer", timedelta(0), DAY),
        ("after_buffer", timedelta(0), DAY),
        ("minimum_notice", timedelta(0), 365 * DAY),
    ],
)
def test_rules_outside_their_limits_or_of_broken_minutes_are_refused(
    field: str, least: timedelta, most: timedelta
) -> None:
    def rules(value: timedelta) -> SlotRules:
        return replace(HOURLY, **{field: value})

    assert getattr(rules(least), field) == least
    assert getattr(rules(most), field) == most
    for wrong, code in (
        (least - MINUTE, "rule_out_of_range"),
        (most + MINUTE, "rule_out_of_range"),
        (least + 90 * SECOND, "rule_not_whole_minutes"),
    ):
        with pytest.raises(InvalidAvailability) as refusal:
            rules(wrong)
        assert (refusal.value.code, refusal.value.params["field"]) == (code, field)


@pytest.mark.parametrize("days", [-1, 731])
def test_a_booking_window_outside_its_limits_is_refused(days: int) -> None:
    with pytest.raises(InvalidAvailability) as refusal:
        SlotRules(duration=HOUR, start_time_increment=HOUR, booking_window_days=days)
    assert refusal.value.code == "booking_window_out_of_range"


@pytest.mark.parametrize(
    "field", ["duration", "start_time_increment", "before_buffer", "after_buffer", "minimum_notice"]
)
@pytest.mark.parametrize("value", [timedelta.min, -MINUTE, -timedelta.resolution, timedelta.max])
def test_absurd_times_are_refused(field: str, value: timedelta) -> None:
    with pytest.raises(InvalidAvailability) as refusal:
        replace(HOURLY, **{field: value})
    assert (refusal.value.code, refusal.value.params["field"]) == ("rule_out_of_range", field)


@pytest.mark.parametrize("days", [-(10**30), 10**30])
def test_an_absurd_booking_window_is_refused(days: int) -> None:
    with pytest.raises(InvalidAvailability) as refusal:
        replace(HOURLY, booking_window_days=days)
    assert refusal.value.code == "booking_window_out_of_range"


@pytest.mark.parametrize("field", ["max_per_day", "max_per_week", "max_per_month"])
@pytest.mark.parametrize(("cap", "refused"), [(-1, True), (0, True), (1, False), (10_000, False), (10_001, True)])
def test_a_cap_is_a_number_from_one_to_ten_thousand(field: str, cap: int, refused: bool) -> None:
    if not refused:
        assert getattr(replace(HOURLY, **{field: cap}), field) == cap
        return
    with pytest.raises(InvalidAvailability) as refusal:
        replace(HOURLY, **{field: cap})
    assert refusal.value.code == "cap_out_of_range"


@pytest.mark.parametrize("field", ["first_date", "last_date"])
def test_first_and_last_date_lie_between_2000_and_2099(field: str) -> None:
    for accepted in (date(2000, 1, 1), date(2099, 12, 31)):
        assert getattr(replace(HOURLY, **{field: accepted}), field) == accepted
    for refused in (date(1999, 12, 31), date(2100, 1, 1), date.min, date.max):
        with pytest.raises(InvalidAvailability) as refusal:
            replace(HOURLY, **{field: refused})
        assert refusal.value.code == "date_out_of_range"


def test_the_last_date_may_be_the_first_and_not_before_it() -> None:
    day = date(2026, 7, 6)
    assert SlotRules(HOUR, HOUR, first_date=day, last_date=day).last_date == day
    with pytest.raises(InvalidAvailability) as refusal:
        SlotRules(HOUR, HOUR, first_date=day, last_date=day - DAY)
    assert refusal.value.code == "booking_window_ends_before_start"
