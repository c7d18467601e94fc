"""A schedule in its form: nothing is lost on the way there and back, and each wrong field says so."""

import json
from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singleuse_app.scheduling.availability import AvailabilitySchedule, DateOverride, WeeklyHours
from singleuse_app.scheduling.errors import InvalidInput
from singleuse_app.scheduling.public_holidays import PublicHolidays
from singleuse_app.scheduling.recurrence import Recurrence
from singleuse_app.scheduling.schedule_forms import (
    KINDS,
    Draft,
    draft_of,
    kept_text,
    kind_of,
    parse_draft,
    parse_kept,
    read_draft,
    with_copies,
    with_date,
    with_rule,
    without,
)

TODAY = date(2026, 9, 1)
SCHEDULE = AvailabilitySchedule(
    "America/New_York",
    (WeeklyHours(0, 480, 720), WeeklyHours(0, 780, 1440), WeeklyHours(4, 0, 60)),
    (
        DateOverride(date(2026, 8, 1), ()),
        DateOverride(date(2026, 9, 8), ()),
        DateOverride(date(2026, 9, 12), ((1, 2),)),
    ),
    (
        Recurrence("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", date(2026, 9, 5), ((540, 720),)),
        Recurrence("FREQ=DAILY;COUNT=2", date(2026, 10, 1)),
    ),
    PublicHolidays("US", "NY", frozenset({date(2026, 11, 11)})),
)


def new_ids() -> Callable[[], str]:
    numbers = count()
    return lambda: f"id{next(numbers)}"


def begin(schedule: AvailabilitySchedule = SCHEDULE) -> Draft:
    return draft_of("Road", schedule, base="b", since=TODAY, new_id=new_ids())


def test_there_and_back_nothing_is_lost_not_even_what_is_not_in_the_form() -> None:
    reading = parse_draft(begin(), SCHEDULE)
    assert (reading.name, reading.schedule) == ("Road", SCHEDULE)


def test_what_is_kept_comes_back() -> None:
    assert parse_kept(kept_text(begin())) == begin()


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_what_is_kept_may_be_anything(anything: Any) -> None:
    facts = json.loads(kept_text(begin()))
    for name in facts:
        draft = parse_kept(json.dumps({**facts, name: anything}))
        assert draft is None or read_draft(draft, SCHEDULE)
    assert parse_kept(anything) is None or isinstance(anything, str)


def test_each_wrong_field_says_why_and_the_rest_is_read() -> None:
    draft = with_date(with_date(begin(), "x", "2026-09-08"), "y", "someday")
    draft = with_rule(draft, "z", Recurrence(KINDS["last"].format("FR"), TODAY))
    monday, form = draft.days[0], draft.form
    typed = {
        f"name-{form}": " ",
        f"hours-{monday}": "17-9",
        f"hours-{draft.days[1]}": "9-12",
        "start-z": "",
        "else": "x",
    }
    with pytest.raises(InvalidInput) as refusal:
        parse_draft(draft.typing(typed), SCHEDULE)
    assert refusal.value.fields == {
        f"name-{form}": "schedule_name_missing",
        f"hours-{monday}": "hours_end_before_start",
        "date-x": "date_override_repeated",
        "date-y": "date_missing",
        "start-z": "date_missing",
    }
    weekly = read_draft(draft.typing(typed), SCHEDULE).schedule.weekly_hours
    assert weekly == (WeeklyHours(1, 540, 720), WeeklyHours(4, 0, 60))


def test_hours_are_copied_to_new_rows() -> None:
    draft = begin()
    copied = with_copies(draft, 0, range(5), new_id=new_ids())
    assert copied.days[0] == draft.days[0]
    assert [copied.typed[f"hours-{row}"] for row in copied.days] == ["08:00–12:00, 13:00–24:00"] * 5 + ["", ""]


def test_a_row_that_goes_takes_its_fields_along() -> None:
    draft = begin()
    assert without(with_date(draft, "x"), "x") == draft
    assert without(draft, None) == without(draft, draft.days[0]) == without(draft, draft.form) == draft


def test_each_country_has_its_own_region() -> None:
    draft = begin().typing({f"country-{begin().form}": "DE"})
    assert read_draft(draft, SCHEDULE).schedule.holidays == PublicHolidays("DE")
    draft = draft.typing({draft.region_field: "BE"})
    assert read_draft(draft, SCHEDULE).schedule.holidays == PublicHolidays("DE", "BE")
    back = draft.typing({f"country-{draft.form}": "US"})
    assert read_draft(back, SCHEDULE).schedule.holidays == SCHEDULE.holidays
    assert read_draft(draft.typing({f"country-{draft.form}": ""}), SCHEDULE).schedule.holidays is None
    unknown = draft.typing({f"country-{draft.form}": "Atlantis"})
    assert read_draft(unknown, SCHEDULE).wrong == {f"country-{draft.form}": "holidays_unknown"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_choice_is_known_again(kind: str) -> None:
    assert kind_of(Recurrence(KINDS[kind].format("WE"), TODAY)) == (kind, "WE")


def test_more_hours_than_one_may_have_are_told() -> None:
    text = ", ".join(f"{hour:02}:00–{hour:02}:30" for hour in range(20))
    draft = begin().typing({f"hours-{row}": text for row in begin().days})
    assert read_draft(draft, SCHEDULE).wrong == {f"hours-{draft.days[-1]}": "too_many_hours"}
