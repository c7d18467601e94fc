"""Which keys there are, what needs each of them, and another one from now on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import Session, and_, col, func, or_, select

from singleuse_app import db, keys
from singleuse_app.models import (
    AddressCode,
    Booking,
    BookingsFeed,
    CalendarFeed,
    HostInvitation,
    Link,
    LogCheckpoint,
    LogSeal,
    PasswordReset,
    TwoFactor,
)
from singleuse_app.operations.links import UNDO_WITHIN
from singleuse_app.scheduling.errors import CommandRefused
from singleuse_app.settings import settings

KIDS = tuple(
    col(table.kid)
    for table in (
        Link,
        Booking,
        CalendarFeed,
        BookingsFeed,
        HostInvitation,
        PasswordReset,
        AddressCode,
        TwoFactor,
        LogCheckpoint,
        LogSeal,
    )
)
"""Where rows name the key that they were made with."""

SEALS = "seals of the log"
"""They open nothing. Without their key nobody can tell whether the log is as it was, which the doctor says itself."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One key: how many rows need it, by what they are. ``is_there`` says whether the key file has it, ``is_current``
    whether it is what new tokens are derived with."""

    name: str
    is_current: bool
    is_there: bool
    rows: dict[str, int]


@dataclass(frozen=True, slots=True)
class NewKey:
    """The key that new tokens are derived with from now on, and the file that has it."""

    name: str
    file: Path


def rotate() -> NewKey:
    """Add a key, which is the current one from then on; every process notices. Whatever was derived with a former one
    stays good. Its name is none that any row knows. Raises ``CommandRefused`` where there is no key file to add to."""
    path = settings().key_file
    if not path.exists():
        raise CommandRefused("key_file_missing", file=path)
    with db.reading() as session:
        taken = {name for column in KIDS for name in session.exec(select(column).distinct())}
    try:
        return NewKey(keys.add_key(path, taken=taken), path)
    except ValueError:
        raise CommandRefused("key_file_unreadable", file=path) from None


def list_keys(*, now: datetime) -> list[KeyUse]:
    """All keys, the current one last, and before them those that rows need and the file lacks. Raises
    ``CommandRefused``."""
    path = settings().key_file
    try:
        there = list(keys.keys_in(path)) if path.exists() else []
    except (OSError, ValueError):
        raise CommandRefused("key_file_unreadable", file=path) from None
    with db.reading() as session:
        needed = needed_keys(session, now=now)
    names = [*sorted(needed.keys() - there), *there]
    return [KeyUse(name, name == names[-1] and name in there, name in there, needed.get(name, {})) for name in names]


def needed_keys(session: Session, *, now: datetime) -> dict[str, dict[str, int]]:
    """By the name of a key, how many rows cannot do without it, by what they are.

    With it a link that can be booked with is copied, and a mail about a booking that is not over, a reset or a code
    written; the address of a calendar is sealed with it. Whatever was handed out opens without.
    """
    found: dict[str, dict[str, int]] = {}
    for what, column, need in _uses(now):
        for name, count in session.exec(select(column, func.count()).where(need).group_by(column)):
            found.setdefault(name, {})[what] = count
    return found


def _uses(now: datetime) -> Iterator[tuple[str, Mapped[str], ColumnElement[bool]]]:
    """What rows are called, the column with the name of their key, and which of them need it."""
    link_works = and_(
        col(Link.address).is_(None),
        col(Link.uses) < col(Link.max_uses),
        or_(col(Link.revoked_at).is_(None), col(Link.revoked_at) > now - UNDO_WITHIN),
        or_(col(Link.expires_at).is_(None), col(Link.expires_at) > now),
    )
    yield "links", col(Link.kid), link_works
    yield "bookings", col(Booking.kid), col(Booking.end) > now
    yield "calendar addresses", col(CalendarFeed.kid), col(CalendarFeed.id).is_not(None)
    yield "feeds of bookings", col(BookingsFeed.kid), col(BookingsFeed.host_id).is_not(None)
    yield "two-factor secrets", col(TwoFactor.kid), col(TwoFactor.host_id).is_not(None)
    yield SEALS, col(LogSeal.kid), col(LogSeal.id).is_not(None)
    yield "password resets", col(PasswordReset.kid), col(PasswordReset.expires_at) > now
    yield "codes", col(AddressCode.kid), col(AddressCode.expires_at) > now
