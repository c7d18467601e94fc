"""What a host sets for an event type, as its links offer it and as a booking obeys it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from singleuse_app.operations import event_type_edits, event_types, links, schedules
from singleuse_app.operations.bookings import book_slot, open_link
from singleuse_app.operations.event_types import explain_time
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.operations.manage_booking import AsHost, cancel_booking, reschedule_booking, times_to_move_to
from singleuse_app.scheduling.availability import DateOverride
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import InvalidAvailability, NotFound, SlotUnavailable, TermsChanged
from singleuse_app.scheduling.event_types import BookingWindow, Edit
from singleuse_app.scheduling.explain import Reason
from singleuse_app.scheduling.link_options import LinkOptions
from tests.factories import ADA, NOW, RECEIPT, Desk, book, every_month, free_starts, make_link, open_active

TUESDAY = datetime(2026, 9, 8, 7, tzinfo=UTC)
"""Nine in the morning in Berlin."""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def edit(desk: Desk, **values: object) -> None:
    event_type_edits.edit_event_type(
        host_id=desk.host_id,
        event_type_id=desk.event_type_id,
        edit=Edit(**values),
        now=NOW,  # ty: ignore
    )


def days(desk: Desk) -> list[date]:
    """The dates on which anything is free."""
    return sorted({start.date() for start in free_starts(make_link(desk))})


def book_for(link: HandedOutLink, minutes: int | None, *, terms_version: int = 1) -> BookingConfirmation:
    return book_slot(
        token=link.token,
        start=TUESDAY,
        invitee=ADA,
        duration_minutes=minutes,
        receipt=RECEIPT,
        terms_version=terms_version,
        now=NOW,
    )


def test_an_invitee_chooses_between_the_durations(desk: Desk) -> None:
    edit(desk, other_durations=(60, 15, 30, 60))
    link = make_link(desk)
    plain = open_active(link)
    assert (plain.durations, plain.terms.duration_minutes) == ((30, 15, 60), 30)
    chosen = open_link(token=link.token, receipt="", duration_minutes=60, now=NOW)
    assert not isinstance(chosen, BookingConfirmation)
    assert len(chosen.times.starts) < len(plain.times.starts), "the last half hour of a day is too short"
    booked = book_for(link, 60)
    assert (booked.end - booked.start, booked.terms.duration_minutes) == (HOUR, 60)
    again = book_for(link, 60)
    assert (again.booking_id, again.taken) == (booked.booking_id, True)
    assert book_for(link, 15).taken is False


def test_unless_one_is_chosen_it_is_the_event_types_own(desk: Desk) -> None:
    edit(desk, other_durations=(60,))
    booked = book_for(make_link(desk), None)
    assert booked.end - booked.start == HOUR / 2


def test_a_duration_that_is_not_offered_or_not_any_more_books_nothing(desk: Desk) -> None:
    edit(desk, other_durations=(60,))
    link = make_link(desk)
    with pytest.raises(TermsChanged):
        book_for(link, 45)
    edit(desk, other_durations=())
    with pytest.raises(TermsChanged):
        book_for(link, 60)
    stale = open_link(token=link.token, receipt="", duration_minutes=60, now=NOW)
    assert not isinstance(stale, BookingConfirmation)
    assert (stale.durations, stale.terms.duration_minutes) == ((30,), 30)
    assert book_for(link, 30).start == TUESDAY


def test_a_link_with_a_duration_of_its_own_leaves_no_choice(desk: Desk) -> None:
    edit(desk, other_durations=(60,))
    own = {"host_id": desk.host_id, "event_type_id": desk.event_type_id, "now": NOW}
    link = links.create_link(**own, options=LinkOptions(duration_minutes=45))
    assert open_active(link).durations == (45,)
    with pytest.raises(TermsChanged):
        book_for(link, 60)
    assert book_for(link, None).terms.duration_minutes == 45


@pytest.mark.parametrize(("cap", "closed_for"), [("max_per_day", 1), ("max_per_week", 7), ("max_per_month", 30)])
def test_a_cap_closes_the_period_that_is_full_and_a_cancellation_opens_it(
    desk: Desk, cap: str, closed_for: int
) -> None:
    edit(desk, **{cap: 2})
    first = book(make_link(desk), start=TUESDAY)
    book(make_link(desk), start=TUESDAY + HOUR)
    third = make_link(desk)
    with pytest.raises(SlotUnavailable):
        book(third, start=TUESDAY + 2 * HOUR)
    opened = [day for day in days(desk) if TUESDAY.date() <= day]
    assert timedelta(0) < opened[0] - TUESDAY.date() <= timedelta(days=closed_for)
    who = AsHost(desk.host_id, first.booking_id)
    cancel_booking(who=who, now=NOW)
    assert book(third, start=TUESDAY + 2 * HOUR).start == TUESDAY + 2 * HOUR


def test_caps_count_weeks_from_monday_and_months_in_the_zone_of_the_host(desk: Desk) -> None:
    edit(desk, max_per_week=1)
    book(make_link(desk), start=TUESDAY)
    [sunday, monday] = [date(2026, 9, 6), date(2026, 9, 14)]
    assert [day for day in days(desk) if sunday <= day <= monday] == [monday]
    edit(desk, max_per_week=0, max_per_month=1)
    assert [day for day in days(desk) if day.month == 9] == []
    assert date(2026, 10, 1) in days(desk)


def test_a_booking_that_moves_does_not_stand_in_its_own_way_under_a_cap(desk: Desk) -> None:
    edit(desk, max_per_day=1, max_per_month=1)
    booked = book(make_link(desk), start=TUESDAY)
    who = AsHost(desk.host_id, booked.booking_id)
    later = TUESDAY + HOUR
    assert later in every_month(lambda view: times_to_move_to(who=who, view=view, now=NOW))
    assert reschedule_booking(who=who, start=later, sequence=0, now=NOW).start == later


def test_the_booking_window_may_lie_between_two_dates(desk: Desk) -> None:
    edit(desk, booking_window=BookingWindow.DATES, first_date=date(2026, 12, 7), last_date=date(2026, 12, 9))
    assert days(desk) == [date(2026, 12, 7), date(2026, 12, 8), date(2026, 12, 9)]
    with pytest.raises(SlotUnavailable):
        book(make_link(desk), start=TUESDAY)
    [card] = event_types.list_event_types(host_id=desk.host_id, now=NOW)
    assert card.next_free == datetime(2026, 12, 7, 8, tzinfo=UTC)


def test_an_open_booking_window_ends_nowhere(desk: Desk) -> None:
    edit(desk, booking_window=BookingWindow.OPEN, booking_window_days=0)
    assert max(days(desk)) > NOW.date() + 700 * DAY
    far = datetime(2031, 3, 3, 9, tzinfo=UTC)
    assert book(make_link(desk), start=far).start == far


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"duration_minutes": 0}, "rule_out_of_range"),
        ({"other_durations": (15, 1441)}, "rule_out_of_range"),
        ({"other_durations": tuple(range(1, 12))}, "too_many_entries"),
        ({"max_per_day": 10_001}, "cap_out_of_range"),
        ({"max_per_week": -1}, "cap_out_of_range"),
        ({"booking_window_days": 731}, "booking_window_out_of_range"),
        ({"booking_window": BookingWindow.DATES}, "booking_window_without_dates"),
        (
            {"booking_window": BookingWindow.DATES, "first_date": date(2026, 9, 2), "last_date": date(2026, 9, 1)},
            "booking_window_ends_before_start",
        ),
    ],
)
def test_numbers_that_make_no_sense_are_refused_and_change_nothing(
    desk: Desk, values: dict[str, object], code: str
) -> None:
    with pytest.raises(InvalidAvailability) as refusal:
        edit(desk, **values)
    assert refusal.value.code == code
    assert book(make_link(desk), start=TUESDAY).start == TUESDAY


def test_the_next_free_time_is_found_however_far_away_it_is(desk: Desk) -> None:
    [card] = event_types.list_event_types(host_id=desk.host_id, now=NOW)
    assert card.next_free == datetime(2026, 9, 1, 10, tzinfo=UTC), "four hours from now"
    away = tuple(DateOverride(date(2026, 9, 1) + number * DAY, ()) for number in range(50))
    there = replace(card.availability, date_overrides=away)
    schedules.edit_schedule(host_id=desk.host_id, schedule_id=card.schedule_id, availability=there, now=NOW)
    [card] = event_types.list_event_types(host_id=desk.host_id, now=NOW)
    assert card.next_free == datetime(2026, 10, 21, 7, tzinfo=UTC)


def test_a_host_learns_why_a_time_is_not_offered_and_not_with_whom_they_are_busy(desk: Desk) -> None:
    edit(desk, before_buffer_minutes=15, max_per_day=1)
    own = {"host_id": desk.host_id, "event_type_id": desk.event_type_id, "now": NOW}
    assert explain_time(**own, start=TUESDAY) == []
    booked = book(make_link(desk), start=TUESDAY)

    def reasons(start: datetime, minutes: int | None = None) -> list[Reason]:
        return [why.reason for why in explain_time(**own, start=start, duration_minutes=minutes)]

    assert reasons(TUESDAY) == [Reason.CAP_DAY, Reason.BUSY]
    assert reasons(booked.end) == [Reason.CAP_DAY, Reason.BUFFER]
    assert reasons(NOW + HOUR) == [Reason.NOTICE]
    assert reasons(TUESDAY - 2 * HOUR) == [Reason.OUTSIDE_HOURS, Reason.CAP_DAY]
    assert reasons(datetime(2026, 9, 9, 14, 30, tzinfo=UTC), 60) == [Reason.OUTSIDE_HOURS]
    with pytest.raises(NotFound):
        explain_time(**own | {"event_type_id": "evt_" + "0" * 32}, start=TUESDAY)
