"""Where the benchmark books: hosts with office hours, and as many single-use links of theirs as are asked for."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import cycle, islice
from uuid import UUID

from sqlmodel import SQLModel

from singleuse_app import db, tokens
from singleuse_app.ids import LINK, new_id, public_id
from singleuse_app.models import EventType, Host, Installation, Link, Schedule
from singleuse_app.operations import bookings
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.availability import AvailabilitySchedule, WeeklyHours
from tests.factories import ADA, NOW, free_starts, rows

HOSTS = 32
"""Those whom the clients go round. One more has all clients for himself."""

BOOKING_WINDOW_DAYS = 730
"""On Mondays to Fridays from nine to five, that is over 16,000 slots of a quarter of an hour."""


@dataclass(slots=True)
class Desk:
    """A host and their event type. ``given`` counts the slots that were given to somebody who shall book them."""

    host_id: UUID
    event_type_id: UUID
    given: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """One booking to be made."""

    token: str
    start: datetime
    receipt: str

    def book(self) -> None:
        """Make it."""
        bookings.book_slot(
            token=self.token, start=self.start, invitee=ADA, receipt=self.receipt, terms_version=1, now=NOW
        )


class Scene:
    """A database with hosts in it, while the app's door leads there. ``past`` is how many bookings are long over."""

    def __init__(self) -> None:
        self.past = self._booked = 0
        self.desks: list[Desk] = []
        with db.writing() as session:
            for number in range(HOSTS + 1):
                host, others, desk = _host(number)
                self.desks.append(desk)
                db.insert(session, host)
                for table in others:
                    db.insert(session, *table)
            db.insert(session, Installation(host_id=self.desks[0].host_id, set_up_at=NOW))
        self._rounds = cycle(self.desks[:HOSTS])

    def orders(self, hosts: int, count: int) -> list[Order]:
        """Bookings that can all be made: of one host, or going round all; a new link and a free slot for each."""
        desks = [self.desks[HOSTS]] * count if hosts == 1 else list(islice(self._rounds, count))
        orders = []
        for desk, token in zip(desks, _add_links(desks), strict=True):
            orders.append(Order(token, self._starts[desk.given], tokens.new_secret()))
            desk.given += 1
        self._booked += count
        return orders

    def contenders(self, count: int) -> list[Order]:
        """Bookings of which one can be made: all with one link, each for another slot that is free."""
        [token] = _add_links([next(self._rounds)])
        self._booked += 1
        return [Order(token, start, tokens.new_secret()) for start in self._starts[-count:]]

    def check(self) -> None:
        """Stop the benchmark unless each booking is there, once, with all that belongs to it, and nothing else.

        With a long past, rows are counted only: to prove each of them takes longer than to measure.
        """
        expected = self.past + self._booked
        [there] = rows(
            """SELECT (SELECT count(*) FROM booking), (SELECT sum(uses) FROM scheduling_link),
                      (SELECT count(*) FROM time_claim),
                      (SELECT count(*) / 2 FROM outbox_message WHERE kind = 'booked'),
                      (SELECT count(*) FROM event_log WHERE kind = 'booked')"""
        )
        if set(there) != {expected}:
            raise SystemExit(
                f"{expected} bookings were made. Bookings, uses, claims, pairs of messages, lines: {there}"
            )
        if not self.past:
            with db.reading() as session:
                if found := violations(session):
                    raise SystemExit(f"This is not true any more: {'; '.join(found)}")

    @cached_property
    def _starts(self) -> list[datetime]:
        """The slots that every host offers at first, as the page of a link shows them."""
        [token] = _add_links([self.desks[0]])
        return free_starts(HandedOutLink(public_id(LINK, new_id()), token))


def _host(number: int) -> tuple[Host, list[list[SQLModel]], Desk]:
    """A host as the set-up makes them, but with short meetings that are booked up to two years before."""
    host = Host(
        email=f"host{number}@example.org",
        name="Grace Host",
        password_hash="-",
        time_zone="Europe/Berlin",
        created_at=NOW,
    )
    hours = tuple(WeeklyHours(day, 9 * 60, 17 * 60) for day in range(5))
    office = AvailabilitySchedule(host.time_zone, hours)
    schedule = Schedule(host_id=host.id, name="Working hours", availability=office, created_at=NOW)
    event_type = EventType(
        host_id=host.id,
        schedule_id=schedule.id,
        name="15 minute meeting",
        duration_minutes=15,
        start_time_increment_minutes=15,
        minimum_notice_minutes=240,
        booking_window_days=BOOKING_WINDOW_DAYS,
        created_at=NOW,
    )
    return host, [[schedule], [event_type]], Desk(host.id, event_type.id)


def _add_links(desks: list[Desk]) -> list[str]:
    """A single-use link of each desk; their tokens."""
    kid, links, handed_out = tokens.current_kid(), [], []
    for desk in desks:
        key = new_id()
        handed_out.append(tokens.derive(tokens.LINK, key, kid))
        links.append(
            Link(
                id=key,
                host_id=desk.host_id,
                event_type_id=desk.event_type_id,
                token_hash=tokens.hash_token(handed_out[-1]),
                kid=kid,
                max_uses=1,
                created_at=NOW,
            )
        )
    with db.writing() as session:
        db.insert(session, *links)
    return handed_out
