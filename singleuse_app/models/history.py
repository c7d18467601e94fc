"""What happened, and who has still to hear of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Index,
    Integer,
)
from sqlmodel import JSON, Field

from singleuse_app.ids import new_id
from singleuse_app.models.table import Instant, Table


class OutboxMessage(Table, table=True):
    """A notification owed, written in the change that owes it. Ids and facts only: it is rendered when it is sent."""

    __tablename__ = "outbox_message"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str
    recipient: str
    subject_id: UUID = Field(index=True)
    sequence: int = 0
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    dedupe_key: str = Field(unique=True)
    created_at: datetime = Field(sa_type=Instant)
    next_attempt_at: datetime | None = Field(sa_type=Instant, index=True)
    attempts: int = 0
    leased_until: datetime | None = Field(default=None, sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)


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
