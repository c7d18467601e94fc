"""The options of a link out of a form: what they say, and each thing that they cannot say."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singleuse_app.messages import words
from singleuse_app.scheduling.errors import InvalidInput
from singleuse_app.scheduling.link_options import NEVER, LinkOptions, parse_link_options
from singleuse_app.scheduling.locations import LocationKind


def test_nothing_said_is_no_option() -> None:
    nothing = dict.fromkeys(LinkOptions.__slots__, "")
    assert parse_link_options({}) == parse_link_options(nothing) == LinkOptions()


def test_all_of_it() -> None:
    said = {
        "recipient_name": " Ada  Lovelace ",
        "recipient_email": "ada@example.org",
        "only_recipient": "on",
        "note": "VIP",
        "expires": "date",
        "expires_on": "2026-12-24",
        "duration_minutes": "1 hour",
        "location": "Room 3",
        "first_date": "2026-12-01",
        "last_date": "2026-12-02",
        "hours": "9-12, 2pm to 4pm",
    }
    assert parse_link_options(said) == LinkOptions(
        recipient_name="Ada Lovelace",
        recipient_email="ada@example.org",
        only_recipient=True,
        note="VIP",
        expires_on=date(2026, 12, 24),
        duration_minutes=60,
        location_kind=LocationKind.TEXT,
        location="Room 3",
        first_date=date(2026, 12, 1),
        last_date=date(2026, 12, 2),
        hours="09:00–12:00, 14:00–16:00",
    )


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"location_kind": "", "location": "typed before"}, (None, None)),
        ({"location_kind": "text"}, (None, None)),
        ({"location_kind": "host calls"}, (LocationKind.HOST_CALLS, "")),
        (
            {"location_kind": "in person", "location_address": "Main Street 1"},
            (LocationKind.IN_PERSON, "Main Street 1"),
        ),
    ],
)
def test_a_place_of_its_own(said: dict[str, str], place: tuple[LocationKind | None, str | None]) -> None:
    options = parse_link_options(said)
    assert (options.location_kind, options.location) == place


@pytest.mark.parametrize(("said", "days"), [("default", None), ("0", NEVER), ("14", 14)])
def test_after_how_many_days_it_expires(said: str, days: int | None) -> None:
    assert parse_link_options({"expires": said, "expires_on": "nonsense"}).expires_after_days == days


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"recipient_name": "x" * 101}, {"recipient_name": "name_too_long"}),
        ({"recipient_email": "ada"}, {"recipient_email": "email_malformed"}),
        ({"only_recipient": "on"}, {"recipient_email": "email_missing"}),
        ({"note": "x" * 501}, {"note": "note_too_long"}),
        ({"expires": "soon"}, {"expires": "link_days_out_of_range"}),
        ({"expires": "731"}, {"expires": "link_days_out_of_range"}),
        ({"expires": "٣"}, {"expires": "link_days_out_of_range"}),
        ({"expires": "date"}, {"expires_on": "date_missing"}),
        ({"expires": "date", "expires_on": "2026-13-01"}, {"expires_on": "date_missing"}),
        ({"duration_minutes": "long"}, {"duration_minutes": "span_malformed"}),
        ({"duration_minutes": "2 days"}, {"duration_minutes": "span_out_of_day"}),
        ({"location": "x" * 501}, {"location": "location_too_long"}),
        ({"location_kind": "video", "location_url": "room"}, {"location_url": "video_url_malformed"}),
        ({"hours": "mornings"}, {"hours": "link_hours_malformed"}),
        ({"hours": "closed"}, {"hours": "link_hours_malformed"}),
        ({"hours": "9-12, 11-13"}, {"hours": "hours_overlap"}),
        ({"hours": "12-9"}, {"hours": "hours_end_before_start"}),
        ({"hours": "9-25"}, {"hours": "hours_out_of_range"}),
        ({"first_date": "x"}, {"first_date": "date_missing"}),
        ({"last_date": "0001-01-01"}, {"last_date": "date_missing"}),
        ({"expires": "date", "expires_on": "9999-12-31"}, {"expires_on": "date_missing"}),
        (
            {"first_date": "2026-12-02", "last_date": "2026-12-01"},
            {"last_date": "booking_window_ends_before_start"},
        ),
    ],
    ids=str,
)
def test_what_cannot_be_is_told_at_its_field(said: dict[str, str], wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_link_options(said)
    assert refused.value.fields == wrong
    assert all(map(words, wrong.values()))


ANYTHING = st.one_of(st.text(max_size=12), st.none(), st.integers(), st.lists(st.text(max_size=3)))


@given(st.dictionaries(st.sampled_from([*LinkOptions.__slots__, "expires"]), ANYTHING))
def test_whatever_comes_in_is_read_or_refused(form: dict[str, object]) -> None:
    refused: dict[str, str] = {}
    try:
        parse_link_options(form)
    except InvalidInput as refusal:
        refused = refusal.fields
    assert all(map(words, refused.values()))
