"""A process that migrates is killed, or several migrate at once: the tables are of the old version or of the new."""

import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, Table, select

from singleuse_app import db, migrations
from singleuse_app.ids import BOOKING
from singleuse_app.migrations import guards, log_guards
from singleuse_app.operations.manage_booking import AsInvitee, manage_token, open_booking
from tests.crashes.checks import bookings_there, lies, wait_for_backends
from tests.crashes.conftest import Place, Times
from tests.crashes.nursery import Nursery
from tests.factories import book, later, make_link, rows
from tests.harness.databases import Database, Databases, opened

OLD = "0001"
LOG_GUARDS = {*log_guards.SQLITE, *log_guards.POSTGRESQL}
SINCE_THEN = {"uq_scheduling_link_standard", *LOG_GUARDS}
BOOKINGS = 200
PROCESSES = 6


@pytest.fixture(scope="module")
def old(databases: Databases, office_to_copy: Place) -> Database:
    """A database of the first version, with its guards and some hundred bookings."""
    with opened(databases.copy(office_to_copy.database)) as made:
        book(make_link(office_to_copy.office.desks[0]), start=later(days=1))
        with db.engine().begin() as connection:
            guards.drop(connection)
            command.downgrade(migrations.config(connection), OLD)
            multiply(connection)
            with pytest.MonkeyPatch.context() as patch:  # those of the log came with its seals
                for kind in ("SQLITE", "POSTGRESQL"):
                    ours = {name: how for name, how in getattr(guards, kind).items() if name not in LOG_GUARDS}
                    patch.setattr(guards, kind, ours)
                guards.create(connection)  # of today, by name: they may speak of columns that are not there yet
        assert bookings_there() == BOOKINGS
    return made


def nothing_yet(databases: Databases) -> Database:
    """A database that nobody has prepared."""
    name = f"n{uuid4().hex[:12]}"
    if databases.postgres:
        databases.postgres.create_database(name)
        return Database("postgresql", databases.postgres.url(name), databases.folder / f"{name}.key")
    return Database("sqlite", f"sqlite:///{databases.folder / name}.db", databases.folder / f"{name}.key")


def multiply(connection: Connection) -> None:
    """Write the booking that there is, its link and all that belongs to it again and again, each at a later time."""
    known = MetaData()
    tables = {
        name: Table(name, known, autoload_with=connection)
        for name in ("scheduling_link", "booking", "time_claim", "event_log", "outbox_message")
    }
    there = {name: connection.execute(select(table)).mappings().all() for name, table in tables.items()}
    [[link], [booking], *_] = there.values()
    twins: dict[str, list[dict[str, Any]]] = {name: [] for name in tables}
    for number in range(1, BOOKINGS):
        ids = {link["id"]: new_key(link["id"]), booking["id"]: new_key(booking["id"])}
        for name in tables:
            twins[name] += [twin(row, ids, number) for row in there[name] if belongs(row, ids)]
    for name, table in tables.items():
        connection.execute(table.insert(), twins[name])


def new_key(like: Any) -> Any:
    """A key as this database's driver gives them."""
    return uuid4().hex if isinstance(like, str) else uuid4()


def belongs(row: Any, ids: dict[Any, Any]) -> bool:
    """Whether a row is, or names, one of these."""
    return any(value in ids for value in row.values() if isinstance(value, type(next(iter(ids)))))


def twin(row: Any, ids: dict[Any, Any], number: int) -> dict[str, Any]:
    """A row that is the same of another booking, ``number`` hours later."""
    kind = type(next(iter(ids)))
    changed = {name: ids.get(value, value) if isinstance(value, kind) else value for name, value in row.items()}
    if isinstance(row["id"], int):
        del changed["id"]
    elif row["id"] == changed["id"]:
        changed["id"] = new_key(row["id"])
    for name in {"start", "end", "protected_start", "protected_end"} & changed.keys():
        changed[name] += 3600 * number
    for name in {"uid", "dedupe_key", "token_hash"} & changed.keys():
        changed[name] += f" {number}"
    return changed


def version() -> str:
    with db.engine().connect() as connection:
        found = migrations.current(connection)
        assert {*guards.missing(connection)} <= (SINCE_THEN if found == OLD else set())
        return found


def seconds_of_a_migration(nursery: Nursery, databases: Databases, old: Database) -> float:
    """How long it takes undisturbed."""
    database, begun = databases.copy(old), time.monotonic()
    nursery.raise_up("prepare", database)
    databases.drop(database)
    return time.monotonic() - begun


def check_copy(file: Path) -> None:
    """The copy that was made before opens, is whole, and of the old version."""
    with closing(sqlite3.connect(file.with_name(f"{file.name}.before-{migrations.newest()}"))) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [(OLD,)]
        assert copy.execute("SELECT count(*) FROM booking").fetchall() == [(BOOKINGS,)]
    drafts = [path.name for path in file.parent.glob(f"{file.name}*") if "part" in path.name]
    assert drafts == []


def test_a_killed_migration_leaves_the_old_version_or_the_new_one_and_is_completed(
    nursery: Nursery, databases: Databases, old: Database, times: Times
) -> None:
    lasts = [seconds_of_a_migration(nursery, databases, old) for _ in range(3)][-1]
    random, kills, found, inside = Random(1), times(24), Counter[str](), 0
    while found.total() < kills or (not inside and found.total() < 20 * kills):  # one of them must meet the transaction
        database = databases.copy(old)
        [report] = nursery.raise_up("prepare", database, kill=(1, random.uniform(0.0, lasts)))
        assert report.told("failed") == []
        wait_for_backends(databases, database)
        inside += bool(report.phases() & {"open", "committing"})
        with opened(database):
            found[before := version()] += 1
            assert bookings_there() == BOOKINGS
            assert db.prepare() == (before, migrations.newest())
            assert version() == migrations.newest()
            assert bookings_there() == BOOKINGS
            assert lies() == {}
            [key] = rows("SELECT id FROM booking LIMIT 1")[0]
            booking_id = f"{BOOKING}_{str(key).replace('-', '')}"
            assert open_booking(who=AsInvitee(manage_token(booking_id=booking_id))).booking_id == booking_id
        if database.kind == "sqlite":
            check_copy(database.file)
        databases.drop(database)
    print(
        f"\n{old.kind}: {found.total()} migrations of {BOOKINGS} bookings killed, {inside} with the transaction open; "
        f"found afterwards: {dict(found)}; all completed by the next start, 0 truths broken, all guards there"
    )
    assert set(found) <= {OLD, migrations.newest()}
    assert inside


@pytest.mark.parametrize("what", ["empty", "old"])
def test_of_several_processes_that_migrate_at_once_one_does_it(
    nursery: Nursery, databases: Databases, old: Database, times: Times, what: str
) -> None:
    trials = times(6) if times.thorough else 1
    for _ in range(trials):
        database = databases.copy(old) if what == "old" else nothing_yet(databases)
        reports = nursery.raise_up("prepare", database, children=PROCESSES)
        told = [(line["before"], line["after"]) for report in reports for line in report.told("prepared")]
        assert [line for report in reports for line in report.told("failed")] == []
        newest = migrations.newest()
        assert sorted(told) == sorted([(OLD if what == "old" else "", newest), *[(newest, newest)] * (PROCESSES - 1)])
        with opened(database):
            assert version() == newest
            assert lies() == {}
        databases.drop(database)
    print(f"\n{old.kind}, {PROCESSES} processes prepare one {what} database, {trials} times: one did it, 0 failed")
