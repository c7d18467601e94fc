"""What both sides of a booking and their guests are owed when something happens to it, and before it begins."""

from datetime import datetime, timedelta
from types import SimpleNamespace

from sqlmodel import Session

from singleuse_app.models import Booking, EventType
from singleuse_app.notifications import outbox
from singleuse_app.operations.history import Happened
from singleuse_app.scheduling.bookings import Party

REMINDER = "reminder"
REMINDER_DUE = "reminder_due"
EVERYONE = "everyone"
LATEST = timedelta(hours=1)
"""So long after it was due a reminder may still come, unless the half of its time before the meeting is less."""


def tell_of(
    session: Session, what: Happened, booking: Booking | SimpleNamespace, *, now: datetime, **facts: object
) -> None:
    """Owe everybody word of what has just happened to a booking. ``facts`` are what only this moment knows.

    The time that it has now is written down with it: it may have another one when the word goes out.
    """
    outbox.enqueue(
        session,
        what,
        host_id=booking.host_id,
        recipients=(*Party, *guests_of(booking)),
        subject_id=booking.id,
        sequence=booking.sequence,
        payload={"start": _epoch(booking.start), "end": _epoch(booking.end), **facts},
        now=now,
    )


def remind_of(session: Session, booking: Booking | SimpleNamespace, event_type: EventType, *, now: datetime) -> None:
    """Owe reminders of a booking as its event type has them, but for those whose moment has gone.

    One line stands for all who will be reminded. A move or a cancellation makes it untrue, and so it is dropped.
    """
    for minutes in event_type.reminders:
        due = booking.start - timedelta(minutes=minutes)
        if due > now:
            outbox.enqueue(
                session,
                REMINDER_DUE,
                host_id=booking.host_id,
                recipients=(f"{EVERYONE}:{minutes}",),
                subject_id=booking.id,
                sequence=booking.sequence,
                payload={"minutes": minutes},
                due=due,
                now=now,
            )


def remind_everyone(session: Session, booking: Booking, *, minutes: int, now: datetime) -> None:
    """Owe each of those who meet the reminder that one line stood for."""
    outbox.enqueue(
        session,
        REMINDER,
        host_id=booking.host_id,
        recipients=tuple(f"{part}:{minutes}" for part in (*Party, *guests_of(booking))),
        subject_id=booking.id,
        sequence=booking.sequence,
        payload={"minutes": minutes},
        now=now,
    )


def is_late(minutes: int, start: datetime, *, now: datetime) -> bool:
    """Whether a reminder that was to come so many minutes before the start comes too late to be one.

    >>> nine = datetime(2026, 9, 1, 9)
    >>> [is_late(60, nine, now=datetime(2026, 9, 1, 8, minute)) for minute in (0, 30, 31)]
    [False, False, True]
    """
    due = start - timedelta(minutes=minutes)
    return now > due + min(LATEST, timedelta(minutes=minutes) / 2)


def guests_of(booking: Booking | SimpleNamespace) -> tuple[str, ...]:
    """The parts that a booking's guests play."""
    return tuple(f"guest:{number}" for number in range(len(booking.guests)))


def _epoch(at: datetime) -> int:
    return int(at.timestamp())
