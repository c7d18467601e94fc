"""Links, which make bookings."""

from dataclasses import replace
from datetime import date, datetime, timedelta
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
from singleuse_app.models.event_types import EventType
from singleuse_app.models.table import LOCATION_KIND, Instant, Table
from singleuse_app.scheduling.bookings import Terms
from singleuse_app.scheduling.errors import LinkNotFound, LinkRefusal
from singleuse_app.scheduling.hours_text import parse_hours
from singleuse_app.scheduling.links import LinkFacts, link_status, refusal_of
from singleuse_app.scheduling.locations import Location, LocationKind
from singleuse_app.scheduling.slot_rules import FIRST_YEAR, SlotRules

_HANDED_OUT = "address IS NULL"
_OPEN = f"{_HANDED_OUT} AND uses < max_uses AND revoked_at IS NULL"
BOARD = (
    ("open", ("host_id", "id", "expires_at", "event_type_id"), _OPEN),
    ("batch", ("batch_id", "id"), "batch_id IS NOT NULL"),
    ("used", ("host_id", "id"), f"{_HANDED_OUT} AND uses >= max_uses"),
    ("revoked", ("host_id", "id"), f"{_HANDED_OUT} AND uses < max_uses AND revoked_at IS NOT NULL"),
    ("host", ("host_id", "id", "event_type_id"), _HANDED_OUT),
    ("expiring", ("host_id", "expires_at", "id"), f"{_OPEN} AND expires_at IS NOT NULL"),
)
"""Indexes with which a host finds the newest links among very many, of one status, of one batch, of all; and those that
expire next."""


class Link(Table, table=True):
    """A scheduling link. A single-use link has ``max_uses`` 1, one without a limit the largest number there is.

    It follows its event type, except for a ``duration_minutes``, a ``location``, dates and hours of its own. It may be
    for one person: ``only_recipient`` lets nobody book under another address, and with ``by_code`` only who types a
    code that was sent there. ``prefill`` is what its form starts with besides, ``note`` is for its host alone.
    ``reopened_at`` is when a cancelled booking gave its use back, which happens once; ``batch_id`` names those it was
    made together with; ``opened_at`` is when a browser first showed it that is not its host's, be it a mail scanner's.
    A standard link has no secret: ``address`` is its token, and an event type has one such row, which is revoked while
    the host has it switched off.
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
        CheckConstraint(LOCATION_KIND, name="location_kind"),
        CheckConstraint(
            "address IS NULL OR (max_uses = 2147483647 AND address LIKE 'with/%')",
            name="address",
        ),
        *(
            Index(f"ix_scheduling_link_{name}", *columns, sqlite_where=text(where), postgresql_where=text(where))
            for name, columns, where in BOARD
        ),
        Index("ix_scheduling_link_event_type", "event_type_id", "id"),
        Index(
            "uq_scheduling_link_standard",
            "event_type_id",
            unique=True,
            sqlite_where=text("address IS NOT NULL"),
            postgresql_where=text("address IS NOT NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id")
    event_type_id: UUID
    token_hash: str = Field(unique=True)
    kid: str
    max_uses: int
    uses: int = 0
    duration_minutes: int | None = None
    location_kind: str | None = None
    location: str | None = None
    address: str | None = None
    recipient_name: str = ""
    recipient_email: str = ""
    only_recipient: bool = False
    by_code: bool = False
    note: str = ""
    first_date: date | None = None
    last_date: date | None = None
    hours: str = ""
    batch_id: UUID | None = Field(default=None, foreign_key="link_batch.id")
    prefill: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    reopened_at: datetime | None = Field(default=None, sa_type=Instant)
    opened_at: datetime | None = Field(default=None, sa_type=Instant)

    def facts(self, event_type: EventType) -> LinkFacts:
        """All that decides this link's status."""
        return LinkFacts(self.uses, self.max_uses, self.revoked_at, self.expires_at, event_type.offered)

    def refusal(self, event_type: EventType, *, now: datetime) -> LinkRefusal | None:
        """What an invitee is told who cannot book with this link, ``None`` where they can.

        A standard link that cannot be booked with is told apart from nothing by nobody.
        """
        refusal = refusal_of(link_status(self.facts(event_type), now=now))
        return LinkNotFound() if refusal and self.address else refusal

    def durations(self, event_type: EventType) -> tuple[int, ...]:
        """How many minutes a meeting through this link may last, to choose from; the first unless one is chosen."""
        if self.duration_minutes is not None:
            return (self.duration_minutes,)
        return (event_type.duration_minutes, *event_type.other_durations)

    def rules(self, event_type: EventType, duration_minutes: int) -> SlotRules:
        """The numbers that decide which slots of a duration are on offer through this link."""
        rules = event_type.rules()
        if duration_minutes != event_type.duration_minutes:
            rules = replace(rules, duration=timedelta(minutes=duration_minutes))
        if self.hours:
            rules = replace(rules, hours=parse_hours(self.hours))
        if self.first_date is None and self.last_date is None:
            return rules
        first = max(filter(None, (rules.first_date, self.first_date)), default=None)
        last = min(filter(None, (rules.last_date, self.last_date)), default=None)
        if first and last and last < first:  # no date is in both
            first = last = date(FIRST_YEAR, 1, 1)
        return replace(rules, first_date=first, last_date=last)

    def known(self) -> dict[str, Any]:
        """What the form starts with. Where a code is asked for, its address is for who has typed that."""
        recipient = {"name": self.recipient_name, "email": self.recipient_email}
        known = {**self.prefill, **{name: text for name, text in recipient.items() if text}}
        return {name: text for name, text in known.items() if not (self.by_code and name == "email")}

    def is_for(self, email: str) -> bool:
        """Whether an invitee of that address may book with it."""
        return not self.only_recipient or email.casefold() == self.recipient_email.casefold()

    def place(self, event_type: EventType) -> Location:
        """Where the meeting happens: as its event type has it, or the link itself."""
        if self.location_kind is None and self.location is None:
            return event_type.place()
        return Location(LocationKind(self.location_kind or LocationKind.TEXT), self.location or "")

    def terms(self, event_type: EventType, duration_minutes: int) -> Terms:
        """What this link's page shows and a booking through it keeps."""
        place = self.place(event_type)
        return Terms(
            version=event_type.terms_version,
            event_name=event_type.name,
            duration_minutes=duration_minutes,
            location=place.text,
            location_kind=place.kind,
            message=event_type.confirmation_message,
            redirect_url=event_type.redirect_url,
        )
