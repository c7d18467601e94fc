"""Who takes part in a race: small values that can be sent to another process and there do one thing."""

import traceback
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from singleuse_app.operations import bookings, event_type_edits, event_types, links, manage_booking, schedules
from singleuse_app.operations.history import Happened
from singleuse_app.operations.manage_booking import AsHost, AsInvitee
from singleuse_app.scheduling.availability import AvailabilitySchedule, WeeklyHours
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import Refusal, TryAgain
from singleuse_app.scheduling.event_types import Edit
from tests.factories import ADA, NOW

DONE = "done"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a contender was told: :data:`DONE`, the class of a refusal, or an error; and of a booking its facts.

    ``trace`` says where an error comes from, and whatever else nobody should be told in a race.
    """

    said: str
    booking: str = ""
    sequence: int = 0
    start: datetime | None = None
    end: datetime | None = None
    cancelled: bool = False
    taken: bool = True
    trace: str = ""


class Contender(ABC):
    """Somebody who calls one operation. ``line`` is what the log says of it when it changed something."""

    line: ClassVar[Happened]

    @abstractmethod
    def act(self) -> BookingConfirmation | None:
        """Call the operation."""

    def attempt(self) -> Outcome:
        """What comes of it."""
        try:
            found = self.act()
        except TryAgain as refusal:
            return Outcome(type(refusal).__name__, trace=traceback.format_exc())
        except Refusal as refusal:
            return Outcome(type(refusal).__name__)
        except Exception as error:
            return Outcome(f"internal error: {type(error).__name__}", trace=traceback.format_exc())
        if found is None:
            return Outcome(DONE)
        return Outcome(
            DONE, found.booking_id, found.sequence, found.start, found.end, cancelled=found.cancelled, taken=found.taken
        )


@dataclass(frozen=True)
class Book(Contender):
    """An invitee confirms a slot; their page showed the first version of the terms."""

    link_id: str
    token: str
    start: datetime
    receipt: str
    now: datetime = NOW
    line = Happened.BOOKED

    def act(self) -> BookingConfirmation:
        return bookings.book_slot(
            token=self.token, start=self.start, invitee=ADA, receipt=self.receipt, terms_version=1, now=self.now
        )


@dataclass(frozen=True)
class Move(Contender):
    """A host or an invitee moves a booking that their page showed with ``sequence``."""

    booking_id: str
    who: AsHost | AsInvitee
    start: datetime
    sequence: int = 0
    line = Happened.RESCHEDULED

    def act(self) -> BookingConfirmation:
        return manage_booking.reschedule_booking(who=self.who, start=self.start, sequence=self.sequence, now=NOW)


@dataclass(frozen=True)
class Cancel(Contender):
    """A host or an invitee cancels a booking."""

    booking_id: str
    who: AsHost | AsInvitee
    line = Happened.CANCELLED

    def act(self) -> BookingConfirmation:
        return manage_booking.cancel_booking(who=self.who, now=NOW)


@dataclass(frozen=True)
class Revoke(Contender):
    """A host takes a link back."""

    host_id: UUID
    link_id: str
    line = Happened.LINK_REVOKED

    def act(self) -> None:
        links.revoke_link(host_id=self.host_id, link_id=self.link_id, now=NOW)


@dataclass(frozen=True)
class Expire(Contender):
    """A host lets a link expire with the end of a day."""

    host_id: UUID
    link_id: str
    on: date
    line = Happened.LINK_CHANGED

    def act(self) -> None:
        links.edit_link(host_id=self.host_id, link_id=self.link_id, note="", expires_on=self.on, now=NOW)


@dataclass(frozen=True)
class SwitchOff(Contender):
    """A host switches an event type off."""

    host_id: UUID
    event_type_id: str
    line = Happened.EVENT_TYPE_CHANGED

    def act(self) -> None:
        event_types.switch_event_type(host_id=self.host_id, event_type_id=self.event_type_id, on=False, now=NOW)


@dataclass(frozen=True)
class ChangeDuration(Contender):
    """A host gives an event type another duration."""

    host_id: UUID
    event_type_id: str
    minutes: int
    line = Happened.EVENT_TYPE_CHANGED

    def act(self) -> None:
        edit = Edit(duration_minutes=self.minutes)
        event_type_edits.edit_event_type(host_id=self.host_id, event_type_id=self.event_type_id, edit=edit, now=NOW)


@dataclass(frozen=True)
class ChangeHours(Contender):
    """A host is there at other hours, every day from one to the other."""

    host_id: UUID
    schedule_id: str
    from_hour: int
    to_hour: int
    line = Happened.HOURS_CHANGED

    def act(self) -> None:
        hours = tuple(WeeklyHours(weekday, self.from_hour * 60, self.to_hour * 60) for weekday in range(7))
        there = AvailabilitySchedule("UTC", hours)
        schedules.edit_schedule(host_id=self.host_id, schedule_id=self.schedule_id, availability=there, now=NOW)
