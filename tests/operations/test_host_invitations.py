"""The first host invites others; each invitation makes one host, whatever happens."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest

from singleuse_app import db
from singleuse_app.operations import command_links, event_types, host_invitations, hosts, leaving
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.errors import InvalidInput, InvitationGone, NotFound, Refusal
from tests.factories import NOW, PASSWORD, Desk, later, rows

EVE = {"name": "Eve", "email": "eve@example.net", "password": PASSWORD, "time_zone": "Asia/Tokyo"}


def invite(desk: Desk) -> str:
    return host_invitations.invite_host(host_id=desk.host_id, now=NOW)


def accept(token: object, now=NOW, **changes: object) -> hosts.SignedInHost:
    fresh = host_invitations.accept_invitation(token=token, **{**EVE, **changes}, now=now)
    host = hosts.signed_in_host(fresh.secret, now=now)
    assert host
    return host


def is_gone(token: object, now=NOW) -> bool:
    for ask in (host_invitations.look_at_invitation, partial(host_invitations.accept_invitation, **EVE)):
        with pytest.raises(InvitationGone):
            ask(token=token, now=now)
    return True


def test_whoever_is_invited_becomes_a_host_of_their_own_once(desk: Desk) -> None:
    token = invite(desk)
    assert host_invitations.look_at_invitation(token=token, now=NOW) == "Grace Host"
    eve = accept(token)
    assert (eve.name, eve.email, eve.time_zone) == ("Eve", "eve@example.net", "Asia/Tokyo")
    assert len(event_types.list_event_types(host_id=eve.id, now=NOW)) == 1
    assert is_gone(token)
    seen = host_invitations.list_hosts_and_invitations(host_id=desk.host_id, now=NOW)
    assert seen
    assert ([host.name for host in seen.hosts], seen.invitations) == (["Grace Host", "Eve"], [])
    with db.reading() as session:
        assert violations(session) == {}


def test_what_became_of_an_invitation_is_told_for_a_month(desk: Desk) -> None:
    def seen(now: datetime) -> tuple[int, list[tuple[bool, bool]]]:
        told = host_invitations.list_hosts_and_invitations(host_id=desk.host_id, now=now)
        assert told
        return len(told.invitations), [(row.accepted_at is not None, row.revoked_at is not None) for row in told.ended]

    accept(invite(desk))
    invite(desk)
    [row] = host_invitations.list_hosts_and_invitations(host_id=desk.host_id, now=NOW).invitations
    for _ in range(2):  # twice is as good as once
        host_invitations.revoke_invitation(host_id=desk.host_id, invitation_id=row.id, now=NOW)
    invite(desk)
    assert seen(NOW) == (1, [(False, True), (True, False)])
    assert seen(later(days=7)) == (0, [(False, False), (False, True), (True, False)])
    assert seen(later(days=30)) == (0, [])


def test_what_is_wrong_spends_nothing(desk: Desk) -> None:
    token = invite(desk)
    for changes, wrong in (
        ({"name": " "}, {"name": "name_missing"}),
        ({"password": "short"}, {"password": "password_too_short"}),
        ({"password": "eve@example.org"}, {"password": "password_too_easy"}),
        ({"email": "grace@example.org"}, {"email": "email_taken"}),
    ):
        with pytest.raises(InvalidInput) as refused:
            accept(token, **changes)
        assert refused.value.fields == wrong
    assert accept(token).name == "Eve"


def test_an_invitation_ends_after_a_week_or_when_it_is_taken_back(desk: Desk) -> None:
    token = invite(desk)
    assert is_gone(token, now=later(days=7))
    [row] = host_invitations.list_hosts_and_invitations(host_id=desk.host_id, now=NOW).invitations
    host_invitations.revoke_invitation(host_id=desk.host_id, invitation_id=row.id, now=NOW)
    assert is_gone(token)
    assert token not in str(rows("SELECT * FROM host_invitation"))


def test_whoever_takes_all_links_back_takes_invitations_back_too(desk: Desk) -> None:
    token = invite(desk)
    command_links.revoke_all_links(now=NOW)
    assert is_gone(token)


@pytest.mark.parametrize("token", [None, "", 7, {}, "a" * 26, "ä" * 26])
def test_any_other_secret_opens_nothing(desk: Desk, token: object) -> None:
    invite(desk)
    assert is_gone(token)


def test_only_the_first_host_invites_sees_and_takes_back(desk: Desk, another_host_id: UUID) -> None:
    invite(desk)
    [row] = host_invitations.list_hosts_and_invitations(host_id=desk.host_id, now=NOW).invitations
    with pytest.raises(NotFound):
        host_invitations.invite_host(host_id=another_host_id, now=NOW)
    with pytest.raises(NotFound):
        host_invitations.revoke_invitation(host_id=another_host_id, invitation_id=row.id, now=NOW)
    assert host_invitations.list_hosts_and_invitations(host_id=another_host_id, now=NOW) is None
    assert len(host_invitations.list_hosts_and_invitations(host_id=desk.host_id, now=NOW).invitations) == 1


def test_an_invitation_that_has_expired_is_not_taken_back(desk: Desk) -> None:
    invite(desk)
    [row] = host_invitations.list_hosts_and_invitations(host_id=desk.host_id, now=NOW).invitations
    with pytest.raises(NotFound):
        host_invitations.revoke_invitation(host_id=desk.host_id, invitation_id=row.id, now=later(days=7))
    assert rows("SELECT revoked_at FROM host_invitation") == [(None,)]


def test_an_invitation_that_was_accepted_is_not_taken_back(desk: Desk) -> None:
    token = invite(desk)
    [row] = host_invitations.list_hosts_and_invitations(host_id=desk.host_id, now=NOW).invitations
    accept(token)
    with pytest.raises(NotFound):
        host_invitations.revoke_invitation(host_id=desk.host_id, invitation_id=row.id, now=NOW)


def test_twenty_wait_at_most(desk: Desk) -> None:
    for _ in range(host_invitations.MOST):
        invite(desk)
    with pytest.raises(Refusal, match="too_many_invitations"):
        invite(desk)


def test_several_of_one_name_become_hosts_at_once(desk: Desk) -> None:
    """Each is called otherwise in addresses. Nobody is told that their address is taken."""
    invited = [invite(desk) for _ in range(4)]
    barrier = Barrier(len(invited))

    def contend(number: int) -> str:
        barrier.wait()
        return accept(invited[number], email=f"eve{number}@example.net").name

    with ThreadPoolExecutor(len(invited)) as pool:
        assert set(pool.map(contend, range(len(invited)))) == {"Eve"}
    assert len({*rows("SELECT slug FROM host")}) == len(invited) + 1


def race(token: str, contenders: int = 6) -> list[bool]:
    """Who wins, of several who accept at once under addresses of their own."""
    barrier = Barrier(contenders)

    def contend(number: int) -> bool:
        barrier.wait()
        try:
            accept(token, email=f"eve{number}@example.net")
        except InvitationGone:
            return False
        return True

    with ThreadPoolExecutor(contenders) as pool:
        return list(pool.map(contend, range(contenders)))


def test_of_many_who_accept_at_once_one_wins(desk: Desk) -> None:
    assert sum(race(invite(desk))) == 1
    assert rows("SELECT count(*) FROM host") == [(2,)]


def test_control_without_the_claim_several_win(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_invitations, "_open", lambda now: [])
    assert sum(race(invite(desk))) > 1


def test_a_host_who_leaves_takes_their_invitations_along(desk: Desk) -> None:
    token, eve = invite(desk), accept(invite(desk))
    leaving.delete_account(host_id=desk.host_id, email="grace@example.org", password=PASSWORD, now=NOW)
    assert is_gone(token)
    assert host_invitations.list_hosts_and_invitations(host_id=eve.id, now=NOW)
