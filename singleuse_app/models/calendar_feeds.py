"""Calendars of a host's that this app only reads, and when they keep the host busy."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from singleuse_app.ids import new_id
from singleuse_app.models.table import Instant, Table


class CalendarFeed(Table, table=True):
    """An iCalendar file behind a secret address, and how its last reading went.

    ``sealed_url`` opens with the key file only; ``shown_as`` is what may be seen of the address. ``read_at`` is when
    the copy of its busy times was last known to be good, ``expanded_at`` when they were last computed, for recurrences
    go on. ``problem`` is the code of what is wrong, since ``problem_since``. Whoever reads the feed holds
    ``leased_until``: no two leases of a feed end at the same second. A removed feed is gone for good an hour later.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 100", name="name"),
        CheckConstraint("(problem = '') = (problem_since IS NULL)", name="problem"),
        Index("ix_calendar_feed_host_id", "host_id", "id"),
        Index(
            "ix_calendar_feed_due",
            "next_check_at",
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id")
    name: str
    kid: str
    sealed_url: str
    shown_as: str
    created_at: datetime = Field(sa_type=Instant)
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
    next_check_at: datetime = Field(sa_type=Instant)
    leased_until: datetime | None = Field(default=None, sa_type=Instant)
    checked_at: datetime | None = Field(default=None, sa_type=Instant)
    read_at: datetime | None = Field(default=None, sa_type=Instant)
    expanded_at: datetime | None = Field(default=None, sa_type=Instant)
    failures: int = 0
    problem: str = ""
    problem_detail: str = ""
    problem_since: datetime | None = Field(default=None, sa_type=Instant)
    etag: str = ""
    last_modified: str = ""
    digest: str = ""


class CalendarBusy(Table, table=True):
    """A stretch in which a feed keeps its host busy, four days at the longest. One feed's do not overlap.

    ``host_id`` is whose time it is, and nobody's while the feed is removed: slots are found by it.
    """

    __tablename__ = "calendar_busy"
    __table_args__ = (
        CheckConstraint('start < "end" AND "end" - start <= 345600', name="length"),
        Index("ix_calendar_busy_host", "host_id", "end", "start"),
    )

    feed_id: UUID = Field(foreign_key="calendar_feed.id", primary_key=True)
    start: datetime = Field(sa_type=Instant, primary_key=True)
    end: datetime = Field(sa_type=Instant)
    host_id: UUID | None = Field(default=None, foreign_key="host.id")
