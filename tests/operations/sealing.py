"""Lines of the event log, their seals, and what the chain of seals tells of them."""

from singleuse_app import db
from singleuse_app.operations import log_seals
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.log_chain import Chain, read_chain
from singleuse_app.operations.log_seals import Sealer
from tests.factories import NOW, Desk, later, rows


def write(desk: Desk, lines: int) -> None:
    """So many lines more."""
    with db.writing() as session:
        for _ in range(lines):
            record(session, Happened.PROFILE_CHANGED, now=NOW, host_id=desk.host_id)


def seal(at_most: int = log_seals.AT_MOST) -> int:
    """Seal what is not sealed yet, in blocks of ``at_most`` lines; how many lines that were."""
    sealer, sealed = Sealer(), 0
    while block := sealer.seal_new(now=NOW, at_most=at_most):
        sealed += block
    return sealed


def chain(**when: int) -> Chain:
    """What is found, some time later."""
    with db.reading() as session:
        return read_chain(session, now=later(**when))


def blocks() -> list[tuple[int, int, int]]:
    """The seals: their numbers, their last lines, how many lines they are for."""
    return rows("SELECT id, last_line, line_count FROM log_seal ORDER BY id")
