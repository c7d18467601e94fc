"""The doctor names everything that is not as it should be, says what to do, tells no secret and changes nothing."""

import hashlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from singleuse_app import clock, db, tokens
from singleuse_app.cli import IDS_SHOWN
from singleuse_app.operations.health import examine
from singleuse_app.operations.log_seals import Sealer, newest_seal
from singleuse_app.settings import settings
from tests.cli.conftest import POSTGRESQL_ONLY, SQLITE_ONLY, called, done, process, refused
from tests.factories import ADA, NOW, Desk, book, make_link
from tests.harness.databases import Database, forget
from tests.harness.unguarded import drop_guards


def sql(statement: str) -> None:
    with db.writing() as session:
        session.connection().exec_driver_sql(statement)


def file() -> Path:
    return db.sqlite_file()


def console(*statements: str) -> None:
    """Somebody with the database file and SQLite's own prompt, the app being stopped."""
    db.close()
    with closing(sqlite3.connect(file(), isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def said(*arguments: str) -> str:
    """All that the doctor says of what is broken."""
    result = called("doctor", *arguments)
    assert result.exit_code == 1, result.output
    return result.output


def test_all_is_well(desk: Desk) -> None:
    book(make_link(desk))
    assert re.search(r"^All is well: \d\d checks\.$", done("doctor"), re.MULTILINE)


def test_the_installed_command_tells_by_its_exit_status(desk: Desk) -> None:
    well = process("doctor", PUBLIC_URL="https://book.example.org")
    assert (well.returncode, well.stderr) == (0, "")
    assert re.fullmatch(r"(Note: .*\n)?All is well: \d\d checks\.\n", well.stdout)
    sql("DELETE FROM installation")
    broken = process("doctor", PUBLIC_URL="https://book.example.org")
    assert broken.returncode == 1
    assert f"Broken: Not true: where there are hosts the set-up is done: hst_{desk.host_id.hex} — " in broken.stdout
    assert broken.stderr.startswith("One thing to put right, found by ")


def test_what_belies_a_truth_is_named_by_public_ids_of_which_ten_are_shown(desk: Desk) -> None:
    made = [make_link(desk) for _ in range(IDS_SHOWN + 3)]
    sql("UPDATE scheduling_link SET uses = 1")
    line = next(line for line in said().splitlines() if "counts its live bookings" in line)
    named = re.findall(r"lnk_[0-9a-f]{32}", line)
    assert len(named) == IDS_SHOWN
    assert set(named) <= {link.id for link in made}
    assert f"{named[-1]} and 3 more — Revoke such a link" in line


def test_no_secret_and_nobodys_data_is_printed(desk: Desk) -> None:
    link = make_link(desk)
    book(link)
    sql("UPDATE scheduling_link SET uses = 0 WHERE uses = 5")
    sql("DELETE FROM time_claim")
    sql("DELETE FROM outbox_message")
    sql("UPDATE host SET time_zone = 'Europe/Atlantis'")
    settings().key_file.write_text(f"k1 {'0' * 64}\n")
    tokens.forget()
    text = said()
    for secret in (link.token, ADA.email, ADA.name, "grace", "0" * 64):
        assert secret.lower() not in text.lower()


@SQLITE_ONLY
def test_looking_changes_nothing(desk: Desk) -> None:
    def folder() -> dict[str, str]:
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(file().parent.iterdir())}

    console("PRAGMA journal_mode=DELETE", "DELETE FROM alembic_version", "DROP TRIGGER time_claim_overlap_insert")
    settings().key_file.unlink()
    before = folder()
    assert process("doctor").returncode == 1
    assert folder() == before


def test_nothing_is_made_where_nothing_is(tmp_path: Path) -> None:
    result = process("doctor", DATABASE_URL=f"sqlite:///{tmp_path}/x.db", SECRET_KEY_FILE=f"{tmp_path}/x.key")
    assert result.returncode == 1
    assert f"There is no database at {tmp_path}/x.db" in result.stdout
    assert list(tmp_path.iterdir()) == []


# the database


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "DATABASE_URL is no database address"),
        ("mysql://localhost/x", "DATABASE_URL names mysql"),
        ("postgresql://nobody:hush@127.0.0.1:1/x", "The database cannot be read: "),
        ("sqlite://", "DATABASE_URL names no file"),
    ],
)
def test_a_database_that_cannot_be_opened_is_said_so(url: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    forget()
    text = said()
    assert words in text
    assert "hush" not in text
    assert "Traceback" not in text
    forget()


@SQLITE_ONLY
def test_a_file_that_is_no_database_is_said_so(database: Database) -> None:
    db.close()
    file().write_bytes(b"not a database, however long it may be" * 100)
    assert "The database cannot be read: file is not a database" in said()


@SQLITE_ONLY
def test_a_damaged_file_is_said_so(desk: Desk) -> None:
    for _ in range(50):
        make_link(desk)
    console("PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA journal_mode=DELETE")
    content = bytearray(file().read_bytes())
    for page in range(20, len(content) // 4096):
        content[page * 4096 + 2000 : page * 4096 + 4096] = b"\xff" * 2096
    file().write_bytes(content)
    assert re.search("The database (file is damaged|cannot be read): ", said())


@pytest.mark.parametrize(
    ("version", "words"),
    [("0001", "of version 0001, and this Singleuse needs"), ("9999", "of a newer Singleuse (9999")],
)
def test_tables_of_another_version_are_not_judged(desk: Desk, version: str, words: str) -> None:
    sql(f"UPDATE alembic_version SET version_num = '{version}'")
    sql("DELETE FROM installation")
    text = said()
    assert words in text
    assert "Not true" not in text


def test_a_database_without_tables_is_told_from_one_that_lies(database: Database) -> None:
    sql("DELETE FROM alembic_version")
    assert "The database has no tables yet" in said()


def test_a_guard_that_is_gone_is_named_and_put_up_again(desk: Desk) -> None:
    with db.writing() as session:
        connection = session.connection()
        drop_guards(connection)
        if db.is_sqlite():
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")
    assert re.search("lacks what refuses a second booking: .*booking_live_use.* — Say: singleuse migrate", said())
    assert "booking_live_use" in called("migrate").stdout
    assert "booking_live_use_update" not in called("doctor").output


@SQLITE_ONLY
def test_rows_that_refer_to_nothing_are_found(desk: Desk) -> None:
    console("PRAGMA foreign_keys=OFF", "DELETE FROM availability_schedule")
    assert "Some rows refer to rows that there are not: event_type → availability_schedule" in said()


@SQLITE_ONLY
def test_instants_in_text_are_found(desk: Desk) -> None:
    console("UPDATE event_type SET created_at = '2026-09-01T10:00:00Z'")
    assert "1 of event_type.created_at are no instants in whole seconds" in said()


@SQLITE_ONLY
def test_a_file_that_singleuse_has_left_its_own_mode_is_noted(desk: Desk) -> None:
    console("PRAGMA journal_mode=DELETE")
    assert "Note: The database is in delete mode" in done("doctor")
    console("PRAGMA journal_mode=WAL")
    assert "mode" not in done("doctor")


@SQLITE_ONLY
@pytest.mark.parametrize(
    ("pragma", "words"), [("synchronous", "synchronous is 0"), ("foreign_keys", "foreign_keys is 0")]
)
def test_commits_that_are_not_kept_are_found(desk: Desk, pragma: str, words: str) -> None:
    done("doctor")
    db.close()
    reading = db._engine_for("reading")
    event.listen(reading, "connect", lambda connection, _: connection.execute(f"PRAGMA {pragma}=0"))
    assert f"{words}: a power cut may undo bookings" in said()


@POSTGRESQL_ONLY
def test_commits_that_are_not_waited_for_are_found(desk: Desk) -> None:
    name = db.engine().url.database
    sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    db.close()
    assert "synchronous_commit is off: a power cut may undo bookings" in said()


def test_a_message_that_somebody_began_to_send_and_left_is_found(desk: Desk) -> None:
    book(make_link(desk))
    now = 1_800_000_000
    sql(f"UPDATE outbox_message SET leased_until = {now} WHERE recipient = 'host'")

    def held(seconds: int) -> int:
        found = examine(now=NOW.fromtimestamp(now + seconds, tz=NOW.tzinfo)).broken
        return sum(len(finding.ids) for finding in found if "never finished" in finding.what)

    assert (held(0), held(3600), held(3601)) == (0, 0, 1)


@pytest.mark.parametrize(
    "damage",
    [
        "host SET time_zone = 'Europe/Atlantis'",
        "availability_schedule SET availability = replace(availability, 'Europe/Berlin', 'Europe/Atlantis')",
        "availability_schedule SET availability = replace(availability, '540', '5400')",
        "availability_schedule SET availability = ''",
    ],
)
def test_hours_that_cannot_be_read_are_found(desk: Desk, damage: str) -> None:
    sql(f"UPDATE {damage}")
    assert f"or damaged: hst_{desk.host_id.hex} — " in said()


# the key file


def test_a_key_file_that_is_missed_is_found_and_none_is_made(desk: Desk) -> None:
    settings().key_file.unlink()
    tokens.forget()
    assert "key file" not in done("doctor"), "nobody needs one yet"
    make_link(desk)
    settings().key_file.unlink()
    tokens.forget()
    assert f"There is no key file at {settings().key_file}" in said()
    assert not settings().key_file.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_found(desk: Desk, mode: int) -> None:
    settings().key_file.chmod(mode)
    assert f"Others on this computer may read the key file {settings().key_file}" in said()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f"k1 {'ab' * 32}\n", "belongs to another database"),
        (f"k2 {'ab' * 32}\n", "lacks k1, which some links, bookings, calendars or codes need"),
        ("k1 nonsense\n", "cannot be read"),
        ("k1\n", "cannot be read"),
    ],
)
def test_a_key_file_that_is_not_this_databases_is_found(desk: Desk, content: str, words: str) -> None:
    make_link(desk)
    settings().key_file.write_text(content)
    tokens.forget()
    assert f"key file {settings().key_file} {words}" in said()


