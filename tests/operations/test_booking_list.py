"""A host's bookings, a page at a time, and what only a host does with one."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from singleuse_app.operations import booking_list, host_bookings, link_board, links, manage_booking
from singleuse_app.operations.booking_list import BookingRow
from singleuse_app.operations.manage_booking import AsHost
from singleuse_app.scheduling.booking_filters import BookingFilter, BookingView
from singleuse_app.scheduling.bookings import Invitee
from singleuse_app.scheduling.errors import (
    BookingCancelled,
    BookingRefusal,
    InvalidInput,
    LinkAlreadyUsed,
    LinkOff,
    NotFound,
)
from singleuse_app.scheduling.link_options import LinkOptions
from tests.factories import ADA, BOB, NOW, Desk, book, change_event_type, later, make_link, rows

NAMES = ("Ada 100%", "Bob_1", "Çelik", "Dee")


def book_all(desk: Desk) -> list[str]:
    """One booking for each name, on one slot after the other."""
    return [
        book(make_link(desk), invitee=Invitee(name, f"guest{number}@example.net", "UTC")).booking_id
        for number, name in enumerate(NAMES)
    ]


def listed(desk: Desk, *, now=NOW, **wanted: Any) -> list[BookingRow]:
    return booking_list.list_bookings(host_id=desk.host_id, wanted=BookingFilter(**wanted), now=now)[0]


def names(desk: Desk, **wanted: Any) -> list[str]:
    return [row.invitee.name for row in listed(desk, **wanted)]


def test_a_booking_is_upcoming_until_it_has_ended_and_then_past_or_cancelled(desk: Desk) -> None:
    first, *_ = book_all(desk)
    manage_booking.cancel_booking(who=AsHost(desk.host_id, first), reason="Ill", now=NOW)
    assert names(desk) == [*NAMES[1:]]
    [gone] = listed(desk, view=BookingView.CANCELLED)
    assert (gone.invitee.name, gone.cancelled_by, gone.cancel_reason) == (NAMES[0], "host", "Ill")
    second = listed(desk)[0]
    assert names(desk, now=second.end - timedelta(seconds=1))[0] == second.invitee.name
    assert names(desk, view=BookingView.PAST, now=second.end - timedelta(seconds=1)) == []
    assert names(desk, view=BookingView.PAST, now=second.end) == [second.invitee.name]
    assert names(desk, view=BookingView.PAST, now=later(days=90)) == [*reversed(NAMES[1:])]


@pytest.mark.parametrize("view", [BookingView.UPCOMING, BookingView.PAST])
def test_pages_follow_one_another_without_a_gap(desk: Desk, view: BookingView) -> None:
    book_all(desk)
    now, expected = (NOW, NAMES) if view is BookingView.UPCOMING else (later(days=90), NAMES[::-1])
    look = partial(booking_list.list_bookings, host_id=desk.host_id, size=3, now=now)
    (first, has_more), (second, is_not_all) = (look(wanted=BookingFilter(view=view, page=page)) for page in (1, 2))
    assert tuple(row.invitee.name for row in (*first, *second)) == expected
    assert (len(first), has_more, is_not_all) == (3, True, False)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("aDA", ["Ada 100%"]),
        ("GUEST1@", ["Bob_1"]),
        ("çelik", ["Çelik"]),
        ("minute", [*NAMES]),
        ("%", ["Ada 100%"]),
        ("_", ["Bob_1"]),
        ("nobody", []),
    ],
)
def test_a_search_takes_no_letter_for_a_pattern(desk: Desk, text: str, found: list[str]) -> None:
    book_all(desk)
    assert names(desk, text=text) == found
    exported = booking_list.bookings_to_export(host_id=desk.host_id, wanted=BookingFilter(text=text), now=NOW)
    assert [booking.invitee.name for booking in exported] == found


def test_who_did_not_come_is_marked_and_unmarked_and_the_link_stays_spent(desk: Desk) -> None:
    link = make_link(desk)
    booked = book(link)
    mark = partial(host_bookings.mark_no_show, host_id=desk.host_id, booking_id=booked.booking_id)
    with pytest.raises(BookingRefusal):
        mark(did_not_come=True, now=booked.start - timedelta(seconds=1))
    for did_not_come in (True, True, False):
        mark(did_not_come=did_not_come, now=booked.start)
        assert listed(desk)[0].is_no_show is did_not_come
    with pytest.raises(LinkAlreadyUsed):
        book(link, receipt="c" * 32, start=booked.end, now=booked.start)
    kinds = [kind for (kind,) in rows("SELECT kind FROM event_log WHERE booking_id IS NOT NULL ORDER BY id")]
    assert kinds == ["booked", "no_show", "no_show_taken_back"]


def test_a_meeting_that_was_cancelled_is_no_no_show(desk: Desk) -> None:
    booked = book(make_link(desk))
    manage_booking.cancel_booking(who=AsHost(desk.host_id, booked.booking_id), now=NOW)
    with pytest.raises(BookingCancelled):
        host_bookings.mark_no_show(
            host_id=desk.host_id, booking_id=booked.booking_id, did_not_come=True, now=booked.start
        )


def test_a_new_link_is_for_who_booked_with_the_options_of_the_old_one(desk: Desk) -> None:
    options = LinkOptions(only_recipient=True, recipient_email=ADA.email, duration_minutes=45, note="VIP")
    create = partial(links.create_single_use_link, host_id=desk.host_id, event_type_id=desk.event_type_id, now=NOW)
    booked = book(create(options=options))
    manage_booking.cancel_booking(who=AsHost(desk.host_id, booked.booking_id), reason="Ill", now=NOW)
    new = host_bookings.send_new_link(host_id=desk.host_id, booking_id=booked.booking_id, now=NOW)
    row = link_board.link_details(host_id=desk.host_id, link_id=new.id, now=NOW).row
    assert (row.recipient, row.note) == (ADA.name, "VIP")
    with pytest.raises(InvalidInput):
        book(new, invitee=BOB)
    again = book(new)
    assert again.end - again.start == timedelta(minutes=45)
    change_event_type(desk, off_at=NOW)
    with pytest.raises(LinkOff):
        host_bookings.send_new_link(host_id=desk.host_id, booking_id=booked.booking_id, now=NOW)


def test_another_host_finds_nothing(desk: Desk, another_host_id) -> None:
    booked = book_all(desk)[0]
    for view in BookingView:
        wanted = BookingFilter(view=view)
        assert booking_list.list_bookings(host_id=another_host_id, wanted=wanted, now=NOW) == ([], False)
        assert booking_list.bookings_to_export(host_id=another_host_id, wanted=wanted, now=NOW) == []
    before = rows("SELECT * FROM booking ORDER BY id"), rows("SELECT count(*) FROM scheduling_link")
    for host_id, key in ((another_host_id, booked), (desk.host_id, "bkg_" + "0" * 32), (desk.host_id, None)):
        with pytest.raises(NotFound):
            host_bookings.send_new_link(host_id=host_id, booking_id=key, now=NOW)
        with pytest.raises(NotFound):
            host_bookings.mark_no_show(host_id=host_id, booking_id=key, did_not_come=True, now=later(days=90))
    assert (rows("SELECT * FROM booking ORDER BY id"), rows("SELECT count(*) FROM scheduling_link")) == before
