"""Bookings, and the time that they hold."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlmodel import JSON, Field

from singleuse_app.ids import new_id
from singleuse_app.models.table import Instant, Table
from singleuse_app.scheduling.bookings import BookingFacts
from singleuse_app.scheduling.intervals import Interval


class Booking(Table, table=True):
    """One invitee's reservation of one slot; a VEVENT with a stable ``uid`` (RFC 5545, section 3.8.4.7).

    It is the ``use_no``-th use of its link. UNIQUE while not released, between 1 and ``max_uses``, which the foreign
    key pins to the link's: one, N and reopened uses obey the same lines. While its host asks for another time it is
    cancelled, but its use is not released. Once its invitee's data is erased, ``erased_at``, the hashes are of what
    nobody knows. ``manage_hash`` is of the secret that lets its
    invitee cancel or move it, ``moves`` how often they did, ``locale`` the
    language (BCP 47) in which they are written to.
    """

    __table_args__ = (
        ForeignKeyConstraint(
            ["link_id", "host_id", "event_type_id", "max_uses"],
            [
                "scheduling_link.id",
                "scheduling_link.host_id",
                "scheduling_link.event_type_id",
                "scheduling_link.max_uses",
            ],
            name="fk_booking_link",
        ),
        CheckConstraint("use_no BETWEEN 1 AND max_uses", name="use_no"),
        CheckConstraint('start < "end"', name="start_before_end"),
        CheckConstraint("use_released_at IS NULL OR cancelled_at IS NOT NULL", name="released_when_cancelled"),
        CheckConstraint("moves >= 0", name="moves"),
        CheckConstraint(
            "another_time_asked_at IS NULL OR (cancelled_at IS NOT NULL AND use_released_at IS NULL)",
            name="asked_when_cancelled",
        ),
        UniqueConstraint("id", "host_id"),
        UniqueConstraint("link_id", "receipt_hash"),
        Index(
            "uq_booking_live_use",
            "link_id",
            "use_no",
            unique=True,
            sqlite_where=text("use_released_at IS NULL"),
            postgresql_where=text("use_released_at IS NULL"),
        ),
        Index("uq_booking_manage_hash", "manage_hash", unique=True),
        Index("ix_booking_host_start", "host_id", "start"),
        *(
            Index(f"ix_booking_host_{name}", "host_id", "start", "id", sqlite_where=where, postgresql_where=where)
            for name, where in (
                ("live", text("cancelled_at IS NULL")),
                ("cancelled", text("cancelled_at IS NOT NULL")),
                ("asked", text("another_time_asked_at IS NOT NULL")),
            )
        ),
        Index("ix_booking_search", "host_id", "invitee_name", "invitee_email", "link_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    uid: str = Field(unique=True)
    sequence: int = 0
    host_id: UUID = Field(foreign_key="host.id")
    event_type_id: UUID
    link_id: UUID
    max_uses: int
    use_no: int
    use_released_at: datetime | None = Field(default=None, sa_type=Instant)
    receipt_hash: str
    kid: str
    manage_hash: str
    start: datetime = Field(sa_type=Instant)
    end: datetime = Field(sa_type=Instant)
    invitee_name: str
    invitee_email: str
    invitee_time_zone: str
    locale: str = "en"
    terms: dict[str, Any] = Field(sa_type=JSON)
    guests: list[str] = Field(default_factory=list, sa_type=JSON)
    answers: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    moves: int = 0
    created_at: datetime = Field(sa_type=Instant)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    cancelled_by: str | None = None
    cancel_reason: str = ""
    no_show_at: datetime | None = Field(default=None, sa_type=Instant)
    another_time_asked_at: datetime | None = Field(default=None, sa_type=Instant)
    erased_at: datetime | None = Field(default=None, sa_type=Instant)

    def facts(self) -> BookingFacts:
        """All that decides whether it can still be changed."""
        return BookingFacts(
            self.start, self.end, self.cancelled_at is not None, self.moves, self.another_time_asked_at is not None
        )


class TimeClaim(Table, table=True):
    """A stretch of a host's time, buffers included, held by a booking until it is released.

    No two unreleased claims of one host overlap: ``time_claim_overlap``, on PostgreSQL an exclusion constraint, on
    SQLite a pair of triggers, refuses it to every INSERT and UPDATE.
    """

    __tablename__ = "time_claim"
    __table_args__ = (
        ForeignKeyConstraint(
            ["booking_id", "host_id"], ["booking.id", "booking.host_id"], name="fk_time_claim_booking"
        ),
        CheckConstraint("protected_start < protected_end", name="start_before_end"),
        Index(
            "ix_time_claim_live",
            "host_id",
            "protected_end",
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID
    booking_id: UUID = Field(index=True)
    protected_start: datetime = Field(sa_type=Instant)
    protected_end: datetime = Field(sa_type=Instant)
    released_at: datetime | None = Field(default=None, sa_type=Instant)

    def interval(self) -> Interval:
        """The protected interval as a value."""
        return Interval(self.protected_start, self.protected_end)
