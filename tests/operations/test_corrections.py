"""Whoever mistyped their address can mend it, for a while, and is told at the new one."""

from datetime import timedelta
from functools import partial

import pytest

from singleuse_app import db
from singleuse_app.operations.corrections import correct_email
from singleuse_app.operations.manage_booking import (
    AsInvitee,
    cancel_booking,
    look_at_booking,
    manage_token,
    open_booking,
)
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import BookingCancelled, BookingOver, BookingRefusal, InvalidInput, NotFound
from tests.factories import NOW, Desk, book, change_event_type, later, make_link, rows


@pytest.fixture
def booked(desk: Desk) -> BookingConfirmation:
    return book(make_link(desk), slot=40)


@pytest.fixture
def who(booked: BookingConfirmation) -> AsInvitee:
    return AsInvitee(manage_token(booking_id=booked.booking_id))


def told() -> list[tuple]:
    return rows("SELECT recipient, sequence FROM outbox_message WHERE kind = 'address_corrected' ORDER BY sequence")


def test_the_booking_has_the_new_address_and_nothing_else_is_new(booked: BookingConfirmation, who: AsInvitee) -> None:
    mended = correct_email(who=who, email=" lovelace@EXAMPLE.org ", now=NOW)
    assert mended.invitee.email == "lovelace@example.org"
    assert open_booking(who=who) == mended
    assert (mended.start, mended.sequence, mended.invitee.name) == (booked.start, 0, booked.invitee.name)
    assert told() == [("invitee", 1)]
    assert correct_email(who=who, email="lovelace@example.org", now=NOW) == mended, "twice is as good as once"
    assert told() == [("invitee", 1)]
    with db.reading() as session:
        assert violations(session) == {}


def test_three_times_within_a_day(who: AsInvitee) -> None:
    for number in range(3):
        correct_email(who=who, email=f"{number}@example.org", now=later(hours=8 * number))
    assert told() == [("invitee", 1), ("invitee", 2), ("invitee", 3)]
    with pytest.raises(BookingRefusal) as refused:
        correct_email(who=who, email="4@example.org", now=later(hours=23))
    assert refused.value.code == "correction_over"
    assert open_booking(who=who).invitee.email == "2@example.org"


def test_not_after_a_day_not_after_the_start_and_not_when_cancelled(
    desk: Desk, booked: BookingConfirmation, who: AsInvitee
) -> None:
    correct = partial(correct_email, email="new@example.org")
    with pytest.raises(BookingRefusal):
        correct(who=who, now=later(days=1, seconds=1))
    soon = book(make_link(desk))
    with pytest.raises(BookingOver):
        correct(who=AsInvitee(manage_token(booking_id=soon.booking_id)), now=soon.start)
    cancel_booking(who=who, now=NOW + timedelta(minutes=1))
    with pytest.raises(BookingCancelled):
        correct(who=who, now=NOW + timedelta(minutes=2))
    assert told() == []


def test_whoever_looks_is_told_whether_it_can_be_corrected(desk: Desk, who: AsInvitee) -> None:
    change_event_type(desk, cancel_cutoff_minutes=525_600)
    seen = look_at_booking(who=who, now=NOW)
    assert seen.not_to_cancel is not None
    assert seen.not_to_correct is None, "which has nothing to do with cancelling"
    late = look_at_booking(who=who, now=later(days=1, seconds=1)).not_to_correct
    assert late is not None
    assert late.code == "correction_over"
    for number in range(3):
        correct_email(who=who, email=f"{number}@example.org", now=NOW)
    assert look_at_booking(who=who, now=NOW).not_to_correct is not None


@pytest.mark.parametrize("email", ["", None, 7, "ada@", "x" * 300])
def test_what_is_no_address_changes_nothing(booked: BookingConfirmation, who: AsInvitee, email: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        correct_email(who=who, email=email, now=NOW)
    assert refused.value.fields.keys() == {"email"}
    assert open_booking(who=who) == booked


@pytest.mark.parametrize("token", ["", None, 7, "x" * 26, "ä"])
def test_nobody_else_finds_the_booking(booked: BookingConfirmation, token: object) -> None:
    with pytest.raises(NotFound):
        correct_email(who=AsInvitee(token), email="eve@example.org", now=NOW)
