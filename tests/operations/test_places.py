"""Where a meeting happens: what its page tells, what its booking keeps, and who is told that it is elsewhere now."""

from dataclasses import replace

import pytest
from icalendar import Calendar
from sqlalchemy.exc import IntegrityError

from singleuse_app import db
from singleuse_app.api.first_paint import offer_page
from singleuse_app.migrations import guards, upgrade
from singleuse_app.notifications.ics import calendar_file
from singleuse_app.operations import bookings, event_type_edits, found_links, links, manage_booking
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.operations.manage_booking import AsInvitee
from singleuse_app.scheduling.bookings import BookingConfirmation, Invitee
from singleuse_app.scheduling.errors import InvalidInput, TermsChanged
from singleuse_app.scheduling.event_types import Edit
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.scheduling.locations import LocationKind
from tests.factories import ADA, NOW, OTHER_RECEIPT, Desk, book, change_event_type, make_link, open_active, rows
from tests.operations.test_migrations import at_version

ROOM = "https://meet.example.org/ann?pwd=1"
PHONE = "+49 30 901820"


def meet(desk: Desk, kind: LocationKind, text: str = "") -> None:
    """Change where the desk's event type happens."""
    edit = Edit(location_kind=kind, location=text)
    event_type_edits.edit_event_type(host_id=desk.host_id, event_type_id=desk.event_type_id, edit=edit, now=NOW)


def book_now(link: HandedOutLink, invitee: Invitee = ADA, receipt: str = "a" * 32) -> BookingConfirmation:
    """Book what the page shows now."""
    return book(link, invitee=invitee, receipt=receipt, terms_version=open_active(link).terms.version)


@pytest.mark.parametrize(
    ("kind", "text", "said", "offered", "kept"),
    [
        (LocationKind.TEXT, "Studio", "", "Studio", "Studio"),
        (LocationKind.IN_PERSON, "Main Street 1", "", "Main Street 1", "Main Street 1"),
        (LocationKind.HOST_CALLS, "", PHONE, "Grace Host calls you", f"Grace Host calls {PHONE}"),
        (LocationKind.INVITEE_CALLS, PHONE, "", f"You call {PHONE}", f"Ada Lovelace calls {PHONE}"),
        (LocationKind.VIDEO, ROOM, "", "Video call", ROOM),
        (LocationKind.INVITEE_CHOOSES, "", "Café Central", "You choose the place", "Café Central"),
    ],
)
def test_a_booking_keeps_what_both_agreed_on(
    desk: Desk, *, kind: LocationKind, text: str, said: str, offered: str, kept: str
) -> None:
    meet(desk, kind, text)
    link = make_link(desk)
    page = offer_page(found_links.look_at_link(token=link.token, now=NOW))
    assert offered in page.body
    assert f" · {offered}." in page.description
    assert ROOM not in page.body + page.description
    booked = book_now(link, replace(ADA, place=said))
    assert booked.terms.location == kept
    who = AsInvitee(manage_booking.manage_token(booking_id=booked.booking_id))
    meet(desk, LocationKind.TEXT, "Elsewhere")
    assert manage_booking.open_booking(who=who).terms == booked.terms
    [event] = Calendar.from_ical(calendar_file(booked, now=NOW)).walk("VEVENT")
    assert str(event["LOCATION"]) == kept
    assert event.get("URL") == (ROOM if kind is LocationKind.VIDEO else None)


def test_whoever_was_asked_something_else_is_told_and_the_link_stays(desk: Desk) -> None:
    link = make_link(desk)
    shown = open_active(link).terms.version
    for kind, said in ((LocationKind.HOST_CALLS, ""), (LocationKind.TEXT, PHONE)):
        meet(desk, kind)
        with pytest.raises(TermsChanged):
            book(link, invitee=replace(ADA, place=said), terms_version=shown)
        shown = open_active(link).terms.version
        with pytest.raises(TermsChanged):
            book(link, invitee=replace(ADA, place=said), terms_version=shown)
    assert book(link, terms_version=shown).taken


