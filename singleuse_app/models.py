"""Every table and every constraint; what no table can say stands in ``migrations/guards.py``.

Instants are BIGINT epoch seconds: exact to compare in SQL, in triggers and in ranges. Columns named ``…_at``,
``start`` and ``end`` read and write aware UTC datetimes through :class:`Instant`.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import JSON, Field, SQLModel

from singleuse_app.ids import new_id
from singleuse_app.scheduling.bookings import BookingFacts, Policies, Terms
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.links import LinkFacts
from singleuse_app.scheduling.slots import SlotRules

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as whole epoch seconds. A naive datetime is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant needs a time zone.")
        return (value - EPOCH) // timedelta(seconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(seconds=value)


class Table(SQLModel):
    """What all tables share: names for constraints, so that migrations can find them again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Host(Table, table=True):
    """Whose time is booked. ``password_hash`` is argon2id."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(unique=True)
    name: str
    password_hash: str
    time_zone: str
    created_at: datetime = Field(sa_type=Instant)


class Installation(Table, table=True):
    """One row for ever: the set-up that made the first host. Of two simultaneous set-ups its key lets one win."""

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id")
    set_up_at: datetime = Field(sa_type=Instant)


class HostSession(Table, table=True):
    """One signed-in browser. The cookie's secret is kept as its hash."""

    __tablename__ = "host_session"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id", index=True)
    token_hash: str = Field(unique=True)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class Schedule(Table, table=True):
    """A named availability schedule of a host."""

    __tablename__ = "availability_schedule"
    __table_args__ = (UniqueConstraint("id", "host_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id", index=True)
    name: str
    time_zone: str
    created_at: datetime = Field(sa_type=Instant)


class Hours(Table, table=True):
    """One stretch of open hours, every week. Monday is 0; minutes are of the wall clock, 1440 ends the day."""

    __tablename__ = "weekly_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("start_minute >= 0 AND start_minute < end_minute AND end_minute <= 1440", name="minutes"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    schedule_id: UUID = Field(foreign_key="availability_schedule.id", index=True)
    weekday: int
    start_minute: int
    end_minute: int


class EventType(Table, table=True):
    """The bookable template. ``terms_version`` counts the changes that an invitee must hear of.

    ``reopens_on_cancel`` is the host's policy: whether a link opens again, once, when its invitee cancels.
    """

    __tablename__ = "event_type"
    __table_args__ = (
        UniqueConstraint("id", "host_id"),
        ForeignKeyConstraint(
            ["schedule_id", "host_id"],
            ["availability_schedule.id", "availability_schedule.host_id"],
            name="fk_event_type_schedule",
        ),
        CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="duration"),
        CheckConstraint("start_time_increment_minutes BETWEEN 1 AND 1440", name="increment"),
        CheckConstraint(
            "before_buffer_minutes BETWEEN 0 AND 1440 AND after_buffer_minutes BETWEEN 0 AND 1440", name="buffers"
        ),
        CheckConstraint("minimum_notice_minutes BETWEEN 0 AND 525600", name="notice"),
        CheckConstraint("booking_window_days BETWEEN 0 AND 730", name="window"),
        CheckConstraint(
            "cancel_cutoff_minutes BETWEEN 0 AND 525600 AND reschedule_cutoff_minutes BETWEEN 0 AND 525600",
            name="cutoffs",
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id", index=True)
    schedule_id: UUID
    name: str
    description: str = ""
    location: str = ""
    duration_minutes: int
    start_time_increment_minutes: int
    before_buffer_minutes: int = 0
    after_buffer_minutes: int = 0
    minimum_notice_minutes: int = 0
    booking_window_days: int = 60
    cancel_cutoff_minutes: int = 0
    reschedule_cutoff_minutes: int = 0
    reopens_on_cancel: bool = False
    terms_version: int = 1
    created_at: datetime = Field(sa_type=Instant)
    off_at: datetime | None = Field(default=None, sa_type=Instant)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)

    def rules(self) -> SlotRules:
        """The numbers that decide which slots are on offer."""
        return SlotRules(
            duration=timedelta(minutes=self.duration_minutes),
            start_time_increment=timedelta(minutes=self.start_time_increment_minutes),
            before_buffer=timedelta(minutes=self.before_buffer_minutes),
            after_buffer=timedelta(minutes=self.after_buffer_minutes),
            minimum_notice=timedelta(minutes=self.minimum_notice_minutes),
            booking_window_days=self.booking_window_days,
        )

    def policies(self) -> Policies:
        """What an invitee may do with a booking, and until when."""
        return Policies(
            cancel_cutoff=timedelta(minutes=self.cancel_cutoff_minutes),
            reschedule_cutoff=timedelta(minutes=self.reschedule_cutoff_minutes),
            reopens_on_cancel=self.reopens_on_cancel,
            archived=self.archived_at is not None,
        )

    @property
    def offered(self) -> bool:
        """Whether links of this event type can be booked with at all."""
        return self.off_at is None and self.archived_at is None


class Link(Table, table=True):
    """A scheduling link. A single-use link has ``max_uses`` 1, a standard link the largest number there is.

    It follows its event type, except for a ``duration_minutes`` and a ``location`` of its own. ``reopened_at`` is when
    a cancelled booking gave its use back, which happens once.
    ``(id, host_id, event_type_id, max_uses)`` is unique so that a booking can pin all four by a foreign key.
    """

    __tablename__ = "scheduling_link"
    __table_args__ = (
        UniqueConstraint("id", "host_id", "event_type_id", "max_uses", name="uq_scheduling_link_pinned"),
        ForeignKeyConstraint(
            ["event_type_id", "host_id"], ["event_type.id", "event_type.host_id"], name="fk_link_event_type"
        ),
        CheckConstraint("max_uses BETWEEN 1 AND 2147483647", name="max_uses"),
        CheckConstraint("uses BETWEEN 0 AND max_uses", name="uses"),
        CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="duration"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id", index=True)
    event_type_id: UUID = Field(index=True)
    token_hash: str = Field(unique=True)
    kid: str
    max_uses: int
    uses: int = 0
    duration_minutes: int | None = None
    location: str | None = None
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    reopened_at: datetime | None = Field(default=None, sa_type=Instant)

    def facts(self, event_type: EventType) -> LinkFacts:
        """All that decides this link's status."""
        return LinkFacts(self.uses, self.max_uses, self.revoked_at, self.expires_at, event_type.offered)

    def rules(self, event_type: EventType) -> SlotRules:
        """The numbers that decide which slots are on offer through this link."""
        rules = event_type.rules()
        own = self.duration_minutes
        return rules if own is None else replace(rules, duration=timedelta(minutes=own))

    def terms(self, event_type: EventType) -> Terms:
        """What this link's page shows and a booking through it keeps."""
        return Terms(
            version=event_type.terms_version,
            event_name=event_type.name,
            duration_minutes=self.duration_minutes or event_type.duration_minutes,
            location=event_type.location if self.location is None else self.location,
        )


class Booking(Table, table=True):
    """One invitee's reservation of one slot; a VEVENT with a stable ``uid`` (RFC 5545, section 3.8.4.7).

    It is the ``use_no``-th use of its link. UNIQUE while not released, between 1 and ``max_uses``, which the foreign
    key pins to the link's: one, N and reopened uses obey the same lines. ``manage_hash`` is of the secret that lets its
    invitee cancel or move it, ``moves`` how often they did.
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
    terms: dict[str, Any] = Field(sa_type=JSON)
    moves: int = 0
    created_at: datetime = Field(sa_type=Instant)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    cancelled_by: str | None = None
    cancel_reason: str = ""

    def facts(self) -> BookingFacts:
        """All that decides whether it can still be changed."""
        return BookingFacts(self.start, self.end, self.cancelled_at is not None, self.moves)


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
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer(), "sqlite"),
    )
    at: datetime = Field(sa_type=Instant)
    kind: str
    host_id: UUID = Field(index=True)
    event_type_id: UUID | None = None
    link_id: UUID | None = Field(default=None, index=True)
    booking_id: UUID | None = None
