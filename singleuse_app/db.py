"""The one door to what is kept: :func:`reading` and :func:`writing`, each one transaction, on SQLite or PostgreSQL.

Two writers who want the same thing queue. On SQLite all of them: first in this process, where those who wait share a
commit (``turns.py``), then at ``BEGIN IMMEDIATE``, which lets one writer in among all processes. On PostgreSQL those of
one host: an operation holds the host's row (``operations/hosts.hold``) before it looks. So what it reads afterwards
stays true until its commit.
"""

import os
import random
import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy import exc as sql
from sqlmodel import Session, SQLModel

from singleuse_app import migrations, statements
from singleuse_app.scheduling.errors import OutcomeUnknown, TryAgain
from singleuse_app.settings import settings
from singleuse_app.turns import Turns, Undone

P = ParamSpec("P")
R = TypeVar("R")

PATIENCE_MS = 10_000
"""How long a writer waits for others before it gives up."""

TRIES = 5
"""How often an operation is tried before the person is asked to."""

AWAY = (sql.OperationalError, sql.InterfaceError, sql.InternalError, sql.TimeoutError)
"""What drivers raise where the database is locked, full, read-only, stopped or out of reach."""

CONFLICTS = {"40001", "40P01"}
"""SQLSTATE of serialization_failure and deadlock_detected."""

after_commit: list[Callable[[], None]] = []
"""Called without arguments after every commit of :func:`writing`: what wakes the others."""


class _Session(Session):
    """A session in a transaction that is the door's. Whoever wants the connection only gets it past its books."""

    def connection(self, *args: Any, **options: Any) -> Connection:
        """What the session was opened on."""
        assert not args
        assert not options
        assert isinstance(self.bind, Connection)
        return self.bind


class Conflict(TryAgain):
    """The transaction was certainly undone for reasons of the database's own; the same again may well succeed."""


@contextmanager
def reading() -> Generator[Session]:
    """One consistent look. Nothing that is changed inside is kept.

    Raises ``TryAgain`` where the database does not answer.
    """
    with _told_politely(), _engine_for("reading").connect() as connection, _Session(connection) as session:
        connection.begin()
        yield session


@contextmanager
def writing() -> Generator[Session]:
    """One transaction: all of it on a normal exit, nothing at all on any exception.

    Raises ``TryAgain`` where the database is locked for too long, full, read-only or away, and ``OutcomeUnknown``
    where the connection broke just while committing.
    """
    with (
        _told_politely(),
        _transaction() as connection,
        _Session(connection, join_transaction_mode="rollback_only") as session,
    ):
        yield session
        session.flush()
    for wake in after_commit:
        wake()


def insert(session: Session, *rows: SQLModel) -> None:
    """Write new rows of one table now, in this order: several times quicker than through the session's books."""
    insert_values(session, type(rows[0]), *(_columns(row) for row in rows))


def insert_values(session: Session, table: type[SQLModel], *rows: dict[str, Any]) -> None:
    """As :func:`insert`, from the columns by name, which spares what making a model costs: more than its INSERT.

    What is left out gets its default.
    """
    statements.insert(session.connection(), table, list(rows))


def overwrite_what_goes(session: Session) -> None:
    """On SQLite what is deleted stays in the file until its place is needed, unless that is asked for."""
    if is_sqlite():
        session.connection().exec_driver_sql("PRAGMA secure_delete=ON")


def retrying(operation: Callable[P, R]) -> Callable[P, R]:
    """Run an operation again, a few times, where the database undid it: a deadlock, a restart, a cut connection."""
    return _tried_again(operation, Conflict)


def repeatable(operation: Callable[P, R]) -> Callable[P, R]:
    """As :func:`retrying`, for an operation that finds its own result when it is done twice: it is also run again
    where nobody knows whether the commit arrived, and so tells the truth afterwards."""
    return _tried_again(operation, Conflict, OutcomeUnknown)


