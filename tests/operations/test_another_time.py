"""A host gives a booking's time up and asks for another; a host moves a booking. The link stays spent."""

from datetime import datetime
from functools import partial
from uuid import UUID

import pytest

from singleuse_app.operations import booking_list, bookings, host_bookings, links, manage_booking
from singleuse_app.operations.manage_booking import AsHost, AsInvitee
from singleuse_app.scheduling.booking_filters import BookingFilter, BookingView
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import (
    BookingCancelled,
    BookingOver,
    BookingRefusal,
    InvalidInput,
    LinkAlreadyUsed,
    NotFound,
    SlotUnavailable,
)
from tests.factories import ADA, BOB, NOW, Desk, book, change_event_type, later, make_link, rows


def host_of(desk: Desk, booked: BookingConfirmation) -> AsHost:
    return AsHost(desk.host_id, booked.booking_id)


def invitee_of(booked: BookingConfirmation) -> AsInvitee:
    return AsInvitee(manage_booking.manage_token(booking_id=booked.booking_id))


def ask(desk: Desk, booked: BookingConfirmation, now: datetime = NOW) -> str:
    return host_bookings.ask_for_another_time(who=host_of(desk, booked), reason="On a train", now=now)


def listed(desk: Desk, view: BookingView) -> list[str]:
    found, _ = booking_list.list_bookings(host_id=desk.host_id, wanted=BookingFilter(view), now=NOW)
    return [row.id for row in found]


def test_the_time_is_free_at_once_and_the_link_stays_spent(desk: Desk) -> None:
    link = make_link(desk)
    booked = book(link)
    with pytest.raises(SlotUnavailable):
        book(make_link(desk), start=booked.start)
    assert ask(desk, booked) == ADA.name
    with pytest.raises(LinkAlreadyUsed):
        links.copy_link(host_id=desk.host_id, link_id=link.id, now=NOW)
    with pytest.raises(LinkAlreadyUsed):
        bookings.open_link(token=link.token, receipt="", now=NOW)
    assert book(make_link(desk), start=booked.start, invitee=BOB).start == booked.start
    assert [*rows("SELECT kind, recipient FROM outbox_message WHERE sequence = 1 ORDER BY recipient")] == [
        ("another_time_asked", "host"),
        ("another_time_asked", "invitee"),
    ]


def test_the_invitee_reads_it_and_the_booking_stands_again_at_the_time_that_they_choose(desk: Desk) -> None:
    link = make_link(desk)
    booked = book(link)
    who = invitee_of(booked)
    ask(desk, booked)
    assert (listed(desk, BookingView.ASKED), listed(desk, BookingView.CANCELLED)) == ([booked.booking_id], [])
    looked = manage_booking.look_at_booking(who=who, now=later(days=60))
    assert (looked.booking.asked, looked.booking.reason, looked.not_to_move) == (True, "On a train", None)
    start = manage_booking.times_to_move_to(who=who, now=NOW).starts[3]
    moved = manage_booking.reschedule_booking(who=who, start=start, sequence=1, now=NOW)
    assert (moved.uid, moved.sequence, moved.start, moved.cancelled, moved.asked) == (
        booked.uid,
        2,
        start,
        False,
        False,
    )
    assert (listed(desk, BookingView.ASKED), listed(desk, BookingView.UPCOMING)) == ([], [booked.booking_id])
    with pytest.raises(SlotUnavailable):
        book(make_link(desk), start=start)
    with pytest.raises(LinkAlreadyUsed):
        book(link, receipt="f" * 32)
    assert manage_booking.look_at_booking(who=who, now=NOW).booking == moved


def test_the_old_time_can_be_chosen_again_while_nobody_else_has_it(desk: Desk) -> None:
    booked = book(make_link(desk))
    ask(desk, booked)
    move = partial(manage_booking.reschedule_booking, who=invitee_of(booked), start=booked.start, sequence=1, now=NOW)
    assert not move().cancelled
    assert move().sequence == 2, "twice is as good as once"


def test_nobody_elses_time_can_be_chosen(desk: Desk) -> None:
    booked, other = book(make_link(desk), slot=0), book(make_link(desk), slot=3, invitee=BOB)
    ask(desk, booked)
    for who in (invitee_of(booked), host_of(desk, booked)):
        with pytest.raises(SlotUnavailable):
            manage_booking.reschedule_booking(who=who, start=other.start, sequence=1, now=NOW)
    assert listed(desk, BookingView.ASKED) == [booked.booking_id]


def test_it_is_asked_for_once_and_counts_as_no_move_of_the_invitees(desk: Desk) -> None:
    booked = book(make_link(desk))
    who = invitee_of(booked)
    for number in range(5):
        assert ask(desk, booked) == ask(desk, booked) == ADA.name
        start = manage_booking.times_to_move_to(who=who, now=NOW).starts[number + 1]
        manage_booking.reschedule_booking(who=who, start=start, sequence=2 * number + 1, now=NOW)
    assert rows("SELECT moves, sequence FROM booking") == [(0, 10)]


def test_either_side_may_give_it_up_and_the_link_stays_spent(desk: Desk) -> None:
    change_event_type(desk, reopens_on_cancel=True)
    for slot, by_host in enumerate((True, False)):
        booked = book(make_link(desk), slot=2 * slot)
        ask(desk, booked)
        who = host_of(desk, booked) if by_host else invitee_of(booked)
        gone = manage_booking.cancel_booking(who=who, now=later(days=90))
        assert (gone.cancelled, gone.asked, gone.sequence) == (True, False, 2)
        with pytest.raises(BookingCancelled):
            manage_booking.times_to_move_to(who=invitee_of(booked), now=NOW)
    assert rows("SELECT DISTINCT uses FROM scheduling_link") == [(1,)]


def test_control_without_a_question_that_cancellation_gives_the_link_back(desk: Desk) -> None:
    change_event_type(desk, reopens_on_cancel=True)
    manage_booking.cancel_booking(who=invitee_of(book(make_link(desk))), now=NOW)
    assert rows("SELECT uses FROM scheduling_link") == [(0,)]


def test_what_is_cancelled_over_or_archived_is_not_asked_about(desk: Desk) -> None:
    booked = book(make_link(desk))
    with pytest.raises(BookingOver):
        ask(desk, booked, now=booked.start)
    with pytest.raises(InvalidInput):
        host_bookings.ask_for_another_time(who=host_of(desk, booked), reason="x" * 501, now=NOW)
    change_event_type(desk, archived_at=NOW)
    with pytest.raises(BookingRefusal, match="archived"):
        ask(desk, booked)
    change_event_type(desk, archived_at=None)
    manage_booking.cancel_booking(who=host_of(desk, booked), now=NOW)
    with pytest.raises(BookingCancelled):
        ask(desk, booked)


def test_another_hosts_booking_is_not_found(desk: Desk, another_host_id: UUID) -> None:
    booked = book(make_link(desk))
    stranger = AsHost(another_host_id, booked.booking_id)
    with pytest.raises(NotFound):
        host_bookings.ask_for_another_time(who=stranger, now=NOW)
    with pytest.raises(NotFound):
        manage_booking.reschedule_booking(who=stranger, start=later(days=3), sequence=0, now=NOW)
    assert listed(desk, BookingView.UPCOMING) == [booked.booking_id]
