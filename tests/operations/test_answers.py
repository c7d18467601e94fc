"""Questions, guests and what a form starts with, in the tables of both databases."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from icalendar import Calendar

from singleuse_app.components.calendar_urls import google_url, office_url, outlook_url
from singleuse_app.notifications.ics import calendar_file
from singleuse_app.operations import event_type_edits, links
from singleuse_app.operations.bookings import get_booking
from singleuse_app.scheduling.errors import InvalidInput, TermsChanged
from singleuse_app.scheduling.event_types import Edit
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.scheduling.questions import Answer, Kind, Question
from tests.factories import ADA, NOW, Desk, book, make_link, open_active

ASKED = (Question("topic", "What about?", required=True), Question("size", "Size", Kind.CHOICE_ONE, options=("S", "L")))
ANSWERED = replace(ADA, guests=("bob@example.org",), answers=(Answer("What about?", "Budget; plans,\nand more"),))


def edit(desk: Desk, **changes: object) -> None:
    own = {"host_id": desk.host_id, "event_type_id": desk.event_type_id}
    event_type_edits.edit_event_type(**own, edit=Edit(**changes), now=NOW)


def test_a_booking_keeps_what_was_asked_and_answered(desk: Desk) -> None:
    edit(desk, questions=ASKED, confirmation_message="Bring\ntea", redirect_url="https://example.org/thanks")
    link = make_link(desk)
    found = open_active(link)
    assert (found.questions, found.terms.version) == (ASKED, 2)
    booked = book(link, invitee=ANSWERED, terms_version=2)
    edit(desk, questions=(), confirmation_message="", redirect_url="")
    kept = get_booking(booking_id=booked.booking_id)
    assert kept == booked
    assert kept.invitee == ANSWERED
    assert (kept.terms.message, kept.terms.redirect_url) == ("Bring\ntea", "https://example.org/thanks")


def test_whoever_answers_other_questions_is_told_that_they_changed(desk: Desk) -> None:
    link = make_link(desk)
    for invitee in (ANSWERED, replace(ADA, answers=(Answer("Why?", "So"),))):
        with pytest.raises(TermsChanged):
            book(link, invitee=invitee)
    edit(desk, questions=ASKED, guests_allowed=False)
    for invitee, version in ((ADA, 1), (ADA, 2), (ANSWERED, 2)):
        with pytest.raises(TermsChanged):
            book(link, invitee=invitee, terms_version=version)
    assert book(link, invitee=replace(ANSWERED, guests=()), terms_version=2).taken


def test_only_what_an_open_page_shows_counts_as_a_change_of_terms(desk: Desk) -> None:
    edit(desk, questions=ASKED)
    edit(desk, questions=ASKED, confirmation_message="Thanks", cancel_cutoff_minutes=60)
    assert open_active(make_link(desk)).terms.version == 2


def test_nonsense_is_not_kept(desk: Desk) -> None:
    for changes in (
        {"questions": (Question("a", ""),)},
        {"questions": ASKED * 2},
        {"questions": tuple(Question(f"q{number}", "Why?") for number in range(11))},
        {"redirect_url": "javascript:alert(1)"},
        {"confirmation_message": "x" * 1001},
    ):
        with pytest.raises(InvalidInput):
            edit(desk, **changes)
    assert open_active(make_link(desk)).questions == ()


def test_a_link_brings_what_its_form_starts_with(desk: Desk) -> None:
    prefill = {"name": "Ada", "email": "ada@example.org", "guests": "bob@example.org", "a1": "Budget", "terms": "9"}
    link = links.create_link(
        host_id=desk.host_id, event_type_id=desk.event_type_id, options=LinkOptions(prefill=prefill), now=NOW
    )
    assert open_active(link).prefill == {name: text for name, text in prefill.items() if name != "terms"}
    assert open_active(make_link(desk)).prefill == {}


def test_the_calendar_file_names_guests_and_answers(desk: Desk) -> None:
    edit(desk, questions=ASKED)
    booked = book(make_link(desk), invitee=ANSWERED, terms_version=2)
    [event] = Calendar.from_ical(calendar_file(booked, now=NOW)).walk("VEVENT")
    assert [str(one) for one in event["ATTENDEE"]] == ["mailto:ada@example.org", "mailto:bob@example.org"]
    assert str(event["DESCRIPTION"]) == "What about?\nBudget; plans,\nand more"


def test_the_addresses_of_other_calendars_say_when_in_utc_and_escape_what_was_typed(desk: Desk) -> None:
    edit(desk, questions=ASKED, location="Room 1 & 2", name="Talk + tea")
    booked = book(make_link(desk), invitee=replace(ANSWERED, name="Ada & Co"), terms_version=2)
    said = {
        make(booked): {name: text for name, [text] in parse_qs(urlsplit(make(booked)).query).items()}
        for make in (google_url, outlook_url, office_url)
    }
    google, *others = said.values()
    assert google["dates"] == f"{booked.start:%Y%m%dT%H%M%SZ}/{booked.end:%Y%m%dT%H%M%SZ}"
    assert google["text"] == "Talk + tea: Grace Host and Ada & Co"
    assert google["location"] == "Room 1 & 2"
    for other in others:
        assert (other["startdt"], other["enddt"]) == (
            f"{booked.start:%Y-%m-%dT%H:%M:%SZ}",
            f"{booked.end:%Y-%m-%dT%H:%M:%SZ}",
        )
        assert other["body"] == "What about?\nBudget; plans,\nand more"
    assert not any("+" in address or " " in address for address in said)
