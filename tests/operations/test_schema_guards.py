"""The schema has the last word: whatever a console spells, on either database, it sells nothing twice.

On SQLite the console has foreign keys switched off, and knows ``OR REPLACE``. Each attack is tried again with the
guards dropped and must then succeed: an attack that could not have worked shows nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import IntegrityError

from singleuse_app import db
from singleuse_app.migrations import guards
from singleuse_app.settings import settings
from tests.factories import BOB, OTHER_RECEIPT, Desk, book, make_link
from tests.harness.unguarded import drop_guards

INSERTS = {
    "sqlite": [f"{verb} INTO" for verb in ("INSERT", "REPLACE", *(f"INSERT OR {or_}" for or_ in (
        "REPLACE", "IGNORE", "ROLLBACK", "FAIL", "ABORT"))) ],
    "postgresql": ["INSERT INTO"],
}  # fmt: skip
ENDINGS = {
    "sqlite": ["", "ON CONFLICT DO NOTHING"],
    "postgresql": ["", "ON CONFLICT DO NOTHING", "ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id"],
}
UPDATES = {
    "sqlite": ["UPDATE", *(f"UPDATE OR {or_}" for or_ in ("REPLACE", "IGNORE", "ROLLBACK", "FAIL", "ABORT"))],
    "postgresql": ["UPDATE"],
}
NEW_ID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}

COLUMNS = [
    "id",
    "uid",
    "sequence",
    "host_id",
    "event_type_id",
    "link_id",
    "max_uses",
    "use_no",
    "use_released_at",
    "receipt_hash",
    "kid",
    "manage_hash",
    "start",
    '"end"',
    "invitee_name",
    "invitee_email",
    "invitee_time_zone",
    "terms",
    "guests",
    "answers",
    "moves",
    "created_at",
    "cancelled_at",
    "cancelled_by",
    "cancel_reason",
]

OVERLAPS = """SELECT count(*) FROM time_claim a JOIN time_claim b ON a.id < b.id AND a.host_id = b.host_id
  WHERE a.released_at IS NULL AND b.released_at IS NULL
    AND a.protected_start < b.protected_end AND b.protected_start < a.protected_end"""
LIVE_USES = "SELECT count(*) FROM booking WHERE use_released_at IS NULL"
FIRST = "(SELECT id FROM booking ORDER BY start LIMIT 1)"
LAST = "(SELECT id FROM booking ORDER BY start DESC LIMIT 1)"


@dataclass
class Console:
    """Somebody with a prompt. Each attack runs in a transaction of its own, which is undone afterwards."""

    connection: Connection
    kind: str

    def run(self, statement: str) -> list[tuple]:
        """Execute and keep."""
        result = self.connection.exec_driver_sql(statement)
        return [tuple(row) for row in result] if result.returns_rows else []

    def facts(self) -> list:
        """What is sold, and what is held twice: the same before and after an attack that came to nothing."""
        return [
            sorted(map(str, self.run("SELECT link_id, use_no, max_uses FROM booking WHERE use_released_at IS NULL"))),
            self.run(OVERLAPS),
            sorted(map(str, self.run("SELECT id, token_hash, max_uses, uses FROM scheduling_link"))),
        ]

    def succeeds(self, statement: str) -> bool:
        """Whether an attack changed the facts."""
        before = self.facts()
        self.run("SAVEPOINT attack") if self.kind == "postgresql" else self.run("BEGIN")
        try:
            self.run(statement)
            return self.facts() != before
        except IntegrityError:
            return False
        finally:
            self.undo()

    def undo(self) -> None:
        """Back to before the attack; an OR ROLLBACK has done it already."""
        if self.kind == "postgresql":
            self.run("ROLLBACK TO SAVEPOINT attack")
        elif self.connection.connection.driver_connection.in_transaction:
            self.run("ROLLBACK")

    def inserts(self, table: str, columns: str, values: str) -> list[str]:
        """Every way to spell an insert of one altered copy of what is there."""
        order = "start" if table == "booking" else "protected_start"
        return [
            f"{insert} {table} ({columns}) SELECT {values} FROM {table} WHERE true ORDER BY {order} LIMIT 1 {ending}"
            if not ending or insert.startswith("INSERT INTO")
            else f"{insert} {table} ({columns}) SELECT {values} FROM {table} WHERE true ORDER BY {order} LIMIT 1"
            for insert in INSERTS[self.kind]
            for ending in ENDINGS[self.kind]
        ]

    def bookings(self, **columns: str) -> list[str]:
        """Inserts of a second booking: a copy of the first, but for its keys and ``columns``."""
        own = {"id": NEW_ID[self.kind], "uid": "'new'", "receipt_hash": "'new'", "manage_hash": "'new'"}
        values = {**{name: name for name in COLUMNS}, **own, **columns}
        return self.inserts("booking", ", ".join(values), ", ".join(values.values()))

    def claims(self, *, key: str = "", start: str = "protected_start", end: str = "protected_end") -> list[str]:
        """Inserts of a second claim of the first one's time, more or less."""
        columns = "id, host_id, booking_id, protected_start, protected_end, released_at"
        return self.inserts(
            "time_claim", columns, f"{key or NEW_ID[self.kind]}, host_id, booking_id, {start}, {end}, NULL"
        )

    def updates(self, rest: str) -> list[str]:
        """Every way to spell an update."""
        return [f"{update} {rest}" for update in UPDATES[self.kind]]


