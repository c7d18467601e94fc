"""So much mail one can cause to be sent to others, who may not know whoever books.

Whoever has a link chooses the addresses that hear of the booking, and a name and answers that some of them read. So
what goes to one address within a day, and through one link, is counted as it is sent, and what is too much is not.
Two who send at once may each send one more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select

from singleuse_app import db
from singleuse_app.models import AddressCode, Booking, OutboxMessage
from singleuse_app.notifications.outbox import Owed
from singleuse_app.operations.booking_letters import ABOUT
from singleuse_app.operations.history import Happened
from singleuse_app.scheduling.bookings import Party
from singleuse_app.tokens import hash_token

PER_ADDRESS = 30
PER_LINK = 300
A_DAY = timedelta(days=1)


_LINK_OF = {
    **dict.fromkeys(ABOUT, select(Booking.link_id).where(Booking.id == bindparam("subject_id"))),
    Happened.CODE_ASKED: select(AddressCode.link_id).where(AddressCode.id == bindparam("subject_id")),
}
_LATELY = select(func.count(col(OutboxMessage.id))).where(col(OutboxMessage.sent_at) > bindparam("since"))
_HOW_MANY = sa.select(
    _LATELY.where(OutboxMessage.to_hash == bindparam("to_hash")).scalar_subquery(),
    _LATELY.where(OutboxMessage.through_link_id == bindparam("link_id")).scalar_subquery(),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """By what a mail is counted."""

    to_hash: str | None = None
    through_link_id: UUID | None = None


UNCOUNTED = Counted()
"""A mail to a host, or from one by their own will."""


def count_by(owed: Owed, email: str) -> Counted:
    """By what a mail to that address is counted."""
    if owed.kind not in _LINK_OF or owed.recipient == Party.HOST:
        return UNCOUNTED
    with db.reading() as session:
        link_id = session.connection().execute(_LINK_OF[owed.kind], {"subject_id": owed.subject_id}).scalar()
    return Counted(hash_token(email.lower()), link_id)


def is_too_much(counted: Counted, *, now: datetime) -> bool:
    """Whether as many were sent within a day as may be."""
    if counted == UNCOUNTED:
        return False
    with db.reading() as session:
        return reached(session, counted, now=now)


def reached(session: Session, counted: Counted, *, now: datetime) -> bool:
    """As :func:`is_too_much`, in the caller's transaction."""
    wanted = {"since": now - A_DAY, "to_hash": counted.to_hash, "link_id": counted.through_link_id}
    both = session.connection().execute(_HOW_MANY, wanted).one()
    return both[0] >= PER_ADDRESS or both[1] >= PER_LINK
