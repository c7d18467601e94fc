"""What an operator types, what the command answers, and that it refuses in words."""

import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from click import Group

from singleuse_app import db
from singleuse_app.cli import main
from singleuse_app.messages import words
from singleuse_app.operations import booking_list, bookings, hosts, link_board, two_factor
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.operations.sessions import HalfWay, NewSession
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.addresses import parse_email
from singleuse_app.scheduling.errors import LinkAlreadyUsed, LinkRevoked, SignInRefused
from singleuse_app.scheduling.links import UNLIMITED_USES, LinkStatus
from singleuse_app.settings import settings
from tests.cli.conftest import TODAY, called, done, process, refused
from tests.factories import OTHER_RECEIPT, PASSWORD, Desk, book, change_event_type, make_link, rows
from tests.harness.authenticator import Authenticator
from tests.harness.databases import Database, Databases, forget, opened
from tests.harness.project import ROOT

URL = re.compile(r"http://localhost:3000/book/([a-z2-7]{26})")
EVE = ("--name", "Eve Host", "--email", "Eve@Example.org", "--time-zone", "Asia/Kathmandu")
SQLITE_ONLY = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
POSTGRESQL_ONLY = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)


def tokens_in(text: str) -> list[str]:
    """The tokens of the links in a text, in which each line is one."""
    found = [URL.fullmatch(line) for line in text.splitlines()]
    assert None not in found, text
    return [match[1] for match in found if match]


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


# the command as such


def test_every_command_says_what_it_does() -> None:
    top = done("--help")
    for name in ("doctor", "migrate", "backup", "restore", "links", "hosts", "key", "demo"):
        assert re.search(rf"^  {name} +\w", top, re.MULTILINE), name
    for group, names in {
        "links": ("create", "revoke"),
        "hosts": ("add", "list", "reset-password", "end-two-factor"),
        "key": ("list", "rotate"),
    }.items():
        for name in names:
            assert re.search(rf"^  {name} +\w", done(group, "--help"), re.MULTILINE), name


def test_the_readme_describes_every_command() -> None:
    readme = (ROOT / "README.md").read_text()
    commands = [
        f"{name} {below}".strip()
        for name, command in main.commands.items()
        for below in (command.commands if isinstance(command, Group) else [""])
    ]
    assert [name for name in commands if f"| `singleuse {name}" not in readme and f", `{name}" not in readme] == []


