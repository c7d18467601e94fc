"""The counter-proof: the same app with its guards off.

It checks the link and the slot in one transaction and books in another, as schedulers commonly do, and the schema has
neither triggers nor the unique index. What sells a link more than once here is what the guards prevent.
"""

import time
from datetime import datetime
from typing import Any

from sqlmodel import select

from singleuse_app import app as composition
from singleuse_app import db
from singleuse_app.migrations.guards import GUARDS
from singleuse_app.models import EventType, Link
from singleuse_app.operations import bookings
from singleuse_app.operations.links import find_by_token
from singleuse_app.scheduling.bookings import BookingConfirmation, Invitee
from singleuse_app.scheduling.links import link_status, refusal_of

SECONDS_BETWEEN = 1.0
"""Between the look and the booking others ask a calendar or send a mail, while more people look."""

prepare = db.prepare


def prepare_without_guards() -> None:
    """Make the tables, then take away what has the last word."""
    prepare()
    with db.writing() as session:
        for name in GUARDS:
            session.connection().exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        session.connection().exec_driver_sql("DROP INDEX IF EXISTS uq_booking_live_use")


def check_then_book(
    *, token: object, start: datetime, invitee: Invitee, receipt: str, terms_version: int, now: datetime
) -> BookingConfirmation:
    """Look whether the link is free; afterwards, in a transaction of its own, use it."""
    with db.reading() as session:
        link, event_type = find_by_token(session, token)
        if refusal := refusal_of(link_status(link.facts(event_type), now=now)):
            raise refusal
        slot = bookings._slot_at(session, event_type, start, now)
        link_id, event_type_id = link.id, event_type.id
    time.sleep(SECONDS_BETWEEN)
    with db.writing() as session:
        link = session.exec(select(Link).where(Link.id == link_id)).one()
        event_type = session.exec(select(EventType).where(EventType.id == event_type_id)).one()
        link.uses = 1
        session.add(link)
        booking = bookings.add_booking(session, link, event_type, slot=slot, invitee=invitee, receipt=receipt, now=now)
        return bookings._confirmation(session, booking)


def app() -> Any:
    """The ASGI app."""
    db.prepare = prepare_without_guards  # ty: ignore[invalid-assignment]
    bookings.book_slot = check_then_book  # ty: ignore[invalid-assignment]
    return composition.app()
