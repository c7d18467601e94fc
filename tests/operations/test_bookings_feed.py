"""A host's bookings at a secret address, for the host's own calendar program."""

from datetime import timedelta
from uuid import UUID

import pytest

from singleuse_app import tokens
from singleuse_app.operations import bookings_feed, manage_booking
from singleuse_app.operations.manage_booking import AsHost
from singleuse_app.scheduling.errors import NotFound
from tests.factories import BOB, NOW, Desk, book, make_link, rows


def read(token: object, now=NOW) -> list[str]:
    return [booking.invitee.name for booking in bookings_feed.read_feed(token=token, now=now).bookings]


def test_it_has_what_stands_from_three_months_ago_on_soonest_first(desk: Desk) -> None:
    token = bookings_feed.feed_token(host_id=desk.host_id, now=NOW)
    assert read(token) == []
    later, gone = book(make_link(desk), slot=9), book(make_link(desk), slot=5)
    book(make_link(desk), slot=2, invitee=BOB)
    manage_booking.cancel_booking(who=AsHost(desk.host_id, gone.booking_id), now=NOW)
    assert read(token) == [BOB.name, later.invitee.name]
    assert read(token, later.start + timedelta(days=89)) == [BOB.name, later.invitee.name]
    assert read(token, later.start + timedelta(days=91)) == []


def test_the_address_stays_until_it_is_reset_and_then_opens_nothing(desk: Desk) -> None:
    token = bookings_feed.feed_token(host_id=desk.host_id, now=NOW)
    assert bookings_feed.feed_token(host_id=desk.host_id, now=NOW) == token
    fresh = bookings_feed.reset_feed(host_id=desk.host_id, now=NOW)
    assert bookings_feed.feed_token(host_id=desk.host_id, now=NOW) == fresh != token
    assert read(fresh) == []
    with pytest.raises(NotFound):
        read(token)


@pytest.mark.parametrize("token", [None, "", "a" * 26, "ä" * 26, 7, {}, "x" * 10_000])
def test_any_other_secret_is_nobodys(desk: Desk, token: object) -> None:
    bookings_feed.feed_token(host_id=desk.host_id, now=NOW)
    with pytest.raises(NotFound):
        read(token)


def test_each_host_reads_their_own(desk: Desk, another_host_id: UUID) -> None:
    book(make_link(desk))
    token = bookings_feed.feed_token(host_id=another_host_id, now=NOW)
    assert token != bookings_feed.feed_token(host_id=desk.host_id, now=NOW)
    assert read(token) == []
    bookings_feed.reset_feed(host_id=another_host_id, now=NOW)
    assert len(read(bookings_feed.feed_token(host_id=desk.host_id, now=NOW))) == 1


def test_the_table_opens_nothing(desk: Desk) -> None:
    token = bookings_feed.feed_token(host_id=desk.host_id, now=NOW)
    assert token not in str(rows("SELECT * FROM bookings_feed"))
    assert rows("SELECT token_hash FROM bookings_feed") == [(tokens.hash_token(token),)]


def test_where_its_key_is_gone_a_new_address_is_made(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    token = bookings_feed.feed_token(host_id=desk.host_id, now=NOW)
    monkeypatch.setattr(tokens, "known_kids", frozenset)
    fresh = bookings_feed.feed_token(host_id=desk.host_id, now=NOW)
    assert fresh != token
    assert read(fresh) == []
