"""Everything that is kept of a host, for the host to take along."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO
from uuid import UUID

from sqlalchemy import Table as SqlTable
from sqlmodel import Session, select

from singleuse_app import db
from singleuse_app.models import EventType, Table
from singleuse_app.models.availability import to_json
from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.links import LinkFacts, link_status

SECRETS = frozenset(
    {
        "digest",
        "etag",
        "key",
        "kid",
        "manage_hash",
        "nonce",
        "password_hash",
        "receipt_hash",
        "sealed_secret",
        "sealed_url",
        "token_hash",
    }
)
"""Columns that nobody is given: they open something, or say what does."""

LEFT_OUT = frozenset({"installation", "outbox_message", "time_claim"})
"""Tables that say nothing more of a host than the others do."""

AT_ONCE = 500

ABOUT = {
    "": "All that this Singleuse keeps of you: a list for each kind of thing, named as in its database. An id is "
    "the same wherever it stands, so that a booking names its link. Instants are in UTC, durations in minutes; a "
    "null says that something has not happened, or is not set. What opens something is left out: passwords, tokens, "
    "and the addresses of links and of your calendars.",
    "address_code": "When a code was asked for to prove the address of a link, and whether it was typed.",
    "availability_schedule": "Your hours: weekly, on single dates, recurring, and the holidays that you observe, each "
    "schedule in a zone of its own.",
    "booking": "Who booked, for when, with their answers and guests; terms are what they were shown.",
    "bookings_feed": "When you made the address at which your calendar reads your bookings.",
    "calendar_busy": "When your calendars elsewhere keep you busy.",
    "calendar_feed": "Your calendars elsewhere, and how reading them goes.",
    "event_log": "What happened, and when.",
    "event_type": "What you offer, with its rules and questions.",
    "host": "Who you are, and how your pages show times.",
    "host_invitation": "Whom you let become a host, if you may.",
    "host_session": "The browsers in which you are signed in.",
    "linked_account": "The accounts elsewhere that you sign in with: who runs them, and what they call you.",
    "link_batch": "The lists of people for whom you made links at once.",
    "link_opening": "When your links were first opened, be it by a mail scanner.",
    "link_request": "Who asked for a new link, and what you answered.",
    "password_reset": "When you asked for another password, while the way to one is open.",
    "pending_sign_in": "When somebody gave your password and was asked for a code.",
    "recovery_code": "When your recovery codes were made and used; not the codes.",
    "scheduling_link": "Your links: their status when this was written, for whom, your notes, what is theirs alone.",
    "two_factor": "Since when you sign in with two factors.",
}
"""What the file says of itself, and of each list in it."""


def write_export(file: TextIO, *, host_id: UUID, now: datetime) -> None:
    """All rows of a host's own as one JSON document: what it is about, when it was written, a list for each table."""
    file.write(json.dumps({"about": ABOUT, "written_at": now.isoformat()}, ensure_ascii=False, indent=0)[:-2])
    with db.reading() as session:
        offered = {row.id: row.offered for row in session.exec(select(EventType).where(EventType.host_id == host_id))}
        for table in Table.metadata.sorted_tables:
            if table.name in LEFT_OUT or (own := own_column(table)) is None:
                continue
            file.write(f",\n{json.dumps(table.name)}: [")
            before = "\n"
            for row in _rows(session, table, own, host_id):
                if table.name == "scheduling_link":
                    row["status"] = _status(row, offered, now)
                file.write(f"{before}{json.dumps(row, default=plain, ensure_ascii=False)}")
                before = ",\n"
            file.write("]")
    file.write("}\n")


def own_column(table: SqlTable) -> str | None:
    """The column that says whose a row is; ``None`` where nobody's is."""
    return "id" if table.name == "host" else "host_id" if "host_id" in table.columns else None


def _rows(session: Session, table: SqlTable, own: str, host_id: UUID) -> Iterator[dict[str, Any]]:
    columns = [column for column in table.columns if column.name not in SECRETS]
    wanted = select(*columns).where(table.columns[own] == host_id).order_by(*table.primary_key.columns)
    for row in session.connection().execution_options(yield_per=AT_ONCE).execute(wanted).mappings():
        yield dict(row)


def _status(row: dict[str, Any], offered: dict[UUID, bool], now: datetime) -> str:
    facts = LinkFacts(
        row["uses"], row["max_uses"], row["revoked_at"], row["expires_at"], offered=offered[row["event_type_id"]]
    )
    return link_status(facts, now=now).value


def plain(value: object) -> object:
    """A value of a column, for JSON."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, AvailabilitySchedule):
        return json.loads(to_json(value))
    return str(value)
