"""Every truth about the tables is belied by hand, by a console without guards, and is then found out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from singleuse_app import db
from singleuse_app.models import Booking, EventLog, OutboxMessage, Table, TimeClaim
from singleuse_app.operations import manage_booking
from singleuse_app.operations.bookings_feed import feed_token
from singleuse_app.operations.corrections import correct_email
from singleuse_app.operations.link_requests import ask_for_link
from singleuse_app.operations.manage_booking import AsHost, AsInvitee
from singleuse_app.operations.truths import TRUTHS, violations
from tests.factories import BOB, NOW, Desk, book, change_event_type, later, make_link, read_calendar
from tests.harness.unguarded import drop_guards

NOBODY = f"'{1:032x}'"

STANDS = "(SELECT id FROM booking WHERE sequence = 0)"
MOVED = "(SELECT id FROM booking WHERE sequence = 1 AND cancelled_at IS NULL)"
CANCELLED = "(SELECT id FROM booking WHERE cancelled_by = 'host')"
REOPENED = "(SELECT id FROM booking WHERE use_released_at IS NOT NULL)"
USED = f"(SELECT link_id FROM booking WHERE id = {STANDS})"
ASKED = "(SELECT id FROM link_request)"
READ = "(SELECT id FROM calendar_feed)"
UNUSED = "(SELECT id FROM scheduling_link WHERE uses = 0 AND reopened_at IS NULL)"


def another(model: type[Table], which: str, **columns: str) -> str:
    """A row like the one whose id is ``which``, with other columns."""
    names = [f'"{column.name}"' for column in model.__table__.columns]  # ty: ignore[unresolved-attribute]
    changed = {"id": NOBODY, **columns}
    values = [changed.get(name.strip('"'), name) for name in names]
    table = model.__table__.name  # ty: ignore[unresolved-attribute]
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table} WHERE id = {which}"


def claim_of(booking: str) -> str:
    return f"(SELECT id FROM time_claim WHERE booking_id = {booking})"


def message_of(booking: str, kind: str) -> str:
    return f"(SELECT id FROM outbox_message WHERE subject_id = {booking} AND kind = '{kind}' AND recipient = 'host')"


def line_of(booking: str, kind: str) -> str:
    return f"(SELECT id FROM event_log WHERE booking_id = {booking} AND kind = '{kind}')"


@dataclass(frozen=True)
class Lie:
    """A statement, and what it makes untrue: which rows, asked before it is told. ``None`` stands for nobody."""

    statement: str
    of: str | None


TWIN = {"uid": "'twin'", "receipt_hash": "'twin'", "manage_hash": "'twin'"}

LIES: dict[str, list[Lie]] = {
    "a link counts its live bookings": [
        Lie(f"UPDATE scheduling_link SET uses = 0 WHERE id = {USED}", USED),
        Lie(f"UPDATE scheduling_link SET uses = 1 WHERE id = {UNUSED}", UNUSED),
    ],
    "a link has no more uses than it may": [
        Lie(f"UPDATE scheduling_link SET uses = 2 WHERE id = {USED}", USED),
        Lie(f"UPDATE scheduling_link SET uses = -1 WHERE id = {UNUSED}", UNUSED),
        Lie(f"UPDATE scheduling_link SET max_uses = 0 WHERE id = {UNUSED}", UNUSED),
    ],
    "each use of a link is booked once": [Lie(another(Booking, STANDS, **TWIN), USED)],
    "a booking is a use that its link has": [
        Lie(f"UPDATE booking SET use_no = 2 WHERE id = {STANDS}", STANDS),
        Lie(f"UPDATE booking SET use_no = 0 WHERE id = {STANDS}", STANDS),
        Lie(f"UPDATE booking SET max_uses = 5 WHERE id = {STANDS}", STANDS),
    ],
    "only a cancelled booking gives its use back, and its link knows": [
        Lie(f"UPDATE booking SET use_released_at = 1 WHERE id = {STANDS}", STANDS),
        Lie(f"UPDATE booking SET use_released_at = 1 WHERE id = {CANCELLED}", CANCELLED),
    ],
    "a link opens again once, by a booking that gave its use back": [
        Lie(f"UPDATE scheduling_link SET reopened_at = 1 WHERE id = {USED}", USED),
        Lie(
            another(Booking, REOPENED, **TWIN),
            f"(SELECT link_id FROM booking WHERE id = {REOPENED})",
        ),
    ],
    "a standard link stands at its own address": [
        Lie(f"UPDATE scheduling_link SET address = 'with/some/where' WHERE id = {UNUSED}", UNUSED),
        Lie(f"UPDATE scheduling_link SET address = 'with/grace-host/30-minute-meeting' WHERE id = {UNUSED}", UNUSED),
    ],
    "an event type has one standard link": [
        Lie("UPDATE scheduling_link SET address = 'with/some/where'", "(SELECT id FROM event_type)")
    ],
    "only a link for one address asks for a code": [
        Lie(f"UPDATE scheduling_link SET by_code = true WHERE id = {UNUSED}", UNUSED)
    ],
    "who books by a code has proven the address": [
        Lie(f"UPDATE scheduling_link SET by_code = true WHERE id = {USED}", STANDS)
    ],
    "nobody's time is held twice": [
        Lie(
            f"""UPDATE time_claim SET protected_start = (SELECT start + 60 FROM booking WHERE id = {MOVED}),
                protected_end = (SELECT start + 120 FROM booking WHERE id = {MOVED})
                WHERE booking_id = {STANDS}""",
            f"(SELECT id FROM booking WHERE id IN ({STANDS}, {MOVED}))",
        ),
        Lie(f"UPDATE time_claim SET protected_end = protected_end + 864000 WHERE booking_id = {STANDS}", None),
    ],
    "a booking that stands holds its time, once": [
        Lie(f"DELETE FROM time_claim WHERE booking_id = {STANDS}", STANDS),
        Lie(f"UPDATE time_claim SET released_at = 1 WHERE booking_id = {STANDS}", STANDS),
        Lie(another(TimeClaim, claim_of(STANDS)), STANDS),
    ],
    "the time that is held covers the meeting": [
        Lie(f"UPDATE time_claim SET protected_start = protected_start + 901 WHERE booking_id = {STANDS}", STANDS),
        Lie(f"UPDATE time_claim SET protected_end = protected_end - 901 WHERE booking_id = {STANDS}", STANDS),
    ],
    "a cancelled booking holds no time": [
        Lie(f"UPDATE time_claim SET released_at = NULL WHERE booking_id = {CANCELLED}", CANCELLED)
    ],
    "what is held begins before it ends": [
        Lie(f'UPDATE booking SET "end" = start WHERE id = {STANDS}', STANDS),
        Lie(f"UPDATE time_claim SET protected_end = protected_start WHERE booking_id = {STANDS}", STANDS),
    ],
    "a cancelled booking says who cancelled it, another does not": [
        Lie(f"UPDATE booking SET cancelled_by = NULL WHERE id = {CANCELLED}", CANCELLED),
        Lie(f"UPDATE booking SET cancelled_by = 'nobody' WHERE id = {CANCELLED}", CANCELLED),
        Lie(f"UPDATE booking SET cancelled_by = 'host' WHERE id = {STANDS}", STANDS),
    ],
    "another time is asked for by the host, and keeps the link spent": [
        Lie(f"UPDATE booking SET another_time_asked_at = 1 WHERE id = {STANDS}", STANDS),
        Lie(f"UPDATE booking SET another_time_asked_at = 1 WHERE id = {REOPENED}", REOPENED),
    ],
    "a booking counts its changes": [
        Lie(f"UPDATE booking SET sequence = 0 WHERE id = {CANCELLED}", CANCELLED),
        Lie(f"UPDATE booking SET moves = 2 WHERE id = {MOVED}", MOVED),
        Lie(f"UPDATE booking SET moves = -1 WHERE id = {STANDS}", STANDS),
    ],
    "a booking is logged, once": [
        Lie(f"DELETE FROM event_log WHERE id = {line_of(STANDS, 'booked')}", STANDS),
        Lie(another(EventLog, line_of(STANDS, "booked"), id="99"), STANDS),
    ],
    "each change of a booking is logged, once": [
        Lie(f"DELETE FROM event_log WHERE id = {line_of(MOVED, 'rescheduled')}", MOVED),
        Lie(another(EventLog, line_of(CANCELLED, "cancelled"), id="99"), CANCELLED),
    ],
    "of an invitee who was erased nothing is kept": [
        Lie(f"UPDATE booking SET erased_at = 1 WHERE id = {STANDS}", STANDS),
    ],
    "host and invitee are told of each booking": [
        Lie(f"DELETE FROM outbox_message WHERE id = {message_of(STANDS, 'booked')}", STANDS),
        Lie(f"UPDATE outbox_message SET recipient = 'invitee' WHERE id = {message_of(STANDS, 'booked')}", STANDS),
        Lie(another(OutboxMessage, message_of(STANDS, "booked"), dedupe_key="'twin'"), STANDS),
    ],
    "host and invitee are told of a booking's last change": [
        Lie(f"DELETE FROM outbox_message WHERE id = {message_of(MOVED, 'rescheduled')}", MOVED),
        Lie(f"UPDATE outbox_message SET kind = 'booked' WHERE id = {message_of(CANCELLED, 'cancelled')}", CANCELLED),
    ],
    "nobody is told of what did not happen": [
        Lie(
            f"UPDATE outbox_message SET kind = 'cancelled' WHERE id = {message_of(STANDS, 'booked')}",
            message_of(STANDS, "booked"),
        ),
        Lie(
            f"UPDATE outbox_message SET sequence = 7 WHERE id = {message_of(STANDS, 'booked')}",
            message_of(STANDS, "booked"),
        ),
    ],
    "a message that was sent is not due again": [
        Lie(
            f"UPDATE outbox_message SET sent_at = 1 WHERE id = {message_of(STANDS, 'booked')}",
            message_of(STANDS, "booked"),
        )
    ],
    "nothing is held, owed or logged for a booking that there is not": [
        Lie(f"DELETE FROM booking WHERE id = {STANDS}", STANDS),
        Lie(f"UPDATE time_claim SET booking_id = {NOBODY} WHERE booking_id = {STANDS}", None),
        Lie(f"UPDATE outbox_message SET subject_id = {NOBODY} WHERE subject_id = {STANDS}", None),
        Lie(f"UPDATE event_log SET booking_id = {NOBODY} WHERE booking_id = {STANDS}", None),
    ],
    "a booking holds its own host's time": [
        Lie(f"UPDATE time_claim SET host_id = {NOBODY} WHERE booking_id = {STANDS}", STANDS)
    ],
    "a booking has its link's host and event type": [
        Lie(f"DELETE FROM scheduling_link WHERE id = {USED}", STANDS),
        Lie(f"UPDATE booking SET host_id = {NOBODY} WHERE id = {STANDS}", STANDS),
        Lie(f"UPDATE booking SET event_type_id = {NOBODY} WHERE id = {STANDS}", STANDS),
    ],
    "a link has its event type's host": [
        Lie(f"UPDATE scheduling_link SET host_id = {NOBODY} WHERE id = {UNUSED}", UNUSED),
        Lie(f"UPDATE scheduling_link SET event_type_id = {NOBODY} WHERE id = {UNUSED}", UNUSED),
    ],
    "an invitee is told at each corrected address": [
        Lie(f"DELETE FROM outbox_message WHERE subject_id = {STANDS} AND kind = 'address_corrected'", STANDS),
        Lie(f"DELETE FROM event_log WHERE booking_id = {STANDS} AND kind = 'address_corrected'", STANDS),
    ],
    "a host is told of each request for a new link": [
        Lie(f"DELETE FROM outbox_message WHERE subject_id = {ASKED}", ASKED),
        Lie(f"UPDATE outbox_message SET recipient = 'invitee' WHERE subject_id = {ASKED}", ASKED),
    ],
    "who asks for a new link asks the link's host, and is answered with a link of theirs": [
        Lie(f"UPDATE link_request SET host_id = {NOBODY}", ASKED),
        Lie(f"UPDATE link_request SET link_id = {NOBODY}", ASKED),
        Lie(f"UPDATE link_request SET new_link_id = {NOBODY}", ASKED),
    ],
    "an event type has hours of its own host": [
        Lie(f"UPDATE event_type SET schedule_id = {NOBODY}", "(SELECT id FROM event_type)"),
        Lie(f"UPDATE availability_schedule SET host_id = {NOBODY}", "(SELECT id FROM event_type)"),
    ],
    "a calendar keeps its own host busy, and nobody once it is removed": [
        Lie("UPDATE calendar_busy SET host_id = NULL", READ),
        Lie(f"UPDATE calendar_busy SET host_id = {NOBODY}", READ),
        Lie("UPDATE calendar_feed SET removed_at = 1", READ),
        Lie("DELETE FROM calendar_feed", None),
    ],
    "a calendar's busy times do not overlap": [
        Lie('UPDATE calendar_busy SET "end" = "end" + 86400', READ),
    ],
    "whatever has a host has one that there is": [
        Lie("DELETE FROM host", "(SELECT id FROM host)"),
        Lie(f"UPDATE installation SET host_id = {NOBODY}", None),
        Lie(f"UPDATE host_session SET host_id = {NOBODY}", None),
        Lie(f"UPDATE availability_schedule SET host_id = {NOBODY}", None),
        Lie(f"UPDATE event_type SET host_id = {NOBODY}", None),
        Lie(f"UPDATE bookings_feed SET host_id = {NOBODY}", None),
        Lie(f"UPDATE calendar_feed SET host_id = {NOBODY}", None),
    ],
    "where there are hosts the set-up is done": [Lie("DELETE FROM installation", "(SELECT id FROM host)")],
}
"""What each truth is belied by. A check that nothing can make fail would be no check."""


@pytest.fixture
def lived_in(desk: Desk) -> Desk:
    """Five bookings through five links: one stands, one was moved, one cancelled by each side; one link is unused;
    somebody asks for another. A calendar keeps the host busy on two days."""
    change_event_type(desk, before_buffer_minutes=15, after_buffer_minutes=15, reopens_on_cancel=True)
    make_link(desk)
    standing = make_link(desk)
    token = manage_booking.manage_token(booking_id=book(standing, slot=3).booking_id)
    correct_email(who=AsInvitee(token), email="lovelace@example.org", now=NOW)
    moved = AsHost(desk.host_id, book(make_link(desk), slot=9, invitee=BOB).booking_id)
    start = manage_booking.times_to_move_to(who=moved, now=NOW).starts[20]
    manage_booking.reschedule_booking(who=moved, start=start, sequence=0, now=NOW)
    by_host = AsHost(desk.host_id, book(make_link(desk), slot=30).booking_id)
    manage_booking.cancel_booking(who=by_host, now=later(hours=1))
    token = manage_booking.manage_token(booking_id=book(make_link(desk), slot=35).booking_id)
    manage_booking.cancel_booking(who=AsInvitee(token), now=later(hours=1))
    feed_token(host_id=desk.host_id, now=NOW)
    ask_for_link(token=standing.token, name="Bob", email="bob@example.org", message="", now=NOW)
    read_calendar(desk, [(NOW, later(hours=1)), (later(hours=20), later(hours=22))])
    return desk


@contextmanager
def console() -> Iterator[Connection]:
    """A console that nothing refuses anything to."""
    engine = create_engine(db.engine().url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        drop_guards(connection)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")  # which fires no foreign key either
            for name, table in connection.exec_driver_sql(
                "SELECT conname, conrelid::regclass::text FROM pg_constraint "
                "WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
            ).all():
                connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        yield connection


def found() -> dict[str, list[UUID]]:
    with db.reading() as session:
        return violations(session)


def ids(connection: Connection, query: str) -> set[UUID]:
    return {UUID(str(row[0])) for row in connection.exec_driver_sql(f"SELECT * FROM {query} named")}


def test_every_truth_can_be_belied() -> None:
    assert LIES.keys() == TRUTHS.keys()


def test_nothing_is_found_where_all_is_well(lived_in: Desk) -> None:
    assert found() == {}


@pytest.mark.parametrize(
    ("truth", "told"),
    [pytest.param(truth, told, id=f"{truth}-{number}") for truth in LIES for number, told in enumerate(LIES[truth])],
)
def test_a_lie_is_found_out_and_its_rows_are_named(lived_in: Desk, truth: str, told: Lie) -> None:
    with console() as connection:
        expected = ids(connection, told.of) if told.of else None
        assert connection.exec_driver_sql(told.statement).rowcount
    named = found()[truth]
    assert named
    assert expected in (None, set(named))


def test_the_guards_alone_make_nothing_untrue(lived_in: Desk) -> None:
    with console():
        pass
    assert found() == {}
