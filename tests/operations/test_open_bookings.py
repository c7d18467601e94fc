"""One upcoming booking for each address, where the host wants it: through whichever link, and nothing is given away."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from singleuse_app import db
from singleuse_app.messages import words
from singleuse_app.operations import corrections, event_type_edits, manage_booking
from singleuse_app.operations.manage_booking import AsInvitee
from singleuse_app.operations.open_bookings import _UPCOMING
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.bookings import Invitee
from singleuse_app.scheduling.errors import InvalidInput
from singleuse_app.scheduling.event_types import Edit
from tests.factories import (
    ADA,
    BOB,
    NOW,
    OTHER_RECEIPT,
    RECEIPT,
    Desk,
    book,
    change_event_type,
    free_starts,
    make_link,
    open_active,
    rows,
)

UMLAUT = replace(ADA, email="Äda@example.org")


@pytest.fixture
def each(desk: Desk) -> Iterator[Desk]:
    """A desk whose event type lets an address have one booking at a time."""
    edit = Edit(one_booking_each=True)
    event_type_edits.edit_event_type(host_id=desk.host_id, event_type_id=desk.event_type_id, edit=edit, now=NOW)
    yield desk
    with db.reading() as session:
        assert list(violations(session)) == []


def refused(desk: Desk, invitee: Invitee = ADA, now: datetime = NOW) -> None:
    """Booking with a new link is refused at the address, and the link stays."""
    link = make_link(desk)
    with pytest.raises(InvalidInput) as refusal:
        book(link, invitee=invitee, receipt=OTHER_RECEIPT, slot=9, now=now)
    assert refusal.value.fields == {"email": "address_has_booking"}
    open_active(link, now=now)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (ADA, ADA),
        (ADA, replace(ADA, email="ADA@example.org", name="Ann")),
        (UMLAUT, replace(ADA, email="äDA@example.org")),
    ],
    ids=["the same", "in capitals", "an umlaut in capitals"],
)
def test_an_address_has_one_booking_at_a_time_through_whichever_link(
    each: Desk, first: Invitee, second: Invitee
) -> None:
    book(make_link(each), invitee=first)
    refused(each, second)
    assert book(make_link(each), invitee=BOB, slot=5, receipt=OTHER_RECEIPT).taken


def test_control_without_the_policy_it_has_as_many_as_it_likes(desk: Desk) -> None:
    book(make_link(desk))
    assert book(make_link(desk), receipt=OTHER_RECEIPT).taken


def test_what_is_said_tells_nothing_of_the_booking(each: Desk) -> None:
    booked = book(make_link(each))
    said = words("address_has_booking")
    for secret in (booked.booking_id, booked.invitee.name, str(booked.start.day), booked.terms.event_name):
        assert secret not in said


def test_the_same_receipt_gets_its_booking_again(each: Desk) -> None:
    link = make_link(each)
    booked = book(link)
    assert book(link, start=booked.start, receipt=RECEIPT).booking_id == booked.booking_id


def test_whoever_has_cancelled_or_met_may_book_again(each: Desk) -> None:
    booked = book(make_link(each))
    refused(each, now=booked.end - timedelta(seconds=1))
    assert book(make_link(each), receipt=OTHER_RECEIPT, now=booked.end).taken
    [_, upcoming] = rows("SELECT id FROM booking ORDER BY start")
    refused(each, now=booked.end)
    who = AsInvitee(manage_booking.manage_token(booking_id=f"bkg_{str(upcoming[0]).replace('-', '')}"))
    manage_booking.cancel_booking(who=who, now=booked.end)
    assert book(make_link(each), receipt="c" * 32, now=booked.end).taken


def test_a_booking_can_be_moved(each: Desk) -> None:
    link = make_link(each)
    *_, later = free_starts(link)
    booked = book(link)
    who = AsInvitee(manage_booking.manage_token(booking_id=booked.booking_id))
    moved = manage_booking.reschedule_booking(who=who, start=later, sequence=0, now=NOW)
    assert moved.start == later
    refused(each)


def test_another_event_type_is_another_thing(each: Desk) -> None:
    book(make_link(each))
    copy = event_type_edits.duplicate_event_type(host_id=each.host_id, event_type_id=each.event_type_id, now=NOW)
    other = replace(each, event_type_id=copy)
    book(make_link(other), receipt=OTHER_RECEIPT)
    refused(other)


def test_a_correction_leads_to_no_second_booking_either(each: Desk) -> None:
    book(make_link(each))
    booked = book(make_link(each), invitee=BOB, receipt=OTHER_RECEIPT)
    who = AsInvitee(manage_booking.manage_token(booking_id=booked.booking_id))
    with pytest.raises(InvalidInput) as refusal:
        corrections.correct_email(who=who, email="Ada@example.org", now=NOW)
    assert refusal.value.fields == {"email": "address_has_booking"}
    assert corrections.correct_email(who=who, email="BOB@example.org", now=NOW).invitee.email == "BOB@example.org"
    change_event_type(each, one_booking_each=False)
    assert corrections.correct_email(who=who, email=ADA.email, now=NOW).invitee.email == ADA.email


def test_what_is_looked_through_is_what_is_to_come(each: Desk) -> None:
    """By the index on live bookings, from yesterday on: the past may be as long as it likes."""
    wanted = {"host_id": each.host_id, "event_type_id": each.host_id, "long_ago": NOW, "now": NOW}
    wanted["at_domain"] = "%@example.org"
    with db.reading() as session:
        connection = session.connection()
        if not db.is_sqlite():
            connection.exec_driver_sql("SET enable_seqscan = off")  # which a table of a few rows would do with
        asked = _UPCOMING.params(**wanted).compile(connection, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN" if db.is_sqlite() else "EXPLAIN"
        plan = "\n".join(map(str, connection.exec_driver_sql(f"{explain} {asked}")))
    assert "ix_booking_host_live" in plan, plan
