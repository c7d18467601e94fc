"""Booking a slot: once, completely, repeatably, or not at all."""

from datetime import timedelta

import pytest

from singleuse_app.models import Table
from singleuse_app.operations import booking_messages, bookings, found_links
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import (
    LinkAlreadyUsed,
    LinkExpired,
    LinkNotFound,
    LinkOff,
    LinkRevoked,
    SlotUnavailable,
    TermsChanged,
)
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
    later,
    make_link,
    open_active,
    rows,
)


def counts() -> dict[str, int]:
    tables = ("booking", "time_claim", "outbox_message")
    found = {table: rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables}
    found["uses"] = rows("SELECT coalesce(sum(uses), 0) FROM scheduling_link")[0][0]
    found["log"] = rows("SELECT count(*) FROM event_log WHERE kind = 'booked'")[0][0]
    return found


def test_a_booking_spends_the_link_holds_the_time_and_owes_two_messages(desk: Desk) -> None:
    confirmation = book(make_link(desk), slot=3)
    assert counts() == {"booking": 1, "time_claim": 1, "outbox_message": 2, "uses": 1, "log": 1}
    assert confirmation.end - confirmation.start == timedelta(minutes=30)
    assert confirmation.invitee == ADA
    assert {row[0] for row in rows("SELECT recipient FROM outbox_message")} == {"invitee", "host"}


def test_a_spent_link_books_nobody_else_and_changes_nothing(desk: Desk) -> None:
    link = make_link(desk)
    later_start = free_starts(link)[5]
    book(link)
    before = counts()
    with pytest.raises(LinkAlreadyUsed):
        book(link, start=later_start, invitee=BOB, receipt=OTHER_RECEIPT)
    assert counts() == before


def test_the_same_receipt_gets_the_same_booking_back(desk: Desk) -> None:
    link = make_link(desk)
    first = book(link)
    again = book(link, start=first.start)
    assert again == first
    assert again.taken
    assert counts()["booking"] == 1


def test_the_same_receipt_with_another_time_is_told_that_the_new_choice_was_not_taken(desk: Desk) -> None:
    link = make_link(desk)
    first = book(link)
    again = book(link, start=first.start + timedelta(hours=1))
    assert not again.taken
    assert again.start == first.start


def test_a_receipt_of_one_link_opens_no_booking_of_another(desk: Desk) -> None:
    book(make_link(desk))
    assert free_starts(make_link(desk), receipt=RECEIPT)


def test_coming_back_with_the_receipt_shows_the_booking_for_thirty_days_and_others_nothing(desk: Desk) -> None:
    link = make_link(desk)
    booked = book(link)
    for days in (0, 1, 29):
        assert bookings.open_link(token=link.token, receipt=RECEIPT, now=later(days=days)) == booked
    for receipt, now in ((OTHER_RECEIPT, NOW), ("", NOW), (RECEIPT, later(days=30))):
        with pytest.raises(LinkAlreadyUsed):
            bookings.open_link(token=link.token, receipt=receipt, now=now)


def test_looking_spends_nothing(desk: Desk) -> None:
    link = make_link(desk)
    for _ in range(50):
        open_active(link)
        assert found_links.look_at_link(token=link.token, now=NOW)
    assert isinstance(book(link), BookingConfirmation)


def test_what_is_booked_through_one_link_is_gone_from_the_others(desk: Desk) -> None:
    mine, other = make_link(desk), make_link(desk)
    taken = book(mine, slot=4).start
    assert taken not in free_starts(other)
    with pytest.raises(SlotUnavailable):
        book(other, start=taken, invitee=BOB, receipt=OTHER_RECEIPT)
    assert open_active(other), "a link is not spent by a booking that failed"


@pytest.mark.parametrize("minutes", [-60 * 24, 7, 60 * 12, 60 * 24 * 200], ids=["past", "off-grid", "night", "far"])
def test_a_start_that_is_not_on_offer_is_refused_and_spends_nothing(desk: Desk, minutes: int) -> None:
    link = make_link(desk)
    with pytest.raises(SlotUnavailable):
        book(link, start=free_starts(link)[0] + timedelta(minutes=minutes))
    assert counts() == {"booking": 0, "time_claim": 0, "outbox_message": 0, "uses": 0, "log": 0}


