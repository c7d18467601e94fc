"""What happened."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Index,
    Integer,
)
from sqlmodel import Field

from singleuse_app.models.table import Instant, Table


class EventLog(Table, table=True):
    """What happened to which host, event type, link and booking, and when. Append-only, ids only."""

    __tablename__ = "event_log"
    __table_args__ = (Index("ix_event_log_host", "host_id", "kind", "at"), {"sqlite_autoincrement": True})

    id: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer(), "sqlite"),
    )
    at: datetime = Field(sa_type=Instant)
    kind: str
    host_id: UUID
    event_type_id: UUID | None = None
    link_id: UUID | None = Field(default=None, index=True)
    booking_id: UUID | None = None
