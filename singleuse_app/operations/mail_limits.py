"""So much mail one can cause to be sent to others, who may not know whoever books.

Whoever has a link chooses the addresses that hear of the booking, and a name and answers that some of them read. So
what goes to one address within a day, and through one link, is counted as it is sent, and what is too much is not.
Two who send at once may each send one more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, func, select

from singleuse_app import db
from singleuse_app.models import Booking, OutboxMessage
from singleuse_app.notifications.outbox import Owed
from singleuse_app.operations.booking_letters import ABOUT
from singleuse_app.scheduling.bookings import Party
from singleuse_app.tokens import hash_token

PER_ADDRESS = 30
PER_LINK = 300
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """By what a mail is counted."""

    to_hash: str | None = None
    through_link_id: UUID | None = None


UNCOUNTED = Counted()
"""A mail to a host, or from one by their own will."""


def count_by(owed: Owed, email: str) -> Counted:
    """By what a mail to that address is counted."""
    if owed.kind not in ABOUT or owed.recipient == Party.HOST:
        return UNCOUNTED
    with db.reading() as session:
        link_id = session.exec(select(Booking.link_id).where(Booking.id == owed.subject_id)).first()
    return Counted(hash_token(email.lower()), link_id)


def is_too_much(counted: Counted, *, now: datetime) -> bool:
    """Whether as many were sent within a day as may be."""
    if counted == UNCOUNTED:
        return False
    lately = col(OutboxMessage.sent_at) > now - A_DAY
    number = select(func.count(col(OutboxMessage.id)))
    to_them = number.where(OutboxMessage.to_hash == counted.to_hash, lately)
    through = number.where(OutboxMessage.through_link_id == counted.through_link_id, lately)
    with db.reading() as session:
        both = session.exec(select(to_them.scalar_subquery(), through.scalar_subquery())).one()
    return both[0] >= PER_ADDRESS or both[1] >= PER_LINK
