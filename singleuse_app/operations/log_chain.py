"""Whether the event log is what was sealed: every line, every seal and the place where it was cut, read once."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from singleuse_app import tokens
from singleuse_app.models import LogCheckpoint, LogSeal
from singleuse_app.models.table import EPOCH
from singleuse_app.operations.log_seals import AT_MOST, FIRST, Line, checkpoint_mac, lines, newest_seal, seal_mac

SEALED_WITHIN = timedelta(hours=1)
"""After that a line that is not sealed is worth a word."""


@dataclass(slots=True)
class Chain:
    """What reading the whole log came to. Blocks are named by their seal and its lines.

    ``changed`` are blocks whose lines, or whose seal, are not what was sealed; ``missing`` the numbers of seals that
    are not there; ``unknown`` blocks that only a key can judge which the key file lacks, ``lacking`` its names.
    ``false_start`` says that the checkpoint was not signed here, ``leftovers`` that there are lines before it.
    ``late`` counts lines that have not been sealed for long.
    """

    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    lacking: set[str] = field(default_factory=set)
    false_start: bool = False
    leftovers: int = 0
    late: int = 0


def read_chain(session: Session, *, now: datetime) -> Chain:
    """Read all of it: some seconds for a million lines, and little memory."""
    chain = Chain()
    number, last, mac = _start(session, chain)
    rest = _Lines(lines(session.connection(), after=-(2**62)))
    chain.leftovers = sum(1 for _ in rest.up_to(last))
    for seal in _seals(session):
        if seal.id <= number:
            chain.changed.append(f"seal {seal.id}, which was cut off")
            continue
        block = f"seal {seal.id} ({_span('line', last + 1, seal.last_line)})"
        if gap := seal.id - number - 1:
            chain.missing.append(_span("seal", number + 1, seal.id - 1))
        count, right = _judge(seal, mac, rest.up_to(seal.last_line))
        if right is None:
            chain.unknown.append(block)
            chain.lacking.add(seal.kid)
        elif gap == 0 and not (right and count == seal.line_count):
            chain.changed.append(block)
        number, last, mac = seal.id, seal.last_line, seal.mac
    too_old = int((now - SEALED_WITHIN - EPOCH).total_seconds())
    chain.late = sum(1 for _, at, _ in rest.up_to(None) if isinstance(at, int) and at < too_old)
    return chain


def what_became_of(session: Session, number: int, mac: str) -> str | None:
    """What is wrong with a seal that somebody has kept elsewhere, in words; nothing where it is there as it was."""
    newest, _, _ = newest_seal(session)
    cut = _checkpoint(session)
    if cut and number < cut.seal_id:
        return None  # it was cut off since, under the key
    there = session.exec(select(LogSeal.mac).where(LogSeal.id == number)).first()
    if there is None and cut and number == cut.seal_id:
        there = cut.seal_mac
    if there is None:
        return f"Seal {number} of the event log is gone: it ends with seal {newest}"
    return None if tokens.same(there, mac) else f"Seal {number} of the event log is another one than you kept"


def begins(session: Session) -> LogCheckpoint | None:
    """Where the log was cut, if it was."""
    return _checkpoint(session)


class _Lines:
    """Lines in order, taken up to a number, without losing the first one after it."""

    def __init__(self, found: Iterator[Line]) -> None:
        self._found, self._next = found, next(found, None)

    def up_to(self, last: int | None) -> Generator[Line]:
        """The next lines whose number is at most ``last``, or all that are left."""
        while self._next and (last is None or self._next[0] <= last):
            yield self._next
            self._next = next(self._found, None)


def _span(what: str, first: int, last: int) -> str:
    return f"{what} {first}" if first == last else f"{what}s {first} to {last}"


def _start(session: Session, chain: Chain) -> tuple[int, int, str]:
    cut = _checkpoint(session)
    if cut is None:
        return FIRST
    try:
        chain.false_start = not tokens.same(checkpoint_mac(cut), cut.mac)
    except KeyError:
        chain.unknown.append(f"the checkpoint after seal {cut.seal_id}")
        chain.lacking.add(cut.kid)
    return cut.seal_id, cut.last_line, cut.seal_mac


def _checkpoint(session: Session) -> LogCheckpoint | None:
    return session.exec(select(LogCheckpoint).order_by(col(LogCheckpoint.seal_id).desc())).first()


def _seals(session: Session) -> Iterable[LogSeal]:
    return session.exec(select(LogSeal).order_by(col(LogSeal.id)).execution_options(yield_per=AT_MOST))


def _judge(seal: LogSeal, previous: str, block: Iterator[Line]) -> tuple[int, bool | None]:
    """How many lines a block has, and whether its seal is right; ``None`` where only a key could tell that lacks."""
    count = 0

    def texts() -> Generator[str]:
        nonlocal count
        for _, _, line in block:
            count += 1
            yield line

    try:
        right = tokens.same(seal_mac(seal, previous, texts()), seal.mac)
    except KeyError:
        right = None
    for _ in block:
        count += 1
    return count, right