@pytest.fixture
def console(desk: Desk) -> Iterator[Console]:
    """A console on a database with two bookings through two links."""
    book(make_link(desk), slot=3)
    book(make_link(desk), slot=9, invitee=BOB, receipt=OTHER_RECEIPT)
    engine = create_engine(settings().database_url, isolation_level=None if db.is_sqlite() else "READ COMMITTED")
    with engine.connect() as connection:
        if db.is_sqlite():
            connection.connection.driver_connection.isolation_level = None
        yield Console(connection, connection.dialect.name)
    engine.dispose()


def survive(console: Console, attacks: list[str]) -> None:
    """No attack changes what is sold; with the guards dropped at least one of them does."""
    assert attacks
    assert [attack for attack in attacks if console.succeeds(attack)] == []
    drop_guards(console.connection)
    assert [attack for attack in attacks if console.succeeds(attack)], "an attack that cannot work shows nothing"


@pytest.mark.parametrize(
    "columns",
    [
        {},  # the same use again
        {"use_no": "2"},  # a use that the link does not have
        {"use_no": "0"},
        {"max_uses": "2", "use_no": "2"},
        {"max_uses": "2147483647", "use_no": "7"},
    ],
    ids=["same-use", "second-use", "use-zero", "more-uses", "as-standard-link"],
)
def test_no_insert_adds_a_second_live_use(console: Console, columns: dict[str, str]) -> None:
    survive(console, console.bookings(**columns))


@pytest.mark.parametrize(
    "columns",
    [
        {"id": "id", "uid": "uid", "receipt_hash": "receipt_hash", "manage_hash": "manage_hash"},  # over itself
        {"uid": "uid"},
        {"receipt_hash": "receipt_hash"},
        {"manage_hash": "manage_hash"},
    ],
    ids=["over-itself", "same-uid", "same-receipt", "same-manage-token"],
)
def test_no_insert_takes_the_place_of_a_booking(console: Console, columns: dict[str, str]) -> None:
    attacks = console.bookings(**columns)
    assert [attack for attack in attacks if console.succeeds(attack)] == []


@pytest.mark.parametrize(
    "assignment",
    [
        f"link_id = (SELECT link_id FROM booking WHERE id = {FIRST})",
        "max_uses = 2",
        "max_uses = 2, use_no = 2",
        "use_no = 2",
    ],
)
def test_no_update_moves_a_booking_onto_a_link_that_is_used(console: Console, assignment: str) -> None:
    survive(console, console.updates(f"booking SET {assignment} WHERE id = {LAST}"))


