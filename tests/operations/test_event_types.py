"""Event types: made, copied, put in order, put away, taken out again; each host's own."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from singleuse_app.operations import event_type_edits, event_types, hosts, link_board, links, schedules, standard_links
from singleuse_app.operations.event_type_edits import NEW
from singleuse_app.scheduling.availability import AvailabilitySchedule, WeeklyHours
from singleuse_app.scheduling.errors import InvalidInput, LinkOff, NotFound
from singleuse_app.scheduling.event_types import BookingWindow, Colour, Edit
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.scheduling.locations import LocationKind
from singleuse_app.scheduling.questions import Question
from tests.factories import NOW, PASSWORD, Desk, make_link, open_active

EVERYTHING = Edit(
    name="Workshop",
    description="Bring the problem.",
    colour=Colour.PLUM,
    location_kind=LocationKind.IN_PERSON,
    location="Studio",
    one_booking_each=True,
    duration_minutes=90,
    other_durations=(45, 60),
    start_time_increment_minutes=30,
    before_buffer_minutes=15,
    after_buffer_minutes=10,
    minimum_notice_minutes=2880,
    booking_window=BookingWindow.DATES,
    booking_window_days=30,
    first_date=date(2026, 9, 1),
    last_date=date(2026, 12, 24),
    max_per_day=2,
    max_per_week=5,
    max_per_month=9,
    cancel_cutoff_minutes=60,
    reschedule_cutoff_minutes=120,
    reopens_on_cancel=True,
    link_expiry_days=14,
    reminders=(2880, 60),
    questions=(Question("q", "What about?", required=True),),
    guests_allowed=False,
    confirmation_message="See you.",
    redirect_url="https://example.org",
)


def names(desk: Desk) -> list[str]:
    return [card.name for card in event_types.list_event_types(host_id=desk.host_id, now=NOW)]


def create(desk: Desk, name: str, **values: object) -> str:
    return event_type_edits.create_event_type(host_id=desk.host_id, edit=Edit(name=name, **values), now=NOW)


def opened(desk: Desk, event_type_id: str) -> event_type_edits.EditableEventType:
    return event_type_edits.open_event_type(host_id=desk.host_id, event_type_id=event_type_id)


def test_a_new_one_stands_last_and_its_links_book(desk: Desk) -> None:
    key = create(desk, "Intro call", duration_minutes=15)
    assert names(desk) == ["30 minute meeting", "Intro call"]
    link = links.create_single_use_link(host_id=desk.host_id, event_type_id=key, now=NOW)
    found = open_active(link)
    assert (found.terms.event_name, found.terms.duration_minutes) == ("Intro call", 15)
    assert found.times.starts


def test_what_is_left_out_is_as_in_the_first_event_type(desk: Desk) -> None:
    made, first = opened(desk, create(desk, "Intro call")), opened(desk, desk.event_type_id)
    assert made.schedule_id == first.schedule_id
    for name in ("duration_minutes", "minimum_notice_minutes", "booking_window_days"):
        assert getattr(made.values, name) == getattr(NEW, name)


def test_every_value_is_kept_and_comes_back(desk: Desk) -> None:
    key = event_type_edits.create_event_type(host_id=desk.host_id, edit=EVERYTHING, now=NOW)
    found = opened(desk, key)
    assert set(found.values.__slots__) == set(EVERYTHING.__slots__)
    assert found.values == EVERYTHING
    nothing = Edit(max_per_day=0, max_per_week=0, max_per_month=0, link_expiry_days=0)
    event_type_edits.edit_event_type(host_id=desk.host_id, event_type_id=key, edit=nothing, now=NOW)
    values = opened(desk, key).values
    assert (values.max_per_day, values.max_per_week, values.max_per_month, values.link_expiry_days) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "edit",
    [Edit(), Edit(name=" "), Edit(name="x", duration_minutes=0), Edit(name="x", booking_window=BookingWindow.DATES)],
    ids=["no name", "blank", "no duration", "no dates"],
)
def test_what_makes_no_sense_is_not_made(desk: Desk, edit: Edit) -> None:
    with pytest.raises(InvalidInput):
        event_type_edits.create_event_type(host_id=desk.host_id, edit=edit, now=NOW)
    assert names(desk) == ["30 minute meeting"]


def test_there_is_an_end_to_how_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_type_edits, "MAX_EVENT_TYPES", 2)
    create(desk, "Second")
    with pytest.raises(InvalidInput) as refused:
        create(desk, "Third")
    assert refused.value.fields == {"name": "too_many_event_types"}


def test_a_copy_has_all_but_the_address_and_the_links(desk: Desk) -> None:
    key = event_type_edits.create_event_type(host_id=desk.host_id, edit=EVERYTHING, now=NOW)
    create(desk, "Last")
    switch = partial(standard_links.switch_standard_link, host_id=desk.host_id, on=True, now=NOW)
    switch(event_type_id=key)
    event_types.switch_event_type(host_id=desk.host_id, event_type_id=key, on=False, now=NOW)
    copy = event_type_edits.duplicate_event_type(host_id=desk.host_id, event_type_id=key, now=NOW)
    assert names(desk) == ["30 minute meeting", "Workshop", "Copy of Workshop", "Last"]
    original, copied = opened(desk, key), opened(desk, copy)
    assert {name for name in Edit.__slots__ if getattr(original.values, name) != getattr(copied.values, name)} == {
        "name"
    }
    assert not copied.is_off
    switch(event_type_id=copy)
    addresses = {one.address for one in standard_links.list_standard_links(host_id=desk.host_id).values()}
    assert addresses == {"with/grace-host/workshop", "with/grace-host/copy-of-workshop"}


def test_they_stand_in_the_order_that_the_host_gave_them(desk: Desk) -> None:
    second, third = create(desk, "Second"), create(desk, "Third")
    move = partial(event_types.move_event_type, host_id=desk.host_id, now=NOW)
    move(event_type_id=third, places=-1)
    assert names(desk) == ["30 minute meeting", "Third", "Second"]
    move(event_type_id=desk.event_type_id, places=9)
    assert names(desk) == ["Third", "Second", "30 minute meeting"]
    move(event_type_id=second, places=-9)
    assert names(desk) == ["Second", "Third", "30 minute meeting"]
    event_types.archive_event_type(host_id=desk.host_id, event_type_id=third, now=NOW)
    move(event_type_id=second, places=1)
    assert names(desk) == ["30 minute meeting", "Second"]
    with pytest.raises(NotFound):
        move(event_type_id=third, places=1)


def test_what_was_put_away_can_be_offered_again(desk: Desk) -> None:
    link = make_link(desk)
    archive = partial(event_types.archive_event_type, host_id=desk.host_id, event_type_id=desk.event_type_id, now=NOW)
    archive()
    archive()
    assert names(desk) == []
    [away] = event_types.list_archived_event_types(host_id=desk.host_id)
    assert away == event_types.ArchivedEventType(desk.event_type_id, "30 minute meeting")
    with pytest.raises(LinkOff):
        open_active(link)
    archive(archived=False)
    assert names(desk) == ["30 minute meeting"]
    assert open_active(link).times.starts
    assert event_types.list_archived_event_types(host_id=desk.host_id) == []


def test_it_can_be_offered_in_other_hours_in_the_same_change(desk: Desk) -> None:
    fridays = AvailabilitySchedule("Europe/Berlin", (WeeklyHours(4, 600, 720),))
    key = schedules.add_schedule(host_id=desk.host_id, name="Fridays", availability=fridays, now=NOW)
    edit = partial(event_type_edits.edit_event_type, host_id=desk.host_id, event_type_id=desk.event_type_id, now=NOW)
    edit(edit=Edit(name="Friday call"), schedule_id=key)
    assert opened(desk, desk.event_type_id).schedule_id == key
    assert all(start.weekday() == 4 for start in open_active(make_link(desk)).times.starts)
    with pytest.raises(NotFound):
        edit(edit=Edit(name="Nothing of this"), schedule_id="sch_unknown")
    assert names(desk) == ["Friday call"]


@pytest.mark.parametrize(("days", "expires"), [(1, "2026-09-02T22:00"), (60, "2026-10-31T23:00")])
def test_new_links_expire_as_their_event_type_has_it(desk: Desk, days: int, expires: str) -> None:
    edit = partial(event_type_edits.edit_event_type, host_id=desk.host_id, event_type_id=desk.event_type_id, now=NOW)
    edit(edit=Edit(link_expiry_days=days))
    create_link = partial(links.create_link, host_id=desk.host_id, event_type_id=desk.event_type_id, now=NOW)
    create_link()
    create_link(options=LinkOptions(expires_on=date(2026, 9, 1)))
    by_default, as_told = (row.expires_at for row in link_board.list_links(host_id=desk.host_id, now=NOW)[0][::-1])
    assert by_default == datetime.fromisoformat(f"{expires}+00:00")  # midnight in Berlin, before and after summer time
    assert as_told == datetime(2026, 9, 1, 22, tzinfo=UTC)
    edit(edit=Edit(link_expiry_days=0))
    create_link(now=NOW + timedelta(minutes=1))
    assert link_board.list_links(host_id=desk.host_id, now=NOW)[0][0].expires_at is None


def test_an_event_type_is_nobody_elses(desk: Desk) -> None:
    """For another host it is as if it were not there: nothing of it is seen, and nothing changes."""
    stranger = hosts.add_host(name="Eve", email="eve@example.org", password=PASSWORD, time_zone="UTC", now=NOW).id
    own = {"host_id": stranger, "event_type_id": desk.event_type_id}
    before = opened(desk, desk.event_type_id)
    for attempt in (
        partial(event_type_edits.open_event_type, **own),
        partial(event_type_edits.edit_event_type, **own, edit=Edit(name="Mine"), now=NOW),
        partial(event_type_edits.duplicate_event_type, **own, now=NOW),
        partial(event_types.move_event_type, **own, places=1, now=NOW),
        partial(event_types.switch_event_type, **own, on=False, now=NOW),
        partial(event_types.archive_event_type, **own, now=NOW),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert event_types.list_archived_event_types(host_id=stranger) == []
    assert opened(desk, desk.event_type_id) == before
