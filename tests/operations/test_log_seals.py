"""Every line of the event log is sealed once, however many write and seal it, and whenever a line is committed."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy.exc import IntegrityError

from singleuse_app import db, tokens
from singleuse_app.migrations import guards
from singleuse_app.models import LogSeal
from singleuse_app.operations import log_seals
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.log_chain import Chain
from singleuse_app.operations.log_seals import Sealer, newest_seal
from tests.factories import NOW, Desk, rows
from tests.operations.sealing import blocks, chain, seal, write

on_postgresql = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)


def test_lines_from_before_there_were_seals_are_sealed_a_block_at_a_time(desk: Desk) -> None:
    write(desk, 10)
    there = len(rows("SELECT id FROM event_log"))
    assert Sealer().seal_new(now=NOW, at_most=4) == 4
    assert chain().late == 0
    assert chain(hours=2).late == there - 4
    assert seal(4) == there - 4
    assert chain(hours=2) == Chain()


WRITERS, SEALERS, LINES = 6, 2, 12


def while_many_write(desk: Desk, sealing: Callable[[], object]) -> None:
    """Writers who take their time before they commit, and sealers who take none."""
    over = Event()

    def writer(number: int) -> None:
        for turn in range(LINES):
            with db.writing() as session:
                record(session, Happened.PROFILE_CHANGED, now=NOW, host_id=desk.host_id)
                time.sleep(0.0005 * ((number * 7 + turn * 3) % 5))

    def sealer() -> None:
        while not over.is_set():
            sealing()

    with ThreadPoolExecutor(WRITERS + SEALERS) as pool:
        sealers = [pool.submit(sealer) for _ in range(SEALERS)]
        list(pool.map(writer, range(WRITERS)))
        over.set()
        for each in sealers:
            each.result()
    sealing()


@pytest.fixture
def sealers() -> Callable[[], object]:
    """As the worker of each process has one."""
    mine = [Sealer(), Sealer(), Sealer()]

    def one() -> None:
        sealer = mine.pop()
        try:
            sealer.seal_new(now=NOW, at_most=7)
        finally:
            mine.append(sealer)

    return one


def test_while_many_write_every_line_is_sealed_once(desk: Desk, sealers: Callable[[], object]) -> None:
    while_many_write(desk, sealers)
    seal()
    assert chain(days=1) == Chain()
    assert sum(count for _, _, count in blocks()) == len(rows("SELECT id FROM event_log"))


def test_control_of_two_sealers_without_a_lock_and_a_guard_lines_are_sealed_twice(
    desk: Desk,
) -> None:
    """Reading and writing in transactions of their own, the number given at the end, as a sequence would."""
    with db.engine().begin() as connection:
        guards.drop(connection)
        if not db.is_sqlite():
            for name in ("uq_log_seal_last_line", "pk_log_seal"):
                connection.exec_driver_sql(f"ALTER TABLE log_seal DROP CONSTRAINT {name}")

    def carelessly() -> None:
        with db.reading() as session:
            _, last, mac = newest_seal(session)
            block = list(log_seals.lines(session.connection(), after=last, at_most=7))
        time.sleep(0.01)
        if not block:
            return
        with db.writing() as session:
            number, _, _ = newest_seal(session)
            made = LogSeal(
                id=number + 1,
                last_line=block[-1][0],
                line_count=len(block),
                sealed_at=NOW,
                kid=tokens.current_kid(),
                mac="",
            )
            made.mac = log_seals.seal_mac(made, mac, (line for _, _, line in block))
            session.add(made)

    if db.is_sqlite():  # which cannot drop its uniqueness: it is what stands in the way
        with pytest.raises(IntegrityError, match="log_seal"):
            while_many_write(desk, carelessly)
    else:
        while_many_write(desk, carelessly)
        assert chain().changed


@on_postgresql
def test_a_line_that_is_committed_late_is_waited_for(desk: Desk) -> None:
    sealer = Sealer()
    with committed_late(desk):
        assert sealer.seal_new(now=NOW) == 0
        write(desk, 1)  # goes on: nothing is locked
        assert sealer.seal_new(now=NOW) == 0
    assert sealer.seal_new(now=NOW) > 0
    seal()
    assert chain(days=1) == Chain()


@on_postgresql
def test_somebody_always_writing_keeps_nothing_from_being_sealed(desk: Desk) -> None:
    sealer, write_on = Sealer(), [committed_late(desk) for _ in range(3)]
    write_on[0].__enter__()
    assert sealer.seal_new(now=NOW) == 0
    write_on[1].__enter__()
    write_on[0].__exit__(None, None, None)
    assert sealer.seal_new(now=NOW) > 0
    write_on[2].__enter__()
    write_on[1].__exit__(None, None, None)
    assert sealer.seal_new(now=NOW) > 0
    write_on[2].__exit__(None, None, None)
    seal()
    assert chain(days=1) == Chain()


@on_postgresql
def test_control_who_does_not_wait_leaves_a_line_between_seals(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sealer, "_settled", lambda self, connection, last: last)
    with committed_late(desk):
        Sealer().seal_new(now=NOW)
    seal()
    assert len(chain().changed) == 1


class committed_late:  # noqa: N801
    """A line whose number is given before another's, and which is committed at the end of the block."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def __enter__(self) -> None:
        self.door = db.writing()
        session = self.door.__enter__()
        record(session, Happened.PROFILE_CHANGED, now=NOW, host_id=self.desk.host_id)
        write(self.desk, 1)

    def __exit__(self, *exc: object) -> None:
        self.door.__exit__(None, None, None)
