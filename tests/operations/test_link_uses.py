"""How often a link books, until when and for how long; what becomes of the link when its booking is cancelled."""

from datetime import UTC, date, datetime, timedelta

import pytest

from singleuse_app.messages import words
from singleuse_app.operations import bookings, found_links, links
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.operations.manage_booking import AsHost, cancel_booking
from singleuse_app.scheduling.errors import InvalidInput, LinkAlreadyUsed, LinkExpired
from singleuse_app.scheduling.link_options import LinkOptions
from tests.factories import BOB, NOW, OTHER_RECEIPT, RECEIPT, Desk, book, later, make_link, open_active, rows
from tests.operations.managing import as_invitee, edit, free, move


def kinds() -> list[str]:
    return [kind for (kind,) in rows("SELECT kind FROM event_log ORDER BY id")]


# Opening again


@pytest.fixture
def reopening(desk: Desk) -> HandedOutLink:
    """A link whose host lets it open again when its invitee cancels."""
    edit(desk, reopens_on_cancel=True)
    return make_link(desk)


def test_a_link_opens_again_when_its_invitee_cancels_and_the_host_lets_it(desk: Desk, reopening: HandedOutLink) -> None:
    cancel_booking(who=as_invitee(book(reopening)), now=NOW)
    assert kinds()[-2:] == ["cancelled", "link_reopened"]
    assert book(reopening, invitee=BOB, receipt=OTHER_RECEIPT).invitee == BOB
    with pytest.raises(LinkAlreadyUsed):
        book(reopening, receipt="c" * 32, start=free(desk)[0])


def test_whoever_cancelled_may_book_again_but_a_repeat_of_the_first_attempt_does_not(
    desk: Desk, reopening: HandedOutLink
) -> None:
    first = book(reopening)
    cancel_booking(who=as_invitee(first), now=NOW)
    again = open_active(reopening, receipt=RECEIPT)
    assert again.attempt == 2
    repeated = book(reopening, start=first.start)
    assert (repeated.booking_id, repeated.cancelled) == (first.booking_id, True)
    second = bookings.book_slot(
        token=reopening.token,
        start=first.start,
        invitee=first.invitee,
        receipt=RECEIPT,
        attempt=again.attempt,
        terms_version=again.terms.version,
        now=NOW,
    )
    assert (second.booking_id != first.booking_id, second.cancelled) == (True, False)
    assert bookings.open_link(token=reopening.token, receipt=RECEIPT, now=NOW) == second


def test_a_link_opens_again_once_in_its_life(desk: Desk, reopening: HandedOutLink) -> None:
    cancel_booking(who=as_invitee(book(reopening)), now=NOW)
    cancel_booking(who=as_invitee(book(reopening, receipt=OTHER_RECEIPT)), now=NOW)
    with pytest.raises(LinkAlreadyUsed):
        book(reopening, receipt="c" * 32, start=free(desk)[0])


def test_cancelled_by_its_host_it_stays_used(desk: Desk, reopening: HandedOutLink) -> None:
    cancel_booking(who=AsHost(desk.host_id, book(reopening).booking_id), now=NOW)
    with pytest.raises(LinkAlreadyUsed):
        book(reopening, receipt=OTHER_RECEIPT, start=free(desk)[0])


def test_a_link_does_not_open_again_past_its_expiry(desk: Desk) -> None:
    edit(desk, reopens_on_cancel=True)
    link = make_link(desk, expires_at=later(hours=1))
    cancel_booking(who=as_invitee(book(link)), now=later(hours=1))
    with pytest.raises(LinkAlreadyUsed):
        book(link, receipt=OTHER_RECEIPT, start=free(desk)[0], now=later(hours=1))


def test_a_link_of_several_uses_does_not_open_again_once_it_was_revoked(desk: Desk) -> None:
    edit(desk, reopens_on_cancel=True)
    link = make_link(desk, max_uses=2)
    booked = book(link)
    links.revoke_link(host_id=desk.host_id, link_id=link.id, now=NOW)
    cancel_booking(who=as_invitee(booked), now=NOW)
    assert rows("SELECT uses FROM scheduling_link") == [(1,)]


