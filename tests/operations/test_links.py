"""Handing out and taking back links."""

import pytest

from singleuse_app import tokens
from singleuse_app.operations import found_links, link_board, links
from singleuse_app.scheduling.errors import LinkAlreadyUsed, LinkExpired, LinkOff, LinkRevoked, NotFound
from singleuse_app.scheduling.links import LinkStatus
from singleuse_app.settings import settings
from tests.factories import NOW, Desk, book, change_event_type, later, make_link, rows


def only_row(desk: Desk) -> link_board.LinkRow:
    [row], _ = link_board.list_links(host_id=desk.host_id, now=NOW)
    return row


def test_every_click_makes_a_link_of_its_own(desk: Desk) -> None:
    made = [make_link(desk) for _ in range(20)]
    assert len({link.token for link in made}) == len({link.id for link in made}) == 20


def test_a_token_has_128_bits_and_survives_mail_and_double_click(desk: Desk) -> None:
    token = make_link(desk).token
    assert len(token) == 26
    assert token.isalnum()
    assert token == token.lower()


def test_an_unused_link_can_be_copied_again_by_its_host(desk: Desk) -> None:
    link = make_link(desk)
    assert links.copy_link(host_id=desk.host_id, link_id=link.id, now=NOW) == link


@pytest.mark.parametrize(
    ("kill", "refusal"),
    [
        (lambda desk, link: book(link), LinkAlreadyUsed),
        (lambda desk, link: links.revoke_link(host_id=desk.host_id, link_id=link.id, now=NOW), LinkRevoked),
        (lambda desk, link: change_event_type(desk, off_at=NOW), LinkOff),
    ],
    ids=["used", "revoked", "off"],
)
def test_a_dead_link_cannot_be_copied_again(desk: Desk, kill, refusal: type[Exception]) -> None:
    link = make_link(desk)
    kill(desk, link)
    with pytest.raises(refusal):
        links.copy_link(host_id=desk.host_id, link_id=link.id, now=NOW)


def test_an_expired_link_cannot_be_copied_again(desk: Desk) -> None:
    link = make_link(desk, expires_at=later(hours=1))
    with pytest.raises(LinkExpired):
        links.copy_link(host_id=desk.host_id, link_id=link.id, now=later(hours=1))


def test_an_event_type_that_is_off_makes_no_links(desk: Desk) -> None:
    change_event_type(desk, off_at=NOW)
    with pytest.raises(LinkOff):
        make_link(desk)
    assert link_board.list_links(host_id=desk.host_id, now=NOW) == ([], False)


def test_the_list_says_what_became_of_each_link(desk: Desk) -> None:
    used, revoked, waiting = make_link(desk), make_link(desk), make_link(desk)
    booking = book(used)
    links.revoke_link(host_id=desk.host_id, link_id=revoked.id, now=NOW)
    by_id = {row.id: row for row in link_board.list_links(host_id=desk.host_id, now=NOW)[0]}
    assert [by_id[link.id].status for link in (used, revoked, waiting)] == [
        LinkStatus.USED,
        LinkStatus.REVOKED,
        LinkStatus.ACTIVE,
    ]
    assert (by_id[used.id].booked_by, by_id[used.id].booked_start) == ("Ada Lovelace", booking.start)


def test_revoking_twice_is_as_good_as_once(desk: Desk) -> None:
    link = make_link(desk)
    for moment in (NOW, later(hours=1)):
        links.revoke_link(host_id=desk.host_id, link_id=link.id, now=moment)
    assert only_row(desk).status is LinkStatus.REVOKED
    assert rows("SELECT count(*) FROM event_log WHERE kind = 'link_revoked'") == [(1,)]


def test_a_used_link_stays_used_when_somebody_revokes_it(desk: Desk) -> None:
    link = make_link(desk)
    book(link)
    with pytest.raises(LinkAlreadyUsed):
        links.revoke_link(host_id=desk.host_id, link_id=link.id, now=NOW)
    assert only_row(desk).status is LinkStatus.USED


@pytest.mark.parametrize("link_id", ["", "lnk_", "lnk_" + "0" * 32, None, 3, {"id": 1}, ["lnk"], "evt_" + "0" * 32])
def test_what_names_no_link_of_the_host_is_not_found(desk: Desk, link_id: object) -> None:
    make_link(desk)
    for act in (links.copy_link, links.revoke_link):
        with pytest.raises(NotFound):
            act(host_id=desk.host_id, link_id=link_id, now=NOW)


def test_another_host_finds_neither_the_link_nor_the_event_type(desk: Desk, another_host_id) -> None:
    link = make_link(desk)
    for act in (links.copy_link, links.revoke_link):
        with pytest.raises(NotFound):
            act(host_id=another_host_id, link_id=link.id, now=NOW)
    with pytest.raises(NotFound):
        links.create_single_use_link(host_id=another_host_id, event_type_id=desk.event_type_id, now=NOW)
    assert link_board.list_links(host_id=another_host_id, now=NOW) == ([], False)


def test_without_the_key_file_links_that_were_handed_out_still_open(desk: Desk) -> None:
    link = make_link(desk)
    settings().key_file.unlink()
    tokens.forget()
    assert found_links.look_at_link(token=link.token, now=NOW)
    assert book(link)


def test_the_key_file_is_for_its_owner_only(desk: Desk) -> None:
    assert settings().key_file.stat().st_mode & 0o777 == 0o600
