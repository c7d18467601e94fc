"""Everything that is kept of a host, for the host to take along."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO
from uuid import UUID

from sqlalchemy import Table as SqlTable
from sqlmodel import Session, select

from singleuse_app import db
from singleuse_app.models import Table
from singleuse_app.models.availability import to_json
from singleuse_app.scheduling.availability import AvailabilitySchedule

SECRETS = frozenset(
    {"digest", "etag", "key", "kid", "manage_hash", "password_hash", "receipt_hash", "sealed_url", "token_hash"}
)
"""Columns that nobody is given: they open something, or say what does."""

LEFT_OUT = frozenset({"installation", "outbox_message", "time_claim"})
"""Tables that say nothing more of a host than the others do."""

AT_ONCE = 500


def write_export(file: TextIO, *, host_id: UUID, now: datetime) -> None:
    """All rows of a host's own as one JSON document: a list for each table, and when it was written."""
    file.write(json.dumps({"written_at": now.isoformat()})[:-1])
    with db.reading() as session:
        for table in Table.metadata.sorted_tables:
            if table.name in LEFT_OUT or (own := own_column(table)) is None:
                continue
            file.write(f",\n{json.dumps(table.name)}: [")
            before = "\n"
            for row in _rows(session, table, own, host_id):
                file.write(f"{before}{json.dumps(row, ensure_ascii=False)}")
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
        yield {name: _plain(value) for name, value in row.items()}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, AvailabilitySchedule):
        return json.loads(to_json(value))
    return value if value is None or isinstance(value, (bool, int, float, str, list, dict)) else str(value)
