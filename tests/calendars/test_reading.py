"""A calendar is read in a process of its own, within limits."""

import time
from datetime import UTC, datetime

import pytest

from singleuse_app.calendars import reading
from singleuse_app.calendars.problems import FeedProblem
from singleuse_app.calendars.reading import read
from singleuse_app.scheduling.intervals import Interval
from tests.calendars.test_events import AT_NINE, calendar

WITHIN = Interval(datetime(2026, 9, 1, tzinfo=UTC), datetime(2028, 12, 1, tzinfo=UTC))

BOMB = "DTSTART:19700101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY"


def problem_of(text: bytes) -> str:
    with pytest.raises(FeedProblem) as problem:
        read(text, zone="Europe/Berlin", within=WITHIN)
    return problem.value.code


def test_what_is_read_is_what_the_events_say() -> None:
    text = calendar(AT_NINE).encode()
    nine = Interval(datetime(2026, 9, 7, 7, tzinfo=UTC), datetime(2026, 9, 7, 8, tzinfo=UTC))
    assert read(text, zone="UTC", within=WITHIN) == [nine]
    assert read(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"), zone="UTC", within=WITHIN) == [nine]
    assert read(text.replace(b"UID:a", b"UID:\xff\xfe"), zone="UTC", within=WITHIN) == [nine]


def test_a_problem_comes_back_as_it_was() -> None:
    assert problem_of(b"<html>") == "feed_no_calendar"
    assert problem_of(calendar("SUMMARY:x").encode()) == "feed_event_unreadable"


def test_a_rule_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SECONDS", 3.0)
    began = time.monotonic()
    assert problem_of(calendar(BOMB).encode()) == "feed_too_much"
    assert time.monotonic() - began < 10


def test_more_than_a_calendar_can_hold_is_told() -> None:
    every_ten_minutes = "DTSTART:20260901T000000Z\nDURATION:PT1M\nRRULE:FREQ=MINUTELY;INTERVAL=10;COUNT=20001"
    assert problem_of(calendar(every_ten_minutes).encode()) == "feed_too_much"


@pytest.mark.thorough
def test_a_process_that_takes_too_much_memory_or_time_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    days = ",".join(["20260902T000000Z"] * 200_000)
    text = calendar(f"DTSTART:20260901T000000Z\nDURATION:PT1M\nRDATE:{days}").encode()
    assert len(read(text, zone="UTC", within=WITHIN)) == 2, "control"
    monkeypatch.setattr(reading, "MEMORY", 50_000_000)
    assert problem_of(text) == "feed_too_much"
    monkeypatch.undo()
    monkeypatch.setattr(reading, "CPU_SECONDS", 1)
    began = time.monotonic()
    assert problem_of(calendar(BOMB).encode()) == "feed_too_much"
    assert time.monotonic() - began < reading.SECONDS / 2
