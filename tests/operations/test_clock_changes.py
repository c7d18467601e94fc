"""Slots on both sides of a clock change, as an invitee is offered them and as a booking takes them.

Berlin turned its clocks on Sunday 29 March and turns them on Sunday 25 October 2026, New York on Sunday 1 November.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from singleuse_app import db
from singleuse_app.models import Schedule
from singleuse_app.scheduling.availability import WeeklyHours
from singleuse_app.scheduling.errors import SlotUnavailable
from tests.factories import BOB, OTHER_RECEIPT, Desk, book, change_event_type, free_starts, make_desk, make_link
from tests.harness.databases import Database

HALF_AN_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class Change:
    """A clock change on a Sunday: what nine o'clock is in UTC on the Friday before and on the Monday after."""

    zone: str
    sunday: date
    nine_before: int
    nine_after: int

    def local(self, days: int, hour: int, minute: int = 0, *, fold: int = 0) -> datetime:
        """A wall time so many days after the Sunday, as an instant."""
        day = self.sunday + timedelta(days=days)
        wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(self.zone), fold=fold)
        return wall.astimezone(UTC)

    def desk(self) -> Desk:
        """A host of that zone, who has set up on the Wednesday before and asks for no notice."""
        desk = make_desk(time_zone=self.zone, now=self.wednesday)
        change_event_type(desk, minimum_notice_minutes=0)
        return desk

    @property
    def wednesday(self) -> datetime:
        """Noon on the Wednesday before."""
        return self.local(-4, 12)


BERLIN_SPRING = Change("Europe/Berlin", date(2026, 3, 29), nine_before=8, nine_after=7)
BERLIN_AUTUMN = Change("Europe/Berlin", date(2026, 10, 25), nine_before=7, nine_after=8)
NEW_YORK_AUTUMN = Change("America/New_York", date(2026, 11, 1), nine_before=13, nine_after=14)

every_change = pytest.mark.parametrize(
    "change", [BERLIN_SPRING, BERLIN_AUTUMN, NEW_YORK_AUTUMN], ids=["berlin-spring", "berlin-autumn", "new-york-autumn"]
)


def offered(change: Change, desk: Desk, days: int, *, now: datetime | None = None) -> list[datetime]:
    """The free starts of one local date, so many days after the Sunday."""
    now = now or change.wednesday
    day = change.sunday + timedelta(days=days)
    starts = free_starts(make_link(desk, now=now), now=now)
    return [start for start in starts if start.astimezone(ZoneInfo(change.zone)).date() == day]


def open_on_sundays(host_id: UUID, start_minute: int, end_minute: int) -> None:
    with db.writing() as session:
        schedule = session.exec(select(Schedule).where(Schedule.host_id == host_id)).one()
        hours = (*schedule.availability.weekly_hours, WeeklyHours(6, start_minute, end_minute))
        schedule.availability = replace(schedule.availability, weekly_hours=hours)
        session.add(schedule)


@every_change
def test_the_day_stays_from_nine_to_five_on_the_hosts_clock(database: Database, change: Change) -> None:
    desk = change.desk()
    for days, nine_in_utc in ((-2, change.nine_before), (1, change.nine_after)):
        starts = offered(change, desk, days)
        assert starts == [change.local(days, 9) + HALF_AN_HOUR * number for number in range(16)]
        assert (starts[0].hour, starts[0].minute) == (nine_in_utc, 0)
    assert offered(change, desk, -1) == offered(change, desk, 0) == []


@every_change
def test_what_is_offered_on_either_side_can_be_booked_and_is_gone_then(database: Database, change: Change) -> None:
    desk = change.desk()
    for days in (-2, 1):
        taken = change.local(days, 10)
        booked = book(make_link(desk, now=change.wednesday), start=taken, now=change.wednesday)
        assert (booked.start, booked.end) == (taken, taken + HALF_AN_HOUR)
        assert set(offered(change, desk, days)) == {
            change.local(days, 9) + HALF_AN_HOUR * number for number in range(16) if number != 2
        }
        other = make_link(desk, now=change.wednesday)
        with pytest.raises(SlotUnavailable):
            book(other, start=taken, invitee=BOB, receipt=OTHER_RECEIPT, now=change.wednesday)
        neighbour = taken + HALF_AN_HOUR
        assert book(other, start=neighbour, invitee=BOB, receipt=OTHER_RECEIPT, now=change.wednesday)


