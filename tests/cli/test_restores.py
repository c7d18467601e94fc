"""What is restored is what was backed up, books nothing twice, and takes nothing away that was there."""

import re
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool
from sqlmodel import select

from singleuse_app import db, migrations
from singleuse_app.ids import LINK, parse_id
from singleuse_app.models import AddressCode
from singleuse_app.operations import backups, bookings, history, host_invitations, hosts, link_board, links
from singleuse_app.operations.address_codes import ask_for_code
from singleuse_app.operations.address_proofs import digits_of, prove_address
from singleuse_app.operations.health import looking_into
from singleuse_app.operations.log_seals import Sealer
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.errors import InvalidInput, InvitationGone, LinkAlreadyUsed, LinkNotFound, LinkRevoked
from singleuse_app.scheduling.link_options import LinkOptions
from tests.cli.conftest import SQLITE_ONLY, TODAY, People, book_today, called, change, done, live, process, refused
from tests.factories import ADA, BOB, OTHER_RECEIPT, PASSWORD, RECEIPT, Desk, book, change_event_type, make_link, rows
from tests.harness.databases import Databases, opened

pytestmark = SQLITE_ONLY


def folder_of(file: Path) -> set[str]:
    return {path.name for path in file.parent.iterdir() if path.name.startswith(file.name)} - {
        f"{file.name}-wal",
        f"{file.name}-shm",
    }


# restore


def test_what_is_restored_is_what_was_backed_up_and_what_was_there_is_kept(desk: Desk, copy: Path) -> None:
    book_today(make_link(desk, now=TODAY))
    done("backup", copy)
    book(make_link(desk, now=TODAY), slot=8, invitee=BOB, now=TODAY)
    said = done("restore", copy)
    assert rows("SELECT invitee_email FROM booking") == [(ADA.email,)]
    assert "One booking made since then can be found there only: write to those who booked." in said
    assert re.search(r"^All is well: \d\d checks\.$", said, re.MULTILINE)
    [kept] = folder_of(live()) - {live().name}
    assert re.fullmatch(re.escape(live().name) + r"\.before-restore-\d{8}T\d{6}\.\d{6}Z", kept)
    with looking_into(live().with_name(kept)) as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM booking").scalar_one() == 2
    assert live().with_name(kept).stat().st_mode & 0o777 == 0o600


def test_a_link_that_was_used_since_the_backup_does_not_book_again(desk: Desk, copy: Path) -> None:
    """The app's own connections stay open all the while."""
    used_since, unused = make_link(desk, now=TODAY), make_link(desk, now=TODAY)
    off = make_link(desk, now=TODAY)
    expired = make_link(desk, now=TODAY, expires_at=TODAY - timedelta(days=1))
    done("backup", copy)
    created_since = make_link(desk, now=TODAY)
    book_today(used_since)
    app = history.Reader()
    assert "Three links that could be booked with" in done("restore", copy)
    for link in (used_since, unused, off):
        with pytest.raises(LinkRevoked):
            bookings.open_link(token=link.token, receipt="", now=TODAY)
    with pytest.raises(LinkNotFound):
        bookings.open_link(token=created_since.token, receipt="", now=TODAY)
    assert rows(f"SELECT revoked_at FROM scheduling_link WHERE id = '{expired.id[4:]}'") == [(None,)]
    heard = {line.kind for line in app.news(now=TODAY)}
    assert heard == {history.Happened.LINK_TAKEN_BACK}, "a running app is told, though the log went back"
    links.note_opening(link_id=parse_id(LINK, make_link(desk, now=TODAY).id), now=TODAY)
    assert history.Happened.LINK_OPENED in {line.kind for line in app.news(now=TODAY)}


def test_links_of_an_event_type_that_is_off_are_taken_back_too(desk: Desk, copy: Path) -> None:
    link = make_link(desk, now=TODAY)
    change_event_type(desk, off_at=TODAY)
    done("backup", copy)
    done("restore", copy)
    change_event_type(desk, off_at=None)
    with pytest.raises(LinkRevoked):
        bookings.open_link(token=link.token, receipt="", now=TODAY)


def test_control_links_that_are_kept_open_book_again(desk: Desk, copy: Path) -> None:
    link = make_link(desk, now=TODAY)
    done("backup", copy)
    book_today(link)
    with pytest.raises(LinkAlreadyUsed):
        book(link, start=TODAY, receipt=OTHER_RECEIPT, now=TODAY)
    assert "One that was used since can be used once more." in done("restore", copy, "--keep-links-open")
    book_today(link)


