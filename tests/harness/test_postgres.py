"""The database server of the tests keeps its promises, and so does the proxy that cuts its connections."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.harness import postgres as harness
from tests.harness.postgres import NOBODY, WAYS_DOWN, Postgres, folder_in_memory, running
from tests.harness.project import ROOT
from tests.harness.proxy import Proxy


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with folder_in_memory() as folder, running(folder) as server:
        yield server


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as folder:
        yield folder


def processes(folder: Path) -> list[str]:
    """What runs in this folder, as every process of its server does."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile, or is none of ours
            if str((process / "cwd").readlink()).startswith(str(folder)):
                found.append((process / "cmdline").read_bytes().decode())
    return found


def test_a_server_is_what_the_app_needs_and_as_durable_as_by_default(postgres: Postgres) -> None:
    names = "server_encoding", "timezone", "max_connections", "fsync", "synchronous_commit", "full_page_writes"
    values = [postgres.execute(f"SHOW {name}")[0][0] for name in names]
    assert values == ["UTF8", "UTC", "300", "on", "on", "on"]
    assert postgres.execute("SELECT datcollate FROM pg_database WHERE datname = 'postgres'") == [("C",)]
    assert postgres.url("test") == f"postgresql+psycopg://{postgres.user}@127.0.0.1:{postgres.port}/test"


def test_an_exclusion_constraint_refuses_an_overlap(postgres: Postgres) -> None:
    postgres.create_database("exclusive")
    for statement in (
        "CREATE EXTENSION btree_gist",
        "CREATE TABLE booking (host_id uuid, a int8, b int8)",
        "ALTER TABLE booking ADD EXCLUDE USING gist (host_id WITH =, int8range(a, b) WITH &&)",
        "INSERT INTO booking VALUES (uuidv7(), 10, 20), (uuidv7(), 10, 20)",
        "INSERT INTO booking SELECT host_id, 20, 30 FROM booking",
    ):
        postgres.execute(statement, "exclusive")
    with pytest.raises(psycopg.errors.ExclusionViolation):
        postgres.execute("INSERT INTO booking SELECT host_id, 19, 20 FROM booking", "exclusive")


def test_a_database_is_copied_from_a_template_and_dropped_while_in_use(postgres: Postgres) -> None:
    postgres.create_database("template")
    postgres.execute("CREATE TABLE word AS SELECT 'kept' AS word", "template")
    postgres.create_database("copy", template="template")
    postgres.execute("INSERT INTO word VALUES ('new')", "copy")
    assert postgres.execute("SELECT word FROM word", "copy") == [("kept",), ("new",)]
    assert postgres.execute("SELECT word FROM word", "template") == [("kept",)]
    with psycopg.connect(postgres.url("copy").replace("+psycopg", "")) as connection:
        postgres.drop_database("copy")
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match='"copy" does not exist'):
        postgres.execute("SELECT 1", "copy")


