"""Schedules: hours that a host names, and in which event types are offered."""

from datetime import UTC, date, datetime

import pytest

from singleuse_app.models.availability import from_json, to_json
from singleuse_app.operations import event_types, hosts, schedules
from singleuse_app.operations.schedules import ScheduleCard
from singleuse_app.scheduling.availability import AvailabilitySchedule, DateOverride, WeeklyHours
from singleuse_app.scheduling.errors import InvalidInput, NotFound, ScheduleInUse, SlotUnavailable
from singleuse_app.scheduling.public_holidays import PublicHolidays
from singleuse_app.scheduling.recurrence import Recurrence
from tests.factories import NOW, PASSWORD, Desk, book, free_starts, make_link, rows

MORNINGS = tuple(WeeklyHours(weekday, 8 * 60, 12 * 60) for weekday in range(5))
EVERYTHING = AvailabilitySchedule(
    "America/New_York",
    MORNINGS,
    (DateOverride(date(2026, 9, 8), ()), DateOverride(date(2026, 9, 12), ((600, 660), (900, 1440)))),
    (
        Recurrence("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", date(2026, 9, 5), ((540, 720),)),
        Recurrence("FREQ=DAILY;COUNT=2", date(2026, 10, 1)),
    ),
    PublicHolidays("US", "NY", frozenset({date(2026, 11, 11)})),
)


def first_schedule(desk: Desk) -> ScheduleCard:
    return schedules.list_schedules(host_id=desk.host_id)[0]


def offered_days(desk: Desk) -> set[date]:
    return {start.date() for start in free_starts(make_link(desk))}


def test_a_schedule_comes_back_as_it_was_given(desk: Desk) -> None:
    key = schedules.add_schedule(host_id=desk.host_id, name="  On the road ", availability=EVERYTHING, now=NOW)
    [first, second] = schedules.list_schedules(host_id=desk.host_id)
    assert (first.name, first.used_by) == ("Working hours", ("30 minute meeting",))
    assert second == ScheduleCard(key, "On the road", EVERYTHING, ())
    assert from_json(to_json(EVERYTHING)) == EVERYTHING


def test_an_edit_is_seen_at_once_by_every_link_and_forgets_nothing_else(desk: Desk) -> None:
    link, card = make_link(desk), first_schedule(desk)
    friday, monday = datetime(2026, 9, 4, 7, tzinfo=UTC), datetime(2026, 9, 7, 6, tzinfo=UTC)
    assert friday in free_starts(link)
    there = AvailabilitySchedule("Europe/Berlin", MORNINGS, (DateOverride(date(2026, 9, 4), ()),))
    schedules.edit_schedule(host_id=desk.host_id, schedule_id=card.id, availability=there, now=NOW)
    assert (first_schedule(desk).name, first_schedule(desk).availability) == ("Working hours", there)
    with pytest.raises(SlotUnavailable):
        book(link, start=friday)
    assert book(link, start=monday).start == monday
    schedules.edit_schedule(host_id=desk.host_id, schedule_id=card.id, name="Mornings", now=NOW)
    assert (first_schedule(desk).name, first_schedule(desk).availability) == ("Mornings", there)


def test_an_event_type_moves_to_another_schedule(desk: Desk) -> None:
    sundays = AvailabilitySchedule("Europe/Berlin", (WeeklyHours(6, 600, 720),))
    key = schedules.add_schedule(host_id=desk.host_id, name="Sundays", availability=sundays, now=NOW)
    assert {day.weekday() for day in offered_days(desk)} == {0, 1, 2, 3, 4}
    own = {"host_id": desk.host_id, "event_type_id": desk.event_type_id}
    event_types.choose_schedule(**own, schedule_id=key, now=NOW)
    assert {day.weekday() for day in offered_days(desk)} == {6}
    assert [card.used_by for card in schedules.list_schedules(host_id=desk.host_id)] == [(), ("30 minute meeting",)]


def test_one_that_is_in_use_stays_and_says_for_what(desk: Desk) -> None:
    card = first_schedule(desk)
    with pytest.raises(ScheduleInUse) as refusal:
        schedules.remove_schedule(host_id=desk.host_id, schedule_id=card.id, now=NOW)
    assert refusal.value.params == {"names": "30 minute meeting"}
    other = schedules.add_schedule(host_id=desk.host_id, name="Other", availability=EVERYTHING, now=NOW)
    schedules.remove_schedule(host_id=desk.host_id, schedule_id=other, now=NOW)
    assert schedules.list_schedules(host_id=desk.host_id) == [card]
    with pytest.raises(NotFound):
        schedules.remove_schedule(host_id=desk.host_id, schedule_id=other, now=NOW)


def test_of_another_host_there_is_none(desk: Desk) -> None:
    other = hosts.add_host(name="Other", email="other@example.org", password=PASSWORD, time_zone="UTC", now=NOW)
    card, before = first_schedule(desk), rows("SELECT * FROM availability_schedule")
    theirs = {"host_id": other.id, "schedule_id": card.id, "now": NOW}
    [their_event_type] = event_types.list_event_types(host_id=other.id, now=NOW)
    for attempt in (
        lambda: schedules.edit_schedule(**theirs, availability=EVERYTHING),
        lambda: schedules.remove_schedule(**theirs),
        lambda: event_types.choose_schedule(**theirs, event_type_id=their_event_type.id),
        lambda: event_types.choose_schedule(**theirs, event_type_id=desk.event_type_id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert rows("SELECT * FROM availability_schedule") == before


def test_a_bad_name_and_one_schedule_too_many_are_refused(desk: Desk) -> None:
    add = {"host_id": desk.host_id, "availability": EVERYTHING, "now": NOW}
    with pytest.raises(InvalidInput) as refusal:
        schedules.add_schedule(**add, name="x" * 101)
    assert refusal.value.fields == {"name": "name_too_long"}
    with pytest.raises(InvalidInput):
        schedules.edit_schedule(host_id=desk.host_id, schedule_id=first_schedule(desk).id, name="", now=NOW)
    for number in range(schedules.MAX_SCHEDULES - 1):
        schedules.add_schedule(**add, name=str(number))
    with pytest.raises(InvalidInput) as refusal:
        schedules.add_schedule(**add, name="one more")
    assert refusal.value.fields == {"name": "too_many_schedules"}