@every_change
def test_the_hours_that_an_unchanged_clock_would_show_are_not_open(database: Database, change: Change) -> None:
    link = make_link(change.desk(), now=change.wednesday)
    for days in (-2, 1):
        for hour, minute in ((8, 0), (8, 30), (17, 0), (17, 30)):
            with pytest.raises(SlotUnavailable):
                book(link, start=change.local(days, hour, minute), now=change.wednesday)
    assert book(link, start=change.local(1, 16, 30), now=change.wednesday)


@every_change
def test_minimum_notice_counts_hours_that_pass_not_hours_on_the_clock(database: Database, change: Change) -> None:
    desk = change.desk()
    saturday_noon = change.local(-1, 12)
    change_event_type(desk, minimum_notice_minutes=48 * 60)
    soonest = saturday_noon + timedelta(hours=48)
    assert soonest != change.local(1, 12), "the clock says something else"
    monday = [change.local(1, 9) + HALF_AN_HOUR * number for number in range(16)]
    assert offered(change, desk, 1, now=saturday_noon) == [start for start in monday if start >= soonest]
    link = make_link(desk, now=saturday_noon)
    with pytest.raises(SlotUnavailable):
        book(link, start=soonest - HALF_AN_HOUR, now=saturday_noon)
    assert book(link, start=soonest, now=saturday_noon).start == soonest


@every_change
def test_the_booking_window_counts_the_hosts_dates(database: Database, change: Change) -> None:
    desk = change.desk()
    change_event_type(desk, booking_window_days=5)
    last = change.local(1, 16, 30)
    assert offered(change, desk, 1)[-1] == last
    assert offered(change, desk, 2) == []
    assert book(make_link(desk, now=change.wednesday), start=last, now=change.wednesday)


@pytest.mark.parametrize(("change", "hour"), [(BERLIN_AUTUMN, 2), (NEW_YORK_AUTUMN, 1)], ids=["berlin", "new-york"])
def test_an_hour_that_comes_twice_can_be_booked_twice(database: Database, change: Change, hour: int) -> None:
    desk = change.desk()
    open_on_sundays(desk.host_id, hour * 60, (hour + 1) * 60)
    first, second = change.local(0, hour), change.local(0, hour, fold=1)
    assert second - first == timedelta(hours=1)
    assert offered(change, desk, 0) == [first, first + HALF_AN_HOUR, second, second + HALF_AN_HOUR]
    book(make_link(desk, now=change.wednesday), start=first, now=change.wednesday)
    assert offered(change, desk, 0) == [first + HALF_AN_HOUR, second, second + HALF_AN_HOUR]
    book(make_link(desk, now=change.wednesday), start=second, now=change.wednesday, receipt=OTHER_RECEIPT)
    assert offered(change, desk, 0) == [first + HALF_AN_HOUR, second + HALF_AN_HOUR]


def test_an_hour_that_never_comes_is_not_offered(database: Database) -> None:
    desk = BERLIN_SPRING.desk()
    open_on_sundays(desk.host_id, 60, 4 * 60)
    one, three = BERLIN_SPRING.local(0, 1), BERLIN_SPRING.local(0, 3)
    assert three - one == timedelta(hours=1)
    starts = offered(BERLIN_SPRING, desk, 0)
    assert starts == [one, one + HALF_AN_HOUR, three, three + HALF_AN_HOUR]
    booked = book(make_link(desk, now=BERLIN_SPRING.wednesday), start=one + HALF_AN_HOUR, now=BERLIN_SPRING.wednesday)
    assert booked.end == three
