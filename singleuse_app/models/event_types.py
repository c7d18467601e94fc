"""What is offered."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlmodel import JSON, Field

from singleuse_app.ids import new_id
from singleuse_app.models.table import LOCATION_KIND, SLUG, Instant, Table, nameless_slug
from singleuse_app.scheduling.bookings import Policies
from singleuse_app.scheduling.event_types import BookingWindow, Colour
from singleuse_app.scheduling.locations import Location, LocationKind
from singleuse_app.scheduling.slot_rules import SlotRules


class EventType(Table, table=True):
    """The bookable template. ``terms_version`` counts the changes that an invitee must hear of.

    Invitees choose between ``duration_minutes`` and ``other_durations``. ``booking_window`` says which of the columns
    below it counts. ``reopens_on_cancel`` is the host's policy: whether a link opens again, once, when its invitee
    cancels; ``one_booking_each``, that an address has one upcoming booking at most. ``slug`` names it in the address of
    its standard link, and stays when ``name`` changes. New links expire ``link_expiry_days`` after they were made, if
    that is not empty. ``reminders`` are how many minutes before a meeting everybody is
    reminded. A host's event types stand in the order of ``(position, id)``.
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
            "booking_window IN ('days', 'open') OR (booking_window = 'dates' AND first_date <= last_date"
            " AND first_date IS NOT NULL AND last_date IS NOT NULL)",
            name="window_kind",
        ),
        CheckConstraint(
            "max_per_day BETWEEN 1 AND 10000 AND max_per_week BETWEEN 1 AND 10000"
            " AND max_per_month BETWEEN 1 AND 10000",
            name="caps",
        ),
        CheckConstraint(
            "cancel_cutoff_minutes BETWEEN 0 AND 525600 AND reschedule_cutoff_minutes BETWEEN 0 AND 525600",
            name="cutoffs",
        ),
        CheckConstraint("link_expiry_days BETWEEN 1 AND 730", name="link_expiry"),
        CheckConstraint(SLUG, name="slug"),
        CheckConstraint(LOCATION_KIND, name="location_kind"),
        Index("uq_event_type_slug", "host_id", "slug", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id", index=True)
    schedule_id: UUID
    name: str
    slug: str = Field(default_factory=nameless_slug)
    description: str = ""
    colour: str = Colour.STONE
    position: int = 0
    location_kind: str = LocationKind.TEXT
    location: str = ""
    duration_minutes: int
    other_durations: list[int] = Field(default_factory=list, sa_type=JSON)
    start_time_increment_minutes: int
    before_buffer_minutes: int = 0
    after_buffer_minutes: int = 0
    minimum_notice_minutes: int = 0
    booking_window: str = BookingWindow.DAYS
    booking_window_days: int = 60
    first_date: date | None = None
    last_date: date | None = None
    max_per_day: int | None = None
    max_per_week: int | None = None
    max_per_month: int | None = None
    one_booking_each: bool = False
    cancel_cutoff_minutes: int = 0
    reschedule_cutoff_minutes: int = 0
    reopens_on_cancel: bool = False
    link_expiry_days: int | None = None
    reminders: list[int] = Field(default_factory=lambda: [1440], sa_type=JSON)
    questions: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    guests_allowed: bool = True
    confirmation_message: str = ""
    redirect_url: str = ""
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
            booking_window_days=self.booking_window_days if self.booking_window == BookingWindow.DAYS else None,
            first_date=self.first_date if self.booking_window == BookingWindow.DATES else None,
            last_date=self.last_date if self.booking_window == BookingWindow.DATES else None,
            max_per_day=self.max_per_day,
            max_per_week=self.max_per_week,
            max_per_month=self.max_per_month,
        )

    def place(self) -> Location:
        """Where the meeting happens, as its host says it."""
        return Location(LocationKind(self.location_kind), self.location)

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
