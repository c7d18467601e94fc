"""How fast messages leave, whether each arrives once, and whether bookings mind a mail server that hangs.

    uv run --group dev python -m tests.benchmarks.outbox --json

A real SMTP server takes the mails in a process of its own; each worker is a process, too. ``hang_ratio`` compares the
rate of bookings beside a postman whose server hangs with the rate where there is no postman at all, in turns.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TypedDict

from sqlmodel import select

from singleuse_app import clock, db, worker
from singleuse_app.models import OutboxMessage
from singleuse_app.notifications.smtp import SmtpPost
from singleuse_app.operations import mail_limits
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.settings import SmtpServer
from tests.benchmarks.load import percentile
from tests.benchmarks.past import add_past
from tests.benchmarks.scene import Scene
from tests.harness.databases import KINDS, Databases, opened
from tests.harness.smtp_server import Mailbox, running

PER_S, HANG_RATIO, DELAY_MS = 150, 0.95, 1000


class Drain(TypedDict):
    """How so many workers sent what was due."""

    workers: int
    per_s: float
    duplicates: int
    lost: int


class Report(TypedDict):
    """Everything that was measured."""

    drain: list[Drain]
    hang_ratio: float
    delay_ms: dict[str, float]


def main(given: Sequence[str] | None = None) -> None:
    """Measure, check, tell."""
    wanted = _arguments(given)
    _allow_all()
    report: Report = {
        "drain": [_drain(wanted.database, workers, wanted.messages) for workers in (1, 2)],
        "hang_ratio": _hang_ratio(wanted.database, wanted.bookings, wanted.rounds),
        "delay_ms": _delay(wanted.database, wanted.bookings),
    }
    print(json.dumps(report) if wanted.json else _table(report))


def work(port: int) -> None:
    """One worker, with as many postmen as the app has: send until nothing is due."""
    _allow_all()
    sys.setswitchinterval(0.001)  # as in app.py
    with ThreadPoolExecutor(worker.POSTMEN) as postmen:
        for done in [postmen.submit(_send_all, port) for _ in range(worker.POSTMEN)]:
            done.result()


def _send_all(port: int) -> None:
    post = SmtpPost(SmtpServer("127.0.0.1", port, "none"))
    while deliver_due(post, clock=clock.now):
        pass
    post.close()


def _allow_all() -> None:
    """Everything here goes to the same few people."""
    mail_limits.PER_ADDRESS = mail_limits.PER_LINK = 10**9


def _drain(kind: str, workers: int, messages: int) -> Drain:
    with _scene(kind) as scene, tempfile.TemporaryDirectory() as folder, running(Path(folder)) as mailbox:
        add_past(scene, messages // 2)
        with db.writing() as session:
            session.connection().exec_driver_sql(
                "UPDATE outbox_message SET sent_at = NULL, attempts = 0, next_attempt_at = 1"
            )
        command = [sys.executable, "-m", "tests.benchmarks.outbox", "--work", str(mailbox.port)]
        began = time.monotonic()
        processes = [subprocess.Popen(command) for _ in range(workers)]
        assert not any(process.wait() for process in processes)
        seconds = time.monotonic() - began
        with db.reading() as session:
            owed = {key.hex for key in session.exec(select(OutboxMessage.id))}
        arrived = [taken.mail["Message-ID"].strip("<>").partition("@")[0] for taken in mailbox.taken()]
        return {
            "workers": workers,
            "per_s": round(len(owed) / seconds, 1),
            "duplicates": len(arrived) - len(set(arrived)),
            "lost": len(owed - set(arrived)),
        }


def _hang_ratio(kind: str, bookings: int, rounds: int) -> float:
    rates: dict[str, list[float]] = {"hang": [], "none": []}
    for _ in range(rounds):
        for mode, measured in rates.items():
            with _scene(kind) as scene, _postman(mode) if mode == "hang" else nullcontext():
                orders = scene.orders(32, bookings)
                began = time.monotonic()
                for order in orders:
                    order.book()
                measured.append(bookings / (time.monotonic() - began))
    return round(statistics.median(rates["hang"]) / statistics.median(rates["none"]), 3)


def _delay(kind: str, bookings: int) -> dict[str, float]:
    delays = []
    with _scene(kind) as scene, _postman("accept") as mailbox:
        for number, order in enumerate(scene.orders(32, min(bookings, 200))):
            order.book()
            began = time.monotonic()
            while len(list(mailbox.folder.glob("*.mail"))) < 2 * (number + 1):
                assert time.monotonic() - began < 60
                time.sleep(0.001)
            delays.append((time.monotonic() - began) * 1000)
    return {"p50": round(percentile(delays, 0.5), 1), "p99": round(percentile(delays, 0.99), 1)}


@contextmanager
def _postman(mode: str) -> Iterator[Mailbox]:
    """The app's own postman in this process, with a server that behaves so."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), mode) as mailbox:
        post = SmtpPost(SmtpServer("127.0.0.1", mailbox.port, "none"))
        postman = worker.Postman(post)
        try:
            yield mailbox
        finally:
            postman.stop()


@contextmanager
def _scene(kind: str) -> Iterator[Scene]:
    """A fresh database with hosts in it."""
    from tests.benchmarks.bookings import _databases

    with _databases(kind, None) as databases:
        assert isinstance(databases, Databases)
        with opened(databases.empty()):
            yield Scene()


def _table(report: Report) -> str:
    rows = [
        f"{drain['workers']} at work: {drain['per_s']:.0f} messages per s, {drain['duplicates']} twice, "
        f"{drain['lost']} lost"
        for drain in report["drain"]
    ]
    alone = report["drain"][0]
    marks = [
        (alone["per_s"] >= PER_S, f"{alone['per_s']:.0f} messages per s by one, at least {PER_S}"),
        (not any(drain["lost"] for drain in report["drain"]), "nothing is lost"),
        (report["hang_ratio"] >= HANG_RATIO, f"{report['hang_ratio']} of the bookings with a server that hangs"),
        (report["delay_ms"]["p99"] < DELAY_MS, f"{report['delay_ms']} ms from commit to delivery"),
    ]
    return "\n".join([*rows, "", *(f"{'✓' if holds else '✗'} {promise}" for holds, promise in marks)])


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="figures instead of a table")
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--bookings", type=int, default=400, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args(given)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(int(sys.argv[2]))
    else:
        main()
