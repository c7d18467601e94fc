"""What a host finds on the board of links, and what they do there."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from singleuse_app.operations import command_links, event_types, link_batches, link_board, link_requests, links
from singleuse_app.operations.history import Happened
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.scheduling.errors import InvalidInput, LinkOff, LinkRevoked, NotFound, UndoTooLate
from singleuse_app.scheduling.link_filters import LinkFilter, LinkOrder
from singleuse_app.scheduling.link_lists import Person
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.scheduling.links import LinkStatus
from tests.factories import ADA, NOW, Desk, book, change_event_type, later, make_link, open_active, rows


def shown(desk: Desk, **wanted: Any) -> list[str]:
    """The ids on a page, in their order."""
    found, _ = link_board.list_links(host_id=desk.host_id, wanted=LinkFilter(**wanted), now=NOW)
    return [row.id for row in found]


def one_of_each(desk: Desk) -> dict[LinkStatus, str]:
    """A link of each status, the oldest first; with the event type off, the active one is off."""
    made = {
        status: make_link(desk, **facts)
        for status, facts in {
            LinkStatus.ACTIVE: {"expires_at": later(hours=5)},
            LinkStatus.USED: {},
            LinkStatus.REVOKED: {"revoked_at": NOW, "expires_at": later(hours=-2)},
            LinkStatus.EXPIRED: {"expires_at": NOW},
        }.items()
    }
    book(made[LinkStatus.USED])
    return {status: link.id for status, link in made.items()}


def details(desk: Desk, link: HandedOutLink) -> link_board.LinkDetails:
    return link_board.link_details(host_id=desk.host_id, link_id=link.id, now=NOW)


def test_a_filter_shows_the_links_of_its_status_and_the_counts_say_how_many(desk: Desk) -> None:
    made = one_of_each(desk)
    for status, link_id in made.items():
        assert shown(desk, status=status) == [link_id]
    assert link_board.count_links(host_id=desk.host_id, now=NOW) == {**dict.fromkeys(LinkStatus, 1), LinkStatus.OFF: 0}
    change_event_type(desk, off_at=NOW)
    assert shown(desk, status=LinkStatus.OFF) == [made[LinkStatus.ACTIVE]]
    assert shown(desk, status=LinkStatus.ACTIVE) == []
    for row in link_board.list_links(host_id=desk.host_id, now=NOW)[0]:
        assert shown(desk, status=row.status) == [row.id], "the list and the filter agree"


def test_orders(desk: Desk) -> None:
    made = list(one_of_each(desk).values())
    active, _, revoked, expired = made
    assert shown(desk) == made[::-1]
    assert shown(desk, order=LinkOrder.OLDEST) == made
    assert shown(desk, order=LinkOrder.EXPIRY)[0] == active
    assert shown(desk, order=LinkOrder.EXPIRY)[1:3] == [revoked, expired], "what is over comes after"
    options = [LinkOptions(recipient_name=name) for name in ("zoe", "Ada", "")]
    create = partial(links.create_single_use_link, host_id=desk.host_id, event_type_id=desk.event_type_id, now=NOW)
    zoe, ada, nobody = (create(options=each).id for each in options)
    assert shown(desk, order=LinkOrder.NAME) == [ada, zoe, nobody, *made[::-1]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ada", ["recipient", "address", "booked"]),
        ("ADA@EXAMPLE", ["address", "booked"]),
        ("fair", ["note"]),
        ("ÖZLEM", ["umlaut"]),
        ("özlem", ["umlaut"]),
        ("100%", ["percent"]),
        ("0%_", []),
        ("minute meet", ["recipient", "address", "note", "umlaut", "percent", "booked"]),
        ("nobody", []),
    ],
)
def test_a_search_finds_names_addresses_notes_and_bookings(desk: Desk, text: str, found: list[str]) -> None:
    create = partial(links.create_single_use_link, host_id=desk.host_id, event_type_id=desk.event_type_id, now=NOW)
    made = {
        "recipient": create(options=LinkOptions(recipient_name="Ada Lovelace")),
        "address": create(options=LinkOptions(recipient_email="ada@example.org")),
        "note": create(options=LinkOptions(note="met at the Fair")),
        "umlaut": create(options=LinkOptions(recipient_name="Özlem")),
        "percent": create(options=LinkOptions(note="100% sure")),
        "booked": create(),
    }
    book(made["booked"], invitee=ADA)
    assert shown(desk, text=text, order=LinkOrder.OLDEST) == [made[name].id for name in found]


def test_pages_follow_each_other_without_a_gap(desk: Desk) -> None:
    made = [make_link(desk).id for _ in range(7)][::-1]
    look = partial(link_board.list_links, host_id=desk.host_id, size=3, now=NOW)
    pages = [look(wanted=LinkFilter(page=page)) for page in (1, 2, 3, 4)]
    assert [row.id for found, _ in pages for row in found] == made
    assert [has_more for _, has_more in pages] == [True, True, False, False]


def test_an_event_type_that_is_not_ones_own_filters_everything_out(desk: Desk, another_host_id) -> None:
    make_link(desk)
    assert len(shown(desk, event_type=desk.event_type_id)) == 1
    assert shown(desk, event_type="evt_" + "0" * 32) == shown(desk, event_type="nonsense") == []
    theirs, _ = link_board.list_links(
        host_id=another_host_id, wanted=LinkFilter(event_type=desk.event_type_id), now=NOW
    )
    assert theirs == []


def test_details_tell_the_story_of_a_link(desk: Desk) -> None:
    link = make_link(desk)
    links.note_opening(link_id=open_active(link).link_id, now=later(minutes=1))
    links.note_opening(link_id=open_active(link).link_id, now=later(minutes=2))
    links.revoke_link(host_id=desk.host_id, link_id=link.id, now=later(minutes=3))
    links.undo_revoke(host_id=desk.host_id, link_id=link.id, now=later(minutes=4))
    book(link)
    found = details(desk, link)
    assert found.row.opened_at == later(minutes=1)
    assert (found.row.status, found.row.booked_by) == (LinkStatus.USED, ADA.name)
    assert [kind for _, kind in found.log] == [
        Happened.LINK_CREATED,
        Happened.LINK_OPENED,
        Happened.LINK_REVOKED,
        Happened.LINK_RESTORED,
        Happened.BOOKED,
    ]


def test_a_link_is_known_to_be_unopened_until_it_is_opened(desk: Desk) -> None:
    link = make_link(desk)
    assert not open_active(link).is_opened
    links.note_opening(link_id=open_active(link).link_id, now=NOW)
    assert open_active(link).is_opened


def test_a_revoked_link_is_given_back_for_an_hour(desk: Desk) -> None:
    link = make_link(desk)
    undo = partial(links.undo_revoke, host_id=desk.host_id, link_id=link.id)
    undo(now=NOW)  # nothing to undo
    links.revoke_link(host_id=desk.host_id, link_id=link.id, now=NOW)
    undo(now=later(hours=1))
    assert book(link)
    late = make_link(desk)
    links.revoke_link(host_id=desk.host_id, link_id=late.id, now=NOW)
    with pytest.raises(UndoTooLate):
        links.undo_revoke(host_id=desk.host_id, link_id=late.id, now=later(hours=1, seconds=1))
    with pytest.raises(LinkRevoked):
        book(late)


@pytest.mark.parametrize("revoked_before", [False, True])
def test_what_a_command_took_back_is_never_given_back(desk: Desk, revoked_before: bool) -> None:
    """A backup may have been restored in which a link is open, or was just revoked, that was used since."""
    batch = link_batches.create_batch(
        host_id=desk.host_id,
        event_type_id=desk.event_type_id,
        name="Fair",
        people=[Person("Ada")],
        options=LinkOptions(),
        now=NOW,
    )
    [link_id] = shown(desk)
    undo = partial(links.undo_revoke, host_id=desk.host_id, link_id=link_id)
    revoke = partial(links.revoke_link, host_id=desk.host_id, link_id=link_id)
    revoke(now=NOW)
    undo(now=NOW)  # control: a host's own revoke is undone
    if revoked_before:
        revoke(now=later(minutes=1))
    assert command_links.revoke_all_links(now=later(minutes=2)) == (not revoked_before)
    with pytest.raises(UndoTooLate):
        undo(now=later(minutes=3))
    undo_all = partial(link_batches.undo_revoke_batch, host_id=desk.host_id, batch_id=batch.id)
    assert undo_all(now=later(minutes=3)) == 0
    found = link_board.link_details(host_id=desk.host_id, link_id=link_id, now=later(minutes=3))
    assert (found.row.status, found.can_be_given_back) == (LinkStatus.REVOKED, False)


def test_a_link_for_a_day_is_replaced_by_one_for_a_day(desk: Desk) -> None:
    options = LinkOptions(expires_on=NOW.date())
    create = partial(links.create_single_use_link, host_id=desk.host_id, event_type_id=desk.event_type_id)
    old = create(options=options, now=NOW)
    new = links.reissue_link(host_id=desk.host_id, link_id=old.id, now=later(days=1))
    assert links.last_day(details(desk, new).row.expires_at, "Europe/Berlin") == later(days=1).date()
    forever = links.reissue_link(host_id=desk.host_id, link_id=create(now=NOW).id, now=NOW)
    assert details(desk, forever).row.expires_at is None


def test_note_and_last_day_are_kept_together_or_not_at_all(desk: Desk) -> None:
    link = make_link(desk, expires_at=later(hours=-30))
    edit = partial(links.edit_link, host_id=desk.host_id, link_id=link.id, now=NOW)
    with pytest.raises(InvalidInput):
        edit(note="new", expires_on=date(2026, 8, 30))
    with pytest.raises(InvalidInput):
        edit(note="x" * 501, expires_on=date(2026, 9, 9))
    assert details(desk, link).row.note == ""
    edit(note="kept", expires_on=date(2026, 8, 31))  # its last day before: the note alone is new
    assert (details(desk, link).row.note, details(desk, link).row.status) == ("kept", LinkStatus.EXPIRED)
    edit(note="kept", expires_on=date(2026, 9, 1))
    assert details(desk, link).row.status is LinkStatus.ACTIVE


def test_a_week_longer_counts_from_the_last_day_or_from_today(desk: Desk) -> None:
    lasting, expired, forever = make_link(desk), make_link(desk, expires_at=later(hours=-90)), make_link(desk)
    links.edit_link(host_id=desk.host_id, link_id=lasting.id, note="", expires_on=date(2026, 10, 22), now=NOW)
    last_days = []
    for link in (lasting, expired, forever):
        links.extend_link(host_id=desk.host_id, link_id=link.id, now=NOW)
        last_days.append(links.last_day(details(desk, link).row.expires_at, "Europe/Berlin"))
    assert last_days == [date(2026, 10, 29), date(2026, 9, 8), None], "past a clock change, too"


def test_a_replacement_has_the_options_of_the_old_link_which_is_dead(desk: Desk) -> None:
    options = LinkOptions(recipient_name="Ada", note="VIP", expires_after_days=7, duration_minutes=45)
    create = partial(links.create_single_use_link, host_id=desk.host_id, event_type_id=desk.event_type_id)
    old = create(options=options, now=NOW)
    new = links.reissue_link(host_id=desk.host_id, link_id=old.id, now=later(days=3))
    with pytest.raises(LinkRevoked):
        book(old, start=later(days=4))
    row = link_board.link_details(host_id=desk.host_id, link_id=new.id, now=NOW).row
    assert (row.recipient, row.note) == ("Ada", "VIP")
    assert row.expires_at == details(desk, old).row.expires_at + timedelta(days=3)
    assert open_active(new, now=later(days=3)).terms.duration_minutes == 45
    book(new, now=later(days=3))
    third = links.reissue_link(host_id=desk.host_id, link_id=new.id, now=later(days=3))
    assert details(desk, new).row.status is LinkStatus.USED, "what was booked stays"
    assert details(desk, third).row.status is LinkStatus.ACTIVE


def test_nothing_is_replaced_while_the_event_type_is_off(desk: Desk) -> None:
    link = make_link(desk)
    change_event_type(desk, off_at=NOW)
    with pytest.raises(LinkOff):
        links.reissue_link(host_id=desk.host_id, link_id=link.id, now=NOW)
    assert details(desk, link).row.status is LinkStatus.OFF


def test_who_asks_again_is_marked_until_they_are_answered(desk: Desk) -> None:
    link = make_link(desk)
    links.revoke_link(host_id=desk.host_id, link_id=link.id, now=NOW)
    assert not details(desk, link).row.is_asked_for
    link_requests.ask_for_link(token=link.token, name="Ada", email="ada@example.org", message="", now=NOW)
    assert details(desk, link).row.is_asked_for
    [request] = link_requests.list_link_requests(host_id=desk.host_id, now=NOW)
    link_requests.answer_link_request(host_id=desk.host_id, request_id=request.id, now=NOW)
    assert not details(desk, link).row.is_asked_for


ACTS: list[Callable[..., Any]] = [
    links.undo_revoke,
    links.extend_link,
    links.reissue_link,
    link_board.link_details,
    partial(links.edit_link, note="mine", expires_on=None),
]


@pytest.mark.parametrize("link_id", ["", None, 3, {"id": 1}, "evt_" + "0" * 32, "lnk_" + "0" * 32])
def test_what_names_no_link_is_not_found(desk: Desk, link_id: object) -> None:
    for act in ACTS:
        with pytest.raises(NotFound):
            act(host_id=desk.host_id, link_id=link_id, now=NOW)


def test_another_host_finds_nothing_and_changes_nothing(desk: Desk, another_host_id) -> None:
    link = make_link(desk, revoked_at=NOW, expires_at=later(hours=1))
    before = rows("SELECT * FROM scheduling_link")
    for act in ACTS:
        with pytest.raises(NotFound):
            act(host_id=another_host_id, link_id=link.id, now=NOW)
    assert rows("SELECT * FROM scheduling_link") == before
    assert sum(link_board.count_links(host_id=another_host_id, now=NOW).values()) == 0
    assert all(name for _, name in event_types.list_names(host_id=another_host_id))
    for act in ACTS:
        act(host_id=desk.host_id, link_id=link.id, now=NOW)
