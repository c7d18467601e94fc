"""What a host knows at a glance."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from singleuse_app.ids import LINK, parse_id
from singleuse_app.operations import host_bookings, links, overview
from singleuse_app.operations.link_requests import ask_for_link
from singleuse_app.operations.manage_booking import AsHost
from singleuse_app.operations.overview import DAYS, DayCount, Overview
from tests.factories import NOW, Desk, book, change_event_type, later, make_link


def look(desk: Desk, *, now: datetime = NOW, zone: str = "UTC") -> Overview:
    return overview.read_overview(host_id=desk.host_id, time_zone=zone, now=now)


def lasting(desk: Desk, days: int) -> str:
    return make_link(desk, expires_at=later(days=days)).id


def test_before_anything_happened_there_is_nothing_but_days(desk: Desk) -> None:
    seen = look(desk)
    assert (seen.waiting, seen.oldest, seen.expiring, seen.asking, seen.unsettled) == (0, [], [], 0, 0)
    assert [seen.days[0].day, seen.days[-1].day] == [NOW.date() - timedelta(days=29), NOW.date()]
    assert {(day.made, day.opened, day.booked) for day in seen.days} == {(0, 0, 0)}


def test_links_that_wait_the_longest_waiting_first(desk: Desk) -> None:
    waiting = [make_link(desk).id for _ in range(7)]
    book(make_link(desk))
    gone = make_link(desk)
    links.revoke_link(host_id=desk.host_id, link_id=gone.id, now=NOW)
    lasting(desk, 1)
    seen = look(desk, now=later(days=3))
    assert (seen.waiting, [row.id for row in seen.oldest]) == (7, waiting[:5])


def test_links_that_expire_within_a_week_the_next_first(desk: Desk) -> None:
    make_link(desk)
    late, soon, sooner = lasting(desk, 8), lasting(desk, 6), lasting(desk, 3)
    assert [row.id for row in look(desk).expiring] == [sooner, soon]
    assert [row.id for row in look(desk, now=later(days=5)).expiring] == [soon, late]
    change_event_type(desk, off_at=NOW)
    assert look(desk).expiring == []


def test_who_asks_and_what_is_unsettled(desk: Desk) -> None:
    link = make_link(desk)
    booked = book(link)
    host_bookings.ask_for_another_time(who=AsHost(desk.host_id, booked.booking_id), now=NOW)
    ask_for_link(token=link.token, name="Bob", email="bob@example.org", message="", now=NOW)
    seen = look(desk)
    assert (seen.asking, seen.unsettled, seen.undelivered) == (1, 1, 0)


def test_days_are_the_hosts_own_and_thirty(desk: Desk) -> None:
    for moment in (datetime(2026, 8, 31, 21, 59, tzinfo=UTC), datetime(2026, 8, 31, 22, tzinfo=UTC)):
        make_link(desk, now=moment)  # on either side of midnight in Berlin
    opened = make_link(desk)
    links.note_opening(link_id=parse_id(LINK, opened.id), now=NOW)
    book(opened)
    make_link(desk, now=later(days=-40))
    berlin = look(desk, zone="Europe/Berlin").days
    assert len(berlin) == DAYS
    assert berlin[-2:] == [DayCount(date(2026, 8, 31), 1, 0, 0), DayCount(date(2026, 9, 1), 2, 1, 1)]
    assert [day.made for day in look(desk).days[-2:]] == [2, 1]
    assert sum(day.made for day in berlin) == 3


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"])
def test_a_day_on_which_the_clocks_change_is_counted_whole(desk: Desk, zone: str) -> None:
    for hour in range(72):
        make_link(desk, now=datetime(2026, 10, 24, tzinfo=UTC) + timedelta(hours=hour))
    days = look(desk, zone=zone, now=datetime(2026, 10, 28, tzinfo=UTC)).days
    assert sum(day.made for day in days) == 72


def test_another_host_sees_nothing_of_it(desk: Desk, another_host_id: UUID) -> None:
    link = make_link(desk)
    book(link)
    make_link(desk)
    seen = overview.read_overview(host_id=another_host_id, time_zone="UTC", now=NOW)
    assert (seen.waiting, seen.oldest, seen.expiring) == (0, [], [])
    assert sum(day.made + day.opened + day.booked for day in seen.days) == 0


def test_a_day_on_which_very_much_happened_is_counted_so_far(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "DAY_COUNTED", 3)
    made = [make_link(desk) for _ in range(5)]
    book(made[0])
    today = overview.read_overview(host_id=desk.host_id, time_zone="UTC", now=NOW).days[-1]
    assert (today.made, today.opened, today.booked) == (3, 0, 1)
