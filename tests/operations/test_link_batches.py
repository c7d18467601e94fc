"""Links for a list of people: all of them or none; found and taken back together."""

from functools import partial

import pytest

from singleuse_app.operations import link_batches, link_board, links
from singleuse_app.operations.link_batches import BatchRow
from singleuse_app.scheduling.errors import InvalidInput, LinkOff, LinkRevoked, NotFound, UndoTooLate
from singleuse_app.scheduling.link_filters import LinkFilter
from singleuse_app.scheduling.link_lists import MAX_LINKS, Person
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.scheduling.links import LinkStatus
from tests.factories import ADA, BOB, NOW, Desk, book, change_event_type, later, rows

PEOPLE = [Person("Ada", ADA.email, "VIP"), Person("Bob"), Person()]


def make_batch(desk: Desk, people: list[Person] = PEOPLE, options: LinkOptions | None = None, **how) -> BatchRow:
    return link_batches.create_batch(
        host_id=desk.host_id,
        event_type_id=desk.event_type_id,
        name="Fair",
        people=people,
        options=options or LinkOptions(),
        now=NOW,
        **how,
    )


def links_of(desk: Desk, batch: BatchRow) -> list[link_batches.BatchLink]:
    return link_batches.batch_links(host_id=desk.host_id, batch_id=batch.id, now=NOW)[1]


def shown(desk: Desk, batch: BatchRow) -> list[link_board.LinkRow]:
    return link_board.list_links(host_id=desk.host_id, wanted=LinkFilter(batch=batch.id), now=NOW)[0]


def test_everybody_gets_a_link_of_their_own_that_books_once(desk: Desk) -> None:
    batch = make_batch(desk, options=LinkOptions(only_recipient=True, expires_after_days=7))
    made = links_of(desk, batch)
    assert [link.person for link in made] == PEOPLE
    assert len({link.token for link in made}) == 3
    assert {link.expires_at for link in made} == {later(days=7, hours=16)}
    for_ada, for_bob, for_anybody = (links.HandedOutLink("", link.token) for link in made)
    with pytest.raises(InvalidInput):
        book(for_ada, invitee=BOB)
    for link, invitee in ((for_ada, ADA), (for_bob, BOB), (for_anybody, BOB)):
        book(link, invitee=invitee)
    assert rows("SELECT count(*) FROM scheduling_link WHERE uses = 1 AND max_uses = 1") == [(3,)]
    assert [link.token for link in links_of(desk, batch)] == [""] * 3, "a link that was used is not handed out again"


def test_a_batch_is_found_by_its_own(desk: Desk) -> None:
    first, second = make_batch(desk), make_batch(desk, PEOPLE[:1])
    assert [row.id for row in link_batches.list_batches(host_id=desk.host_id)] == [second.id, first.id]
    assert [row.recipient for row in shown(desk, first)] == ["", "Bob", "Ada"]
    assert len(shown(desk, second)) == 1


def test_how_far_things_are_is_told(desk: Desk) -> None:
    told: list[int] = []
    make_batch(desk, tell=told.append)
    assert told == [1, 2, 3]


def test_all_or_none(desk: Desk) -> None:
    def fail(made: int) -> None:
        if made == 2:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        make_batch(desk, tell=fail)
    assert rows("SELECT count(*) FROM scheduling_link") == rows("SELECT count(*) FROM link_batch") == [(0,)]


@pytest.mark.parametrize("number", [0, MAX_LINKS + 1])
def test_a_batch_is_neither_empty_nor_endless(desk: Desk, number: int) -> None:
    with pytest.raises(InvalidInput):
        make_batch(desk, [Person()] * number)


def test_an_event_type_that_is_off_makes_none(desk: Desk) -> None:
    change_event_type(desk, off_at=NOW)
    with pytest.raises(LinkOff):
        make_batch(desk)


def test_what_is_open_of_a_batch_is_revoked_and_given_back_at_once(desk: Desk) -> None:
    batch, other = make_batch(desk), make_batch(desk)
    used, early, late = (links.HandedOutLink("", link.token) for link in links_of(desk, batch))
    book(used)
    early_id = shown(desk, batch)[1].id
    links.revoke_link(host_id=desk.host_id, link_id=early_id, now=NOW)
    act = {"host_id": desk.host_id, "batch_id": batch.id}
    assert link_batches.revoke_batch(**act, now=later(minutes=1)) == 1
    assert link_batches.revoke_batch(**act, now=later(minutes=2)) == 0
    with pytest.raises(LinkRevoked):
        book(late)
    assert link_batches.undo_revoke_batch(**act, now=later(minutes=61)) == 1
    assert book(late, slot=1)
    with pytest.raises(LinkRevoked):
        book(early)
    assert {row.status for row in shown(desk, other)} == {LinkStatus.ACTIVE}
    with pytest.raises(UndoTooLate):
        link_batches.undo_revoke_batch(**act, now=later(hours=2))


def test_another_host_finds_no_batch(desk: Desk, another_host_id) -> None:
    batch = make_batch(desk)
    assert link_batches.list_batches(host_id=another_host_id) == []
    for act in (link_batches.batch_links, link_batches.revoke_batch, link_batches.undo_revoke_batch):
        for host_id, key in ((another_host_id, batch.id), (desk.host_id, "bat_" + "0" * 32), (desk.host_id, None)):
            with pytest.raises(NotFound):
                act(host_id=host_id, batch_id=key, now=NOW)
    with pytest.raises(NotFound):
        make_batch(Desk(another_host_id, "", desk.event_type_id))
    wanted = LinkFilter(batch=batch.id)
    assert link_board.list_links(host_id=another_host_id, wanted=wanted, now=NOW) == ([], False)
    assert partial(link_batches.revoke_batch, host_id=desk.host_id, batch_id=batch.id)(now=NOW) == 3
