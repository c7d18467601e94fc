"""How soon somebody guesses a link: random tokens, tried against what looks them up, and over HTTP where limits bite.

    uv run --group dev python -m tests.benchmarks.tokens [--json] [--tokens 1000000]

Each try is all that a page does with a token that is nobody's, in this process, on a database in which a thousand links
work and a thousand bookings are managed. Nothing may be found, and nothing written: neither the file nor its log of
changes is touched, and no other connection sees other data; on PostgreSQL no transaction gets a number.
Over HTTP one visitor tries through the real limits, and another is served all the while.
"""

import argparse
import json
import secrets
import tempfile
import time
from base64 import b32encode
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

from singleuse_app import db
from singleuse_app.operations import bookings_feed, found_links, host_invitations, hosts, manage_booking
from singleuse_app.operations.manage_booking import AsInvitee
from singleuse_app.scheduling.errors import Refusal
from tests.benchmarks.scene import Scene
from tests.factories import NOW, rows
from tests.harness import server as servers
from tests.harness.databases import KINDS, Databases, opened
from tests.harness.people import HostAtHome, ask

BITS = 128
YEAR = 365 * 24 * 3600
LOOK_UPS: dict[str, Callable[[str], object]] = {
    "link": lambda token: found_links.look_at_link(token=token, now=NOW),
    "manage": lambda token: manage_booking.open_booking(who=AsInvitee(token)),
    "feed": lambda token: bookings_feed.read_feed(token=token, now=NOW),
    "invitation": lambda token: host_invitations.look_at_invitation(token=token, now=NOW),
    "session": lambda token: hosts.signed_in_host(token, now=NOW),
}
"""Links are tried so often as was asked for, everything else a hundredth of that."""


class Tried(TypedDict):
    """One kind of secret: how many were tried, how many of them opened anything, and how many in a second."""

    what: str
    tokens: int
    opened: int
    per_s: float


class OverHttp(TypedDict):
    """What one visitor was answered who tried links over HTTP, by status, and how many reached a look-up in a second.
    ``others_ms`` is the longest that another visitor waited meanwhile for the page of a link that works."""

    statuses: dict[str, int]
    looked_up_per_s: float
    others_ms: float
    wrote: bool


class Report(TypedDict):
    """Everything that was measured. ``years`` is how long at this rate, limits or not, until one of a million links is
    found as likely as not."""

    database: str
    tried: list[Tried]
    wrote: bool
    years: float
    http: OverHttp | None


def main(given: Sequence[str] | None = None) -> None:
    """Measure, check, tell."""
    wanted = _arguments(given)
    tried, wrote = _in_process(wanted.database, wanted.tokens, wanted.links)
    report: Report = {
        "database": wanted.database,
        "tried": tried,
        "wrote": wrote,
        "years": 2**BITS / 10**6 / 2 / tried[0]["per_s"] / YEAR,
        "http": _over_http(wanted.requests) if wanted.requests else None,
    }
    print(json.dumps(report) if wanted.json else _table(report))


