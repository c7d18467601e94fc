"""A host of many years: as many links and bookings as one likes, in a database of their own, all of it true."""

import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import select

from singleuse_app import db
from singleuse_app.ids import new_id
from singleuse_app.models import Booking, EventLog, EventType, Link, TimeClaim
from singleuse_app.operations import event_type_edits
from singleuse_app.operations.log_seals import Sealer
from singleuse_app.scheduling.bookings import Terms
from singleuse_app.scheduling.links import UNLIMITED_USES
from tests.factories import make_desk
from tests.harness.databases import Database, Databases, opened

MEETING = timedelta(minutes=15)
DURATIONS = (15, 20, 30, 45, 60)
UPCOMING = 300
TERMS = asdict(Terms(version=1, event_name="30 minute meeting", duration_minutes=15, location=""))


def old_desk(folder: Path, *, links: int, event_types: int = 50) -> Database:
    """A database with a host, ``links`` links of which three of five are used, and as many bookings."""
    folder.mkdir()
    made = Databases(folder).empty()
    with opened(made):
        now = datetime.fromtimestamp(time.time() // 900 * 900, UTC)
        desk = make_desk(now=now)
        for _ in range(event_types - 1):
            event_type_edits.duplicate_event_type(host_id=desk.host_id, event_type_id=desk.event_type_id, now=now)
        _fill(desk.host_id, links, now)
        with db.writing() as session:
            for number, row in enumerate(session.exec(select(EventType).where(EventType.host_id == desk.host_id))):
                row.duration_minutes = DURATIONS[number % len(DURATIONS)]
                session.add(row)
        sealer = Sealer()
        while sealer.seal_new(now=now):  # as it was done while all that happened, a few lines at a time
            pass
    return made


def _fill(host_id: UUID, links: int, now: datetime) -> None:
    with db.writing() as session:
        kinds = session.exec(select(EventType.id).where(EventType.host_id == host_id)).all()
        standard = _link(host_id, kinds[0], 0, now, max_uses=UNLIMITED_USES)
        rows = [_link(host_id, kinds[number % len(kinds)], number, now) for number in range(links)]
        used = [row for number, row in enumerate(rows) if number % 5 < 3]
        bookings = []
        first = now - (links - min(UPCOMING, links // 2)) * MEETING
        for number in range(links):
            link = used[number] if number < len(used) else standard
            link["uses"] += 1
            bookings.append(_booking(link, number, first + number * MEETING, now))
        for number, row in enumerate(rows):
            if number % 5 == 3:
                row["revoked_at" if number % 2 else "expires_at"] = now - MEETING
        for table, values in (
            (Link, [standard, *rows]),
            (Booking, bookings),
            (TimeClaim, [_claim(booking) for booking in bookings]),
            (EventLog, [_line(row, "link_created") for row in rows]),
            (EventLog, [_line(row, "booked") for row in bookings]),
        ):
            db.insert_values(session, table, *values)
    with db.engine().connect() as connection:
        connection.exec_driver_sql("ANALYZE")


def _link(host_id: UUID, event_type_id: UUID, number: int, now: datetime, *, max_uses: int = 1) -> dict[str, Any]:
    return {
        "id": new_id(),
        "host_id": host_id,
        "event_type_id": event_type_id,
        "token_hash": f"{number:x}-{max_uses}",
        "kid": "k1",
        "max_uses": max_uses,
        "uses": 0,
        "recipient_name": f"Person {number}" if number % 2 else "",
        "recipient_email": f"person{number}@example.org" if number % 3 else "",
        "note": "met at the fair" if number % 7 == 0 else "",
        "created_at": now,
        "expires_at": None,
        "revoked_at": None,
    }


def _booking(link: dict[str, Any], number: int, start: datetime, now: datetime) -> dict[str, Any]:
    key = new_id()
    return {
        "id": key,
        "uid": f"{key}@singleuse",
        "host_id": link["host_id"],
        "event_type_id": link["event_type_id"],
        "link_id": link["id"],
        "max_uses": link["max_uses"],
        "use_no": link["uses"],
        "receipt_hash": f"{number:x}",
        "kid": "k1",
        "manage_hash": f"m{number:x}",
        "start": start,
        "end": start + MEETING,
        "invitee_name": f"Invitee {number}",
        "invitee_email": f"invitee{number}@example.net",
        "invitee_time_zone": "Europe/London",
        "terms": TERMS,
        "created_at": min(start, now),
    }


def _claim(booking: dict[str, Any]) -> dict[str, Any]:
    keys = {"host_id": booking["host_id"], "booking_id": booking["id"]}
    return {**keys, "protected_start": booking["start"], "protected_end": booking["end"]}


def _line(row: dict[str, Any], kind: str) -> dict[str, Any]:
    link_id, booking_id = (row["link_id"], row["id"]) if "link_id" in row else (row["id"], None)
    return {
        "at": row["created_at"],
        "kind": kind,
        "host_id": row["host_id"],
        "event_type_id": row["event_type_id"],
        "link_id": link_id,
        "booking_id": booking_id,
    }
