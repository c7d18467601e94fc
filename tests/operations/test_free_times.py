"""A page is shown one month of free times, in its viewer's zone, and where to look else."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from singleuse_app.operations.bookings import OpenLink, open_link
from singleuse_app.scheduling.event_types import BookingWindow
from singleuse_app.scheduling.months import FreeTimes, View
from tests.factories import BOB, NOW, Desk, book, change_event_type, every_month, free_starts, later, make_link
from tests.operations.test_slot_rules import edit


def look(desk: Desk, view: View, *, now: datetime = NOW) -> FreeTimes:
    found = open_link(token=make_link(desk).token, receipt="", view=view, now=now)
    assert isinstance(found, OpenLink)
    return found.times


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "Europe/Berlin"])
def test_a_month_is_that_of_the_viewer_and_the_months_together_are_everything(desk: Desk, zone: str) -> None:
    def months_of(view: View) -> FreeTimes:
        times = look(desk, View(zone, view.month))
        dates = [start.astimezone(ZoneInfo(zone)).date() for start in times.starts]
        assert {(day.year, day.month) for day in dates} <= {(times.month.year, times.month.month)}
        assert times.month.day == 1
        return times

    starts = every_month(months_of)
    assert starts == free_starts(make_link(desk))
    assert len(starts) == len({*starts}) > 100


def test_a_month_outside_of_what_can_be_booked_is_the_nearest_one_inside(desk: Desk) -> None:
    assert look(desk, View(month=date(1999, 1, 31))).month == date(2026, 9, 1)
    last = look(desk, View(month=date(9000, 1, 31)))
    assert (last.month, last.has_earlier, last.has_later) == (date(2026, 11, 1), True, False)
    first = look(desk, View())
    assert (first.month, first.has_earlier, first.has_later) == (date(2026, 9, 1), False, True)


def test_the_first_look_is_at_the_first_month_with_a_free_time(desk: Desk) -> None:
    change_event_type(desk, minimum_notice_minutes=40 * 24 * 60)
    assert look(desk, View()).month == date(2026, 10, 1)


def test_an_empty_month_names_the_next_free_time(desk: Desk) -> None:
    change_event_type(desk, minimum_notice_minutes=40 * 24 * 60)
    times = look(desk, View(month=date(2026, 9, 1)))
    assert (times.starts, times.has_later) == ((), True)
    assert times.next_free == free_starts(make_link(desk))[0]


def test_where_nothing_is_free_there_is_no_next(desk: Desk) -> None:
    edit(desk, booking_window=BookingWindow.DATES, first_date=date(2020, 1, 1), last_date=date(2020, 1, 2))
    for view in (View(), View(month=date(2026, 10, 1))):
        times = look(desk, view)
        assert (times.starts, times.next_free) == ((), None)


def test_however_much_is_free_one_month_is_looked_at(desk: Desk) -> None:
    edit(desk, booking_window=BookingWindow.OPEN, start_time_increment_minutes=1, duration_minutes=1)
    times = look(desk, View(month=date(2027, 3, 1)))
    assert len(times.starts) == 23 * 8 * 60
    assert look(desk, View(month=date(2028, 12, 1))).month == date(2028, 9, 1), "two years and no more"


def test_a_chosen_time_that_went_has_the_nearest_others(desk: Desk) -> None:
    starts = free_starts(make_link(desk))
    chosen = starts[5]
    assert look(desk, View(chosen=chosen)).nearest is None
    assert look(desk, View(month=date(2026, 10, 1), chosen=chosen)).nearest is None, "though another month is shown"
    book(make_link(desk), start=chosen, invitee=BOB)
    assert look(desk, View(chosen=chosen)).nearest == (starts[3], starts[4], starts[6])


@pytest.mark.parametrize("chosen", [datetime(1990, 1, 1, tzinfo=UTC), datetime(5138, 11, 16, tzinfo=UTC)])
def test_a_chosen_time_out_of_all_reach_has_none_or_the_first(desk: Desk, chosen: datetime) -> None:
    nearest = look(desk, View(chosen=chosen)).nearest
    assert nearest is not None
    assert len(nearest) <= 3
    assert [*nearest] == sorted(nearest)
    assert all(NOW < start < later(days=8) + timedelta(days=1) for start in nearest)


def test_the_nearest_others_are_times_that_the_page_could_show(desk: Desk) -> None:
    edit(desk, booking_window=BookingWindow.OPEN)
    far = datetime(2400, 1, 3, 3, 7, tzinfo=UTC)
    assert look(desk, View(chosen=far)).nearest == (), "two years and no more"
