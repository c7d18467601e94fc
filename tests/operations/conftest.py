"""Every test here gets a database of its own: a fresh SQLite file and its key."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from singleuse_app import db, tokens
from singleuse_app.models import Host
from tests.factories import NOW, Desk, make_desk


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that nobody has set up, made once and copied by the tests."""
    file = tmp_path_factory.mktemp("empty") / "singleuse.db"
    with pytest.MonkeyPatch.context() as patch:
        use(patch, file)
        db.prepare()
        tokens.current_kid()
    forget()
    return file


@pytest.fixture(scope="session")
def database_with_desk(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Desk]:
    """A database with a host who has just set up, made once and copied by the tests: passwords are slow by design."""
    file = _copy(empty_database, tmp_path_factory.mktemp("desk"))
    with pytest.MonkeyPatch.context() as patch:
        use(patch, file)
        desk = make_desk()
    forget()
    return file, desk


@pytest.fixture
def database(empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database that nobody has set up; the app's own door opens it."""
    file = _copy(empty_database, tmp_path)
    use(monkeypatch, file)
    yield file
    forget()


@pytest.fixture
def desk(database_with_desk: tuple[Path, Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A host who has just set up, in a database that the app's own door opens."""
    use(monkeypatch, _copy(database_with_desk[0], tmp_path))
    yield database_with_desk[1]
    forget()


def use(patch: pytest.MonkeyPatch, file: Path) -> None:
    """Let the app's door open ``file`` from now on."""
    patch.setenv("DATABASE_URL", f"sqlite:///{file}")
    patch.setenv("SECRET_KEY_FILE", str(file.with_suffix(".key")))
    patch.delenv("PUBLIC_URL", raising=False)
    forget()


def forget() -> None:
    """Close what is open, so that the next use reads the settings again."""
    db.close()
    tokens._keys.cache_clear()


def _copy(file: Path, folder: Path) -> Path:
    shutil.copy(file.with_suffix(".key"), folder)
    return Path(shutil.copy(file, folder))


@pytest.fixture
def another_host_id(desk: Desk) -> UUID:
    """A second host in the desk's database, with nothing of their own."""
    with db.writing() as session:
        row = Host(email="eve@example.org", name="Eve", password_hash="-", time_zone="UTC", created_at=NOW)
        session.add(row)
        session.flush()
        return row.id
