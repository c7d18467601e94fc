"""What mails about bookings say: to the invitee, to each guest, and to the host."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from sqlmodel import Session

from singleuse_app import tokens
from singleuse_app.models import Booking, Host
from singleuse_app.models.table import EPOCH
from singleuse_app.notifications import ics
from singleuse_app.notifications.letters import Action, Letter
from singleuse_app.notifications.mail import Address
from singleuse_app.notifications.outbox import Owed
from singleuse_app.operations.booking_messages import EVERYONE, is_late, remind_everyone
from singleuse_app.operations.bookings import confirmation
from singleuse_app.operations.history import Happened
from singleuse_app.operations.host_letters import wording_of
from singleuse_app.scheduling.bookings import BookingConfirmation, Party
from singleuse_app.settings import settings
from singleuse_app.wording import Wording, wording

ALARM = timedelta(minutes=15)
"""So long before the start the entry in a calendar reminds its owner."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a letter is for: the part they play, where they are, the zone and the language that they read in."""

    party: str
    to: Address
    zone: str
    wording: Wording


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened to a booking, as one reader hears of it. ``booking`` is as it was at that moment."""

    booking: BookingConfirmation
    reader: Reader
    owed: Owed
    manage_url: str

    @property
    def other(self) -> str:
        """The name of whom the reader meets; a guest hears of the host."""
        return self.booking.invitee.name if self.reader.party == Party.HOST else self.booking.host_name

    @property
    def actor(self) -> str:
        """The name of who did it."""
        by_host = self.owed.payload.get("by") == Party.HOST
        return self.booking.host_name if by_host else self.booking.invitee.name

    @property
    def own(self) -> bool:
        """Whether the reader did it."""
        return self.owed.payload.get("by") == self.reader.party

    def facts(self, *, strike: bool = False) -> tuple[tuple[str, str], ...]:
        """When, where and with whom, the new first."""
        say, booking = self.reader.wording.say, self.booking
        rows = [(say("Was to be") if strike else say("When"), self.when(booking.start, booking.end))]
        if "old_start" in self.owed.payload:
            rows.append((say("Before"), self.when(*_stretch(self.owed, "old_start", "old_end"))))
        if other_zone := self._zone_of_the_other():
            clock = self.reader.wording.when(booking.start, booking.end, other_zone)
            rows.append((say("For {name}", name=self.other), clock))
        if booking.terms.location and not strike:
            rows.append((say("Where"), booking.terms.location))
        rows.append((say("Host"), booking.host_name))
        rows.append((say("Invitee"), booking.invitee.name))
        if self.reader.party == Party.HOST:
            rows.append((say("E-mail"), booking.invitee.email))
        if booking.invitee.guests:
            rows.append((say("Guests"), ", ".join(booking.invitee.guests)))
        is_told = self.reader.party != "guest" or self.owed.payload.get("by") == Party.HOST  # no stranger's words
        if (reason := self.owed.payload.get("reason")) and is_told:
            rows.append((say("Message from {name}", name=self.actor), str(reason)))
        if self.reader.party != "guest":
            rows += [(answer.question, answer.answer) for answer in booking.invitee.answers]
        return tuple(rows)

    def when(self, start: datetime, end: datetime) -> str:
        """A time as the reader's clock has it."""
        return self.reader.wording.when(start, end, self.reader.zone)

    def _zone_of_the_other(self) -> str:
        invitees, hosts = self.booking.invitee.time_zone, self.booking.host_time_zone
        other = invitees if self.reader.party == Party.HOST else hosts
        at = self.booking.start
        return "" if wording("en").clock(at, at, other) == wording("en").clock(at, at, self.reader.zone) else other


def booked(news: News) -> Letter:
    """The confirmation."""
    say, event = news.reader.wording.say, news.booking.terms.event_name
    to_host = news.reader.party == Party.HOST
    title = (
        say("{name} has booked {event}", name=news.other, event=event)
        if to_host
        else say("You are meeting {name}", name=news.other)
        if news.reader.party == Party.INVITEE
        else say("{name} has invited you to a meeting with {host}", name=news.booking.invitee.name, host=news.other)
    )
    message = news.booking.terms.message if not to_host else ""
    return _letter(news, title, method="REQUEST", said=(message,))


def rescheduled(news: News) -> Letter:
    """Another time, with the old one beside it."""
    say = news.reader.wording.say
    said = say("You have moved it.") if news.own else say("{name} has moved it.", name=news.actor)
    return _letter(news, say("New time for your meeting with {name}", name=news.other), method="REQUEST", said=(said,))


def cancelled(news: News) -> Letter:
    """The end, by whom and why."""
    say = news.reader.wording.say
    said = say("You have cancelled it.") if news.own else say("{name} has cancelled it.", name=news.actor)
    title = say("Cancelled: your meeting with {name}", name=news.other)
    return _letter(news, title, method="CANCEL", said=(said,))


def another_time_asked(news: News) -> Letter:
    """The host gives the time up and asks for another."""
    say = news.reader.wording.say
    if news.reader.party == Party.INVITEE:
        title = say("{name} asks you to choose another time", name=news.booking.host_name)
        said = say("Your booking waits for it: nobody else can use your link.")
    elif news.reader.party == Party.HOST:
        title = say("You have asked {name} for another time", name=news.other)
        said = say("The time is free again. You hear of it when another one is chosen.")
    else:
        title = say("Your meeting with {name} will be at another time", name=news.booking.host_name)
        said = say("You hear of it when {name} has chosen one.", name=news.booking.invitee.name)
    return _letter(news, title, method="CANCEL", said=(said,))


