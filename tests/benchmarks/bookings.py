"""Bookings per second, beside what the database can do at all.

    uv run --group dev python -m tests.benchmarks.bookings [--json]

Each case is measured in rounds, each right beside its floor: one insert through SQLAlchemy's ORM and one commit per
transaction, with the same engine, settings, threads and queue. In each round all cases take turns, with empty tables
and with full ones, so that whatever else the computer does meets them all. Figures are medians of the rounds,
percentiles are of all bookings. It stops with status 1 where anything was sold wrongly.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from singleuse_app import db
from singleuse_app.models import EventLog
from singleuse_app.scheduling.errors import LinkAlreadyUsed
from tests.benchmarks.load import Load, at_once, in_turns, percentile
from tests.benchmarks.past import add_past
from tests.benchmarks.report import Contention, Figures, Report, table
from tests.benchmarks.scene import HOSTS, Order, Scene
from tests.factories import NOW
from tests.harness import postgres as postgresql
from tests.harness.databases import KINDS, Database, Databases, opened

AS_BY_DEFAULT = {"shared_buffers": "128MB", "max_wal_size": "1GB"}
"""PostgreSQL as it is where nobody has set anything, other than it is for the tests."""

WARM_UP = 10
"""Bookings of each client before it is measured: connections are opened and statements prepared by then."""

FLOORS = 2
"""Inserts for each booking."""

_QUEUE = threading.Lock()
"""Where writers of an SQLite file wait for one another, which is quicker than to try again and again."""


@dataclass
class Case:
    """So many clients, so many hosts, in one scene; and what was measured so far, one load for each round."""

    scene: Scene
    database: Database
    clients: int
    hosts: int
    floors: list[Load] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)

    def run(self, bookings: int) -> None:
        """One round."""
        with opened(self.database):
            self._book(WARM_UP * self.clients)
            insert = partial(floor, self.scene.desks[0].host_id)
            self.floors.append(in_turns([insert] * (FLOORS * bookings), self.clients))
            self.loads.append(self._book(bookings))

    def figures(self) -> Figures:
        """What all rounds say together."""
        seconds = [second for load in self.loads for second in load.seconds]
        return {
            "database": self.database.kind,
            "clients": self.clients,
            "hosts": self.hosts,
            "rows": self.scene.past,
            "per_s": round(statistics.median(load.per_s for load in self.loads), 1),
            "p50_ms": round(percentile(seconds, 0.5) * 1000, 2),
            "p99_ms": round(percentile(seconds, 0.99) * 1000, 2),
            "floor_per_s": round(statistics.median(load.per_s for load in self.floors), 1),
        }

    def _book(self, count: int) -> Load:
        return in_turns([order.book for order in self.scene.orders(self.hosts, count)], self.clients)


def main(given: Sequence[str] | None = None) -> None:
    """Measure, check, tell."""
    wanted = _arguments(given)
    report: Report = {"cases": [], "contention": []}
    for kind in wanted.databases:
        with _databases(kind, wanted.folder) as databases:
            scenes = [_scene(databases, rows) for rows in dict.fromkeys([0, wanted.rows])]
            cases = [
                Case(scene, database, clients, hosts)
                for hosts in (HOSTS, 1)
                for clients in wanted.clients
                for scene, database in scenes
            ]
            for number in range(wanted.rounds):
                _tell(f"{kind}: round {number + 1} of {wanted.rounds}")
                for case in cases:
                    case.run(wanted.bookings)
            report["cases"] += [case.figures() for case in cases]
            report["contention"].append(_contention(*scenes[0], wanted.contenders))
            for scene, database in scenes:
                with opened(database):
                    scene.check()
    print(json.dumps(report, indent=1) if wanted.json else table(report))


def floor(host_id: UUID) -> None:
    """One row through the ORM and one commit, in the queue of all writers."""
    with _QUEUE if db.is_sqlite() else nullcontext(), Session(db._engine_for("writing")) as session:
        session.add(EventLog(at=NOW, kind="floor", host_id=host_id))
        session.commit()


def _contention(scene: Scene, database: Database, clients: int) -> Contention:
    """All clients at the same moment on one link, each for another slot. Everybody is answered."""

    def answer(order: Order) -> None:
        try:
            order.book()
        except LinkAlreadyUsed:
            return
        winners.append(order)

    winners: list[Order] = []
    with opened(database):
        in_turns([order.book for order in scene.orders(HOSTS, WARM_UP)], 1)
        load = at_once([partial(answer, order) for order in scene.contenders(clients)])
    return {
        "database": database.kind,
        "clients": clients,
        "winners": len(winners),
        "p99_ms": round(percentile(load.seconds, 0.99) * 1000, 1),
        "last_ms": round(max(load.seconds) * 1000, 1),
    }


def _scene(databases: Databases, rows: int) -> tuple[Scene, Database]:
    database = databases.empty()
    with opened(database):
        scene = Scene()
        if rows:
            began = time.perf_counter()
            add_past(scene, rows)
            _tell(f"{database.kind}: {rows:,} links and past bookings in {time.perf_counter() - began:.0f} s")
    return scene, database


@contextmanager
def _databases(kind: str, parent: Path | None) -> Iterator[Databases]:
    """On a disk, for a promise that is kept in memory is no promise; and gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="singleuse-benchmark-", dir=parent))
    try:
        if kind == "sqlite":
            yield Databases(folder)
        else:
            with postgresql.running(folder, **AS_BY_DEFAULT) as postgres:
                yield Databases(folder, postgres)
    finally:
        shutil.rmtree(folder)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="figures instead of a table")
    parser.add_argument("--databases", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--clients", nargs="+", type=int, default=[1, 8, 32], metavar="N")
    parser.add_argument("--rows", type=int, default=1_000_000, help="links, and past bookings, of the full tables")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bookings", type=int, default=400, help="of each case in each round")
    parser.add_argument("--contenders", type=int, default=500, help="clients at once on one link")
    parser.add_argument("--folder", type=Path, help="where the databases are made; 4 GB for the full tables of each")
    return parser.parse_args(given)


if __name__ == "__main__":
    main()