def test_a_use_that_was_given_back_is_numbered_again(desk: Desk) -> None:
    edit(desk, reopens_on_cancel=True)
    link = make_link(desk, max_uses=3)
    booked = [book(link, receipt=letter * 32) for letter in "abc"]
    cancel_booking(who=as_invitee(booked[1]), now=NOW)
    book(link, receipt="d" * 32)
    with pytest.raises(LinkAlreadyUsed):
        book(link, receipt="e" * 32, start=free(desk)[0])
    live = rows("SELECT use_no FROM booking WHERE use_released_at IS NULL ORDER BY use_no")
    assert live == [(1,), (2,), (3,)]


# Links with more uses, dates and terms of their own


def test_a_link_with_two_uses_makes_two_bookings(desk: Desk) -> None:
    link = make_link(desk, max_uses=2)
    for receipt in (RECEIPT, OTHER_RECEIPT):
        book(link, receipt=receipt)
    with pytest.raises(LinkAlreadyUsed):
        book(link, receipt="c" * 32, start=free(desk)[0])


def test_a_standard_link_goes_on_and_sells_no_time_twice(desk: Desk) -> None:
    link = make_link(desk, max_uses=links.UNLIMITED_USES)
    starts = {book(link, receipt=f"{number:032}").start for number in range(12)}
    assert len(starts) == 12
    assert len({use for (use,) in rows("SELECT use_no FROM booking")}) == 12


def test_expiry_and_a_limit_of_uses_hold_together(desk: Desk) -> None:
    link = make_link(desk, max_uses=3, expires_at=later(hours=1))
    book(link)
    with pytest.raises(LinkExpired):
        book(link, receipt=OTHER_RECEIPT, start=free(desk)[0], now=later(hours=1))
    spent = make_link(desk, max_uses=1, expires_at=later(hours=1))
    book(spent)
    with pytest.raises(LinkAlreadyUsed):
        book(spent, receipt=OTHER_RECEIPT, start=free(desk)[0], now=later(hours=1))


def test_an_expiry_date_lasts_until_the_end_of_that_day_at_the_host(desk: Desk) -> None:
    made = links.create_link(
        host_id=desk.host_id, event_type_id=desk.event_type_id, options=LinkOptions(expires_on=NOW.date()), now=NOW
    )
    midnight_in_berlin = datetime(2026, 9, 1, 22, tzinfo=UTC)
    assert found_links.look_at_link(token=made.token, now=midnight_in_berlin - timedelta(seconds=1))
    with pytest.raises(LinkExpired):
        found_links.look_at_link(token=made.token, now=midnight_in_berlin)
    links.edit_link(host_id=desk.host_id, link_id=made.id, note="", expires_on=None, now=NOW)
    assert found_links.look_at_link(token=made.token, now=later(days=400))


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"max_uses": 0}, "max_uses"),
        ({"max_uses": 2**31}, "max_uses"),
        ({"options": LinkOptions(duration_minutes=0)}, "duration_minutes"),
        ({"options": LinkOptions(duration_minutes=1441)}, "duration_minutes"),
        ({"options": LinkOptions(expires_on=date(2026, 8, 31))}, "expires_on"),
    ],
    ids=str,
)
def test_options_of_a_link_that_make_no_sense_are_named(desk: Desk, options: dict, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        links.create_link(host_id=desk.host_id, event_type_id=desk.event_type_id, now=NOW, **options)
    assert list(refusal.value.fields) == [field]
    assert words(refusal.value.fields[field])


def test_a_link_keeps_a_duration_and_a_place_of_its_own(desk: Desk) -> None:
    made = links.create_link(
        host_id=desk.host_id,
        event_type_id=desk.event_type_id,
        options=LinkOptions(duration_minutes=60, location="Room 3"),
        now=NOW,
    )
    edit(desk, duration_minutes=15, location="Phone")
    offer = open_active(made)
    booked = book(made, terms_version=offer.terms.version)
    assert (booked.end - booked.start, booked.terms.location) == (timedelta(hours=1), "Room 3")
    moved = move(as_invitee(booked), booked)
    assert moved.end - moved.start == timedelta(hours=1)
