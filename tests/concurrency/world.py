"""What one after the other would do: the scene of a race as a model that fits on a page, and each contender's turn."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from singleuse_app.scheduling.bookings import Party
from singleuse_app.scheduling.links import end_of_day
from tests.concurrency.contenders import (
    DONE,
    Book,
    Cancel,
    ChangeDuration,
    ChangeHours,
    Contender,
    Expire,
    Move,
    Outcome,
    Revoke,
    SwitchOff,
)
from tests.factories import NOW


@dataclass
class Offer:
    """An event type; times in minutes."""

    minutes: int = 30
    step: int = 30
    before: int = 0
    after: int = 0
    reopens: bool = False
    one_each: bool = False
    version: int = 1
    off: bool = False


@dataclass
class Pass:
    """A link of the event type ``offer``."""

    offer: str
    max_uses: int = 1
    uses: int = 0
    revoked: bool = False
    reopened: bool = False
    expires_at: datetime | None = None


@dataclass
class Meeting:
    """A booking, and the minutes before and after it that nobody else may have."""

    link: str
    receipt: str
    start: datetime
    end: datetime
    before: int = 0
    after: int = 0
    sequence: int = 0
    cancelled: bool = False
    asked: bool = False

    def told(self, key: str, *, taken: bool = True) -> Outcome:
        """What whoever asks for it is told."""
        return Outcome(DONE, key, self.sequence, self.start, self.end, cancelled=self.cancelled, taken=taken)


@dataclass
class World:
    """One host, there every day from one hour to the other; offers, links and meetings by their public ids."""

    hours: tuple[int, int] = (9, 17)
    offers: dict[str, Offer] = field(default_factory=dict)
    links: dict[str, Pass] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)

    def turn(self, who: Contender) -> tuple[Outcome, bool]:
        """What ``who`` would be told now, and whether that would change anything. A new booking has no id yet."""
        match who:
            case Book():
                turn = self._turn_to_book(who)
            case Move():
                turn = self._turn_to_move(who)
            case Cancel():
                turn = self._turn_to_cancel(who)
            case Revoke():
                link = self.links[who.link_id]
                used = link.uses == link.max_uses
                turn = Outcome("LinkAlreadyUsed" if used else DONE), not used and not link.revoked
            case SwitchOff():
                turn = Outcome(DONE), not self.offers[who.event_type_id].off
            case _:
                turn = Outcome(DONE), True
        return turn

    def change(self, who: Contender, told: Outcome) -> None:
        """Let it be as it is after ``who`` was told so."""
        match who:
            case Book():
                link = self.links[who.link_id]
                link.uses += 1
                self.meetings[told.booking] = self._meeting(who)
            case Move():
                meeting = self.meetings[who.booking_id]
                meeting.end += who.start - meeting.start
                meeting.start = who.start
                meeting.cancelled = meeting.asked = False
                meeting.sequence += 1
            case Cancel():
                meeting = self.meetings[who.booking_id]
                link = self.links[meeting.link]
                by_invitee = who.who.party is Party.INVITEE and not meeting.asked
                if self.offers[link.offer].reopens and by_invitee and not link.reopened:
                    link.uses -= 1
                    link.reopened = True
                meeting.cancelled, meeting.asked = True, False
                meeting.sequence += 1
            case Revoke():
                self.links[who.link_id].revoked = True
            case Expire():
                self.links[who.link_id].expires_at = end_of_day(who.on, "UTC")
            case SwitchOff():
                self.offers[who.event_type_id].off = True
            case ChangeDuration():
                self.offers[who.event_type_id].minutes = who.minutes
                self.offers[who.event_type_id].version += 1
            case ChangeHours():
                self.hours = (who.from_hour, who.to_hour)

    def _turn_to_book(self, who: Book) -> tuple[Outcome, bool]:
        for key, meeting in self.meetings.items():
            if (meeting.link, meeting.receipt) == (who.link_id, who.receipt):
                return meeting.told(key, taken=meeting.start == who.start), False
        link = self.links[who.link_id]
        offer = self.offers[link.offer]
        meeting = self._meeting(who)
        reasons = {
            "LinkAlreadyUsed": link.uses >= link.max_uses,
            "LinkRevoked": link.revoked,
            "LinkExpired": link.expires_at is not None and link.expires_at <= who.now,
            "LinkOff": offer.off,
            "TermsChanged": offer.version != 1,
            "InvalidInput": offer.one_each and self._has_booking(link.offer, who.now),
            "SlotUnavailable": not self._free(meeting, offer),
        }
        for refusal, holds in reasons.items():
            if holds:
                return Outcome(refusal), False
        return meeting.told(""), True

    def _turn_to_move(self, who: Move) -> tuple[Outcome, bool]:
        meeting = self.meetings[who.booking_id]
        if not meeting.cancelled and meeting.start == who.start:
            return meeting.told(who.booking_id), False
        end, stands = meeting.end + (who.start - meeting.start), {"cancelled": False, "asked": False}
        moved = replace(meeting, start=who.start, end=end, sequence=meeting.sequence + 1, **stands)
        reasons = {
            "BookingCancelled": meeting.cancelled and not meeting.asked,
            "BookingOver": meeting.start <= NOW,
            "BookingChanged": meeting.sequence != who.sequence,
            "SlotUnavailable": not self._free(moved, self.offers[self.links[meeting.link].offer], besides=meeting),
        }
        for refusal, holds in reasons.items():
            if holds:
                return Outcome(refusal), False
        return moved.told(who.booking_id), True

    def _turn_to_cancel(self, who: Cancel) -> tuple[Outcome, bool]:
        meeting = self.meetings[who.booking_id]
        if meeting.cancelled and not meeting.asked:
            return meeting.told(who.booking_id), False
        return replace(meeting, cancelled=True, sequence=meeting.sequence + 1).told(who.booking_id), True

    def _has_booking(self, offer: str, now: datetime) -> bool:
        """Whether whoever races, under one address, has a meeting that is not over."""
        live = [held for held in self.meetings.values() if not held.cancelled and held.end > now]
        return any(self.links[held.link].offer == offer for held in live)

    def _meeting(self, who: Book) -> Meeting:
        offer = self.offers[self.links[who.link_id].offer]
        end = who.start + timedelta(minutes=offer.minutes)
        return Meeting(who.link_id, who.receipt, who.start, end, offer.before, offer.after)

    def _free(self, wanted: Meeting, offer: Offer, besides: Meeting | None = None) -> bool:
        midnight = datetime.combine(wanted.start.date(), time(), UTC)
        opens, closes = (midnight + timedelta(hours=hour) for hour in self.hours)
        on_the_grid = (wanted.start - opens) % timedelta(minutes=offer.step) == timedelta(0)
        others = [held for held in self.meetings.values() if held is not besides and not held.cancelled]
        return (
            opens <= wanted.start
            and wanted.end <= closes
            and on_the_grid
            and not any(_overlap(wanted, held) for held in others)
        )


def _overlap(one: Meeting, other: Meeting) -> bool:
    def protected(meeting: Meeting) -> tuple[datetime, datetime]:
        return meeting.start - timedelta(minutes=meeting.before), meeting.end + timedelta(minutes=meeting.after)

    (start, end), (other_start, other_end) = protected(one), protected(other)
    return start < other_end and other_start < end
