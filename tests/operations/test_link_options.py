"""A link for one person: for whom, until when, and where it differs from its event type."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from singleuse_app.link_words import own_words
from singleuse_app.operations import (
    corrections,
    event_type_edits,
    host_bookings,
    link_board,
    link_requests,
    links,
    manage_booking,
)
from singleuse_app.operations.link_requests import ask_for_link
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.operations.manage_booking import AsHost, AsInvitee
from singleuse_app.scheduling.errors import InvalidInput, SlotUnavailable
from singleuse_app.scheduling.event_types import BookingWindow, Edit
from singleuse_app.scheduling.hours_text import hours_text
from singleuse_app.scheduling.link_options import NEVER, LinkOptions
from singleuse_app.scheduling.locations import LocationKind
from tests.factories import ADA, BOB, NOW, OTHER_RECEIPT, Desk, book, every_month, free_starts, open_active

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


BERLIN = ZoneInfo("Europe/Berlin")


def times(link: HandedOutLink) -> set[str]:
    """The times of day that a link offers, on the host's clock."""
    return {f"{start.astimezone(BERLIN):%H:%M}" for start in free_starts(link)}


def test_its_hours_lie_within_those_of_the_event_type(desk: Desk) -> None:
    everything = times(create(desk, LinkOptions()))
    assert {"09:00", "11:30", "16:30"} <= everything
    assert times(create(desk, LinkOptions(hours="10-11, 14:15–15:30"))) == {"10:00", "10:30", "14:15", "14:45"}
    assert times(create(desk, LinkOptions(hours="7–9:30"))) == {"09:00"}
    assert times(create(desk, LinkOptions(hours="20–24"))) == set()
    with pytest.raises(InvalidInput) as refused:
        create(desk, LinkOptions(hours="mornings"))
    assert refused.value.fields == {"hours": "link_hours_malformed"}


def test_what_it_shows_is_what_it_takes_then_and_when_the_booking_is_moved(desk: Desk) -> None:
    mornings = create(desk, LinkOptions(hours="9-10"))
    offered, every = free_starts(mornings), free_starts(create(desk, LinkOptions()))
    [outside, *_] = [start for start in every if start not in offered and start > offered[0]]
    with pytest.raises(SlotUnavailable):
        book(mornings, start=outside)
    booked = book(mornings, start=offered[0])
    who = AsInvitee(manage_booking.manage_token(booking_id=booked.booking_id))
    shown = every_month(lambda view: manage_booking.times_to_move_to(who=who, view=view, now=NOW))
    assert shown == offered
    with pytest.raises(SlotUnavailable):
        manage_booking.reschedule_booking(who=who, start=outside, sequence=0, now=NOW)
    assert manage_booking.reschedule_booking(who=who, start=offered[3], sequence=0, now=NOW).start == offered[3]
    control = book(create(desk, LinkOptions()), start=outside, receipt=OTHER_RECEIPT)
    assert control.start == outside


def test_the_link_in_its_place_has_the_same_place_and_hours_and_its_host_reads_them(desk: Desk) -> None:
    options = LinkOptions(location_kind=LocationKind.HOST_CALLS, hours="9-10", last_date=date(2026, 9, 9))
    old = create(desk, options)
    again = links.reissue_link(host_id=desk.host_id, link_id=old.id, now=NOW)
    assert times(again) == {"09:00", "09:30"}
    booked = book(again, invitee=replace(ADA, place="+49 30 901820"))
    manage_booking.cancel_booking(who=AsHost(desk.host_id, booked.booking_id), now=NOW)
    new = host_bookings.send_new_link(host_id=desk.host_id, booking_id=booked.booking_id, now=NOW)
    for link in (old, again, new):
        own = link_board.link_details(host_id=desk.host_id, link_id=link.id, now=NOW).own
        assert own_words(own) == "You call · until 9 September 2026 · only 09:00–10:00"


@given(
    st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).filter(lambda marks: len(marks) % 2 == 0),
    st.sampled_from([15, 30, 45, 60]),
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_offers_what_whoever_goes_through_the_day_by_hand_finds(desk: Desk, marks: list[int], minutes: int) -> None:
    """From each quarter of an hour at which something opens, step by step, while the meeting lies inside."""
    quarters = sorted(marks)
    stretches = [(15 * opens, 15 * closes) for opens, closes in zip(quarters[::2], quarters[1::2], strict=True)]
    day = LinkOptions(
        hours=hours_text(stretches), duration_minutes=minutes, first_date=date(2026, 9, 3), last_date=date(2026, 9, 3)
    )
    found = {(start.astimezone(BERLIN).hour, start.minute) for start in free_starts(create(desk, day))}
    expected = set()
    for opens, closes in stretches:
        start, end = max(opens, 9 * 60), min(closes, 17 * 60)
        while start + minutes <= end:
            expected.add(divmod(start, 60))
            start += 30
    assert found == expected


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