def prepare(*, wait: float = 30.0) -> tuple[str, str]:
    """Bring the tables up to date, and say from which version to which.

    Safe for many processes at once: the first one does it, the others wait. An SQLite file is copied before. A
    database that is not there yet is waited for, ``wait`` seconds long; then, or where it cannot be migrated, the
    process ends with the reason.
    """
    until = time.monotonic() + wait
    while True:
        try:
            return _prepare()
        except sql.SQLAlchemyError as error:
            if not _may_come_yet(error) or time.monotonic() > until:
                raise SystemExit(f"The database cannot be prepared: {_reason(error)}\nSee DATABASE_URL.") from error
            time.sleep(0.5)


def gather_statistics() -> None:
    """Let SQLite find out which of its indexes tells most, which takes some milliseconds; PostgreSQL does by itself.

    Nothing goes wrong without: it would look through more than it must. Raises as :func:`writing` does.
    """
    if not is_sqlite():
        return
    with writing() as session:
        session.connection().exec_driver_sql("PRAGMA analysis_limit=1000")
        session.connection().exec_driver_sql("ANALYZE")
    _engine_for("reading").dispose()  # a connection learns of it when it is opened


def is_sqlite() -> bool:
    """Whether this installation keeps its data in an SQLite file."""
    return engine().dialect.name == "sqlite"


def sqlite_file() -> Path:
    """Where the tables are, on SQLite."""
    return Path((engine().url.database or "").removeprefix("file:")).absolute()


def copy_to(target: Path) -> None:
    """A copy of the SQLite file as it is at one moment, while others go on; there whole, or not at all.

    It is one file that needs nothing beside it, readable by its owner only.
    """
    draft = target.with_name(f"{target.name}.part")
    draft.unlink(missing_ok=True)
    try:
        draft.touch(0o600)
        with closing(sqlite3.connect(sqlite_file())) as source, closing(sqlite3.connect(draft)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        sync(draft)
        draft.replace(target)
        sync(target.parent)
    finally:
        draft.unlink(missing_ok=True)


def close() -> None:
    """Forget the connections; the next use opens new ones."""
    _forget()


@cache
def engine() -> Engine:
    """The pool of connections. Operations go through :func:`reading` and :func:`writing`."""
    try:
        url = make_url(settings().database_url.replace("postgres://", "postgresql://", 1))
    except sql.ArgumentError:
        raise SystemExit(
            "DATABASE_URL is no database address. Give one like sqlite:////var/lib/singleuse.db or "
            "postgresql://name:password@localhost/singleuse"
        ) from None
    match url.get_backend_name():
        case "sqlite":
            return _sqlite(url, "BEGIN IMMEDIATE")
        case "postgresql":
            return _postgresql(url)
    raise SystemExit(f"DATABASE_URL names {url.get_backend_name()}; Singleuse keeps its data in SQLite or PostgreSQL.")


def _sqlite(url: URL, begin: str) -> Engine:
    if not url.database or ":memory:" in url.database:
        raise SystemExit("DATABASE_URL names no file, and memory keeps no promise. Give one like sqlite:////…/x.db")
    made = create_engine(url, hide_parameters=True)  # what people typed is no part of an error

    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver starts no transaction by itself: begin() does
        connection.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")  # first, for the others may have to wait
        # A log of 16 MB, for what it holds of one page is copied once, and somebody's booking waits for that.
        pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16384")
        for pragma in (*pragmas, "wal_autocheckpoint=4000"):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(made, "connect", set_up)
    # Not by an event: a listener to "begin" makes every statement look for listeners of its own.
    setattr(made.dialect, "do_begin", lambda connection: connection.cursor().execute(begin))  # noqa: B010
    return made


def _postgresql(url: URL) -> Engine:
    """READ COMMITTED, so that what is read after the host's row was locked is the latest."""
    limits = {"lock_timeout": PATIENCE_MS, "statement_timeout": 30_000, "idle_in_transaction_session_timeout": 30_000}
    defaults: dict[str, Any] = {
        "application_name": "singleuse",
        "connect_timeout": 5,
        "tcp_user_timeout": PATIENCE_MS,
        "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
    }
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={name: value for name, value in defaults.items() if name not in url.query},
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        pool_timeout=PATIENCE_MS / 1000,
    )