def test_a_key_that_only_a_booking_needs_is_missed_too(desk: Desk) -> None:
    book(make_link(desk), now=clock.now())
    sql("UPDATE booking SET kid = 'k7'")
    assert "lacks k7" in said()


def test_a_key_that_nothing_needs_any_more_may_be_taken_out(desk: Desk) -> None:
    """Old bookings, used links: what was handed out opens without, and nothing is sent or copied any more."""
    book(make_link(desk), now=NOW)
    for table in ("booking", "scheduling_link"):
        sql(f"UPDATE {table} SET kid = 'k7'")
    done("doctor")


# settings


@pytest.mark.parametrize(
    ("url", "status", "words"),
    [
        ("http://book.example.org", 1, "Broken: Passwords and links travel unencrypted"),
        ("https://book.example.org/", 0, "All is well"),
        ("", 0, "Note: Links that are copied now open on this computer only"),
        ("book.example.org", 1, "PUBLIC_URL is 'book.example.org'"),
    ],
)
def test_the_public_address_is_judged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, url: str, status: int, words: str
) -> None:
    monkeypatch.setenv("PUBLIC_URL", url)
    result = called("doctor")
    assert (result.exit_code, words in result.stdout) == (status, True), result.output


def seal_the_log() -> tuple[int, str]:
    """Number and mac of its newest seal."""
    while Sealer().seal_new(now=NOW, at_most=2):
        pass
    with db.reading() as session:
        number, _, mac = newest_seal(session)
    return number, mac