def test_a_used_link_stays_used(desk: Desk, copy: Path) -> None:
    link = make_link(desk, now=TODAY)
    book_today(link)
    done("backup", copy)
    assert "No links that could be booked with" in done("restore", copy)
    with pytest.raises(LinkAlreadyUsed):
        bookings.open_link(token=link.token, receipt="", now=TODAY)


def test_nobody_stays_signed_in(desk: Desk, copy: Path) -> None:
    done("backup", copy)
    hosts.sign_out(desk.session_secret, now=TODAY)
    done("restore", copy)
    assert rows("SELECT * FROM host_session") == []


def test_a_proof_of_address_is_none_in_what_was_restored(
    desk: Desk, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_URL", "smtp+plain://127.0.0.1:9")
    monkeypatch.setenv("MAIL_FROM", "meet@example.org")
    options = LinkOptions(recipient_email=ADA.email, only_recipient=True)
    create = {"host_id": desk.host_id, "event_type_id": desk.event_type_id, "options": options}
    link = links.create_single_use_link(**create, now=TODAY)
    ask_for_code(token=link.token, receipt=RECEIPT, now=TODAY)
    with db.reading() as session:
        code = digits_of(session.exec(select(AddressCode)).one())
    prove_address(token=link.token, receipt=RECEIPT, code=code, now=TODAY)
    done("backup", copy)
    done("restore", copy, "--keep-links-open")
    with pytest.raises(InvalidInput) as refusal:
        book_today(link)
    assert refusal.value.fields == {"code": "address_not_proven"}
    with pytest.raises(InvalidInput):
        prove_address(token=link.token, receipt=RECEIPT, code=code, now=TODAY)


@pytest.mark.parametrize("options", [(), ("--keep-links-open",)])
def test_an_invitation_that_was_accepted_since_the_backup_makes_no_second_host(
    desk: Desk, copy: Path, options: tuple[str, ...]
) -> None:
    token = host_invitations.invite_host(host_id=desk.host_id, now=TODAY)
    done("backup", copy)
    new = {"name": "Eve", "email": "eve@example.org", "password": PASSWORD, "time_zone": "UTC"}
    host_invitations.accept_invitation(token=token, **new, now=TODAY)
    done("restore", copy, *options)
    with pytest.raises(InvitationGone):
        host_invitations.accept_invitation(token=token, **new, now=TODAY)
    assert rows("SELECT count(*) FROM host") == [(1,)]


@pytest.mark.thorough
def test_whatever_was_booked_while_the_app_ran_on_is_restored_or_kept(desk: Desk, people: People, copy: Path) -> None:
    done("backup", copy)
    for _ in range(3):
        result = process("restore", copy, "--keep-links-open")
        assert result.returncode == 0, result.stdout + result.stderr
        with db.reading() as session:
            assert violations(session) == {}
    assert people.stop(), "the load lasted"
    kept = [live().with_name(name) for name in folder_of(live()) if "before-restore" in name]
    assert len(kept) == 3
    found: set[str] = set()
    for file in (*kept, live()):
        with looking_into(file) as session:
            found |= set(session.connection().exec_driver_sql("SELECT 'bkg_' || id FROM booking").scalars())
    assert set(people.told) <= found
    assert rows("PRAGMA journal_mode") == [("wal",)]


def test_a_restore_that_another_writer_keeps_waiting_gives_up_and_changes_nothing(
    desk: Desk, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = make_link(desk, now=TODAY)
    done("backup", copy)
    book_today(link)
    monkeypatch.setattr(backups, "PATIENCE", 0.5)
    with closing(sqlite3.connect(live(), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "Nothing was changed" in refused("restore", copy)
    assert rows("SELECT count(*) FROM booking") == [(1,)]
    assert not {name for name in folder_of(live()) if "restoring" in name}


def test_an_older_backup_is_migrated(databases: Databases, copy: Path, desk: Desk) -> None:
    engine = create_engine(f"sqlite:///{copy}", poolclass=NullPool)
    with engine.begin() as connection:
        command.upgrade(migrations.config(connection), "0001")
    assert "All is well" in done("restore", copy)
    with db.reading() as session:
        assert migrations.current(session.connection()) == migrations.newest()


def test_guards_are_up_whatever_the_backup_had(desk: Desk, copy: Path) -> None:
    done("backup", copy)
    change(copy, "DROP TRIGGER time_claim_overlap_insert")
    assert "All is well" in done("restore", copy)


# what is refused


def test_what_is_no_sound_backup_is_refused_and_nothing_is_changed(desk: Desk, copy: Path, tmp_path: Path) -> None:
    book_today(make_link(desk, now=TODAY))
    done("backup", copy)
    other = {name: Path(shutil.copy(copy, tmp_path / name)) for name in ("newer", "foreign", "untrue", "damaged")}
    change(other["newer"], "UPDATE alembic_version SET version_num = '9999'")
    change(other["foreign"], "DROP TABLE alembic_version")
    change(other["untrue"], "DELETE FROM installation")
    other["damaged"].write_bytes(copy.read_bytes()[:40_000] + b"\xff" * 40_000 + copy.read_bytes()[80_000:])
    other["text"] = tmp_path / "text"
    other["text"].write_text("Dear diary, today nobody booked." * 100)
    before = live().read_bytes(), folder_of(live())
    for name, words in {
        "newer": "was made by a newer Singleuse",
        "foreign": "is no database of Singleuse",
        "untrue": "where there are hosts the set-up is done",
        "damaged": "is damaged",
        "text": "is damaged: file is not a database",
    }.items():
        assert words in refused("restore", other[name])
    assert "There is no file" in refused("restore", tmp_path / "none")
    assert "There is no file" in refused("restore", copy, "--with-key")
    assert "is in use by Singleuse itself" in refused("restore", live())
    assert (live().read_bytes(), folder_of(live())) == before
    assert rows("SELECT count(*) FROM booking") == [(1,)]


def test_an_untrue_backup_is_better_than_none_by_force(desk: Desk, copy: Path) -> None:
    done("backup", copy)
    change(copy, "DROP TRIGGER event_log_append_only_delete", "DELETE FROM event_log", "DELETE FROM installation")
    result = called("restore", copy, "--force")
    assert "The database is that of" in result.stdout
    assert result.exit_code == 1, "the doctor has the last word"


# where there is nothing, or worse


def test_a_backup_is_restored_on_a_fresh_machine(desk: Desk, databases: Databases, copy: Path) -> None:
    link = make_link(desk, now=TODAY)
    done("backup", copy, "--with-key")
    fresh = databases._new()
    with opened(fresh):
        said = done("restore", copy, "--with-key", "--keep-links-open")
        assert "What was there" not in said
        assert "All is well" in said
        assert links.copy_link(host_id=desk.host_id, link_id=link.id, now=TODAY) == link
        assert fresh.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("left", [("",), ("-wal", "-shm"), ("", "-wal", "-shm")])
def test_a_database_that_is_past_reading_is_moved_out_of_the_way(desk: Desk, copy: Path, left: tuple[str, ...]) -> None:
    make_link(desk, now=TODAY)
    done("backup", copy)
    db.close()
    live().unlink()
    for suffix in left:
        live().with_name(f"{live().name}{suffix}").write_bytes(b"what the flood left " * 1000)
    said = done("restore", copy)
    assert "Restart Singleuse now." in said
    assert "All is well" in said
    [link], _ = link_board.list_links(host_id=desk.host_id, now=TODAY)
    assert link.status == "revoked"
    kept = {name.rpartition("Z")[2] for name in folder_of(live()) if "before-restore" in name}
    assert kept == set(left)


def test_a_log_that_was_restored_is_the_one_of_the_backup_and_goes_on_from_there(desk: Desk, copy: Path) -> None:
    def seal() -> str:
        while Sealer().seal_new(now=TODAY):
            pass
        return done("doctor").splitlines()[-2].rpartition(" ")[2]

    book_today(make_link(desk, now=TODAY))
    kept = seal()
    done("backup", copy)
    make_link(desk, now=TODAY)
    lost = seal()
    assert "All is well" in done("restore", copy)
    make_link(desk, now=TODAY)
    assert seal() != lost
    assert "All is well" in done("doctor", "--seal", kept)
    assert (
        "is another one than you kept — If you have not gone back to a backup since"
        in called("doctor", "--seal", lost).stdout
    )
