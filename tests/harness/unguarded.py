"""What it takes to sell twice: the schema's guards dropped, the looking and the writing in separate transactions.

Races are run with this as their control. It is what schedulers commonly do: they look, ask a calendar or render a page,
and then write. Production code has no seams for it: the door, the lock and the claim are exchanged from outside, and
the pause between looking and writing is made by an event listener.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial, wraps
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, event
from sqlmodel import Session, col, select, update

from singleuse_app import db
from singleuse_app.migrations import guards
from singleuse_app.models import EventType, Host, Link
from singleuse_app.operations import bookings, event_types, links, manage_booking, schedules
from singleuse_app.operations.found_links import find_by_token
from singleuse_app.operations.hosts import HeldHost
from singleuse_app.scheduling.links import link_status, refusal_of

CONSTRAINTS = {
    "time_claim": ("time_claim_overlap",),
    "booking": ("ck_booking_use_no", "fk_booking_link"),
    "scheduling_link": ("ck_scheduling_link_uses",),
}

WRITES = ("INSERT", "UPDATE", "DELETE")


def drop_guards(connection: Connection) -> None:
    """Take away all that has the last word, as far as the database can take it off its tables.

    SQLite cannot drop a CHECK; its consoles can be told to ignore them.
    """
    guards.drop(connection)
    for index in ("uq_booking_live_use", "uq_scheduling_link_standard"):
        connection.exec_driver_sql(f"DROP INDEX {index}")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        return
    for table, names in CONSTRAINTS.items():
        for name in names:
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


@contextmanager
def guards_off(pause: float = 0.04) -> Iterator[None]:
    """The operations of this process look, wait, and then write, each statement a transaction of its own.

    The schema keeps its guards, unless :func:`drop_guards` has taken them away.
    """
    add_booking = bookings.add_booking

    @wraps(add_booking)
    def count_and_add(session: Session, host: Host, link: Link, *rest: Any, **more: Any) -> Any:
        session.connection().execute(update(Link).where(col(Link.id) == link.id).values(uses=col(Link.uses) + 1))
        return add_booking(session, host, link, *rest, **more)

    with locks_off(), slowed(pause), pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "writing", _each_statement_for_itself)
        patch.setattr(bookings, "claim_use", _look_at_status)
        patch.setattr(bookings, "add_booking", count_and_add)
        yield


@contextmanager
def locks_off() -> Iterator[None]:
    """Nobody holds a host's row: of the three guards the claim of the link and the schema are left.

    That is for PostgreSQL. SQLite's lock is how its transactions begin.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module in (manage_booking, links, event_types, schedules):
            patch.setattr(module, "hold", _look_at_host)
        patch.setattr(bookings, "hold_by_token", _look_by_token)
        yield


@contextmanager
def manners_off() -> Iterator[None]:
    """Neither lock nor claim, only the schema is left: whoever looked at a free link counts its use."""
    with locks_off(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(bookings, "claim_use", _look_and_count)
        yield


@contextmanager
def slowed(pause: float) -> Iterator[None]:
    """Between the last look of a transaction and its first write pass up to ``pause`` seconds."""

    def begin(connection: Connection) -> None:
        connection.info["has only looked"] = True

    def write(connection: Connection, cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith(WRITES) and connection.info.pop("has only looked", False):
            time.sleep(random.uniform(0.5, 1) * pause)

    listeners: list[tuple[type, str, Callable[..., None]]] = [
        (Engine, "begin", begin),
        (Engine, "before_cursor_execute", write),
    ]
    for listener in listeners:
        event.listen(*listener)
    try:
        yield
    finally:
        for listener in listeners:
            event.remove(*listener)


CONDITIONS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "as it is": nullcontext,
    "slow": partial(slowed, 0.004),
    "locks off": partial(locks_off),
    "manners off": partial(manners_off),
    "guards off": partial(guards_off),
}
"""Under what a race is run, by names that can be told to another process."""


@contextmanager
def _each_statement_for_itself() -> Iterator[Session]:
    """In the place of ``db.writing``. Nothing is undone when it goes wrong."""
    with db._told_politely(), Session(_engine()) as session:
        if db.is_sqlite():
            session.connection().exec_driver_sql("COMMIT")
            session.connection().exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        yield session
        session.commit()
    for wake in db.after_commit:
        wake()


def _engine() -> Engine:
    if db.is_sqlite():
        return db.engine()
    return db.engine().execution_options(isolation_level="AUTOCOMMIT")


def _look_at_host(session: Session, host_id: UUID) -> Host:
    return session.exec(select(Host).where(Host.id == host_id)).one()


def _look_by_token(session: Session, token: object) -> tuple[UUID, HeldHost]:
    link = find_by_token(session, token).link
    host = _look_at_host(session, link.host_id)
    return link.id, HeldHost(host.id, host.name, host.email, host.time_zone)


def _look_at_status(session: Session, link: Link, event_type: EventType, **now: Any) -> None:
    if refusal := refusal_of(link_status(link.facts(event_type), **now)):
        raise refusal


def _look_and_count(session: Session, link: Link, event_type: EventType, **now: Any) -> None:
    _look_at_status(session, link, event_type, **now)
    session.connection().execute(update(Link).where(col(Link.id) == link.id).values(uses=col(Link.uses) + 1))
