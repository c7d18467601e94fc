"""A link for one person: for whom, until when, and where it differs from its event type."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from singleuse_app.operations import corrections, event_type_edits, link_board, link_requests, links, manage_booking
from singleuse_app.operations.link_requests import ask_for_link
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.operations.manage_booking import AsInvitee
from singleuse_app.scheduling.errors import InvalidInput
from singleuse_app.scheduling.event_types import BookingWindow, Edit
from singleuse_app.scheduling.link_options import NEVER, LinkOptions
from tests.factories import ADA, BOB, NOW, Desk, book, free_starts, open_active

FOR_ADA = LinkOptions(recipient_name="Ada Lovelace", recipient_email="Ada@example.org", only_recipient=True, note="VIP")


def create(desk: Desk, options: LinkOptions) -> HandedOutLink:
    return links.create_single_use_link(
        host_id=desk.host_id, event_type_id=desk.event_type_id, options=options, now=NOW
    )


def row(desk: Desk) -> link_board.LinkRow:
    return link_board.list_links(host_id=desk.host_id, now=NOW)[0][0]


def test_its_form_starts_with_the_recipient_and_its_host_reads_for_whom_it_is(desk: Desk) -> None:
    options = replace(FOR_ADA, prefill={"name": "Somebody", "a1": "Budget"})
    link = create(desk, options)
    assert open_active(link).prefill == {"name": "Ada Lovelace", "email": "Ada@example.org", "a1": "Budget"}
    assert (row(desk).recipient, row(desk).note) == ("Ada Lovelace", "VIP")


def test_nobody_books_under_another_address_and_nothing_is_spent_by_trying(desk: Desk) -> None:
    link = create(desk, FOR_ADA)
    with pytest.raises(InvalidInput) as refused:
        book(link, invitee=BOB)
    assert refused.value.fields == {"email": "email_not_invited"}
    booked = book(link, invitee=ADA)  # the address in other capitals
    assert booked.taken


def test_nor_does_a_correction_lead_to_another_address(desk: Desk) -> None:
    booked = book(create(desk, FOR_ADA), invitee=ADA)
    who = AsInvitee(manage_booking.manage_token(booking_id=booked.booking_id))
    with pytest.raises(InvalidInput) as refused:
        corrections.correct_email(who=who, email="eve@example.org", now=NOW)
    assert refused.value.fields == {"email": "email_not_invited"}
    control = book(create(desk, replace(FOR_ADA, only_recipient=False)), invitee=BOB, slot=3)
    who = AsInvitee(manage_booking.manage_token(booking_id=control.booking_id))
    assert corrections.correct_email(who=who, email="eve@example.org", now=NOW).invitee.email == "eve@example.org"


@pytest.mark.parametrize(
    ("options", "expires"),
    [
        (LinkOptions(), "2026-09-15T22:00+00:00"),
        (LinkOptions(expires_after_days=1), "2026-09-02T22:00+00:00"),
        (LinkOptions(expires_on=date(2026, 10, 31)), "2026-10-31T23:00+00:00"),
        (LinkOptions(expires_after_days=NEVER), None),
    ],
    ids=["as the event type has it", "after a day", "on a date", "never"],
)
def test_it_expires_as_told(desk: Desk, options: LinkOptions, expires: str | None) -> None:
    two_weeks = Edit(link_expiry_days=14)
    event_type_edits.edit_event_type(host_id=desk.host_id, event_type_id=desk.event_type_id, edit=two_weeks, now=NOW)
    create(desk, options)
    assert row(desk).expires_at == (datetime.fromisoformat(expires) if expires else None)


def test_its_dates_lie_within_those_of_the_event_type(desk: Desk) -> None:
    def days(**dates: date) -> list[date]:
        return sorted({start.date() for start in free_starts(create(desk, LinkOptions(**dates)))})

    thursday, friday, monday = date(2026, 9, 3), date(2026, 9, 4), date(2026, 9, 7)
    assert days(first_date=thursday, last_date=monday) == [thursday, friday, monday]
    assert days(last_date=thursday)[-1] == thursday
    assert days(first_date=friday)[0] == friday
    own = Edit(booking_window=BookingWindow.DATES, first_date=friday, last_date=date(2026, 9, 11))
    event_type_edits.edit_event_type(host_id=desk.host_id, event_type_id=desk.event_type_id, edit=own, now=NOW)
    assert days(first_date=thursday, last_date=monday) == [friday, monday]
    assert days(last_date=thursday) == []


def test_a_booking_moves_within_the_dates_of_its_link(desk: Desk) -> None:
    week = LinkOptions(first_date=date(2026, 9, 7), last_date=date(2026, 9, 9))
    booked = book(create(desk, week))
    who = AsInvitee(manage_booking.manage_token(booking_id=booked.booking_id))
    offered = {start.date() for start in manage_booking.times_to_move_to(who=who, now=NOW).starts}
    assert offered == {date(2026, 9, 7) + timedelta(days=day) for day in range(3)}


def test_whoever_asks_for_a_new_link_gets_it_in_their_own_name(desk: Desk) -> None:
    options = replace(FOR_ADA, duration_minutes=45, last_date=date(2026, 9, 9))
    old = create(desk, options)
    links.revoke_link(host_id=desk.host_id, link_id=old.id, now=NOW)
    ask_for_link(token=old.token, name="Bob Byte", email=BOB.email, message="", now=NOW)
    [request] = link_requests.list_link_requests(host_id=desk.host_id, now=NOW)
    made = link_requests.answer_link_request(host_id=desk.host_id, request_id=request.id, now=NOW)
    offer = open_active(made)
    assert (offer.prefill["name"], offer.terms.duration_minutes) == ("Bob Byte", 45)
    assert max(free_starts(made)).date() == date(2026, 9, 9)
    with pytest.raises(InvalidInput):
        book(made, invitee=ADA)
    assert book(made, invitee=BOB).taken
