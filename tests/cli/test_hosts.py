"""Hosts whom an operator makes and helps, and those of the demo: who can sign in, and that all is true."""

import re
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from singleuse_app import db
from singleuse_app.messages import words
from singleuse_app.operations import booking_list, hosts, link_board, two_factor
from singleuse_app.operations.sessions import HalfWay, NewSession
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.addresses import parse_email
from singleuse_app.scheduling.errors import SignInRefused
from singleuse_app.scheduling.links import LinkStatus
from tests.cli.conftest import EVE, SQLITE_ONLY, TODAY, called, done, process, refused
from tests.factories import PASSWORD, Desk, rows
from tests.harness.authenticator import Authenticator
from tests.harness.databases import Database, Databases, opened


def password_in(text: str) -> str:
    return re.search(r"^Password  (\S+)$", text, re.MULTILINE)[1]  # ty: ignore[not-subscriptable]


def signs_in(email: str, password: str) -> bool:
    try:
        hosts.sign_in(email=email, password=password, now=TODAY)
    except SignInRefused:
        return False
    return True


def all_is_true() -> bool:
    with db.reading() as session:
        return violations(session) == {}


# hosts


def test_the_first_host_sets_the_app_up(database: Database) -> None:
    said = process("hosts", "add", *EVE, "--generate-password")
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("Eve Host can sign in with eve@example.org at http://localhost:3000/sign-in\n")
    assert signs_in("eve@example.org", password_in(said.stdout))
    assert hosts.is_set_up()
    assert rows("SELECT name, duration_minutes FROM event_type") == [("30 minute meeting", 30)]
    assert all_is_true()


def test_a_database_is_made_for_the_first_host(databases: Databases) -> None:
    fresh = databases._new()
    if databases.postgres:
        databases.postgres.create_database(fresh.url.rpartition("/")[2])
    with opened(fresh):
        done("hosts", "add", *EVE, "--generate-password")
        assert hosts.is_set_up()
    databases.drop(fresh)


def test_a_second_host_has_hours_and_an_event_type_of_their_own(desk: Desk) -> None:
    done("hosts", "add", *EVE, typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert signs_in("eve@example.org", PASSWORD)
    assert process("hosts", "list").stdout == (
        "grace@example.org\tGrace Host\tEurope/Berlin\neve@example.org\tEve Host\tAsia/Kathmandu\n"
    )
    assert rows("SELECT count(*), count(DISTINCT host_id) FROM event_type") == [(2, 2)]
    assert rows("SELECT count(*) FROM installation") == [(1,)]
    assert all_is_true()


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (("--name", " ", "--email", "eve", "--time-zone", "Mars/Olympus"), ["name_missing", "email_malformed"]),
        (("--name", "Eve", "--email", "GRACE@example.org", "--time-zone", "UTC"), ["email_taken"]),
        (("--name", "Eve", "--email", "eve@example.org", "--time-zone", "Mars/Olympus"), ["time_zone_unknown"]),
    ],
)
def test_a_host_that_cannot_be_is_refused_field_by_field(
    desk: Desk, options: tuple[str, ...], codes: list[str]
) -> None:
    said = refused("hosts", "add", *options, "--generate-password")
    for code in codes:
        assert words(code) in said.splitlines()
    assert len(hosts.list_hosts()) == 1


def test_a_password_is_typed_twice_and_never_shown(desk: Desk) -> None:
    said = called("hosts", "add", *EVE, typed=f"{PASSWORD}\nother\n{PASSWORD}\n{PASSWORD}\n")
    assert said.exit_code == 0
    assert PASSWORD not in said.output
    short = refused("hosts", "reset-password", "eve@example.org", typed="short\nshort\n")
    assert words("password_too_short") in short
    easy = refused("hosts", "reset-password", "eve@example.org", typed="EveHost2026\nEveHost2026\n")
    assert words("password_too_easy") in easy
    assert words("password_too_easy") in refused("hosts", "add", *EVE, typed="singleuse2026\nsingleuse2026\n")
    assert called("hosts", "add", *EVE, "--password", PASSWORD).exit_code == 2, "an argument is seen by everybody"