def test_it_runs_as_a_module_too(desk: Desk) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "singleuse_app.cli", "hosts", "list"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert result.stdout == "grace@example.org\tGrace Host\tEurope/Berlin\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("migrate",),
        ("hosts", "list"),
        ("hosts", "reset-password", "grace@example.org", "--generate-password"),
        ("hosts", "end-two-factor", "grace@example.org"),
        ("hosts", "add", *EVE, "--generate-password"),
        ("links", "create", "--event-type", "x"),
        ("links", "revoke", "--all"),
        ("demo",),
        ("doctor",),
    ],
)
@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://localhost/x",
        "postgresql://nobody:hush@127.0.0.1:1/x",
        "sqlite:////nowhere/x.db",
        f"sqlite:///{__file__}",
    ],
)
def test_a_database_that_cannot_be_worked_with_is_told_in_words(
    arguments: tuple[str, ...], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setattr(db.prepare, "__kwdefaults__", {"wait": 0.0})
    forget()
    result = called(*arguments)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.output.strip()
    assert "hush" not in result.output
    forget()


@SQLITE_ONLY
def test_a_database_that_cannot_be_written_is_told_with_its_reason(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///file:{db.sqlite_file()}?mode=ro&uri=true")
    forget()
    said = refused("links", "create", "--event-type", "30 minute meeting")
    assert said.startswith(words("try_again"))
    assert "The database says: " in said


@SQLITE_ONLY
def test_commands_that_need_data_make_no_database(
    databases: Databases,
) -> None:
    fresh = databases._new()
    with opened(fresh):
        for command in (("hosts", "list"), ("links", "create", "--event-type", "x"), ("links", "revoke", "--all")):
            assert refused(*command) == f"There is no database at {fresh.file} yet. See DATABASE_URL.\n"
        assert not fresh.file.exists()


def test_commands_do_not_migrate_by_the_way(desk: Desk) -> None:
    with db.writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert "Say: singleuse migrate" in refused("hosts", "list")
    assert rows("SELECT version_num FROM alembic_version") == [("0001",)]


# migrate


def test_migrate_says_from_where_to_where(databases: Databases) -> None:
    fresh = databases._new()
    if databases.postgres:
        databases.postgres.create_database(fresh.url.rpartition("/")[2])
    with opened(fresh):
        first = process("migrate")
        assert first.returncode == 0, first.stderr
        assert re.fullmatch(r"The database went from version nothing to \d{4}\.\n", first.stdout)
        assert re.fullmatch(r"The database is up to date: version \d{4}\.\n", done("migrate"))
    databases.drop(fresh)


# backups on PostgreSQL


@POSTGRESQL_ONLY
def test_postgresql_has_tools_of_its_own(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "my backup"
    url = re.sub(r"//(\w+)[^@]*@", r"//\1:hush@", settings().database_url) + "?password=hush"
    monkeypatch.setenv("DATABASE_URL", url)
    db.close()
    backup, restore = refused("backup", copy), refused("restore", copy)
    assert re.search(rf"pg_dump --format=custom --file='{copy}' postgresql://\S+@127\.0\.0\.1:\d+/\w+\n", backup)
    assert f"Copy the key file {settings().key_file} too" in backup
    assert "pg_restore --clean" in restore
    assert "singleuse links revoke --all" in restore
    assert "hush" not in backup + restore
    assert not copy.exists()


# links


def test_links_are_printed_one_a_line_and_nothing_else(desk: Desk) -> None:
    result = process("links", "create", "--event-type", "30 Minute Meeting", "--count", "3")
    assert result.returncode == 0, result.stderr
    made = tokens_in(result.stdout)
    assert len(set(made)) == 3
    assert "These open on this computer only" in result.stderr
    for token in made:
        page = bookings.open_link(token=token, receipt="", now=TODAY)
        assert isinstance(page, OpenLink)
    assert rows("SELECT max_uses, expires_at FROM scheduling_link") == [(1, None)] * 3


def test_a_link_may_be_good_for_more_and_may_expire(desk: Desk) -> None:
    by_id = ("links", "create", "--event-type", desk.event_type_id)
    day = (TODAY + timedelta(days=3)).date()
    tokens_in(done(*by_id, "--uses", "5", "--expires", day.isoformat()))
    tokens_in(done(*by_id, "--uses", "0"))
    found = dict(rows("SELECT max_uses, expires_at FROM scheduling_link"))
    assert found.keys() == {5, UNLIMITED_USES}
    assert found[UNLIMITED_USES] is None
    assert timedelta(days=2) < datetime.fromtimestamp(found[5], UTC) - TODAY < timedelta(days=5)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--count", "0"), "Choose between 1 and 1000 links."),
        (("--count", "1001"), "Choose between 1 and 1000 links."),
        (("--uses", "-1"), words("uses_out_of_range")),
        (("--expires", "2020-01-31"), words("expires_too_soon")),
    ],
)
def test_links_that_make_no_sense_are_refused(desk: Desk, options: tuple[str, ...], said: str) -> None:
    assert refused("links", "create", "--event-type", desk.event_type_id, *options) == said + "\n"
    assert rows("SELECT 1 FROM scheduling_link") == []


def test_an_event_type_is_named_without_doubt(desk: Desk) -> None:
    create = ("links", "create", "--event-type")
    unknown = refused(*create, "Dinner")
    assert "No event type is called Dinner. There are: " in unknown
    assert f"{desk.event_type_id} (30 minute meeting, grace@example.org)" in unknown
    done("hosts", "add", *EVE, "--generate-password")
    both = refused(*create, "30 minute meeting")
    assert "Several event types are called 30 minute meeting." in both
    assert "grace@example.org" in both
    assert "eve@example.org" in both
    assert len(tokens_in(done(*create, "30 minute meeting", "--host", "EVE@example.org"))) == 1
    [(owner,)] = rows("SELECT host.email FROM scheduling_link JOIN host ON host.id = scheduling_link.host_id")
    assert owner == "eve@example.org"
    assert "No host has the e-mail address mallory@example.org" in refused(
        *create, "30 minute meeting", "--host", "mallory@example.org"
    )


def test_an_event_type_that_is_off_makes_no_links(desk: Desk) -> None:
    change_event_type(desk, off_at=TODAY)
    said = refused("links", "create", "--event-type", "30 minute meeting")
    assert said == "30 minute meeting is off, so its links could not be booked with. Switch it on first.\n"
    change_event_type(desk, archived_at=TODAY)
    assert "No event type is called" in refused("links", "create", "--event-type", "30 minute meeting")


def test_all_links_can_be_taken_back(desk: Desk) -> None:
    used, first, second = (make_link(desk, now=TODAY) for _ in range(3))
    book(used, now=TODAY)
    assert done("links", "revoke", "--all") == "Two links taken back.\n"
    for link, refusal in ((used, LinkAlreadyUsed), (first, LinkRevoked), (second, LinkRevoked)):
        with pytest.raises(refusal):
            bookings.open_link(token=link.token, receipt=OTHER_RECEIPT, now=TODAY)
    assert process("links", "revoke", "--all").stdout == "No links taken back.\n"
    assert rows("SELECT count(*) FROM event_log WHERE kind = 'link_taken_back'") == [(2,)]


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
