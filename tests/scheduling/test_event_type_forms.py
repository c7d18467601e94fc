"""The form of an event type: what it says, and each thing that it cannot say."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singleuse_app.messages import words
from singleuse_app.scheduling.errors import InvalidInput
from singleuse_app.scheduling.event_types import BookingWindow, Colour, Edit, parse_edit
from singleuse_app.scheduling.locations import LocationKind
from singleuse_app.scheduling.questions import Kind, Question

LEAST = {"name": "Talk", "duration_minutes": "30", "booking_window_days": "60"}


def wrong(**changes: object) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        parse_edit({**LEAST, **changes}, ["q"])
    return refused.value.fields


def test_all_of_it() -> None:
    edit = parse_edit(
        {
            "name": " Intro  call ",
            "description": "One.\r\n\r\nTwo. ",
            "colour": "plum",
            "location": "Studio\n2",
            "duration_minutes": "1 hour",
            "other_durations": "15, 45 min,",
            "start_time_increment_minutes": "15",
            "minimum_notice_minutes": "2 days",
            "booking_window": "dates",
            "first_date": "2026-12-01",
            "last_date": "2026-12-24",
            "max_per_day": "3",
            "cancel_cutoff_minutes": "1 day",
            "one_booking_each": "on",
            "reopens_on_cancel": "on",
            "link_expiry_days": "14",
            "reminders": "1 hour, 2 days, 60",
            "guests_allowed": "on",
            "redirect_url": "https://example.org",
            "q-b-label": "Which room?",
            "q-b-kind": "choice one",
            "q-b-options": "Blue\n\nGreen",
            "q-a-label": "What about?",
            "q-a-required": "on",
            "q-a-kind": "text",
        },
        ["b", "a"],
    )
    assert edit == Edit(
        name="Intro call",
        description="One.\n\nTwo.",
        colour=Colour.PLUM,
        location_kind=LocationKind.TEXT,
        location="Studio 2",
        duration_minutes=60,
        other_durations=(15, 45),
        start_time_increment_minutes=15,
        before_buffer_minutes=0,
        after_buffer_minutes=0,
        minimum_notice_minutes=2880,
        booking_window=BookingWindow.DATES,
        first_date=date(2026, 12, 1),
        last_date=date(2026, 12, 24),
        max_per_day=3,
        max_per_week=0,
        max_per_month=0,
        cancel_cutoff_minutes=1440,
        reschedule_cutoff_minutes=0,
        one_booking_each=True,
        reopens_on_cancel=True,
        link_expiry_days=14,
        reminders=(2880, 60),
        questions=(
            Question("b", "Which room?", Kind.CHOICE_ONE, options=("Blue", "Green")),
            Question("a", "What about?", required=True),
        ),
        guests_allowed=True,
        confirmation_message="",
        redirect_url="https://example.org",
    )


def test_start_times_follow_the_duration_where_nothing_is_said() -> None:
    assert parse_edit(LEAST).start_time_increment_minutes == 30


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "event_name_missing"),
        ({"name": "x" * 101}, "name_too_long"),
        ({"description": "x" * 4001}, "description_too_long"),
        ({"location": "x" * 501}, "location_too_long"),
        ({"duration_minutes": ""}, "span_out_of_day"),
        ({"duration_minutes": "25 hours"}, "span_out_of_day"),
        ({"duration_minutes": "an hour"}, "span_malformed"),
        ({"other_durations": "15, soon"}, "durations_malformed"),
        ({"other_durations": "0"}, "durations_malformed"),
        ({"other_durations": ",".join(map(str, range(1, 12)))}, "too_many_durations"),
        ({"before_buffer_minutes": "2 days"}, "span_out_of_day"),
        ({"minimum_notice_minutes": "366 days"}, "span_out_of_year"),
        ({"booking_window_days": "731"}, "window_days_out_of_range"),
        ({"booking_window_days": ""}, "window_days_out_of_range"),
        ({"booking_window": "dates", "first_date": "2026-12-01", "last_date": "9999-12-31"}, "date_missing"),
        ({"booking_window": "dates", "first_date": "", "last_date": "2026-12-01"}, "date_missing"),
        ({"max_per_week": "0"}, "cap_malformed"),
        ({"max_per_week": "many"}, "cap_malformed"),
        ({"max_per_week": "١"}, "cap_malformed"),
        ({"link_expiry_days": "0"}, "link_days_out_of_range"),
        ({"reminders": "31 days"}, "reminders_malformed"),
        ({"reminders": "1 hour, soon"}, "reminders_malformed"),
        ({"reminders": "1, 2, 3, 4, 5, 6"}, "too_many_reminders"),
        ({"redirect_url": "javascript:alert(1)"}, "url_malformed"),
        ({"confirmation_message": "x" * 1001}, "confirmation_message_too_long"),
    ],
)
def test_each_thing_that_cannot_be_is_told_at_its_field(changes: dict[str, str], code: str) -> None:
    found = wrong(**{"q-q-label": "Why?", **changes})
    assert code in found.values()
    assert set(found) <= set(changes)
    assert all(words(one) for one in found.values())


def test_a_last_date_before_the_first_is_told_at_the_last() -> None:
    dates = {"booking_window": "dates", "first_date": "2026-12-02", "last_date": "2026-12-01"}
    assert wrong(**{"q-q-label": "Why?", **dates}) == {"last_date": "booking_window_ends_before_start"}


def test_a_question_is_told_at_its_own_fields() -> None:
    assert wrong() == {"q-q-label": "question_length"}
    assert wrong(**{"q-q-label": "Which?", "q-q-kind": "choice many"}) == {"q-q-options": "question_options"}


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert set(wrong(name="", duration_minutes="x", max_per_day="x")) == {
        "name",
        "duration_minutes",
        "max_per_day",
        "q-q-label",
    }


ANYTHING = st.one_of(st.text(max_size=20), st.none(), st.integers(), st.lists(st.text(max_size=5)))


@given(st.dictionaries(st.sampled_from([*Edit.__slots__, "q-q-label", "q-q-kind", "q-q-options"]), ANYTHING))
def test_whatever_comes_in_is_read_or_refused(form: dict[str, object]) -> None:
    refused: dict[str, str] = {}
    edit = None
    try:
        edit = parse_edit(form, ["q"])
    except InvalidInput as refusal:
        refused = refusal.fields
    assert all(map(words, refused.values()))
    assert refused or (edit and edit.name and edit.duration_minutes)