def address_corrected(news: News) -> Letter | None:
    """The confirmation again, at the address that is right."""
    if news.booking.cancelled:
        return None
    return booked(news)


def reminder(news: News) -> Letter | None:
    """Soon."""
    say = news.reader.wording.say
    return _letter(news, say("Reminder: your meeting with {name}", name=news.other))


ABOUT: dict[str, Callable[[News], Letter | None]] = {
    Happened.BOOKED: booked,
    Happened.RESCHEDULED: rescheduled,
    Happened.CANCELLED: cancelled,
    Happened.ANOTHER_TIME_ASKED: another_time_asked,
    Happened.ADDRESS_CORRECTED: address_corrected,
    "reminder": reminder,
}


def write_about_booking(session: Session, owed: Owed, *, now: datetime) -> Letter | None:
    """The letter about a booking that a message stands for; ``None`` where it is not true any more."""
    row = session.get(Booking, owed.subject_id)
    if row is None:
        return None
    if owed.kind == "reminder" and not still_to_remind(row, owed, now=now):
        return None
    host = session.get_one(Host, row.host_id)
    booking = confirmation(host, row)
    if "start" in owed.payload:
        start, end = _stretch(owed, "start", "end")
        ended = owed.kind in (Happened.CANCELLED, Happened.ANOTHER_TIME_ASKED)
        booking = replace(booking, start=start, end=end, sequence=owed.sequence, cancelled=ended)
    reader = _reader(owed.recipient.split(":"), host, booking)
    if reader is None:
        return None
    manage_url = tokens.manage_url(tokens.derive(tokens.MANAGE, row.id, row.kid))
    return ABOUT[owed.kind](News(booking, reader, owed, manage_url))


def still_to_remind(booking: Booking, owed: Owed, *, now: datetime) -> bool:
    """Whether a reminder is of the booking as it is, and in time."""
    stands = booking.cancelled_at is None and booking.sequence == owed.sequence
    return stands and not is_late(owed.payload["minutes"], booking.start, now=now)


def fan_out(session: Session, owed: Owed, *, now: datetime) -> None:
    """Let the one line that a reminder was kept in become one for each who is reminded."""
    booking = session.get(Booking, owed.subject_id)
    assert owed.recipient.startswith(EVERYONE)
    if booking is not None and still_to_remind(booking, owed, now=now):
        remind_everyone(session, booking, minutes=owed.payload["minutes"], now=now)


def _reader(part: list[str], host: Host, booking: BookingConfirmation) -> Reader | None:
    invitee = booking.invitee
    match part:
        case [Party.HOST, *_]:
            own = wording_of(host)
            return Reader(Party.HOST, Address(host.name, host.email), host.time_zone, own)
        case [Party.INVITEE, *_]:
            to = Address(invitee.name, invitee.email)
            return Reader(Party.INVITEE, to, invitee.time_zone, wording(invitee.locale))
        case ["guest", number, *_] if int(number) < len(invitee.guests):
            email = invitee.guests[int(number)]
            return Reader("guest", Address("", email), invitee.time_zone, wording(invitee.locale))
    return None


def _letter(news: News, title: str, *, method: str = "", said: tuple[str, ...] = ()) -> Letter:
    say, booking, is_host = news.reader.wording.say, news.booking, news.reader.party == Party.HOST
    actions, closing = [], []
    if booking.terms.room and method != "CANCEL":
        actions.append(Action(say("Join the video call"), booking.terms.room))
    if is_host:
        actions.append(Action(say("Look at your bookings"), f"{settings().public_origin}/bookings"))
    elif news.reader.party == Party.INVITEE and (method != "CANCEL" or news.owed.kind != Happened.CANCELLED):
        words = say("Choose another time") if method == "CANCEL" else say("Change or cancel the meeting")
        actions.append(Action(words, news.manage_url))
        closing.append(say("That address is yours alone: whoever has it can change the meeting."))
    if method == "REQUEST":
        closing.append(
            say("Answering yes or no in your calendar changes nothing in Singleuse.")
            if is_host
            else say("Answering yes or no in your calendar goes to {name} alone.", name=booking.host_name)
        )
    return Letter(
        to=news.reader.to,
        wording=news.reader.wording,
        subject=f"{title}, {news.reader.wording.day(booking.start, news.reader.zone)}",
        title=title,
        paragraphs=tuple(filter(None, said)),
        facts=(*news.facts(strike=method == "CANCEL"), (say("Meeting"), booking.terms.event_name)),
        actions=tuple(actions),
        closing=tuple(closing),
        reply_to=Address(booking.invitee.name, booking.invitee.email)
        if is_host
        else Address(booking.host_name, booking.host_email),
        sender_name="" if is_host else booking.host_name,
        calendar=_entry(booking, method, news.owed.due_at) if method else b"",
        method=method,
        thread=booking.uid,
    )


@lru_cache(maxsize=64)
def _entry(booking: BookingConfirmation, method: str, now: datetime) -> bytes:
    """The entry for calendars: all who hear of one thing at one time get the same."""
    return ics.invitation(booking, method=method, alarms=(ALARM,), now=now)


def _stretch(owed: Owed, first: str, last: str) -> tuple[datetime, datetime]:
    start, end = (EPOCH + timedelta(seconds=owed.payload[name]) for name in (first, last))
    return start, end
