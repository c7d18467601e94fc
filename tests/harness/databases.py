"""Databases for tests, of either kind: made empty, copied in a moment, opened by the app's own door."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from singleuse_app import db, tokens
from tests.harness.postgres import Postgres

KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Database:
    """One database with its key file; ``url`` is what ``DATABASE_URL`` takes."""

    kind: str
    url: str
    key_file: Path

    @property
    def settings(self) -> dict[str, str]:
        """What a process that shall work with it finds in its environment."""
        return {"DATABASE_URL": self.url, "SECRET_KEY_FILE": str(self.key_file)}

    @property
    def file(self) -> Path:
        """Where SQLite has it."""
        return Path(self.url.removeprefix("sqlite:///"))


class Databases:
    """Makes databases of one kind: files in ``folder``, or databases of ``postgres`` with their key files there."""

    def __init__(self, folder: Path, postgres: Postgres | None = None) -> None:
        self.folder = folder
        self.postgres = postgres

    def empty(self) -> Database:
        """A database with its tables and nothing in them."""
        made = self._new()
        if self.postgres:
            self.postgres.create_database(_name(made))
        with opened(made):
            db.prepare()
            tokens.current_kid()
        return made

    def copy(self, original: Database) -> Database:
        """Another one with the same rows and the same key. Nobody may be connected to the original."""
        made = self._new()
        if self.postgres:
            self.postgres.create_database(_name(made), template=_name(original))
        else:
            shutil.copy(original.file, made.file)
        shutil.copy(original.key_file, made.key_file)
        return made

    def drop(self, database: Database) -> None:
        """Deletes it, unless it is a file, which goes with its folder."""
        if self.postgres:
            self.postgres.drop_database(_name(database))

    def _new(self) -> Database:
        name = f"t{secrets.token_hex(6)}"
        url = self.postgres.url(name) if self.postgres else f"sqlite:///{self.folder / name}.db"
        return Database("postgresql" if self.postgres else "sqlite", url, self.folder / f"{name}.key")


@contextmanager
def opened(database: Database) -> Iterator[Database]:
    """The app's door leads to ``database`` for as long as the block."""
    with pytest.MonkeyPatch.context() as patch:
        use(patch, database)
        yield database
    forget()


def use(patch: pytest.MonkeyPatch, database: Database) -> None:
    """Let the app's door open ``database`` from now on."""
    for name, value in database.settings.items():
        patch.setenv(name, value)
    patch.delenv("PUBLIC_URL", raising=False)
    forget()


def forget() -> None:
    """Close what is open, so that the next use reads the settings again."""
    db.close()
    tokens.forget()


def _name(database: Database) -> str:
    return database.url.rpartition("/")[2]
