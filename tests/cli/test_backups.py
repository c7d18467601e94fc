"""A backup is whole and sound however busy the app is. The key file comes along and goes back only when asked for."""

from pathlib import Path

from singleuse_app import tokens
from singleuse_app.operations import links
from singleuse_app.operations.health import looking_into
from singleuse_app.operations.truths import violations
from singleuse_app.settings import settings
from tests.cli.conftest import SQLITE_ONLY, TODAY, People, book_today, change, done, live, process, refused
from tests.factories import Desk, make_link, rows

pytestmark = SQLITE_ONLY


# backup


def test_a_backup_is_one_sound_private_file(desk: Desk, copy: Path) -> None:
    book_today(make_link(desk, now=TODAY))
    said = done("backup", copy)
    assert f"The key file is not in it. Keep a copy of {settings().key_file}, too" in said
    assert [path.name for path in copy.parent.iterdir()] == ["backup.db"]
    assert copy.stat().st_mode & 0o777 == 0o600
    with looking_into(copy) as session:
        assert violations(session) == {}
        assert session.connection().exec_driver_sql("SELECT count(*) FROM booking").scalar_one() == 1


def test_the_key_file_comes_along_when_asked_for(desk: Desk, copy: Path) -> None:
    make_link(desk)
    done("backup", copy, "--with-key")
    key = copy.with_name("backup.db.key")
    assert key.read_bytes() == settings().key_file.read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_replaced_only_by_force(desk: Desk, copy: Path) -> None:
    copy.write_text("the only photograph of grandmother")
    assert refused("backup", copy) == f"{copy} is there already. Choose another name, or replace it with --force.\n"
    assert copy.read_text() == "the only photograph of grandmother"
    done("backup", copy, "--force")
    key = copy.with_name("backup.db.key")
    key.touch()
    copy.unlink()
    assert str(key) in refused("backup", copy, "--with-key")
    assert not copy.exists()


def test_the_database_and_its_key_are_never_the_backup(desk: Desk) -> None:
    make_link(desk)
    for own in (live(), settings().key_file, live().with_name(f"{live().name}-wal")):
        before = own.read_bytes()
        assert "is in use by Singleuse itself" in refused("backup", own, "--force")
        assert own.read_bytes() == before


def test_a_place_that_is_not_there_is_told_in_words(desk: Desk, tmp_path: Path) -> None:
    said = refused("backup", tmp_path / "nowhere" / "backup.db")
    assert said
    assert "Traceback" not in said


def test_backups_under_booking_load_are_consistent_beginnings_of_what_happened(
    desk: Desk, people: People, copy: Path
) -> None:
    copies = [copy.with_name(f"{number}.db") for number in range(5)]
    for file in copies[:-1]:
        done("backup", file)
    assert process("backup", copies[-1]).returncode == 0
    assert people.stop(), "the load lasted"
    lengths = []
    for file in copies:
        with looking_into(file) as session:
            assert violations(session) == {}
            log = session.connection().exec_driver_sql("SELECT id, kind, booking_id FROM event_log ORDER BY id").all()
        assert [tuple(line) for line in log] == rows(
            f"SELECT id, kind, booking_id FROM event_log ORDER BY id LIMIT {len(log)}"
        )
        lengths.append(len(log))
    assert lengths == sorted(lengths)
    assert lengths[-1] > lengths[0], "people went on booking meanwhile"


# the key file


def test_without_being_told_to_restore_leaves_the_key_file_alone(desk: Desk, copy: Path) -> None:
    done("backup", copy, "--with-key")
    settings().key_file.write_text(f"k1 {'ab' * 32}\n")
    before = settings().key_file.read_bytes()
    done("restore", copy)
    assert settings().key_file.read_bytes() == before


def test_another_key_file_is_kept_beside(desk: Desk, copy: Path) -> None:
    link = make_link(desk, now=TODAY)
    done("backup", copy, "--with-key")
    settings().key_file.write_text(f"k1 {'ab' * 32}\n")
    tokens.forget()
    said = done("restore", copy, "--with-key", "--keep-links-open")
    [former] = settings().key_file.parent.glob(f"{settings().key_file.name}.before-restore-*")
    assert f"The key file was another one: the former is kept in {former}" in said
    assert "Restart Singleuse now." not in said, "every process notices"
    assert former.read_text() == f"k1 {'ab' * 32}\n"
    assert former.stat().st_mode & 0o777 == settings().key_file.stat().st_mode & 0o777 == 0o600
    assert links.copy_link(host_id=desk.host_id, link_id=link.id, now=TODAY) == link


def test_the_same_key_file_is_no_news(desk: Desk, copy: Path) -> None:
    make_link(desk)
    done("backup", copy, "--with-key")
    assert "The key file" not in done("restore", copy, "--with-key")


def test_a_restore_that_fails_leaves_the_key_file_as_it_was(desk: Desk, copy: Path) -> None:
    make_link(desk)
    done("backup", copy, "--with-key")
    change(copy, "DELETE FROM installation")
    settings().key_file.write_text(f"k1 {'ab' * 32}\n")
    refused("restore", copy, "--with-key")
    assert settings().key_file.read_text() == f"k1 {'ab' * 32}\n"