def test_terms_that_changed_meanwhile_are_refused_and_spend_nothing(desk: Desk) -> None:
    link = make_link(desk)
    change_event_type(desk, duration_minutes=45, terms_version=2)
    with pytest.raises(TermsChanged):
        book(link, terms_version=1)
    assert counts()["uses"] == 0
    assert book(link, terms_version=2).terms.duration_minutes == 45


def test_a_booking_keeps_its_terms_when_the_event_type_changes(desk: Desk) -> None:
    link = make_link(desk)
    book(link)
    change_event_type(desk, name="Something else", duration_minutes=15)
    kept = bookings.open_link(token=link.token, receipt=RECEIPT, now=NOW)
    assert isinstance(kept, BookingConfirmation)
    assert (kept.terms.event_name, kept.terms.duration_minutes) == ("30 minute meeting", 30)


def test_buffers_protect_the_time_around_a_booking_on_both_sides(desk: Desk) -> None:
    change_event_type(desk, before_buffer_minutes=15, after_buffer_minutes=30)
    mine, other = make_link(desk), make_link(desk)
    start = book(mine, slot=6).start
    free = free_starts(other)
    for minutes in (-60, -30, 0, 30, 60):
        assert start + timedelta(minutes=minutes) not in free, minutes
    assert {start - timedelta(minutes=90), start + timedelta(minutes=90)} <= {*free}


def test_minimum_notice_holds_for_the_page_and_for_the_booking(desk: Desk) -> None:
    change_event_type(desk, minimum_notice_minutes=0)
    link = make_link(desk)
    first = free_starts(link)[0]
    change_event_type(desk, minimum_notice_minutes=24 * 60)
    assert free_starts(link)[0] >= later(days=1)
    with pytest.raises(SlotUnavailable):
        book(link, start=first)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"revoked_at": NOW}, LinkRevoked),
        ({"expires_at": NOW}, LinkExpired),
        ({"revoked_at": NOW, "expires_at": NOW}, LinkRevoked),
    ],
    ids=["revoked", "expired", "revoked-and-expired"],
)
def test_a_dead_link_refuses_and_tells_nothing(desk: Desk, facts: dict, refusal: type[Exception]) -> None:
    start = free_starts(make_link(desk))[0]
    link = make_link(desk, **facts)
    with pytest.raises(refusal):
        bookings.open_link(token=link.token, receipt=RECEIPT, now=NOW)
    with pytest.raises(refusal):
        book(link, start=start)
    assert counts()["booking"] == 0


def test_an_event_type_that_is_off_turns_its_links_off_until_it_is_on_again(desk: Desk) -> None:
    link = make_link(desk)
    change_event_type(desk, off_at=NOW)
    with pytest.raises(LinkOff):
        book(link, start=NOW)
    change_event_type(desk, off_at=None)
    assert book(link)


def test_a_link_that_expires_is_good_until_that_very_second(desk: Desk) -> None:
    link = make_link(desk, expires_at=later(hours=1))
    start = free_starts(link)[3]
    with pytest.raises(LinkExpired):
        book(link, start=start, now=later(hours=1))
    assert book(link, start=start, now=later(minutes=59, seconds=59))


@pytest.mark.parametrize("token", ["", "abc", None, 7, {"a": 1}, ["x"], True, "x" * 10_000, "' OR 1=1 --"])
def test_what_is_no_token_finds_no_link(desk: Desk, token: object) -> None:
    make_link(desk)
    with pytest.raises(LinkNotFound):
        bookings.open_link(token=token, receipt=RECEIPT, now=NOW)
    with pytest.raises(LinkNotFound):
        bookings.book_slot(token=token, start=NOW, invitee=ADA, receipt=RECEIPT, terms_version=1, now=NOW)


def test_a_failure_in_the_last_write_leaves_nothing_behind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    link = make_link(desk)
    monkeypatch.setattr(booking_messages.outbox, "enqueue", _break)
    with pytest.raises(RuntimeError, match="broken"):
        book(link)
    assert counts() == {"booking": 0, "time_claim": 0, "outbox_message": 0, "uses": 0, "log": 0}
    monkeypatch.undo()


def _break(*_: object, **__: object) -> None:
    raise RuntimeError("broken")


def test_a_copy_of_the_database_holds_no_token_and_no_receipt(desk: Desk) -> None:
    link = make_link(desk)
    book(link)
    dump = "\n".join(str(rows(f'SELECT * FROM "{table}"')) for table in Table.metadata.tables)
    assert link.token not in dump
    assert RECEIPT not in dump
    assert desk.session_secret not in dump
    assert ADA.email in dump
