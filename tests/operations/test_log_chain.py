"""The event log can only be added to, and whoever gets past that without the key is found out."""

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from singleuse_app import db, tokens
from singleuse_app.migrations import guards
from singleuse_app.models import EventLog, LogCheckpoint, LogSeal
from singleuse_app.operations import log_seals
from singleuse_app.operations.history import Happened
from singleuse_app.operations.log_chain import Chain, what_became_of
from singleuse_app.operations.log_seals import Sealer, newest_seal
from singleuse_app.settings import settings
from tests.factories import BOB, NOW, Desk, book, make_link, rows
from tests.operations.sealing import blocks, chain, seal, write

BLOCK = 3
"""Lines in each block of the log that is tampered with, which has four blocks and an end that is not sealed."""


@pytest.fixture
def log(desk: Desk) -> Desk:
    """A log in blocks of three lines, and three lines that are not sealed yet."""
    for invitee in (BOB, BOB, BOB, BOB):
        book(make_link(desk), invitee=invitee)
    write(desk, 12 - len(rows("SELECT id FROM event_log")))
    seal(BLOCK)
    write(desk, 3)
    return desk


def newest() -> tuple[int, int, str]:
    with db.reading() as session:
        return newest_seal(session)


def as_an_attacker(*statements: str) -> None:
    """With all that a database lets its owner do, and without the key."""
    with db.engine().begin() as connection:
        guards.drop(connection)
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_every_line_is_sealed_once_and_the_chain_is_as_it_was(log: Desk) -> None:
    assert [(number, count) for number, _, count in blocks()] == [(1, 3), (2, 3), (3, 3), (4, 3)]
    assert chain() == Chain()
    assert seal() == 3
    assert seal() == 0
    assert chain(days=400) == Chain()


