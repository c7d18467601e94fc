"""The history of the tables, on both databases: forwards, backwards, with rows in them, and as the models say."""

import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import closing

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, inspect
from sqlmodel import select

from singleuse_app import db, migrations, tokens
from singleuse_app.migrations import guards
from singleuse_app.models import Booking
from singleuse_app.operations.manage_booking import AsInvitee, cancel_booking, manage_token
from tests.factories import NOW, Desk, book, make_link, rows
from tests.harness.databases import Database, Databases, opened

on_postgresql = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """A transaction on tables of the newest version."""
    with db.engine().begin() as connection:
        yield connection


def at_version(version: str, connection: Connection) -> None:
    """Take the tables back to an older version."""
    guards.drop(connection)
    command.downgrade(migrations.config(connection), version)


def columns(connection: Connection) -> dict[str, list[str]]:
    tables = inspect(connection)
    return {name: sorted(column["name"] for column in tables.get_columns(name)) for name in tables.get_table_names()}


def test_the_migrations_make_what_the_models_say(connection: Connection) -> None:
    command.check(migrations.config(connection))


def test_up_down_and_up_again_ends_where_it_was(connection: Connection) -> None:
    newest = columns(connection)
    at_version("0001", connection)
    assert columns(connection) != newest
    at_version("base", connection)
    assert set(columns(connection)) == {"alembic_version"}
    migrations.upgrade(connection)
    assert columns(connection) == newest
    assert guards.missing(connection) == []


def test_bookings_of_an_older_version_stay_and_can_be_managed(desk: Desk) -> None:
    booked = book(make_link(desk))
    with db.engine().begin() as connection:
        at_version("0001", connection)
    assert "manage_hash" not in str(rows("SELECT * FROM booking"))
    assert db.prepare() == ("0001", migrations.newest())
    assert cancel_booking(who=AsInvitee(manage_token(booking_id=booked.booking_id)), now=NOW).cancelled
    with db.reading() as session:
        row = session.exec(select(Booking)).one()
        assert row.manage_hash == tokens.hash_token(tokens.derive(tokens.MANAGE, row.id, row.kid))


def test_an_sqlite_file_is_copied_before_it_is_migrated(desk: Desk) -> None:
    book(make_link(desk))
    if not db.is_sqlite():
        return
    with db.engine().begin() as connection:
        at_version("0001", connection)
    db.prepare()
    copy = db.sqlite_file().with_name(f"{db.sqlite_file().name}.before-{migrations.newest()}")
    assert copy.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert old.execute("SELECT count(*) FROM booking").fetchall() == [(1,)]
        assert old.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_database_that_is_up_to_date_is_left_alone(desk: Desk) -> None:
    newest = migrations.newest()
    assert db.prepare() == (newest, newest)
    if db.is_sqlite():
        assert not list(db.sqlite_file().parent.glob(f"{db.sqlite_file().name}.before-*"))


def test_a_database_from_the_future_ends_the_process_with_what_to_do(desk: Desk) -> None:
    with db.engine().begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SystemExit, match=r"9999.*newer"):
        db.prepare()


def test_a_database_that_does_not_answer_ends_the_process_with_its_reason(
    databases: Databases, database: Database
) -> None:
    away = Database(database.kind, database.url.replace("127.0.0.1", "127.0.0.2") + "-gone/x", database.key_file)
    with opened(away), pytest.raises(SystemExit, match=r"cannot be prepared: .+\nSee DATABASE_URL"):
        db.prepare(wait=0)


def test_a_read_only_database_that_is_up_to_date_can_be_looked_at(database: Database) -> None:
    if database.kind == "sqlite":
        shutil.copy(database.file, database.file.with_suffix(".ro"))
        read_only = f"sqlite:///file:{database.file.with_suffix('.ro')}?mode=ro&uri=true"
    else:
        read_only = f"{database.url}?options=-c%20default_transaction_read_only%3Don"
    with opened(Database(database.kind, read_only, database.key_file)):
        assert db.prepare() == (migrations.newest(), migrations.newest())


@pytest.fixture
def bare(databases: Databases) -> Database:
    """A PostgreSQL database without tables."""
    assert databases.postgres
    name = f"t{secrets.token_hex(6)}"
    databases.postgres.create_database(name)
    return Database("postgresql", databases.postgres.url(name), databases.folder / f"{name}.key")


@on_postgresql
def test_who_may_not_make_tables_is_told_at_once(databases: Databases, bare: Database) -> None:
    databases.postgres.execute("DROP ROLE IF EXISTS weak")
    databases.postgres.execute("CREATE ROLE weak LOGIN")
    weak = Database(bare.kind, bare.url.replace(databases.postgres.user, "weak"), bare.key_file)
    with opened(weak), pytest.raises(SystemExit, match=r"cannot be prepared: permission denied"):
        db.prepare()


@on_postgresql
def test_a_start_waits_for_whoever_migrates_longer_than_anybody_waits_for_a_booking(
    databases: Databases, bare: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "PATIENCE_MS", 200)
    engine = create_engine(bare.url)
    with engine.connect() as elsewhere, opened(bare), ThreadPoolExecutor() as pool:
        elsewhere.exec_driver_sql(f"SELECT pg_advisory_lock({migrations.LOCK})")
        started = pool.submit(db.prepare, wait=0)
        with pytest.raises(FutureTimeout):
            started.result(timeout=1)
        elsewhere.exec_driver_sql(f"SELECT pg_advisory_unlock({migrations.LOCK})")
        assert started.result(timeout=20) == ("", migrations.newest())
    engine.dispose()
