"""What is looked at after a crash: the truths of the tables, and whether everybody was told the truth."""

import time
from collections.abc import Iterable
from typing import Any

from singleuse_app import db
from singleuse_app.ids import BOOKING, LINK, parse_id
from singleuse_app.operations.truths import violations
from tests.factories import rows
from tests.harness.databases import Database, Databases


def lies() -> dict[str, int]:
    """The truths that do not hold, and how often."""
    with db.reading() as session:
        return {truth: len(ids) for truth, ids in violations(session).items()}


def broken_promises(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What somebody was told that is not so: links and bookings that are not there, or not as they were told."""
    links = {key for (key,) in _uuids("SELECT id FROM scheduling_link")}
    there = {
        key: (sequence, start, bool(cancelled))
        for key, sequence, start, cancelled in _uuids(
            "SELECT id, sequence, start, cancelled_at IS NOT NULL FROM booking"
        )
    }
    broken = []
    for line in lines:
        if line["what"] == "link":
            kept = parse_id(LINK, line["link"]).hex in links
        else:
            told = (line["sequence"], line["start"], line["cancelled"])
            found = there.get(parse_id(BOOKING, line["booking"]).hex, (-1, 0, False))
            kept = found == told or found[0] > told[0]  # as it was told, or changed by whoever was told
        if not kept:
            broken.append(line)
    return broken


def bookings_there() -> int:
    """How many bookings there are."""
    return rows("SELECT count(*) FROM booking")[0][0]


def wait_for_backends(databases: Databases, database: Database) -> None:
    """Return when PostgreSQL has noticed that its client is gone, for a commit that it was sent may still arrive."""
    if databases.postgres is None:
        return
    name = database.url.rpartition("/")[2]
    until = time.monotonic() + 10
    while databases.postgres.execute(f"SELECT pid FROM pg_stat_activity WHERE datname = '{name}'"):
        assert time.monotonic() < until, "a backend outlives its client"


def _uuids(statement: str) -> list[tuple]:
    """Rows whose first column is a key, in 32 digits on either database."""
    return [(str(key).replace("-", ""), *others) for key, *others in rows(statement)]