def test_a_released_use_cannot_come_back_once_it_was_booked_again(console: Console) -> None:
    console.run(f"UPDATE booking SET cancelled_at = 1, use_released_at = 1 WHERE id = {FIRST}")
    console.run(console.bookings(use_released_at="NULL", cancelled_at="NULL")[0])
    assert console.run(LIVE_USES) == [(2,)]
    survive(console, console.updates("booking SET use_released_at = NULL"))


@pytest.mark.parametrize("shift", [0, 60, -60, 1799, -1799])
def test_no_insert_claims_time_that_is_held(console: Console, shift: int) -> None:
    survive(console, console.claims(start=f"protected_start + {shift}", end=f"protected_end + {shift}"))


def test_no_insert_takes_the_place_of_a_claim(console: Console) -> None:
    attacks = console.claims(key="id", start="protected_start + 7200", end="protected_end + 7200")
    before = console.run("SELECT * FROM time_claim ORDER BY id")
    for attack in attacks:
        assert not console.succeeds(attack)
        assert console.run("SELECT * FROM time_claim ORDER BY id") == before


@pytest.mark.parametrize("shift", [1800, -1800])
def test_time_that_touches_held_time_can_be_claimed(console: Console, shift: int) -> None:
    console.run(console.claims(start=f"protected_start + {shift}", end=f"protected_end + {shift}")[0])
    assert console.run("SELECT count(*) FROM time_claim") == [(3,)]


def test_no_update_moves_a_claim_onto_held_time(console: Console) -> None:
    move = """time_claim SET (protected_start, protected_end) =
        (SELECT protected_start + 60, protected_end + 60 FROM time_claim ORDER BY protected_start LIMIT 1)
        WHERE protected_start = (SELECT max(protected_start) FROM time_claim)"""
    survive(console, console.updates(move))


def test_a_released_claim_cannot_come_back_once_its_time_is_held(console: Console) -> None:
    console.run(
        "UPDATE time_claim SET released_at = 1 WHERE protected_start = (SELECT min(protected_start) FROM time_claim)"
    )
    console.run(console.claims()[0])
    survive(console, console.updates("time_claim SET released_at = NULL"))


@pytest.mark.parametrize("columns", [("start",), ("end",), ("start", "end")])
def test_a_claim_in_text_does_not_slip_past_the_comparison(console: Console, columns: tuple[str, ...]) -> None:
    """Instants are numbers. SQLite would take text, and orders it after all of them."""
    if console.kind == "postgresql":
        with pytest.raises(Exception, match="type bigint but expression is of type text"):
            console.run(console.claims(start="'2026-09-01T10:00:00Z'::text")[0])
        return
    texts = {name: f"'2026-09-01T10:00:00Z' || protected_{name}" for name in columns}
    assert [attack for attack in console.claims(**texts) if console.succeeds(attack)] == []


@pytest.mark.parametrize(
    "assignment", ["max_uses = 2", "uses = 0", "uses = 2", "max_uses = 2, uses = 2"], ids=lambda text: text
)
def test_a_link_that_was_booked_with_stays_what_it_was(console: Console, assignment: str) -> None:
    survive(console, console.updates(f"scheduling_link SET {assignment}"))


def test_a_link_that_was_booked_with_can_neither_be_deleted_nor_replaced(console: Console) -> None:
    attacks = ["DELETE FROM scheduling_link"]
    if console.kind == "sqlite":
        attacks += [
            "UPDATE OR REPLACE scheduling_link SET token_hash = (SELECT min(token_hash) FROM scheduling_link)",
            "INSERT OR REPLACE INTO scheduling_link SELECT * FROM scheduling_link",
        ]
    survive(console, attacks)


def test_a_guard_that_is_missing_is_named(console: Console) -> None:
    assert guards.missing(console.connection) == []
    drop_guards(console.connection)
    missing = set(guards.missing(console.connection))
    assert {"sqlite": {"time_claim_overlap_insert", "uq_booking_live_use"}}.get(
        console.kind, {"time_claim_overlap", "uq_booking_live_use", "booking_live_use"}
    ) <= missing
