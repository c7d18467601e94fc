"""What an operator types, what the command answers, and that it refuses in words."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click import Group

from singleuse_app import db
from singleuse_app.cli import main
from singleuse_app.messages import words
from singleuse_app.operations import bookings
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.scheduling.errors import LinkAlreadyUsed, LinkRevoked
from singleuse_app.scheduling.links import UNLIMITED_USES
from singleuse_app.settings import settings
from tests.cli.conftest import EVE, POSTGRESQL_ONLY, SQLITE_ONLY, TODAY, called, done, process, refused
from tests.factories import OTHER_RECEIPT, Desk, book, change_event_type, make_link, rows
from tests.harness.databases import Databases, forget, opened
from tests.harness.project import ROOT

URL = re.compile(r"http://localhost:3000/book/([a-z2-7]{26})")


def tokens_in(text: str) -> list[str]:
    """The tokens of the links in a text, in which each line is one."""
    found = [URL.fullmatch(line) for line in text.splitlines()]
    assert None not in found, text
    return [match[1] for match in found if match]


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
