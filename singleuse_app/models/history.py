"""What happened."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
)
from sqlmodel import Field

from singleuse_app.models.table import Instant, Table

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


class EventLog(Table, table=True):
    """What happened to which host, event type, link and booking, and when. Ids only, so that nothing of a person is in
    it, and append-only: triggers refuse all changes, and all DELETEs but of what lies before a :class:`LogCheckpoint`.
    """

    __tablename__ = "event_log"
    __table_args__ = (Index("ix_event_log_host", "host_id", "kind", "at"), {"sqlite_autoincrement": True})

    id: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=_NUMBER,
    )
    at: datetime = Field(sa_type=Instant)
    kind: str
    host_id: UUID
    event_type_id: UUID | None = None
    link_id: UUID | None = Field(default=None, index=True)
    booking_id: UUID | None = None


class LinkOpening(Table, table=True):
    """When a link was first opened, by a person or by a mail scanner: one row for each, beside the log, for to look is
    not to do anything. It is what hosts' pages count, and hear of it by."""

    __tablename__ = "link_opening"
    __table_args__ = (Index("ix_link_opening_host", "host_id", "at"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True, sa_type=_NUMBER)
    at: datetime = Field(sa_type=Instant)
    host_id: UUID = Field(foreign_key="host.id")
    link_id: UUID = Field(foreign_key="scheduling_link.id", unique=True)


class LogSeal(Table, table=True):
    """What shows later that a block of the log is as it was: the lines after the previous seal's ``last_line`` up to
    its own. ``mac`` is of the previous seal's, of all columns here and of every line (``operations/log_seals.py``),
    under the key ``kid`` of the key file. Seals are numbered without a gap, so of two for one block one is refused.
    """

    __tablename__ = "log_seal"
    __table_args__ = (
        CheckConstraint("id > 0", name="id"),
        CheckConstraint("line_count BETWEEN 1 AND last_line", name="line_count"),
    )

    id: int = Field(primary_key=True, sa_type=_NUMBER, sa_column_kwargs={"autoincrement": False})
    last_line: int = Field(sa_type=BigInteger, unique=True)
    line_count: int
    sealed_at: datetime = Field(sa_type=Instant)
    kid: str
    mac: str


class LogCheckpoint(Table, table=True):
    """Where the log begins since old lines were cut off: after seal ``seal_id``, whose ``last_line`` and ``seal_mac``
    stand here for it. No line at or after ``cut_before`` was cut. ``mac`` is of all that, under the key ``kid``."""

    __tablename__ = "log_checkpoint"

    seal_id: int = Field(primary_key=True, sa_type=_NUMBER, sa_column_kwargs={"autoincrement": False})
    last_line: int = Field(sa_type=BigInteger)
    seal_mac: str
    cut_before: datetime = Field(sa_type=Instant)
    cut_at: datetime = Field(sa_type=Instant)
    kid: str
    mac: str