def test_a_reset_password_signs_out_everywhere(desk: Desk) -> None:
    done("hosts", "add", *EVE, typed=f"{PASSWORD}\n{PASSWORD}\n")
    eves = hosts.sign_in(email="eve@example.org", password=PASSWORD, now=TODAY)
    graces = hosts.sign_in(email="grace@example.org", password=PASSWORD, now=TODAY)
    said = process("hosts", "reset-password", "Grace@example.org", "--generate-password")
    assert said.returncode == 0, said.stderr
    assert hosts.signed_in_host(graces.secret, now=TODAY) is None
    assert hosts.signed_in_host(eves.secret, now=TODAY) is not None
    assert not signs_in("grace@example.org", PASSWORD)
    assert signs_in("grace@example.org", password_in(said.stdout))
    unknown = refused("hosts", "reset-password", "mallory@example.org", "--generate-password")
    assert unknown == "No host has the e-mail address mallory@example.org. See: singleuse hosts list\n"


def test_two_factor_sign_in_is_ended_for_who_has_lost_everything(desk: Desk) -> None:
    app = Authenticator.scanning(two_factor.begin_two_factor(host_id=desk.host_id, now=TODAY).address)
    own = {"host_id": desk.host_id, "password": PASSWORD, "secret": ""}
    two_factor.switch_on(**own, code=app.code(TODAY), now=TODAY)
    assert isinstance(hosts.sign_in(email="grace@example.org", password=PASSWORD, now=TODAY), HalfWay)
    assert "off" in done("hosts", "end-two-factor", "Grace@example.org")
    assert isinstance(hosts.sign_in(email="grace@example.org", password=PASSWORD, now=TODAY), NewSession)
    again = refused("hosts", "end-two-factor", "grace@example.org")
    assert again == "grace@example.org signs in with the password alone already.\n"
    unknown = refused("hosts", "end-two-factor", "mallory@example.org")
    assert unknown == "No host has the e-mail address mallory@example.org. See: singleuse hosts list\n"


# the demo


def test_the_demo_is_small_believable_and_true(database: Database) -> None:
    said = process("demo", "--time-zone", "Europe/Berlin")
    assert said.returncode == 0, said.stderr
    assert signs_in("mira@example.org", password_in(said.stdout))
    assert all_is_true()
    [host] = hosts.list_hosts()
    listed, _ = link_board.list_links(host_id=host.id, now=TODAY + timedelta(minutes=1))
    assert {row.status for row in listed} == set(LinkStatus)
    assert Counter(row.status for row in listed)[LinkStatus.ACTIVE] >= 3
    upcoming, _ = booking_list.list_bookings(host_id=host.id, now=TODAY + timedelta(minutes=1))
    assert len(upcoming) == 12
    assert len({row.start.date() for row in upcoming}) >= 5
    assert rows("SELECT count(*) FROM booking WHERE cancelled_at IS NOT NULL") == [(1,)]
    assert rows("SELECT count(DISTINCT name) FROM event_type") == [(3,)]
    assert all(parse_email(row.invitee.email, {}).endswith((".org", ".net", ".com")) for row in upcoming)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu"])
@SQLITE_ONLY
def test_the_demo_is_at_home_anywhere(database: Database, zone: str) -> None:
    done("demo", "--time-zone", zone)
    assert all_is_true()


def test_the_demo_keeps_out_of_other_peoples_data(desk: Desk) -> None:
    assert refused("demo") == words("demo_refused") + "\n"
    assert UUID(str(rows("SELECT id FROM host")[0][0])) == desk.host_id
    assert len(rows("SELECT id FROM host")) == 1


def test_the_demo_refuses_a_zone_that_is_none(database: Database) -> None:
    assert refused("demo", "--time-zone", "Mars/Olympus") == words("time_zone_unknown") + "\n"
    assert not hosts.is_set_up()
