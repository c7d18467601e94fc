"""A span of time is read as people write it, and shown so that it reads back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singleuse_app.formats import span_words
from singleuse_app.scheduling.spans import parse_minutes
from singleuse_app.wording import speaking_to


@given(st.integers(0, 1_000_000))
def test_what_is_shown_reads_back(minutes: int) -> None:
    assert parse_minutes(span_words(minutes)) == minutes


@given(st.integers(0, 1_000_000))
def test_what_is_shown_to_a_german_reads_back(minutes: int) -> None:
    with speaking_to("de"):
        assert parse_minutes(span_words(minutes)) == minutes


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("", 0),
        ("45", 45),
        (" 45 MIN ", 45),
        ("45 min.", 45),
        ("1 hour and 5 minutes", 65),
        ("1 hour, 5 minutes", 65),
        ("2 w", 20_160),
        ("1d 2h 3m", 1563),
        ("1h30", 90),
        ("2 Tage", 2880),
        ("1 Std. und 5 Min.", 65),
    ],
)
def test_the_ways_people_write(text: str, minutes: int) -> None:
    assert parse_minutes(text) == minutes


@pytest.mark.parametrize(
    "text",
    ["soon", "1.5 hours", "45 5", "-5", "1 fortnight", "hour", "5 minutes ago", "1/2", "١٥", "1" * 9, "5 min " * 99],
)
def test_what_is_no_span_is_none(text: str) -> None:
    assert parse_minutes(text) is None


@given(st.one_of(st.text(), st.none(), st.integers(), st.lists(st.text())))
def test_anything_is_a_number_of_minutes_or_none(anything: object) -> None:
    found = parse_minutes(anything)
    assert found is None or found >= 0