TAMPERED: dict[str, tuple[list[str], Chain]] = {
    "a kind is another": (
        ["UPDATE event_log SET kind = 'cancelled' WHERE id = 5"],
        Chain(changed=["seal 2 (lines 4 to 6)"]),
    ),
    "a time is another": (
        ["UPDATE event_log SET at = at + 1 WHERE id = 12"],
        Chain(changed=["seal 4 (lines 10 to 12)"]),
    ),
    "a link is no more named": (
        [
            """UPDATE event_log SET link_id = NULL
               WHERE id = (SELECT min(id) FROM event_log WHERE link_id IS NOT NULL AND id BETWEEN 4 AND 6)"""
        ],
        Chain(changed=["seal 2 (lines 4 to 6)"]),
    ),
    "a line is gone": (["DELETE FROM event_log WHERE id = 8"], Chain(changed=["seal 3 (lines 7 to 9)"])),
    "the first line is gone": (["DELETE FROM event_log WHERE id = 1"], Chain(changed=["seal 1 (lines 1 to 3)"])),
    "a block is gone": (
        ["DELETE FROM event_log WHERE id BETWEEN 4 AND 6"],
        Chain(changed=["seal 2 (lines 4 to 6)"]),
    ),
    "two lines have changed places": (
        [
            "UPDATE event_log SET id = 99 WHERE id = 7",
            "UPDATE event_log SET id = 7 WHERE id = 8",
            "UPDATE event_log SET id = 8 WHERE id = 99",
        ],
        Chain(changed=["seal 3 (lines 7 to 9)"]),
    ),
    "a line is put in": (
        [
            "DELETE FROM event_log WHERE id = 8",
            "INSERT INTO event_log (id, at, kind, host_id) SELECT 8, at, kind, host_id FROM event_log WHERE id = 1",
        ],
        Chain(changed=["seal 3 (lines 7 to 9)"]),
    ),
    "a line is put before all": (
        ["INSERT INTO event_log (id, at, kind, host_id) SELECT 0, at, kind, host_id FROM event_log WHERE id = 1"],
        Chain(leftovers=1),
    ),
    "a seal is gone": (
        ["DELETE FROM log_seal WHERE id = 2"],
        Chain(missing=["seal 2"]),
    ),
    "seals are gone": (
        ["DELETE FROM log_seal WHERE id IN (1, 2)"],
        Chain(missing=["seals 1 to 2"]),
    ),
    "a seal is another": (
        [f"UPDATE log_seal SET mac = '{'0' * 64}' WHERE id = 2"],
        Chain(changed=["seal 2 (lines 4 to 6)", "seal 3 (lines 7 to 9)"]),
    ),
    "a seal is said to be older": (
        ["UPDATE log_seal SET sealed_at = sealed_at - 1 WHERE id = 2"],
        Chain(changed=["seal 2 (lines 4 to 6)"]),
    ),
    "blocks are put together": (
        ["DELETE FROM log_seal WHERE id = 2", "UPDATE log_seal SET id = 2, line_count = 6 WHERE id = 3"],
        Chain(changed=["seal 2 (lines 4 to 9)"], missing=["seal 3"]),
    ),
    "a seal is made up": (
        [
            f"""INSERT INTO log_seal (id, last_line, line_count, sealed_at, kid, mac)
                SELECT 5, 15, 3, sealed_at, kid, '{"a" * 64}' FROM log_seal WHERE id = 4"""
        ],
        Chain(changed=["seal 5 (lines 13 to 15)"]),
    ),
    "the beginning is cut off": (
        ["DELETE FROM event_log WHERE id <= 3", "DELETE FROM log_seal WHERE id = 1"],
        Chain(missing=["seal 1"]),
    ),
    "the beginning is cut off, with a checkpoint that is made up": (
        [
            f"""INSERT INTO log_checkpoint (seal_id, last_line, seal_mac, cut_before, cut_at, kid, mac)
                SELECT 2, 6, mac, sealed_at, sealed_at, kid, '{"b" * 64}' FROM log_seal WHERE id = 2""",
            "DELETE FROM event_log WHERE id <= 6",
            "DELETE FROM log_seal WHERE id <= 2",
        ],
        Chain(false_start=True),
    ),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_whatever_is_changed_without_the_key_is_found(log: Desk, how: str) -> None:
    statements, found = TAMPERED[how]
    as_an_attacker(*statements)
    assert chain() == found


def test_an_end_that_is_cut_off_is_seen_by_whoever_kept_a_seal(log: Desk) -> None:
    number, _, mac = newest()
    with db.reading() as session:
        assert what_became_of(session, number, mac) is None
        assert "another one" in (what_became_of(session, number - 1, mac) or "")
    as_an_attacker("DELETE FROM log_seal WHERE id = 4", "DELETE FROM event_log WHERE id > 9")
    assert chain() == Chain()  # nothing in the database can tell
    with db.reading() as session:
        assert what_became_of(session, number, mac) == "Seal 4 of the event log is gone: it ends with seal 3"
    write(log, 3)
    seal()
    with db.reading() as session:
        assert "another one" in (what_became_of(session, number, mac) or "")


def test_without_its_key_a_seal_is_neither_right_nor_wrong(log: Desk) -> None:
    with settings().key_file.open("a") as file:
        file.write(f"k2 {secrets.token_hex(32)}\n")
    tokens.forget()
    seal()
    assert rows("SELECT kid FROM log_seal ORDER BY id") == [("k1",)] * 4 + [("k2",)]
    assert chain() == Chain()
    lines = settings().key_file.read_text().splitlines()
    settings().key_file.write_text("\n".join(line for line in lines if not line.startswith("k1")))
    tokens.forget()
    found = chain()
    assert found.lacking == {"k1"}
    assert found.unknown[0] == "seal 1 (lines 1 to 3)"
    assert len(found.unknown) == 4
    assert found.changed == []


CHANGES = (
    "UPDATE event_log SET kind = 'booked' WHERE id = 2",
    "UPDATE event_log SET at = at",
    "DELETE FROM event_log WHERE id = 2",
    "DELETE FROM event_log",
    "UPDATE log_seal SET sealed_at = sealed_at",
    "DELETE FROM log_seal WHERE id = 1",
    "INSERT INTO log_seal SELECT id, last_line, line_count, sealed_at, kid, mac FROM log_seal WHERE id = 4",
    "INSERT INTO log_seal SELECT 6, 99, line_count, sealed_at, kid, mac FROM log_seal WHERE id = 4",
    "INSERT INTO log_seal SELECT 5, 12, line_count, sealed_at, kid, mac FROM log_seal WHERE id = 4",
    "INSERT INTO log_checkpoint SELECT 2, last_line, 'x', 0, 0, kid, mac FROM log_seal WHERE id = 2",
)
ON_SQLITE = (
    "INSERT OR REPLACE INTO event_log (id, at, kind, host_id) SELECT id, 0, kind, host_id FROM event_log WHERE id = 2",
    "INSERT OR REPLACE INTO log_seal SELECT id, last_line, line_count, 0, kid, mac FROM log_seal WHERE id = 4",
    "REPLACE INTO log_seal SELECT 5, last_line, line_count, 0, kid, mac FROM log_seal WHERE id = 4",
)
ON_POSTGRESQL = ("TRUNCATE event_log", "TRUNCATE log_seal", "TRUNCATE log_checkpoint")


def test_the_schema_refuses_whatever_does_not_add_to_the_log(log: Desk) -> None:
    before = (rows("SELECT * FROM event_log ORDER BY id"), blocks())
    for statement in (*CHANGES, *(ON_SQLITE if db.is_sqlite() else ON_POSTGRESQL)):
        with pytest.raises(IntegrityError, match=r"append_only|log_seal"), db.writing() as session:
            session.connection().exec_driver_sql(statement)
    assert (rows("SELECT * FROM event_log ORDER BY id"), blocks()) == before
    with db.engine().begin() as connection:
        guards.drop(connection)
        connection.exec_driver_sql(CHANGES[0])  # the control: nothing else stands in the way


def test_the_log_holds_kinds_times_and_ids_and_nothing_else(database: object) -> None:
    with db.engine().connect() as connection:
        tables = inspect(connection)
        found = {
            model.__tablename__: [column["name"] for column in tables.get_columns(str(model.__tablename__))]
            for model in (EventLog, LogSeal, LogCheckpoint)
        }
    assert found == {
        "event_log": ["id", "at", "kind", "host_id", "event_type_id", "link_id", "booking_id"],
        "log_seal": ["id", "last_line", "line_count", "sealed_at", "kid", "mac"],
        "log_checkpoint": ["seal_id", "last_line", "seal_mac", "cut_before", "cut_at", "kid", "mac"],
    }
    assert all(kind.replace("_", "").isalpha() for kind in Happened)  # a kind is one of ours, and no text


def test_a_line_with_marks_of_its_own_reads_like_no_other(desk: Desk) -> None:
    """Or lines could be put into another's columns."""
    odd = ["it's", "a b", "a\nb", "NULL", "", "'", "''", "é", "\\"]
    with db.writing() as session:
        for kind in odd:
            session.add(EventLog(at=NOW, kind=kind, host_id=desk.host_id))
    with db.reading() as session:
        found = [line.split(" ", 2)[2] for _, _, line in log_seals.lines(session.connection(), after=0)][-len(odd) :]
    assert len(set(found)) == len(odd)
    assert all(text.count("'") % 2 == 0 for text in found)


def test_seals_are_in_step_with_the_clock_of_the_one_who_seals(log: Desk) -> None:
    write(log, 1)
    Sealer().seal_new(now=NOW + timedelta(microseconds=999_999))
    assert chain(days=1) == Chain()
