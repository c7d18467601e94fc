"""Processes that can be killed a hundred times in a few seconds: one imports the app, and forks a child for each kill.

    with Nursery() as nursery:
        [report] = nursery.raise_up("busy", database, kill=(20, 0.001), seed=1, office=office.facts())

A child tells what it does in lines of JSON through a pipe. They survive it, for a pipe is kept by the system: what a
child has told is all that anybody outside can know of it, as with a web page and its server.
"""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, event

from singleuse_app import db
from tests.crashes.office import Tell
from tests.harness import leash
from tests.harness.databases import Database
from tests.harness.project import ROOT, environment

PATIENCE = 60.0


@dataclass
class Report:
    """All that one child has told, in order; ``status`` is its exit status, or minus the signal that ended it."""

    status: int
    lines: list[dict[str, Any]] = field(default_factory=list)

    def told(self, *what: str) -> list[dict[str, Any]]:
        """The lines about that."""
        return [line for line in self.lines if line["what"] in what]

    def phases(self) -> set[str]:
        """In which phases of a writing transaction its threads were last: open, committing, or closed."""
        return set({line["by"]: line["what"] for line in self.told("open", "committing", "closed")}.values())


class Nursery:
    """The process in which children are forked, from the side of the tests."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crashes.nursery"],
            cwd=ROOT,
            env=environment(PYTHONPATH=str(ROOT)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        leash.hold(self._process.pid)

    def raise_up(
        self, job: str, database: Database, *, children: int = 1, kill: tuple[int, float] | None = None, **facts: object
    ) -> list[Report]:
        """Let ``children`` do a ``job`` of ``jobs.JOBS`` at once, until they end, or until SIGKILL: so many seconds
        after they have told so many lines."""
        order = {"job": job, "settings": database.settings, "children": children, "kill": kill}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({**order, "facts": facts}), file=self._process.stdin, flush=True)
        return [Report(**report) for report in json.loads(self._process.stdout.readline())]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=PATIENCE)  # it ends when nobody can ask any more
        leash.let_go(self._process.pid)


def main() -> None:
    """Fork as told, line by line."""
    from tests.crashes import jobs

    warm: set[str] = set()
    for line in sys.stdin:
        order = json.loads(line)
        os.environ.update(order["settings"])
        dialect = order["settings"]["DATABASE_URL"].partition(":")[0]
        if "office" in order["facts"] and dialect not in warm:
            warm.add(dialect)
            jobs.warm_up(order["facts"]["office"])
            db.close()
        job = jobs.JOBS[order["job"]]
        pipes: dict[int, int] = {}
        for number in range(order["children"]):
            reader, writer = os.pipe()
            if not (pid := os.fork()):
                _live(job, writer, {"seed": number, **order["facts"]})
            os.close(writer)
            pipes[pid] = reader
        print(json.dumps([vars(report) for report in _watch(pipes, *(order["kill"] or (None, 0.0)))]), flush=True)


def _watch(pipes: dict[int, int], lines: int | None, seconds: float) -> list[Report]:
    """Take down what the children tell until they have ended; end them ``seconds`` after they have told ``lines``."""
    told = dict.fromkeys(pipes.values(), b"")
    open_pipes, kill_at = set(told), time.monotonic() + PATIENCE
    killed = False
    while open_pipes:
        if lines is not None and sum(text.count(b"\n") for text in told.values()) >= lines:
            lines, kill_at = None, time.monotonic() + seconds
        if not killed and time.monotonic() >= kill_at:
            killed = True
            for pid in pipes:
                os.kill(pid, signal.SIGKILL)
        ready, _, _ = select.select([*open_pipes], [], [], None if killed else max(0.0, kill_at - time.monotonic()))
        for reader in ready:
            chunk = os.read(reader, 65536)
            told[reader] += chunk
            if not chunk:
                open_pipes.remove(reader)
                os.close(reader)
    statuses = {reader: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid, reader in pipes.items()}
    return [Report(statuses[reader], [json.loads(line) for line in told[reader].splitlines()]) for reader in statuses]


def _live(job: Callable[..., None], writer: int, facts: dict[str, Any]) -> None:
    def tell(what: str, **said: object) -> None:
        os.write(writer, json.dumps({"what": what, "by": threading.get_ident(), **said}).encode() + b"\n")

    status = 1
    try:
        _tell_phases(tell)
        job(tell, **facts)
        status = 0
    except BaseException:
        tell("failed", why=traceback.format_exc()[-3000:])
    finally:
        os._exit(status)


def _tell_phases(tell: Tell) -> None:
    """Tell when a writing transaction is open, when it is about to commit, and when it is over."""

    def writes(connection: Connection) -> bool:
        return not connection.get_execution_options().get("postgresql_readonly")

    event.listen(db.engine(), "begin", lambda connection: writes(connection) and tell("open"))
    event.listen(db.engine(), "commit", lambda connection: writes(connection) and tell("committing"))
    event.listen(db.engine(), "checkin", lambda *_: tell("closed"))


if __name__ == "__main__":
    main()
