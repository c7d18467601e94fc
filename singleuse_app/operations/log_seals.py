"""Sealing the event log behind those who write it: every line is under the key a few seconds after it was committed.

A line costs its writer nothing more for it. Lines are sealed block by block, each seal an HMAC over the one before, so
whoever has the database and not the key can add lines at the end and wait, but change, remove, insert or move none that
is sealed: ``singleuse doctor`` finds it (``log_chain.py``).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Connection, text
from sqlmodel import Session, col, func, select

from singleuse_app import db, tokens
from singleuse_app.models import EventLog, LogCheckpoint, LogSeal
from singleuse_app.models.table import EPOCH

AT_MOST = 1_000
"""How many lines are sealed in one transaction, which takes some milliseconds."""

PAUSE = 0.05
"""Seconds between two of many blocks, for others to write."""

FIRST = (0, 0, "")
"""What comes before the first seal: its number, the last line, its mac."""

_NULLABLE = ("event_type_id", "link_id", "booking_id")
_LINE = {
    "sqlite": " || ' ' || ".join(f"quote({name})" for name in ("id", "at", "kind", "host_id", *_NULLABLE)),
    "postgresql": "id || ' ' || at || ' ' || quote_nullable(kind)"
    + "".join(f" || ' ' || quote_nullable(replace({name}::text, '-', ''))" for name in ("host_id", *_NULLABLE)),
}
"""A line as both databases write it: number, time, kind and ids as SQL literals, so that no two lines read alike."""

Line = tuple[int, int, str]


class Sealer:
    """Seals what is new. Several, in one process or in many, seal every line once.

    PostgreSQL numbers lines before they are committed, so one may come to light after others with higher numbers.
    Nothing is locked for that: whoever numbers a line holds the table's lock of writers until they end. So all up to a
    number are settled once those have ended who held that lock after it was seen.
    """

    def __init__(self) -> None:
        self._seen, self._writers = 0, frozenset[str]()

    def seal_new(self, *, now: datetime, at_most: int = AT_MOST) -> int:
        """Seal the next lines, ``at_most`` of them, and say how many; none where nothing is new, or not settled yet.

        Raises what :func:`db.writing` raises.
        """
        with db.reading() as session:
            last = session.exec(select(func.max(EventLog.id))).one() or 0
            if last <= newest_seal(session)[1]:
                return 0
            settled = last if db.is_sqlite() else self._settled(session.connection(), last)
        return _seal_block(settled, at_most, now) if settled else 0

    def _settled(self, connection: Connection, last: int) -> int:
        """Up to where no line is to come any more, 0 where that is not known yet. ``last`` was read before."""
        writers = frozenset(connection.exec_driver_sql(WRITERS).scalars())
        if not self._writers & writers:  # those who wrote then have ended
            settled, self._seen, self._writers = self._seen, last, writers
            return settled if writers else last
        return 0


WRITERS = """
    SELECT virtualtransaction FROM pg_locks
    WHERE relation = 'event_log'::regclass AND mode = 'RowExclusiveLock' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


def hold_seals(session: Session) -> None:
    """Be the only one who seals or cuts, until the transaction ends; without it the schema would refuse the other."""
    if not db.is_sqlite():
        session.connection().exec_driver_sql("LOCK TABLE log_seal IN SHARE ROW EXCLUSIVE MODE")


def newest_seal(session: Session) -> tuple[int, int, str]:
    """Number, last line and mac of the newest seal; of the checkpoint's, where there are no others."""
    seal = session.exec(select(LogSeal.id, LogSeal.last_line, LogSeal.mac).order_by(col(LogSeal.id).desc())).first()
    return seal or beginning(session)


def beginning(session: Session) -> tuple[int, int, str]:
    """The same of the seal after which the log begins."""
    cut = select(LogCheckpoint.seal_id, LogCheckpoint.last_line, LogCheckpoint.seal_mac)
    return session.exec(cut.order_by(col(LogCheckpoint.seal_id).desc())).first() or FIRST


def lines(
    connection: Connection, *, after: int, up_to: int | None = None, at_most: int | None = None
) -> Iterator[Line]:
    """Number, time and text of lines, in order. They are read as they are wanted."""
    wanted = f"SELECT id, at, {_LINE[connection.dialect.name]} FROM event_log WHERE id > {after:d}"  # noqa: S608
    wanted += f" AND id <= {up_to:d}" if up_to is not None else ""
    wanted += " ORDER BY id" + (f" LIMIT {at_most:d}" if at_most is not None else "")
    found = connection.execute(text(wanted).execution_options(yield_per=AT_MOST))
    return chain.from_iterable(found.partitions(AT_MOST))


def seal_mac(seal: LogSeal, previous: str, texts: Iterable[str]) -> str:
    """What a seal's ``mac`` is, from the one before and the lines of its block. Raises ``KeyError`` without its key."""
    signed = tokens.signature(tokens.LOG_SEAL, seal.kid)
    signed.update(_words(seal.id, seal.last_line, seal.line_count, _seconds(seal.sealed_at), seal.kid, previous))
    for line in texts:
        signed.update(line.encode(errors="surrogatepass") + b"\n")
    return signed.hexdigest()


def checkpoint_mac(cut: LogCheckpoint) -> str:
    """What a checkpoint's ``mac`` is. Raises ``KeyError`` without its key."""
    signed = tokens.signature(tokens.LOG_CHECKPOINT, cut.kid)
    instants = (_seconds(cut.cut_before), _seconds(cut.cut_at))
    signed.update(_words(cut.seal_id, cut.last_line, cut.seal_mac, *instants, cut.kid))
    return signed.hexdigest()


def _seal_block(settled: int, at_most: int, now: datetime) -> int:
    with db.writing() as session:
        hold_seals(session)
        connection = session.connection()
        number, last, mac = newest_seal(session)
        block = list(lines(connection, after=last, up_to=settled, at_most=at_most))
        if not block:
            return 0
        kid = tokens.current_kid()
        whole = now.replace(microsecond=0)
        seal = LogSeal(id=number + 1, last_line=block[-1][0], line_count=len(block), sealed_at=whole, kid=kid, mac="")
        seal.mac = seal_mac(seal, mac, (line for _, _, line in block))
        session.add(seal)
        return len(block)


def _words(*words: Any) -> bytes:
    return " ".join(str(word) for word in words).encode() + b"\n"


def _seconds(at: datetime) -> int:
    return int((at - EPOCH).total_seconds())
