"""The event log: what happened, written in the transaction in which it happens, and read by whoever must hear of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, literal, or_, select

from singleuse_app import db
from singleuse_app.models import EventLog, LinkOpening


class Happened(StrEnum):
    """What can happen, in the past tense."""

    HOST_SET_UP = "host_set_up"
    LINK_CREATED = "link_created"
    LINK_SENT = "link_sent"
    LINK_OPENED = "link_opened"  # in the log of older versions; now a LinkOpening
    LINK_REVOKED = "link_revoked"
    LINK_TAKEN_BACK = "link_taken_back"
    LINK_RESTORED = "link_restored"
    LINK_CHANGED = "link_changed"
    CODE_ASKED = "code_asked"
    ADDRESS_PROVEN = "address_proven"
    LINK_REOPENED = "link_reopened"
    LINK_REQUESTED = "link_requested"
    LINK_REQUEST_DISMISSED = "link_request_dismissed"
    EVENT_TYPE_CHANGED = "event_type_changed"
    HOURS_CHANGED = "hours_changed"
    PROFILE_CHANGED = "profile_changed"
    HOST_INVITED = "host_invited"
    HOST_LEFT = "host_left"
    SIGNED_OUT = "signed_out"
    TWO_FACTOR_ON = "two_factor_on"
    TWO_FACTOR_OFF = "two_factor_off"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    CALENDAR_CHANGED = "calendar_changed"
    CALENDAR_CHECKED = "calendar_checked"
    CALENDAR_READ = "calendar_read"
    BOOKED = "booked"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    ANOTHER_TIME_ASKED = "another_time_asked"
    ADDRESS_CORRECTED = "address_corrected"
    NO_SHOW = "no_show"
    NO_SHOW_TAKEN_BACK = "no_show_taken_back"


OFFER_CHANGES = {
    Happened.EVENT_TYPE_CHANGED,
    Happened.HOURS_CHANGED,
    Happened.PROFILE_CHANGED,
    Happened.HOST_LEFT,
    Happened.CALENDAR_READ,
    Happened.BOOKED,
    Happened.RESCHEDULED,
    Happened.CANCELLED,
    Happened.ANOTHER_TIME_ASKED,
}
"""After which a host's free times, or the terms, may be others."""


OF_NO_INTEREST = {
    Happened.LINK_CREATED,
    Happened.LINK_SENT,
    Happened.LINK_OPENED,
    Happened.CODE_ASKED,
    Happened.ADDRESS_PROVEN,
}
"""What changes nothing for whoever has the link open."""

CALENDAR_CHANGES = {Happened.CALENDAR_CHANGED, Happened.CALENDAR_READ}
"""After which a calendar may be due."""

MINUTE = "minute"
"""The topic of time going by, for pages that say how long ago something was."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log, as far as others must know it."""

    id: int
    kind: Happened
    host_id: UUID
    link_id: UUID | None

    def topics(self) -> list[str]:
        """Whom it concerns: the host's own pages, pages that show the host's free times, pages of the link."""
        topics = [desk(self.host_id)]
        if self.link_id is not None and self.kind not in OF_NO_INTEREST:
            topics.append(link(self.link_id))
        if self.kind in OFFER_CHANGES:
            topics.append(offer(self.host_id))
        return topics


def desk(host_id: UUID) -> str:
    """The topic of everything that a host's own pages show."""
    return f"desk:{host_id.hex}"


def mail(host_id: UUID) -> str:
    """The topic of what became of a host's messages."""
    return f"mail:{host_id.hex}"


def offer(host_id: UUID) -> str:
    """The topic of a host's free times."""
    return f"offer:{host_id.hex}"


def link(link_id: UUID) -> str:
    """The topic of one link."""
    return f"link:{link_id.hex}"


def record(
    session: Session,
    kind: Happened,
    *,
    now: datetime,
    host_id: UUID,
    event_type_id: UUID | None = None,
    link_id: UUID | None = None,
    booking_id: UUID | None = None,
) -> None:
    """Write one line, in the caller's transaction."""
    line = {
        "at": now,
        "kind": kind,
        "host_id": host_id,
        "event_type_id": event_type_id,
        "link_id": link_id,
        "booking_id": booking_id,
    }
    db.insert_values(session, EventLog, line)


def times_happened(session: Session, kind: Happened, *, booking_id: UUID) -> int:
    """How often the log says so of a booking."""
    lines = select(func.count(col(EventLog.id))).where(EventLog.booking_id == booking_id, EventLog.kind == kind)
    return session.exec(lines).one()


class Reader:
    """Reads the log from now on, and first openings of links, every line once, whoever wrote it."""

    AT_MOST = 500

    def __init__(self) -> None:
        opened = literal(Happened.LINK_OPENED.value).label("kind")
        with db.reading() as session:
            self._lines = Numbered(session, EventLog.id, EventLog.kind, EventLog.host_id, EventLog.link_id)
            self._openings = Numbered(session, LinkOpening.id, opened, LinkOpening.host_id, LinkOpening.link_id)

    def news(self, *, now: datetime) -> list[Entry]:
        """What was not there at the last look, at most 500 lines and as many openings at a time."""
        with db.reading() as session:
            tables = (self._lines, self._openings)
            rows = [row for table in tables for row in table.news(session, at_most=self.AT_MOST, now=now)]
        return [Entry(number, Happened(kind), host_id, link_id) for number, kind, host_id, link_id in rows]


class Numbered:
    """Reads a table that only grows, by its numbers, from now on. ``columns`` begin with the number.

    PostgreSQL numbers lines before they are committed, so one may come to light after others with higher numbers. A
    number that was passed over is asked for again for a while; what never comes was undone.
    """

    PATIENCE = timedelta(minutes=1)

    def __init__(self, session: Session, *columns: Any) -> None:
        self._columns = columns
        self._last = session.exec(select(func.max(columns[0]))).one() or 0
        self._passed_over: dict[int, datetime] = {}

    def news(self, session: Session, *, at_most: int, now: datetime) -> list[Any]:
        """The rows that were not there at the last look, in their order."""
        number = self._columns[0]
        self._passed_over = {each: since for each, since in self._passed_over.items() if now - since < self.PATIENCE}
        wanted = or_(number > self._last, number.in_(self._passed_over))
        rows = session.exec(select(*self._columns).where(wanted).order_by(number).limit(at_most)).all()
        for row in rows:
            for each in range(max(self._last + 1, row[0] - at_most), row[0]):
                self._passed_over[each] = now
            self._passed_over.pop(row[0], None)
            self._last = max(self._last, row[0])
        return list(rows)
