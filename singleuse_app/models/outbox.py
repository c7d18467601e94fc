"""Who has still to hear of what."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import JSON, Field

from singleuse_app.ids import new_id
from singleuse_app.models.table import Instant, Table


class OutboxMessage(Table, table=True):
    """A message owed, written in the change that owes it. Ids and facts only: it is rendered when it is sent.

    ``host_id`` is whose business it is, if anybody's still; ``due_at`` when it was to go out. It waits while
    ``next_attempt_at`` is set; then it was sent, has failed for good, or was dropped because it is not true or not
    wanted any more. ``lease_id`` names who is sending it, until ``leased_until``. ``server_said`` is the mail server's
    last answer. ``kept`` says that there was no mail server, and that it lies in the folder of kept mails.
    ``to_hash`` and ``through_link_id`` are what a mail is counted by that somebody caused to be sent to others.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint(
            "(next_attempt_at IS NULL) = (sent_at IS NOT NULL OR failed_at IS NOT NULL OR dropped_at IS NOT NULL)",
            name="waits_or_not",
        ),
        Index("ix_outbox_message_host", "host_id", "id"),
        Index("ix_outbox_message_due", "next_attempt_at", "id"),
        Index(
            "ix_outbox_message_failed",
            "host_id",
            sqlite_where=text("failed_at IS NOT NULL"),
            postgresql_where=text("failed_at IS NOT NULL"),
        ),
        *(
            Index(
                f"ix_outbox_message_{name}",
                column,
                "sent_at",
                sqlite_where=text(f"{column} IS NOT NULL"),
                postgresql_where=text(f"{column} IS NOT NULL"),
            )
            for name, column in (("to", "to_hash"), ("through", "through_link_id"))
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID | None = None
    kind: str
    recipient: str
    subject_id: UUID = Field(index=True)
    sequence: int = 0
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    dedupe_key: str = Field(unique=True)
    created_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    next_attempt_at: datetime | None = Field(sa_type=Instant)
    attempts: int = 0
    lease_id: UUID | None = None
    leased_until: datetime | None = Field(default=None, sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    failed_at: datetime | None = Field(default=None, sa_type=Instant)
    dropped_at: datetime | None = Field(default=None, sa_type=Instant)
    kept: bool = False
    server_said: str = ""
    to_hash: str | None = None
    through_link_id: UUID | None = None
