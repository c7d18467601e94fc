"""Cancelling and moving a booking: who may, and until when."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from singleuse_app.messages import words
from singleuse_app.operations import bookings, event_types, found_links, links
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.operations.manage_booking import (
    AsHost,
    AsInvitee,
    cancel_booking,
    look_at_booking,
    manage_token,
    open_booking,
    reschedule_booking,
    times_to_move_to,
)
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import (
    BookingCancelled,
    BookingChanged,
    BookingOver,
    BookingRefusal,
    InvalidInput,
    LinkAlreadyUsed,
    LinkOff,
    LinkRevoked,
    NotFound,
    SlotUnavailable,
    TooLate,
    TooManyMoves,
)
from tests.factories import NOW, OTHER_RECEIPT, RECEIPT, Desk, book, every_month, later, make_link, open_active, rows
from tests.operations.managing import HALF_AN_HOUR, Who, as_invitee, edit, free, move

parties = pytest.mark.parametrize("party", [AsHost, AsInvitee], ids=["host", "invitee"])


def as_party(party: type[Who], desk: Desk, booking: BookingConfirmation) -> Who:
    return as_invitee(booking) if party is AsInvitee else AsHost(desk.host_id, booking.booking_id)


# Cancelling


@parties
def test_a_cancelled_booking_gives_its_time_back_and_tells_both_sides(desk: Desk, party: type[Who]) -> None:
    booked = book(make_link(desk), slot=3)
    assert booked.start not in free(desk)
    ended = cancel_booking(who=as_party(party, desk, booked), reason=" Ill,\nsorry ", now=NOW)
    assert (ended.cancelled, ended.sequence, ended.uid) == (True, 1, booked.uid)
    assert booked.start in free(desk)
    owed = rows("SELECT kind, recipient, sequence FROM outbox_message ORDER BY id")
    assert sorted(owed) == sorted(
        [(kind, side, n) for n, kind in enumerate(("booked", "cancelled")) for side in ("host", "invitee")]
    )
    [(by, why)] = rows("SELECT cancelled_by, cancel_reason FROM booking")
    assert (by, why) == ("host" if party is AsHost else "invitee", "Ill, sorry")


@parties
def test_cancelling_twice_is_as_good_as_once(desk: Desk, party: type[Who]) -> None:
    who = as_party(party, desk, book(make_link(desk)))
    assert cancel_booking(who=who, now=NOW) == cancel_booking(who=who, now=later(minutes=1))
    assert rows("SELECT count(*) FROM outbox_message") == [(4,)]


@parties
def test_a_link_stays_used_when_its_booking_is_cancelled(desk: Desk, party: type[Who]) -> None:
    link = make_link(desk)
    cancel_booking(who=as_party(party, desk, book(link)), now=NOW)
    with pytest.raises(LinkAlreadyUsed):
        book(link, receipt=OTHER_RECEIPT, start=free(desk)[0])


def test_whoever_booked_sees_that_it_was_cancelled(desk: Desk) -> None:
    link = make_link(desk)
    cancel_booking(who=AsHost(desk.host_id, book(link).booking_id), now=NOW)
    seen = bookings.open_link(token=link.token, receipt=RECEIPT, now=NOW)
    assert isinstance(seen, BookingConfirmation)
    assert seen.cancelled


def test_nobody_cancels_what_is_not_theirs(desk: Desk, another_host_id: object) -> None:
    booked = book(make_link(desk))
    strangers = [
        AsHost(another_host_id, booked.booking_id),
        AsHost(desk.host_id, "bkg_" + "0" * 32),
        AsHost(desk.host_id, None),
        AsInvitee(RECEIPT),
        AsInvitee(booked.booking_id),
        AsInvitee(""),
        AsInvitee(None),
        AsInvitee("ключ"),
    ]
    for who in strangers:
        for act in (
            lambda who: cancel_booking(who=who, now=NOW),
            lambda who: reschedule_booking(who=who, start=booked.start, sequence=0, now=NOW),
            lambda who: times_to_move_to(who=who, now=NOW),
            lambda who: open_booking(who=who),
            lambda who: look_at_booking(who=who, now=NOW),
        ):
            with pytest.raises(NotFound):
                act(who)
    assert not open_booking(who=as_invitee(booked)).cancelled


def test_whoever_looks_is_told_what_they_can_do(desk: Desk) -> None:
    edit(desk, cancel_cutoff_minutes=120, reschedule_cutoff_minutes=240)
    booked = book(make_link(desk))

    def possible(before: timedelta) -> tuple[type | None, type | None]:
        found = look_at_booking(who=as_invitee(booked), now=booked.start - before)
        assert found.booking.booking_id == booked.booking_id
        refusals = (found.not_to_move, found.not_to_cancel)
        return tuple(None if refusal is None else type(refusal) for refusal in refusals)  # ty: ignore

    assert possible(timedelta(hours=5)) == (None, None)
    assert possible(timedelta(hours=3)) == (TooLate, None)
    assert possible(timedelta(hours=1)) == (TooLate, TooLate)
    assert possible(-timedelta(hours=1)) == (BookingOver, BookingOver)
    cancel_booking(who=AsHost(desk.host_id, booked.booking_id), now=NOW)
    assert possible(timedelta(hours=5)) == (BookingCancelled, BookingCancelled)


def test_an_invitee_cancels_until_the_cut_off_and_is_told_when_that_was(desk: Desk) -> None:
    edit(desk, cancel_cutoff_minutes=120)
    booked = book(make_link(desk))
    with pytest.raises(TooLate) as refusal:
        cancel_booking(who=as_invitee(booked), now=booked.start - timedelta(minutes=120) + timedelta(seconds=1))
    assert "until 2 hours before the start" in words(refusal.value)
    assert cancel_booking(who=as_invitee(booked), now=booked.start - timedelta(minutes=120)).cancelled


def test_an_invitee_cancels_before_the_start_a_host_before_the_end(desk: Desk) -> None:
    booked = book(make_link(desk))
    with pytest.raises(BookingOver):
        cancel_booking(who=as_invitee(booked), now=booked.start)
    with pytest.raises(BookingOver):
        cancel_booking(who=AsHost(desk.host_id, booked.booking_id), now=booked.end)
    assert cancel_booking(who=AsHost(desk.host_id, booked.booking_id), now=booked.end - timedelta(seconds=1)).cancelled


def test_a_reason_that_is_too_long_is_refused_with_what_to_do(desk: Desk) -> None:
    who = as_invitee(book(make_link(desk)))
    with pytest.raises(InvalidInput) as refusal:
        cancel_booking(who=who, reason="x" * 501, now=NOW)
    assert refusal.value.fields == {"reason": "reason_too_long"}
    assert not open_booking(who=who).cancelled


# Moving


@parties
def test_a_moved_booking_is_the_same_booking_at_another_time(desk: Desk, party: type[Who]) -> None:
    link = make_link(desk)
    booked = book(link, slot=3)
    moved = move(as_party(party, desk, booked), booked)
    assert (moved.uid, moved.booking_id, moved.sequence) == (booked.uid, booked.booking_id, 1)
    assert moved.end - moved.start == HALF_AN_HOUR
    assert booked.start in free(desk)
    assert moved.start not in free(desk)
    assert rows("SELECT uses FROM scheduling_link WHERE uses > 0") == [(1,)]
    assert sorted(rows("SELECT kind, sequence FROM outbox_message WHERE sequence > 0")) == [("rescheduled", 1)] * 2
    with pytest.raises(LinkAlreadyUsed):
        book(link, receipt=OTHER_RECEIPT, start=booked.start)


@parties
def test_moving_twice_to_the_same_time_is_as_good_as_once(desk: Desk, party: type[Who]) -> None:
    booked = book(make_link(desk), slot=3)
    who, start = as_party(party, desk, booked), booked.start + HALF_AN_HOUR
    first = reschedule_booking(who=who, start=start, sequence=0, now=NOW)
    assert reschedule_booking(who=who, start=start, sequence=0, now=NOW) == first


def test_a_booking_does_not_stand_in_its_own_way(desk: Desk) -> None:
    edit(desk, duration_minutes=60, start_time_increment_minutes=30)
    booked = book(make_link(desk), slot=3, terms_version=2)
    offered = every_month(lambda view: times_to_move_to(who=as_invitee(booked), view=view, now=NOW))
    assert booked.start + HALF_AN_HOUR in offered
    assert booked.start + HALF_AN_HOUR not in free(desk)
    assert move(as_invitee(booked), booked, slots=1).start == booked.start + HALF_AN_HOUR


def test_a_booking_is_not_moved_onto_another(desk: Desk) -> None:
    booked = book(make_link(desk), slot=3)
    other = book(make_link(desk), slot=4, receipt=OTHER_RECEIPT)
    with pytest.raises(SlotUnavailable):
        reschedule_booking(who=as_invitee(booked), start=other.start, sequence=0, now=NOW)
    with pytest.raises(SlotUnavailable):
        reschedule_booking(who=as_invitee(booked), start=booked.start + timedelta(minutes=7), sequence=0, now=NOW)


def test_a_page_that_shows_an_older_booking_is_told(desk: Desk) -> None:
    booked = book(make_link(desk), slot=3)
    move(AsHost(desk.host_id, booked.booking_id), booked)
    with pytest.raises(BookingChanged):
        reschedule_booking(who=as_invitee(booked), start=booked.start, sequence=0, now=NOW)


def test_an_invitee_moves_three_times_and_a_host_once_more(desk: Desk) -> None:
    booked = book(make_link(desk), slot=3)
    for _ in range(3):
        booked = move(as_invitee(booked), booked, slots=1)
    with pytest.raises(TooManyMoves) as refusal:
        move(as_invitee(booked), booked)
    assert "3 times" in words(refusal.value)
    assert move(AsHost(desk.host_id, booked.booking_id), booked, slots=1).sequence == 4


def test_an_invitee_moves_until_the_cut_off(desk: Desk) -> None:
    edit(desk, reschedule_cutoff_minutes=1440, minimum_notice_minutes=0)
    booked = book(make_link(desk), slot=40)
    last = booked.start - timedelta(days=1)
    with pytest.raises(TooLate):
        move(as_invitee(booked), booked, now=last + timedelta(seconds=1))
    with pytest.raises(TooLate):
        times_to_move_to(who=as_invitee(booked), now=last + timedelta(seconds=1))
    assert move(as_invitee(booked), booked, slots=1, now=last).sequence == 1


def _start(booked: BookingConfirmation, desk: Desk) -> datetime:
    return booked.start


def _cancel(booked: BookingConfirmation, desk: Desk) -> datetime:
    cancel_booking(who=as_invitee(booked), now=NOW)
    return NOW


def _archive(booked: BookingConfirmation, desk: Desk) -> datetime:
    event_types.archive_event_type(host_id=desk.host_id, event_type_id=desk.event_type_id, now=NOW)
    return NOW


@parties
@pytest.mark.parametrize(
    ("end", "refusal"), [(_start, BookingOver), (_cancel, BookingCancelled), (_archive, BookingRefusal)]
)
def test_what_has_begun_was_cancelled_or_is_archived_is_not_moved(
    desk: Desk,
    party: type[Who],
    end: Callable[[BookingConfirmation, Desk], datetime],
    refusal: type[BookingRefusal],
) -> None:
    booked = book(make_link(desk), slot=3)
    who, now = as_party(party, desk, booked), end(booked, desk)
    with pytest.raises(refusal):
        reschedule_booking(who=who, start=booked.start + HALF_AN_HOUR, sequence=open_booking(who=who).sequence, now=now)
    with pytest.raises(refusal):
        times_to_move_to(who=who, now=now)


def test_a_booking_of_an_event_type_that_is_off_can_be_moved_and_of_an_archived_one_cancelled(desk: Desk) -> None:
    link = make_link(desk)
    booked = book(make_link(desk), slot=3)
    event_types.switch_event_type(host_id=desk.host_id, event_type_id=desk.event_type_id, on=False, now=NOW)
    with pytest.raises(LinkOff):
        found_links.look_at_link(token=link.token, now=NOW)
    booked = move(as_invitee(booked), booked)
    event_types.archive_event_type(host_id=desk.host_id, event_type_id=desk.event_type_id, now=NOW)
    assert cancel_booking(who=as_invitee(booked), now=NOW).cancelled


def test_moving_asks_neither_the_links_expiry_nor_its_revocation(desk: Desk) -> None:
    link = make_link(desk, max_uses=2, expires_at=later(hours=1))
    booked = book(link, slot=3)
    links.revoke_link(host_id=desk.host_id, link_id=link.id, now=NOW)
    with pytest.raises(LinkRevoked):
        open_active(link)
    assert move(as_invitee(booked), booked, now=later(hours=2)).sequence == 1


def test_a_receipt_reads_and_never_manages(desk: Desk) -> None:
    booked = book(make_link(desk))
    assert isinstance(open_booking(who=as_invitee(booked)), BookingConfirmation)
    with pytest.raises(NotFound):
        open_booking(who=AsInvitee(RECEIPT))


def test_a_page_behind_a_link_never_sends_a_manage_token(desk: Desk) -> None:
    link = make_link(desk)
    booked = book(link)
    token = manage_token(booking_id=booked.booking_id)
    seen = bookings.open_link(token=link.token, receipt=RECEIPT, now=NOW)
    assert token not in repr(seen) + repr(booked)
    assert not isinstance(seen, OpenLink)
