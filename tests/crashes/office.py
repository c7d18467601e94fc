"""Who is there to be booked, and what becomes of a meeting with them.

The hosts are open around the clock, so that a start can be named without looking.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import TypeVar
from uuid import UUID

from singleuse_app.operations import event_type_edits, event_types, hosts, links, schedules
from singleuse_app.operations.manage_booking import AsHost, AsInvitee, cancel_booking, manage_token, reschedule_booking
from singleuse_app.scheduling.availability import AvailabilitySchedule, WeeklyHours
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.event_types import Edit
from tests.factories import NOW, PASSWORD, Desk, book, make_desk

T = TypeVar("T")

Tell = Callable[..., None]
"""Tells one line: ``tell("booked", booking="bkg_…")``."""

HOSTS = 2
ACKNOWLEDGED = ("link", "booked", "moved", "cancelled")
"""What :func:`meet` tells, each time of something that is there from now on."""

STEP = timedelta(minutes=30)
DAYS = 700
AROUND_THE_CLOCK = AvailabilitySchedule("UTC", tuple(WeeklyHours(weekday, 0, 1440) for weekday in range(7)))


@dataclass(frozen=True)
class Office:
    """The hosts, and any of their many starts."""

    desks: tuple[Desk, ...]

    def facts(self) -> list[list[str]]:
        """The office in JSON, for another process."""
        return [[desk.host_id.hex, desk.event_type_id] for desk in self.desks]

    @classmethod
    def of(cls, facts: list[list[str]]) -> "Office":
        """The office again."""
        return cls(tuple(Desk(UUID(host_id), "", event_type_id) for host_id, event_type_id in facts))


def make_office() -> Office:
    """Hosts in the database that is open, with an event type each whose links open again when an invitee cancels."""
    desks = [make_desk(time_zone="UTC")]
    while len(desks) < HOSTS:
        email = f"host{len(desks)}@example.org"
        host = hosts.add_host(name="Host", email=email, password=PASSWORD, time_zone="UTC", now=NOW)
        [card] = event_types.list_event_types(host_id=host.id, now=NOW)
        desks.append(Desk(host.id, "", card.id))
    for desk in desks:
        own = {"host_id": desk.host_id, "event_type_id": desk.event_type_id, "now": NOW}
        [schedule] = schedules.list_schedules(host_id=desk.host_id)
        schedules.edit_schedule(host_id=desk.host_id, schedule_id=schedule.id, availability=AROUND_THE_CLOCK, now=NOW)
        event_type_edits.edit_event_type(**own, edit=Edit(booking_window_days=DAYS + 10, reopens_on_cancel=True))
    return Office(tuple(desks))


def some_start(random: Random) -> datetime:
    """One of tens of thousands; hardly ever one that is taken."""
    return NOW + timedelta(days=1) + STEP * random.randrange(DAYS * 48)


def at_once(call: Callable[[], T]) -> T:
    """Call, and be content with what comes."""
    return call()


def meet(tell: Tell, random: Random, desk: Desk, insist: Callable[[Callable[[], T]], T] = at_once) -> None:
    """Make a link and book with it; sometimes ask again, move the booking, cancel it. Each result is told after the
    operation has returned; ``insist`` calls it."""
    create = partial(links.create_link, host_id=desk.host_id, event_type_id=desk.event_type_id, now=NOW)
    link = insist(partial(create, max_uses=random.choice((1, 1, 3))))
    tell("link", link=link.id)
    ask = partial(book, link, start=some_start(random), receipt=secrets.token_hex(16))
    booking = insist(ask)
    tell_booking(tell, "booked", booking)
    if random.random() < 0.3:
        assert insist(ask) == booking, "the same receipt gets another booking"
    if random.random() < 0.3:
        who = AsHost(desk.host_id, booking.booking_id)
        move = partial(reschedule_booking, who=who, start=some_start(random), sequence=booking.sequence, now=NOW)
        booking = insist(move)
        tell_booking(tell, "moved", booking)
    if random.random() < 0.3:
        token = insist(partial(manage_token, booking_id=booking.booking_id))
        tell_booking(tell, "cancelled", insist(partial(cancel_booking, who=AsInvitee(token), now=NOW)))


def tell_booking(tell: Tell, what: str, booking: BookingConfirmation) -> None:
    """Tell what somebody knows of a booking now."""
    start = int(booking.start.timestamp())
    tell(what, booking=booking.booking_id, start=start, sequence=booking.sequence, cancelled=booking.cancelled)
