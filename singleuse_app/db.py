"""The one door to what is kept: :func:`reading` and :func:`writing`, each one transaction.

Writers on SQLite queue: first at a lock in this process, then at ``BEGIN IMMEDIATE``, which lets one writer in among
all processes. So what an operation reads inside :func:`writing` stays true until its commit.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlmodel import Session

from singleuse_app import migrations
from singleuse_app.scheduling.errors import TryAgain
from singleuse_app.settings import settings

BUSY_TIMEOUT_MS = 10_000

after_commit: list[Callable[[], None]] = []
"""Called without arguments after every commit of :func:`writing`: what wakes the others."""

_one_writer = threading.Lock()


@contextmanager
def reading() -> Generator[Session]:
    """One consistent look. Nothing that is changed inside is kept.

    Raises ``TryAgain`` where the database does not answer.
    """
    with _told_politely(), Session(_engine()) as session:
        yield session


@contextmanager
def writing() -> Generator[Session]:
    """One transaction: all of it on a normal exit, nothing at all on any exception.

    Raises ``TryAgain`` where the database is locked for too long, full, read-only or away.
    """
    engine = _engine().execution_options(begin="IMMEDIATE")
    with _told_politely(), _one_writer, Session(engine) as session, session.begin():
        yield session
    for wake in after_commit:
        wake()


def prepare() -> None:
    """Bring the tables up to date. Safe for many processes at once: the first one does it, the others wait."""
    with _engine().execution_options(begin="IMMEDIATE").begin() as connection:
        migrations.upgrade(connection)


def close() -> None:
    """Forget the connections; the next use opens new ones."""
    if _engine.cache_info().currsize:
        _engine().dispose()
        _engine.cache_clear()


@cache
def _engine() -> Engine:
    try:
        url = make_url(settings().database_url)
    except ArgumentError:
        raise SystemExit("DATABASE_URL is no database address. Give one like sqlite:////var/lib/singleuse.db") from None
    if url.get_backend_name() != "sqlite":
        raise SystemExit(f"DATABASE_URL names {url.get_backend_name()}; this version keeps its data in SQLite only.")
    engine = create_engine(url)
    event.listen(engine, "connect", _set_up_connection)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up_connection(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver starts no transaction by itself: _begin does
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def _told_politely() -> Generator[None]:
    try:
        yield
    except OperationalError as error:
        raise TryAgain from error


# A forked child must not share its parent's connections.
os.register_at_fork(after_in_child=_engine.cache_clear)
