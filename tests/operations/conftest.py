"""Every test here runs on SQLite and on PostgreSQL, each time with a fresh database and its key."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from singleuse_app import db
from singleuse_app.models import Host
from tests.factories import NOW, Desk, make_desk
from tests.harness.databases import KINDS, Database, Databases, opened


@pytest.fixture(scope="session", params=KINDS)
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Where databases of one kind come from."""
    postgres = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    return Databases(tmp_path_factory.mktemp(request.param), postgres)


@pytest.fixture(scope="session")
def empty_database(databases: Databases) -> Database:
    """A database that nobody has set up, made once and copied by the tests."""
    return databases.empty()


@pytest.fixture(scope="session")
def database_with_desk(databases: Databases, empty_database: Database) -> tuple[Database, Desk]:
    """A database with a host who has just set up, made once and copied by the tests: passwords are slow by design."""
    with opened(databases.copy(empty_database)) as made:
        desk = make_desk()
    return made, desk


@pytest.fixture
def database(databases: Databases, empty_database: Database) -> Iterator[Database]:
    """A database that nobody has set up; the app's own door opens it."""
    with opened(databases.copy(empty_database)) as made:
        yield made
    databases.drop(made)


@pytest.fixture
def desk(databases: Databases, database_with_desk: tuple[Database, Desk]) -> Iterator[Desk]:
    """A host who has just set up, in a database that the app's own door opens."""
    original, desk = database_with_desk
    with opened(databases.copy(original)) as made:
        yield desk
    databases.drop(made)


@pytest.fixture
def another_host_id(desk: Desk) -> UUID:
    """A second host in the desk's database, with nothing of their own."""
    with db.writing() as session:
        row = Host(email="eve@example.org", name="Eve", password_hash="-", time_zone="UTC", created_at=NOW)
        session.add(row)
        session.flush()
        return row.id