def test_the_event_log_is_told_with_its_newest_seal(desk: Desk) -> None:
    book(make_link(desk))
    assert "newest seal" not in done("doctor")
    number, mac = seal_the_log()
    assert done("doctor").splitlines()[-2:] == [
        f"The newest seal of the event log is {number}:{mac}",
        done("doctor").splitlines()[-1],
    ]
    assert "All is well" in done("doctor", "--seal", f"{number}:{mac}")


def test_whoever_changes_the_event_log_is_found_out_and_triggers_that_are_gone_are_told(desk: Desk) -> None:
    book(make_link(desk))
    number, mac = seal_the_log()
    with db.engine().begin() as connection:
        drop_guards(connection)
    sql("UPDATE event_log SET at = at + 60 WHERE id = 1")
    sql("DELETE FROM event_log WHERE id = 3")
    text = said()
    assert "Broken: The event log is not what was sealed: seal 1 (lines 1 to 2), seal 2 (line 3) — " in text
    assert "lacks what refuses a change of the event log: event_log_append_only" in text
    sql(f"DELETE FROM log_seal WHERE id = {number}")
    assert f"Broken: Seal {number} of the event log is gone" in said("--seal", f"{number}:{mac}")
    for nonsense in ("", "1", f"{number}:{mac[:-1]}", f"x:{mac}", f"{number}:{mac.upper()}"):
        assert "A seal is given as it was told" in refused("doctor", "--seal", nonsense or " ")


def test_seals_whose_key_is_gone_are_told(desk: Desk) -> None:
    seal_the_log()
    settings().key_file.write_text(f"k9 {'0' * 64}\n")
    tokens.forget()
    assert "lacks k1, so nobody can tell whether the event log is as it was: seal 1 (line 1)" in said()


def test_lines_that_wait_for_their_seal_are_told_and_break_nothing(desk: Desk) -> None:
    assert "Note: 1 line of the event log has waited for its seal for more than an hour" in done("doctor")
