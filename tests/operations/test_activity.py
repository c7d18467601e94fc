"""A host reads what happened to whatever is theirs, and nothing of anybody else's."""

from uuid import UUID

import pytest

from singleuse_app import db
from singleuse_app.operations import activity, invitee_data, links
from singleuse_app.operations.activity import list_activity
from singleuse_app.operations.history import Happened, record
from singleuse_app.scheduling.link_options import LinkOptions
from tests.factories import ADA, NOW, Desk, book, later, make_link


def write(host_id: UUID, number: int) -> None:
    with db.writing() as session:
        for each in range(number):
            kind = Happened.HOURS_CHANGED if each % 3 else Happened.PROFILE_CHANGED
            record(session, kind, now=later(minutes=each // 4), host_id=host_id)


def test_the_newest_comes_first_with_the_names_of_now(desk: Desk) -> None:
    for_ada = LinkOptions(recipient_name="Ada")
    links.create_link(host_id=desk.host_id, event_type_id=desk.event_type_id, options=for_ada, now=NOW)
    booked = book(make_link(desk, now=later(minutes=1)), now=later(minutes=2))
    found, more = list_activity(host_id=desk.host_id)
    assert not more
    assert [each.kind for each in found] == ["booked", "link_created", "link_created", "host_set_up"]
    assert [(each.invitee, each.recipient) for each in found[:3]] == [(ADA.name, ""), ("", ""), ("", "Ada")]
    assert {each.event_name for each in found[:3]} == {"30 minute meeting"}
    invitee_data.erase_invitee(host_id=desk.host_id, email=ADA.email, now=booked.end)
    assert list_activity(host_id=desk.host_id)[0][0].invitee == "—"


def test_what_is_not_there_any_more_is_said_so(desk: Desk) -> None:
    with db.writing() as session:
        record(session, Happened.LINK_REVOKED, now=later(days=1), host_id=desk.host_id, link_id=UUID(int=1))
    assert list_activity(host_id=desk.host_id)[0][0].is_gone


def test_pages_show_every_line_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    write(desk.host_id, 20)
    monkeypatch.setattr(activity, "SHOWN", 4)
    seen: list[int] = []
    more, before = True, None
    while more:
        found, more = list_activity(host_id=desk.host_id, before=before)
        seen += [each.number for each in found]
        before = seen[-1]
    assert len(seen) == len(set(seen)) == 21


def test_only_their_own_lines_are_seen(desk: Desk, another_host_id: UUID) -> None:
    write(desk.host_id, 3)
    assert list_activity(host_id=another_host_id) == ([], False)
    last = list_activity(host_id=desk.host_id)[0][-1].number
    assert list_activity(host_id=another_host_id, before=last) == ([], False)
    write(another_host_id, 1)
    assert len(list_activity(host_id=another_host_id)[0]) == 1
