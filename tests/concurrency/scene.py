"""Where a race takes place: a host of its own, with what the race needs, written in a moment and without a password."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlmodel import SQLModel

from singleuse_app import db, tokens
from singleuse_app.ids import BOOKING, EVENT_TYPE, LINK, new_id, parse_id, public_id
from singleuse_app.models import EventType, Host, Link, Schedule
from singleuse_app.operations import host_bookings
from singleuse_app.operations.manage_booking import AsHost, AsInvitee
from singleuse_app.scheduling.availability import AvailabilitySchedule, WeeklyHours
from tests.concurrency.contenders import Book, Cancel, Move
from tests.concurrency.world import Offer, Pass, World
from tests.factories import NOW

NINE = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
"""When the host's first slot begins, on a Monday."""


def at(hours: float) -> datetime:
    """So many hours after the first slot."""
    return NINE + timedelta(hours=hours)


@dataclass
class Scene:
    """A host and what there is of them before the race; ``world`` knows it too."""

    host_id: UUID = field(default_factory=new_id)
    schedule_id: UUID = field(default_factory=new_id)
    world: World = field(default_factory=World)
    receipts: int = 0
    to_write: list[SQLModel] = field(default_factory=list)

    def __post_init__(self) -> None:
        mail, (opens, closes) = f"{self.host_id.hex}@example.org", self.world.hours
        schedule = AvailabilitySchedule("UTC", tuple(WeeklyHours(day, opens * 60, closes * 60) for day in range(7)))
        self.to_write = [
            Host(id=self.host_id, email=mail, name="Racer", password_hash="-", time_zone="UTC", created_at=NOW),
            Schedule(id=self.schedule_id, host_id=self.host_id, name="Race", availability=schedule, created_at=NOW),
        ]

    def event_type(self, **facts: int) -> str:
        """An event type, by default of thirty minutes; ``facts`` as in :class:`Offer`."""
        offer, key = Offer(**facts), new_id()
        row = EventType(
            id=key,
            host_id=self.host_id,
            schedule_id=self.schedule_id,
            name="Race",
            duration_minutes=offer.minutes,
            start_time_increment_minutes=offer.step,
            before_buffer_minutes=offer.before,
            after_buffer_minutes=offer.after,
            reopens_on_cancel=offer.reopens,
            one_booking_each=offer.one_each,
            created_at=NOW,
        )
        self.to_write.append(row)
        self.world.offers[public_id(EVENT_TYPE, key)] = offer
        return public_id(EVENT_TYPE, key)

    def links(self, count: int, event_type: str, max_uses: int = 1) -> list[tuple[str, str]]:
        """So many links: of each its public id and its token."""
        made, rows = [], []
        for _ in range(count):
            key, kid = new_id(), tokens.current_kid()
            token = tokens.derive(tokens.LINK, key, kid)
            rows.append(
                Link(
                    id=key,
                    host_id=self.host_id,
                    event_type_id=parse_id(EVENT_TYPE, event_type),
                    token_hash=tokens.hash_token(token),
                    kid=kid,
                    max_uses=max_uses,
                    created_at=NOW,
                )
            )
            made.append((public_id(LINK, key), token))
            self.world.links[public_id(LINK, key)] = Pass(event_type, max_uses)
        self.to_write += rows
        return made

    def booker(self, link: tuple[str, str], start: datetime, now: datetime = NOW) -> Book:
        """Somebody with a receipt of their own."""
        self.receipts += 1
        return Book(*link, start, f"{self.receipts:032x}", now)

    def booked(self, link: tuple[str, str], start: datetime) -> "Booked":
        """A booking that was made before the race."""
        self.write()
        booker = self.booker(link, start)
        told = booker.attempt()
        assert told.booking, told
        self.world.change(booker, told)
        secret = tokens.derive_current(tokens.MANAGE, parse_id(BOOKING, told.booking))
        return Booked(told.booking, AsHost(self.host_id, told.booking), AsInvitee(secret))

    def asked(self, booked: "Booked") -> "Booked":
        """The same after its host gave the time up and asked for another."""
        host_bookings.ask_for_another_time(who=booked.host, now=NOW)
        meeting = self.world.meetings[booked.id]
        meeting.cancelled = meeting.asked = True
        meeting.sequence += 1
        return replace(booked, sequence=meeting.sequence)

    def write(self) -> None:
        """Put down what is not in the tables yet."""
        with db.writing() as session:
            for _, rows in groupby(self.to_write, key=type):
                db.insert(session, *rows)
        self.to_write = []


@dataclass(frozen=True)
class Booked:
    """A booking, and the two who may change it."""

    id: str
    host: AsHost
    invitee: AsInvitee
    sequence: int = 0

    def move(self, start: datetime, *, by_host: bool = False) -> Move:
        """Somebody who wants it at another time."""
        return Move(self.id, self.host if by_host else self.invitee, start, self.sequence)

    def cancel(self, *, by_host: bool = False) -> Cancel:
        """Somebody who does not want it any more."""
        return Cancel(self.id, self.host if by_host else self.invitee)
