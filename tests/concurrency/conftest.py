"""Databases of both kinds, and crews who race in them."""

from collections.abc import Iterator

import pytest

from singleuse_app import db
from singleuse_app.ids import new_id
from singleuse_app.models import Host, Installation
from tests.concurrency.crews import CREWS, Crew
from tests.factories import NOW
from tests.harness.databases import Database, Databases, opened


@pytest.fixture(scope="session")
def set_up_database(databases: Databases) -> Database:
    """A database with a first host, made once and copied by the tests."""
    made = databases.empty()
    with opened(made), db.writing() as session:
        host = Host(
            id=new_id(), email="grace@example.org", name="Grace", password_hash="-", time_zone="UTC", created_at=NOW
        )
        db.insert(session, host)
        db.insert(session, Installation(host_id=host.id, set_up_at=NOW))
    return made


@pytest.fixture
def database(databases: Databases, set_up_database: Database) -> Iterator[Database]:
    """A database of the test's own, opened by the app's own door. PostgreSQL finds its deadlocks quickly."""
    made = databases.copy(set_up_database)
    if databases.postgres:
        name = made.url.rpartition("/")[2]
        databases.postgres.execute(f"ALTER DATABASE {name} SET deadlock_timeout = '20ms'")
    with opened(made):
        yield made
    databases.drop(made)


@pytest.fixture(scope="session")
def crews() -> Iterator[dict[str, Crew]]:
    """Threads and processes, started once."""
    made = {name: crew() for name, crew in CREWS.items()}
    yield made
    for crew in made.values():
        crew.end()


@pytest.fixture(params=["threads", pytest.param("processes", marks=pytest.mark.thorough)])
def crew(request: pytest.FixtureRequest, crews: dict[str, Crew], database: Database) -> Iterator[Crew]:
    """Who races, in the test's database."""
    crew = crews[request.param]
    crew.open(database)
    yield crew
    crew.close()