@cache
def _engine_for(purpose: str) -> Engine:
    if purpose == "writing":
        return engine()
    if is_sqlite():
        return _sqlite(engine().url, "BEGIN")
    return engine().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _prepare() -> tuple[str, str]:
    if is_sqlite() and not sqlite_file().exists() and sqlite_file().parent.is_dir() and not engine().url.query:
        sqlite_file().touch(0o600)  # it will hold names and addresses
    with engine().connect() as connection:
        before = migrations.current(connection)
    if before == migrations.newest():  # a look is enough, and a read-only database allows no more
        return before, before
    with _engine_for("writing").begin() as connection:
        migrations.lock(connection)
        before = migrations.current(connection)
        if before != migrations.newest():
            if before and is_sqlite():
                file = sqlite_file()
                copy_to(file.with_name(f"{file.name}.before-{migrations.newest()}"))
            migrations.upgrade(connection)
    return before, migrations.newest()


def _columns(row: SQLModel) -> dict[str, Any]:
    """The values of a new row; the database numbers what has no key yet."""
    return {
        name: value for name, value in row.__dict__.items() if name[0] != "_" and (value is not None or name != "id")
    }


def _tried_again(operation: Callable[P, R], *reasons: type[TryAgain]) -> Callable[P, R]:
    @wraps(operation)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        unknown: OutcomeUnknown | None = None
        for attempt in range(TRIES):
            try:
                return operation(*args, **kwargs)
            except TryAgain as error:
                unknown = error if isinstance(error, OutcomeUnknown) else unknown
                if attempt + 1 == TRIES or not isinstance(error, reasons):
                    if unknown and unknown is not error:
                        raise unknown from error
                    raise
                time.sleep(random.uniform(0.5, 1) * 0.02 * 4**attempt)  # noqa: S311
        raise AssertionError

    return run


@contextmanager
def _transaction() -> Generator[Connection]:
    """What is written in it is kept on a normal exit, undone on any exception."""
    if is_sqlite():
        try:
            with _turns().writing() as connection:
                yield connection
        except Undone as undone:
            raise Conflict from undone.__cause__
        return
    with _engine_for("writing").connect() as connection:
        connection.begin()
        yield connection
        with _told_of_a_lost_commit():
            connection.commit()


@cache
def _turns() -> Turns:
    return Turns(_engine_for("writing"), PATIENCE_MS / 1000)


@contextmanager
def _told_politely() -> Generator[None]:
    try:
        yield
    except (*AWAY, sql.DatabaseError) as error:
        if not isinstance(error, AWAY) and type(error) is not sql.DatabaseError:
            raise  # a constraint, or a mistake of ours; a file that is damaged is of the plain class
        raise (Conflict() if _may_succeed_soon(error) else TryAgain()) from error


@contextmanager
def _told_of_a_lost_commit() -> Generator[None]:
    try:
        yield
    except sql.DBAPIError as error:
        if error.connection_invalidated:
            raise OutcomeUnknown from error
        raise


def _may_succeed_soon(error: Exception) -> bool:
    if is_sqlite() or not isinstance(error, sql.DBAPIError):
        return False
    not_connected = error.connection_invalidated or error.statement is None
    return not_connected or getattr(error.orig, "sqlstate", None) in CONFLICTS


def _may_come_yet(error: Exception) -> bool:
    """Whether a start can wait for it: a server that starts too, a file that somebody else is migrating."""
    return isinstance(error, AWAY) and (not is_sqlite() or "locked" in _reason(error))


def sync(path: Path) -> None:
    """Let a file, or the names in a folder, outlast a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]


def _forget(*, close: bool = True) -> None:
    if engine.cache_info().currsize:
        for purpose in ("reading", "writing"):
            _engine_for(purpose).dispose(close=close)
        for cached in (engine, _engine_for, _turns):
            cached.cache_clear()


os.register_at_fork(after_in_child=lambda: _forget(close=False))  # it must not share its parent's connections