def test_what_was_committed_survives_an_immediate_stop(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        port = server.port
        server.execute("CREATE TABLE word (word text)")
        server.execute("INSERT INTO word VALUES ('kept')")
        with psycopg.connect(server.url("postgres").replace("+psycopg", "")) as connection:
            connection.execute("INSERT INTO word VALUES ('never committed')")
            server.stop_immediately()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        assert processes(tmp_path) == []
        server.start()
        assert (server.port, server.execute("SELECT word FROM word")) == (port, [("kept",)])
        assert "was not properly shut down" in server.log()


def test_two_servers_run_at_once_and_neither_is_mistaken_for_the_other(postgres: Postgres, folder: Path) -> None:
    with running(folder, deadlock_timeout="50ms") as other:
        assert other.execute("SHOW deadlock_timeout") == [("50ms",)]
        assert postgres.execute("SHOW deadlock_timeout") == [("1s",)]
        other.port = postgres.port
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            other.execute("SELECT 1")


def test_a_port_that_somebody_else_took_meanwhile_is_given_up(postgres: Postgres, folder: Path) -> None:
    late = Postgres(folder)
    late.port = postgres.port
    with late:
        assert late.port != postgres.port
        assert late.execute("SELECT 1") == [(1,)]


def test_a_server_that_does_not_start_says_why(folder: Path) -> None:
    with pytest.raises(RuntimeError, match=r"(?s)did not start.*max_connections"):
        Postgres(folder, max_connections="none").start()
    assert processes(folder) == []


def test_nothing_is_left_of_a_server(folder: Path) -> None:
    with running(folder):
        assert len(processes(folder)) > 1
    assert processes(folder) == []
    assert [path.name for path in folder.iterdir()] == ["postgres.log"]


def test_root_starts_it_in_each_way_that_the_machine_allows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, way in enumerate(harness.ways_down()):
        monkeypatch.setattr(harness, "_way_down", lambda way=way: way)
        own = folder / str(number)
        with running(own) as server:
            assert server.execute("SELECT 1") == [(1,)]
            assert (own / "data").stat().st_mode & 0o777 == 0o700
            server.stop_immediately()
            server.start()


def test_the_tests_may_be_those_of_another_user(folder: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from tests.harness.postgres import running\n"
        "with running(Path(sys.argv[1])) as server: print(os.geteuid() != 0, server.execute('SELECT 1'))"
    )
    for number, way in enumerate(harness.ways_down()):
        own = folder / str(number)
        own.mkdir()
        if way == WAYS_DOWN["step down"]:
            os.chown(own, NOBODY, NOBODY)
        command = [*way, sys.executable, "-Bc", script, str(own)]
        run = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
        assert run.stdout == "True [(1,)]\n", run.stderr
        assert processes(own) == []


def test_a_killed_run_takes_its_server_with_it_and_the_next_one_its_folder() -> None:
    script = (
        "import time; from tests.harness.postgres import folder_in_memory, running\n"
        "with folder_in_memory() as folder, running(folder): print(folder, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        folder = Path(run.stdout.readline().strip())
        with folder_in_memory() as other:
            assert folder.is_dir()
            assert other != folder
        run.send_signal(signal.SIGKILL)
    until = time.monotonic() + 10
    while processes(folder) and time.monotonic() < until:
        time.sleep(0.05)
    assert processes(folder) == []
    with folder_in_memory() as other:
        assert not folder.exists()
    assert not other.exists()


class TestProxy:
    def test_cutting_breaks_the_connections_there_are_and_lets_new_ones_in(self, postgres: Postgres) -> None:
        with Proxy(postgres.port) as proxy:
            connections = [through(proxy, postgres) for _ in range(20)]
            proxy.cut()
            for connection in connections:
                with pytest.raises(psycopg.OperationalError):
                    connection.execute("SELECT 1")
                connection.close()
            with through(proxy, postgres) as connection:
                assert connection.execute("SELECT repeat('x', 1000000)").fetchone() == ("x" * 1_000_000,)

    def test_the_server_notices_a_cut_and_forgets_what_was_not_committed(self, postgres: Postgres) -> None:
        postgres.execute("CREATE TABLE half (a int)")
        with Proxy(postgres.port) as proxy:
            connection = through(proxy, postgres)
            connection.execute("BEGIN")
            connection.execute("INSERT INTO half VALUES (1)")
            proxy.cut()
            postgres.execute("TRUNCATE half")  # waits until the lost transaction is over
            assert postgres.execute("SELECT * FROM half") == []
            connection.close()

    def test_who_is_refused_comes_in_later_and_who_is_in_stays(self, postgres: Postgres) -> None:
        with Proxy(postgres.port) as proxy, through(proxy, postgres) as connection:
            proxy.refuse()
            with pytest.raises(psycopg.OperationalError, match="refused"):
                through(proxy, postgres)
            connection.execute("SELECT 1")
            proxy.accept_again()
            through(proxy, postgres).close()

    def test_without_a_server_behind_it_a_connection_ends_at_once(self, folder: Path) -> None:
        gone = Postgres(folder)
        with Proxy(gone.port) as proxy, pytest.raises(psycopg.OperationalError, match=r"closed|reset"):
            through(proxy, gone)


def through(proxy: Proxy, server: Postgres) -> psycopg.Connection:
    """A connection to the server that goes through the proxy."""
    return psycopg.connect(host="127.0.0.1", port=proxy.port, user=server.user, dbname="postgres", autocommit=True)
