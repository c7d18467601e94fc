"""Profiles, and the running app as fixtures. Nothing is compiled or started until a test asks for it."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from tests.factories import Desk, make_desk
from tests.harness import postgres as postgresql
from tests.harness import server as servers
from tests.harness.databases import KINDS, Database, Databases, opened
from tests.harness.postgres import Postgres, folder_in_memory
from tests.harness.project import production_build
from tests.harness.server import Server

PROFILES = {"fast": 50, "thorough": 250}
"""How many examples Hypothesis tries."""

OWN_EXAMPLES = ("test_link_life.py",)
"""Files whose tests start Hypothesis themselves."""

THOROUGHLY_ON_POSTGRESQL = ("cli", "crashes", "operations")
"""Whose tests run on PostgreSQL in the thorough profile only; in the fast one SQLite speaks for both,"""

ALWAYS_ON_BOTH = (
    "test_address_codes.py",
    "test_address_proofs.py",
    "test_bookings.py",
    "test_link_uses.py",
    "test_manage_booking.py",
    "test_migrations.py",
    "test_schema_guards.py",
    "test_second_step.py",
)
"""but for these, where the databases differ, or a use and a time are claimed."""

for name, examples in PROFILES.items():
    hypothesis_settings.register_profile(name, max_examples=examples, deadline=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--profile",
        choices=sorted(PROFILES),
        default=os.environ.get("SINGLEUSE_TEST_PROFILE", "fast"),
        help="fast (default) or thorough: more examples, and the tests marked `thorough`",
    )
    parser.addoption(
        "--no-repeats",
        action="store_true",
        help="with --profile thorough: without what the fast profile runs in the same way",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "thorough: runs with --profile thorough only")
    hypothesis_settings.load_profile(config.getoption("profile"))


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Looks for tests in test files alone: another app, imported here, would be in the way of the real one."""
    helper = collection_path.suffix == ".py" and not collection_path.name.startswith(("test_", "__init__"))
    return True if helper else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("profile") != "thorough":
        left_out = {item for item in items if item.get_closest_marker("thorough") or _is_dear_on_postgresql(item)}
    elif config.getoption("no_repeats"):
        left_out = {item for item in items if not (_is_thorough(item) or _is_dear_on_postgresql(item))}
    else:
        return
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def _is_thorough(item: pytest.Item) -> bool:
    """Whether the thorough profile tries more in this test, or runs it alone: by what it asks for, or by Hypothesis."""
    asks = "is_thorough" in getattr(item, "fixturenames", ())
    draws = item.path.name in OWN_EXAMPLES or getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    return asks or draws or item.get_closest_marker("thorough") is not None


@pytest.fixture
def is_thorough(request: pytest.FixtureRequest) -> bool:
    """Whether more is to be tried than in the fast profile."""
    return request.config.getoption("profile") == "thorough"


def _is_dear_on_postgresql(item: pytest.Item) -> bool:
    params = item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
    rarely = item.path.parent.name in THOROUGHLY_ON_POSTGRESQL and item.path.name not in ALWAYS_ON_BOTH
    return rarely and "postgresql" in params


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows what the servers of a failed test printed last."""
    report = yield
    if report.failed:
        for name, fixture in getattr(item, "funcargs", {}).items():
            if isinstance(fixture, Server):
                report.sections.append((f"end of the log of {name}", fixture.log()[-4000:]))
    return report


@pytest.fixture(scope="session")
def compiled() -> Path:
    """The app's pages, compiled and bundled. If that fails, it fails once and not for each test."""
    return production_build()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server. Its tests make databases of their own in it."""
    with folder_in_memory() as folder, postgresql.running(folder) as running:
        yield running


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


@pytest.fixture(scope="module")
def server(compiled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with its pages, started for this file with an empty database. Its tests share it."""
    with servers.built(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def fresh_server(compiled: Path, tmp_path: Path) -> Iterator[Server]:
    """The app with its pages, started for this test alone: nobody has set it up yet. About a second."""
    with servers.built(tmp_path / "server") as running:
        yield running


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app without its pages, started for this file with an empty database: for sockets and HTTP."""
    with servers.backend(tmp_path_factory.mktemp("backend")) as running:
        yield running


@pytest.fixture
def fresh_backend(tmp_path: Path) -> Iterator[Server]:
    """The app without its pages, started for this test alone."""
    with servers.backend(tmp_path / "backend") as running:
        yield running


@pytest.fixture(scope="session")
def production_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app by the README's own command, ``reflex run --env prod``: compiled, built and served as its user has it."""
    with servers.production(tmp_path_factory.mktemp("production")) as running:
        yield running


@pytest.fixture(scope="session")
def development_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app by ``reflex run``, on two ports."""
    with servers.development(tmp_path_factory.mktemp("development")) as running:
        yield running
