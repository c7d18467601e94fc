"""The schema has the last word: a console without foreign keys, and every spelling of INSERT and UPDATE, is refused.

Each attack is tried again with the guards dropped and must then succeed: an attack that could not have worked shows
nothing.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from singleuse_app.migrations.guards import GUARDS
from singleuse_app.settings import settings
from tests.factories import BOB, OTHER_RECEIPT, Desk, book, make_link

INSERTS = ("INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE", "INSERT OR ROLLBACK", "INSERT OR FAIL", "REPLACE")
UPDATES = ("UPDATE", "UPDATE OR REPLACE", "UPDATE OR IGNORE", "UPDATE OR FAIL")

COPY_BOOKING = """INTO booking SELECT {id}, {uid}, sequence, host_id, event_type_id, link_id, {max_uses}, {use_no},
  use_released_at, {receipt}, start, "end", invitee_name, invitee_email, invitee_time_zone, terms, created_at,
  cancelled_at FROM booking ORDER BY id LIMIT 1"""
NEW = {"id": "hex(randomblob(16))", "uid": "'new'", "max_uses": "max_uses", "use_no": "use_no", "receipt": "'new'"}

COPY_CLAIM = """INTO time_claim SELECT {id}, host_id, booking_id, protected_start + {shift}, protected_end + {shift},
  NULL FROM time_claim ORDER BY id LIMIT 1"""


@pytest.fixture
def console(desk: Desk) -> Iterator[sqlite3.Connection]:
    """A console on a database with two bookings through two links: foreign keys are off, as SQLite has it."""
    book(make_link(desk), slot=3)
    book(make_link(desk), slot=9, invitee=BOB, receipt=OTHER_RECEIPT)
    file = settings().database_url.removeprefix("sqlite:///")
    assert Path(file).exists()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        yield connection


def truth(console: sqlite3.Connection) -> list[tuple]:
    """How many live uses each link has, and how many pairs of live claims overlap."""
    return [
        *console.execute(
            "SELECT link_id, count(*) FROM booking WHERE use_released_at IS NULL GROUP BY link_id ORDER BY link_id"
        ),
        *console.execute(
            """SELECT count(*) FROM time_claim a JOIN time_claim b ON a.rowid < b.rowid AND a.host_id = b.host_id
               WHERE a.released_at IS NULL AND b.released_at IS NULL
                 AND a.protected_start < b.protected_end AND b.protected_start < a.protected_end"""
        ),
    ]


def drop_guards(console: sqlite3.Connection) -> None:
    for name in GUARDS:
        console.execute(f"DROP TRIGGER {name}")
    console.execute("DROP INDEX uq_booking_live_use")


def refused(console: sqlite3.Connection, statement: str) -> bool:
    """Whether the schema aborted the statement, with nothing changed."""
    before = truth(console)
    try:
        console.execute(statement)
    except sqlite3.IntegrityError:
        return truth(console) == before
    return False


def changes_the_truth(console: sqlite3.Connection, statement: str) -> bool:
    before = truth(console)
    console.execute(statement)
    return truth(console) != before


@pytest.mark.parametrize("insert", INSERTS)
@pytest.mark.parametrize(
    "columns",
    [
        {},  # the same use again
        {"id": "id", "uid": "uid", "receipt": "receipt_hash"},  # over the row that is there
        {"uid": "uid"},
        {"receipt": "receipt_hash"},
        {"max_uses": "2", "use_no": "2"},  # a use that the link does not have
        {"max_uses": "2147483647", "use_no": "7"},
    ],
    ids=["same-use", "over-itself", "same-uid", "same-receipt", "second-use", "as-standard-link"],
)
def test_no_insert_adds_a_second_live_use(console: sqlite3.Connection, insert: str, columns: dict) -> None:
    assert refused(console, f"{insert} {COPY_BOOKING.format(**{**NEW, **columns})}")


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize(
    "assignment",
    [
        "link_id = (SELECT min(id) FROM scheduling_link)",
        "max_uses = 2",
        "max_uses = 2, use_no = 2",
        "id = (SELECT min(id) FROM booking)",
    ],
)
def test_no_update_moves_a_booking_onto_a_link_that_is_used(
    console: sqlite3.Connection, update: str, assignment: str
) -> None:
    assert refused(console, f"{update} booking SET {assignment} WHERE id = (SELECT max(id) FROM booking)")


def test_a_released_use_cannot_come_back_once_it_was_booked_again(console: sqlite3.Connection) -> None:
    console.execute("UPDATE booking SET use_released_at = 1 WHERE id = (SELECT min(id) FROM booking)")
    console.execute(f"INSERT {COPY_BOOKING.format(**NEW).replace('use_released_at', 'NULL')}")
    assert refused(console, "UPDATE booking SET use_released_at = NULL")


@pytest.mark.parametrize("insert", INSERTS)
@pytest.mark.parametrize("shift", [0, 60, -60, 1799, -1799])
@pytest.mark.parametrize("key", ["hex(randomblob(16))", "id"])
def test_no_insert_claims_time_that_is_held(console: sqlite3.Connection, insert: str, shift: int, key: str) -> None:
    assert refused(console, f"{insert} {COPY_CLAIM.format(id=key, shift=shift)}")


def test_time_that_touches_held_time_can_be_claimed(console: sqlite3.Connection) -> None:
    for shift in (1800, -1800):
        console.execute(f"INSERT {COPY_CLAIM.format(id=NEW['id'], shift=shift)}")
    assert truth(console)[-1] == (0,)


@pytest.mark.parametrize("update", UPDATES)
def test_no_update_moves_a_claim_onto_held_time(console: sqlite3.Connection, update: str) -> None:
    assert refused(
        console,
        f"{update} time_claim SET (protected_start, protected_end) = "
        "(SELECT protected_start + 60, protected_end + 60 FROM time_claim ORDER BY id LIMIT 1) "
        "WHERE id = (SELECT max(id) FROM time_claim)",
    )


def test_a_released_claim_cannot_come_back_once_its_time_is_held(console: sqlite3.Connection) -> None:
    console.execute("UPDATE time_claim SET released_at = 1 WHERE id = (SELECT min(id) FROM time_claim)")
    console.execute(f"INSERT {COPY_CLAIM.format(id=NEW['id'], shift=0)}")
    assert refused(console, "UPDATE time_claim SET released_at = NULL")


@pytest.mark.parametrize("columns", [("protected_start",), ("protected_end",), ("protected_start", "protected_end")])
def test_a_claim_in_text_does_not_slip_past_the_comparison(console: sqlite3.Connection, columns: tuple) -> None:
    """Instants are numbers; SQLite would take text, and orders it after all of them."""
    statement = f"INSERT {COPY_CLAIM.format(id=NEW['id'], shift=0)}"
    for column in columns:
        statement = statement.replace(f"{column} + 0", f"'2026-09-01T10:00:00Z' || {column}", 1)
    assert statement.count("T10") == len(columns)
    assert refused(console, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE scheduling_link SET max_uses = 2",
        "UPDATE scheduling_link SET uses = 0",
        "UPDATE scheduling_link SET uses = 2",
        "UPDATE OR REPLACE scheduling_link SET token_hash = (SELECT min(token_hash) FROM scheduling_link)",
        "INSERT OR REPLACE INTO scheduling_link SELECT * FROM scheduling_link",
        "DELETE FROM scheduling_link",
    ],
)
def test_a_link_that_was_booked_with_stays_what_it_was(console: sqlite3.Connection, statement: str) -> None:
    before = console.execute("SELECT * FROM scheduling_link").fetchall()
    assert refused(console, statement)
    assert console.execute("SELECT * FROM scheduling_link").fetchall() == before


@pytest.mark.parametrize("insert", ["INSERT", "INSERT OR REPLACE"])
@pytest.mark.parametrize(
    "what",
    [COPY_BOOKING.format(**NEW), COPY_CLAIM.format(id=NEW["id"], shift=60)],
    ids=["second-use", "overlapping-claim"],
)
def test_control_without_the_guards_the_same_attacks_succeed(
    console: sqlite3.Connection, insert: str, what: str
) -> None:
    drop_guards(console)
    assert changes_the_truth(console, f"{insert} {what}")