def random_token() -> str:
    """Of the form that a link has."""
    return b32encode(secrets.token_bytes(BITS // 8)).decode().rstrip("=").lower()


def _in_process(kind: str, tokens: int, links: int) -> tuple[list[Tried], bool]:
    with _scene(kind) as scene:
        start = _version(kind)
        for order in scene.orders(32, links):
            order.book()
        control = scene.orders(32, links)[-1].token
        before = _version(kind)
        assert _opens("link", control), "the control"
        assert before != start, "the control"
        tried = [_try(what, tokens if what == "link" else max(1, tokens // 100)) for what in LOOK_UPS]
        return tried, _version(kind) != before


def _try(what: str, count: int) -> Tried:
    began, opened_ = time.perf_counter(), 0
    for _ in range(count):
        opened_ += _opens(what, random_token())
    seconds = time.perf_counter() - began
    return {"what": what, "tokens": count, "opened": opened_, "per_s": round(count / seconds, 1)}


def _opens(what: str, token: str) -> bool:
    try:
        return LOOK_UPS[what](token) is not None
    except Refusal:
        return False


def _version(kind: str) -> object:
    """What is another after any write."""
    if kind == "postgresql":
        return rows("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
    file = db.sqlite_file()
    stats = [one.stat() for one in (file, file.with_name(f"{file.name}-wal")) if one.exists()]
    return [(stat.st_size, stat.st_mtime_ns) for stat in stats], rows("PRAGMA data_version")


def _over_http(requests: int) -> OverHttp:
    with tempfile.TemporaryDirectory(prefix="singleuse-benchmark-") as place:
        limits = {"LIMITS_FACTOR": "1", "TRUSTED_PROXIES": "127.0.0.1, ::1"}
        with servers.apart(Path(place), **limits) as server:
            link = HostAtHome.set_up(server).new_link()
            others, before = [], server.rows("SELECT count(*), sum(uses) FROM scheduling_link")
            size = _sizes(Path(place))
            statuses: Counter[str] = Counter()
            began = time.perf_counter()
            for number in range(requests):
                path = f"{server.url}/book/{random_token()}"
                statuses[str(ask(path, headers={"X-Forwarded-For": "192.0.2.7"}).status)] += 1
                if number % 50 == 0:
                    asked = time.perf_counter()
                    elsewhere = {"X-Forwarded-For": f"198.51.100.{number // 50 % 250}"}
                    answer = ask(f"{server.url}/book/{link}", headers=elsewhere)
                    assert answer.status == 200, answer
                    others.append(1000 * (time.perf_counter() - asked))
            seconds = time.perf_counter() - began
            after = server.rows("SELECT count(*), sum(uses) FROM scheduling_link")
            wrote = after != before or _sizes(Path(place)) != size
    return {
        "statuses": dict(statuses),
        "looked_up_per_s": round(statuses["404"] / seconds, 1),
        "others_ms": round(max(others), 1),
        "wrote": wrote,
    }


def _sizes(folder: Path) -> list[tuple[str, int, int]]:
    found = [(file.name, file.stat()) for file in sorted(folder.glob("singleuse.db*")) if not file.name.endswith("shm")]
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in found]


@contextmanager
def _scene(kind: str) -> Iterator[Scene]:
    """A fresh database with hosts in it."""
    from tests.benchmarks.bookings import _databases

    with _databases(kind, None) as databases:
        assert isinstance(databases, Databases)
        with opened(databases.empty()):
            yield Scene()


def _table(report: Report) -> str:
    lines = [f"{row['what']:12}{row['tokens']:>10} tried, {row['per_s']:>9.0f} per s" for row in report["tried"]]
    marks = [
        (not any(row["opened"] for row in report["tried"]), "none opens anything"),
        (not report["wrote"], "nothing is written"),
        (report["years"] > 1e12, f"{report['years']:.0e} years at this rate for one of a million links"),
    ]
    if http := report["http"]:
        said = ", ".join(f"{count} × {status}" for status, count in sorted(http["statuses"].items()))
        lines.append(f"over HTTP   {said}; {http['looked_up_per_s']} look-ups per s")
        marks += [
            (set(http["statuses"]) <= {"404", "429"}, "over HTTP each is refused"),
            (not http["wrote"], "over HTTP nothing is written either"),
            (http["others_ms"] < 500, f"{http['others_ms']} ms is the longest that others wait, less than 500"),
        ]
    return "\n".join([*lines, "", *(f"{'✓' if holds else '✗'} {promise}" for holds, promise in marks)])


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="figures instead of a table")
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    parser.add_argument("--tokens", type=int, default=1_000_000, help="tried in this process")
    parser.add_argument("--links", type=int, default=1000, help="that work, and as many bookings")
    parser.add_argument("--requests", type=int, default=3_000, help="made over HTTP; 0 for none")
    return parser.parse_args(given)


if __name__ == "__main__":
    main()