def test_another_kind_with_the_same_words_is_another_place(desk: Desk) -> None:
    meet(desk, LocationKind.TEXT, "Main Street 1")
    shown = open_active(make_link(desk)).terms.version
    meet(desk, LocationKind.TEXT, "Main Street 1")
    assert open_active(make_link(desk)).terms.version == shown
    meet(desk, LocationKind.IN_PERSON, "Main Street 1")
    assert open_active(make_link(desk)).terms.version == shown + 1


@pytest.mark.parametrize(
    ("kind", "text", "field"),
    [
        (LocationKind.IN_PERSON, "", "location_address"),
        (LocationKind.INVITEE_CALLS, "12", "location_phone"),
        (LocationKind.VIDEO, "http://meet.example.org", "location_url"),
    ],
)
def test_what_is_no_place_is_refused_whoever_says_it(desk: Desk, kind: LocationKind, text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        meet(desk, kind, text)
    assert list(refused.value.fields) == [field]
    with pytest.raises(InvalidInput) as refused:
        create(desk, kind, text)
    assert list(refused.value.fields) == [field]


def create(desk: Desk, kind: LocationKind, text: str) -> HandedOutLink:
    """A link with a place of its own."""
    options = LinkOptions(location_kind=kind, location=text)
    return links.create_single_use_link(
        host_id=desk.host_id, event_type_id=desk.event_type_id, options=options, now=NOW
    )


def test_a_link_has_a_place_of_its_own_and_so_has_the_one_in_its_place(desk: Desk) -> None:
    meet(desk, LocationKind.VIDEO, ROOM)
    link = create(desk, LocationKind.HOST_CALLS, "")
    again = links.reissue_link(host_id=desk.host_id, link_id=link.id, now=NOW)
    assert open_active(again).terms.place.offered("Grace") == "Grace calls you"
    assert book_now(again, replace(ADA, place=PHONE)).terms.location == f"Grace Host calls {PHONE}"


def test_a_place_in_words_stays_words_whatever_its_event_type_becomes(desk: Desk) -> None:
    """Links of before there were kinds have none."""
    link = make_link(desk, location="Room 3")
    meet(desk, LocationKind.HOST_CALLS)
    assert open_active(link).terms.place.offered("Grace") == "Room 3"
    assert book_now(link).terms.location == "Room 3"


def test_what_was_there_before_there_were_kinds_works_as_it_did(desk: Desk) -> None:
    change_event_type(desk, location="Studio")
    booked = book(make_link(desk))
    with db.engine().begin() as connection:
        at_version("0012", connection)
        upgrade(connection)
        assert guards.missing(connection) == []
    assert rows("SELECT location_kind, location FROM event_type") == [("text", "Studio")]
    assert bookings.get_booking(booking_id=booked.booking_id).terms.location == "Studio"
    assert book(make_link(desk), receipt=OTHER_RECEIPT).terms.location == "Studio"


def test_a_booking_of_before_there_were_kinds_can_be_read(desk: Desk) -> None:
    booked = book(make_link(desk))
    terms = '{"version": 1, "event_name": "Talk", "duration_minutes": 30, "location": "https://example.org"}'
    with db.writing() as session:
        session.connection().exec_driver_sql(f"UPDATE booking SET terms = '{terms}'")
    kept = bookings.get_booking(booking_id=booked.booking_id).terms
    assert (kept.location, kept.room) == ("https://example.org", "")


@pytest.mark.parametrize("table", ["event_type", "scheduling_link"])
def test_a_kind_that_nobody_knows_is_refused_by_the_tables_themselves(desk: Desk, table: str) -> None:
    make_link(desk)
    for kind in LocationKind:
        assert set_kind(table, kind)
    with pytest.raises(IntegrityError, match="location_kind"):
        set_kind(table, "on the moon")


def set_kind(table: str, kind: str) -> int:
    """Say so behind the operations' back; how many rows it was said of."""
    with db.engine().begin() as connection:
        return connection.exec_driver_sql(f"UPDATE {table} SET location_kind = '{kind}'").rowcount
