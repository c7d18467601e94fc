"""Where a meeting happens: what a host may say, what an invitee is asked, and what each of them is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singleuse_app.messages import words
from singleuse_app.scheduling.bookings import Invitee, Terms, parse_invitee
from singleuse_app.scheduling.errors import InvalidInput, TermsChanged
from singleuse_app.scheduling.locations import HOST_SAYS, Location, LocationKind, parse_location
from singleuse_app.wording import wording

ROOM = "https://meet.example.org/ann"
PHONE = "+49 30 901820"


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ({}, Location()),
        ({"location": " Studio \n 2 "}, Location(text="Studio 2")),
        ({"location_kind": "nonsense", "location": "Studio"}, Location(text="Studio")),
        (
            {"location_kind": "in person", "location_address": "Main Street 1"},
            Location(LocationKind.IN_PERSON, "Main Street 1"),
        ),
        (
            {"location_kind": "invitee calls", "location_phone": "+4930901820"},
            Location(LocationKind.INVITEE_CALLS, PHONE),
        ),
        ({"location_kind": "video", "location_url": f" {ROOM} "}, Location(LocationKind.VIDEO, ROOM)),
        ({"location_kind": "host calls", "location": "typed before"}, Location(LocationKind.HOST_CALLS)),
        ({"location_kind": "invitee chooses", "location_url": "typed before"}, Location(LocationKind.INVITEE_CHOOSES)),
    ],
)
def test_a_host_says_what_the_kind_needs_and_nothing_else_is_kept(form: dict[str, str], place: Location) -> None:
    assert (parse_location(form, wrong := {}), wrong) == (place, {})


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        (LocationKind.TEXT, "x" * 501, "location_too_long"),
        (LocationKind.IN_PERSON, " ", "location_address_missing"),
        (LocationKind.IN_PERSON, "x" * 501, "location_too_long"),
        (LocationKind.INVITEE_CALLS, "", "phone_missing"),
        (LocationKind.INVITEE_CALLS, "030 901820", "phone_malformed"),
        (LocationKind.VIDEO, "", "video_url_malformed"),
        (LocationKind.VIDEO, "http://meet.example.org/ann", "video_url_malformed"),
        (LocationKind.VIDEO, "javascript:alert(1)", "video_url_malformed"),
        (LocationKind.VIDEO, "https://bank.example@evil.example/", "video_url_malformed"),
        (LocationKind.VIDEO, "meet.example.org/ann", "video_url_malformed"),
        (LocationKind.VIDEO, f"https://meet.example.org/{'x' * 2000}", "video_url_malformed"),
    ],
)
def test_what_is_no_place_is_told_at_the_field_of_its_kind(kind: LocationKind, typed: str, code: str) -> None:
    parse_location({"location_kind": kind, HOST_SAYS[kind]: typed}, wrong := {})
    assert wrong == {HOST_SAYS[kind]: code}
    assert words(code)


@pytest.mark.parametrize(
    ("place", "offered", "said", "agreed"),
    [
        (Location(), "", "", ""),
        (Location(text="Studio"), "Studio", "", "Studio"),
        (Location(LocationKind.IN_PERSON, "Main Street 1"), "Main Street 1", "", "Main Street 1"),
        (Location(LocationKind.HOST_CALLS), "Ann calls you", PHONE, f"Ann calls {PHONE}"),
        (Location(LocationKind.INVITEE_CALLS, PHONE), f"You call {PHONE}", "", f"Ada calls {PHONE}"),
        (Location(LocationKind.VIDEO, ROOM), "Video call", "", ROOM),
        (Location(LocationKind.INVITEE_CHOOSES), "You choose the place", "Café", "Café"),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Location) else "",
)
def test_a_place_is_offered_in_one_sentence_and_agreed_upon_in_another(
    place: Location, offered: str, said: str, agreed: str
) -> None:
    terms = Terms(1, "Talk", 30, place.text, location_kind=place.kind)
    kept = terms.agreed("Ann", Invitee("Ada", "ada@example.org", "UTC", place=said))
    assert (terms.place.offered("Ann"), kept.location) == (offered, agreed)
    assert kept.room == (ROOM if place.kind is LocationKind.VIDEO else "")


def test_what_is_agreed_upon_is_kept_in_the_invitees_language() -> None:
    terms = Terms(1, "Gespräch", 30, PHONE, location_kind=LocationKind.INVITEE_CALLS)
    kept = terms.agreed("Ann", Invitee("Ada", "ada@example.org", "UTC", locale="de"), wording("de").say)
    assert kept.location == f"Ada ruft {PHONE} an"


@pytest.mark.parametrize("kind", list(LocationKind))
def test_nobody_agrees_who_was_asked_something_else(kind: LocationKind) -> None:
    asked = Location(kind).asks
    said = Invitee("Ada", "ada@example.org", "UTC", place="" if asked else "Café")
    with pytest.raises(TermsChanged):
        Terms(1, "Talk", 30, "", location_kind=kind).agreed("Ann", said)


@pytest.mark.parametrize(
    ("asks", "typed", "said", "wrong"),
    [
        ("phone", "020 7946 0958", "+44 20 7946 0958", {}),
        ("phone", "", "", {"phone": "phone_missing"}),
        ("phone", None, "", {"phone": "phone_missing"}),
        ("phone", "12", "", {"phone": "phone_malformed"}),
        ("place", "  Café \n Central ", "Café Central", {}),
        ("place", " ", "", {"place": "place_missing"}),
        ("place", "x" * 501, "", {"place": "location_too_long"}),
        ("", "typed", "", {}),
    ],
)
def test_an_invitee_says_what_they_are_asked(asks: str, typed: object, said: str, wrong: dict[str, str]) -> None:
    def parse() -> Invitee:
        return parse_invitee("Ada", "ada@example.org", "Europe/London", asks=asks, place=typed)

    if not wrong:
        assert parse().place == said
        return
    with pytest.raises(InvalidInput) as refused:
        parse()
    assert refused.value.fields == wrong
    assert words(wrong[asks])


@given(st.dictionaries(st.sampled_from(["location_kind", *HOST_SAYS.values()]), st.text() | st.none() | st.integers()))
def test_whatever_comes_in_is_a_place_or_told_at_a_field(form: dict[str, object]) -> None:
    place = parse_location(form, wrong := {})
    assert set(wrong) <= {HOST_SAYS.get(place.kind, "")}
    if not wrong:
        again = {"location_kind": place.kind, HOST_SAYS.get(place.kind, ""): place.text}
        assert parse_location(again, {}) == place
