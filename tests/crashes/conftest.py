"""Every crash happens to SQLite and to PostgreSQL, each time in an office of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crashes.nursery import Nursery
from tests.crashes.office import Office, make_office
from tests.harness import postgres as postgresql
from tests.harness.databases import Database, Databases, opened
from tests.harness.postgres import Postgres, folder_in_memory


@dataclass(frozen=True)
class Place:
    """A database, who works in it, and where more of them come from."""

    database: Database
    office: Office
    databases: Databases


@pytest.fixture
def times(is_thorough: bool) -> "Times":
    """How often something is done: as often as told in the thorough profile, a tenth of that in the fast one."""
    return Times(is_thorough)


@dataclass(frozen=True)
class Times:
    thorough: bool

    def __call__(self, often: int) -> int:
        return often if self.thorough else max(2, often // 10)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where processes come from that are about to be killed."""
    with Nursery() as running:
        yield running


@pytest.fixture(scope="session")
def fragile_postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of this folder's own, to be stopped at any moment."""
    with folder_in_memory() as folder, postgresql.running(folder) as running:
        yield running


@pytest.fixture(scope="session")
def office_to_copy(databases: Databases) -> Place:
    """An office, made once and copied by the tests: passwords are slow by design."""
    return founded(databases)


@pytest.fixture
def place(databases: Databases, office_to_copy: Place) -> Iterator[Place]:
    """A fresh office in a database that the app's own door opens."""
    with opened(databases.copy(office_to_copy.database)) as made:
        yield Place(made, office_to_copy.office, databases)
    databases.drop(made)


@pytest.fixture(scope="session")
def office_in_a_file(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An office in an SQLite file, to be copied."""
    return founded(Databases(tmp_path_factory.mktemp("file")))


@pytest.fixture
def in_a_file(office_in_a_file: Place, tmp_path: Path) -> Iterator[Place]:
    """A fresh office in an SQLite file that the app's own door opens."""
    databases = Databases(tmp_path)
    with opened(databases.copy(office_in_a_file.database)) as made:
        yield Place(made, office_in_a_file.office, databases)


@pytest.fixture(scope="session")
def office_on_fragile_postgres(fragile_postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An office in the PostgreSQL that may be stopped, to be copied."""
    return founded(Databases(tmp_path_factory.mktemp("fragile"), fragile_postgres))


@pytest.fixture
def on_fragile_postgres(office_on_fragile_postgres: Place) -> Iterator[Place]:
    """A fresh office in a PostgreSQL that may be stopped.

    The checkpoint is for PostgreSQL, whose sequences go back by up to 32 where it crashes right after a copy.
    """
    databases = office_on_fragile_postgres.databases
    with opened(databases.copy(office_on_fragile_postgres.database)) as made:
        databases.postgres.execute("CHECKPOINT")
        yield Place(made, office_on_fragile_postgres.office, databases)
    databases.drop(made)


def founded(databases: Databases) -> Place:
    """A new database with an office in it."""
    made = databases.empty()
    with opened(made):
        office = make_office()
    return Place(made, office, databases)
