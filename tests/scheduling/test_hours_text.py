"""Hours are read as people write them, and shown so that they read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singleuse_app.scheduling.availability import MAX_HOURS_A_DAY
from singleuse_app.scheduling.errors import InvalidAvailability
from singleuse_app.scheduling.hours_text import hours_text, parse_clock, parse_hours
from singleuse_app.scheduling.intervals import merge

RANGES = st.tuples(st.integers(0, 1440), st.integers(0, 1440)).filter(lambda pair: pair[0] < pair[1])


@given(st.lists(RANGES, max_size=MAX_HOURS_A_DAY))
def test_what_is_shown_reads_back(hours: list[tuple[int, int]]) -> None:
    assert parse_hours(hours_text(hours)) == tuple(merge(hours))


def test_as_many_stretches_as_a_day_may_have_read_back() -> None:
    hours = tuple((start, start + 30) for start in range(0, 1440, 60))
    assert parse_hours(hours_text(hours)) == hours


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", ()),
        ("  Closed ", ()),
        ("not available", ()),
        ("9-12, 13:00-17:30", ((540, 720), (780, 1050))),
        ("13-17;9-12", ((540, 720), (780, 1020))),
        ("9–12 and 12–17", ((540, 1020),)),
        ("9.30 - 12", ((570, 720),)),
        ("9h30-12h00,", ((570, 720),)),
        ("9am to 5 p.m.", ((540, 1020),)),
        ("12 am-12 pm", ((0, 720),)),
        ("22:00-24:00", ((1320, 1440),)),
        ("0-24", ((0, 1440),)),
        ("09:00 until 10:00", ((540, 600),)),
    ],
)
def test_the_ways_people_write(text: str, hours: tuple[tuple[int, int], ...]) -> None:
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nonsense", "hours_malformed"),
        ("9", "hours_malformed"),
        ("9-12-15", "hours_malformed"),
        ("9-12 13-17", "hours_malformed"),
        (",", "hours_malformed"),
        ("9-12,,13-17", "hours_malformed"),
        ("-9-12", "hours_malformed"),
        ("٩-١٢", "hours_malformed"),
        ("9-12, " * 100, "hours_malformed"),
        ("9-24:01", "hours_out_of_range"),
        ("9-25", "hours_out_of_range"),
        ("9:60-12", "hours_out_of_range"),
        ("13 pm-15", "hours_out_of_range"),
        ("0 am-3", "hours_out_of_range"),
        ("17-9", "hours_end_before_start"),
        ("22-2", "hours_end_before_start"),
        ("9-9", "hours_end_before_start"),
        ("9-12, 11-17", "hours_overlap"),
        ("9-17, 10-11", "hours_overlap"),
        (", ".join(f"{hour}:{part}0-{hour}:{part}5" for hour in range(9) for part in range(3)), "too_many_hours"),
    ],
)
def test_what_is_no_hours_says_why(text: str, code: str) -> None:
    with pytest.raises(InvalidAvailability) as refusal:
        parse_hours(text)
    assert refusal.value.code == code


@given(st.one_of(st.text(), st.text("0123456789-–:,. apmto"), st.none(), st.integers(), st.lists(st.text())))
def test_anything_is_hours_or_a_refusal(anything: object) -> None:
    try:
        hours = parse_hours(anything)
    except InvalidAvailability:
        return
    assert all(0 <= opens < closes <= 1440 for opens, closes in hours)
    assert list(hours) == merge(hours)


@pytest.mark.parametrize(("text", "minute"), [("00:00", 0), ("23:59", 1439), ("24:00", None), ("", None), (None, None)])
def test_a_time_of_day(text: object, minute: int | None) -> None:
    assert parse_clock(text) == minute
