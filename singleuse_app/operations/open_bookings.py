"""At most one upcoming booking for each address, where the host wants that."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from singleuse_app.models import Booking, EventType
from singleuse_app.scheduling.errors import InvalidInput
from singleuse_app.scheduling.event_types import LONGEST_MEETING

_UPCOMING = select(Booking.invitee_email).where(
    Booking.host_id == bindparam("host_id"),
    col(Booking.cancelled_at).is_(None),
    col(Booking.start) > bindparam("long_ago"),  # says nothing new, but the index begins there
    col(Booking.end) > bindparam("now"),
    Booking.event_type_id == bindparam("event_type_id"),
    col(Booking.invitee_email).like(bindparam("at_domain")),  # which is kept in small letters
)
_OTHERS = _UPCOMING.where(Booking.id != bindparam("besides"))


def refuse_second_booking(
    session: Session, event_type: EventType, email: str, *, besides: UUID | None = None, now: datetime
) -> None:
    """Raise ``InvalidInput`` for ``email`` where its address has a booking of this event type that is not over.

    The host must be held: then nobody makes another one meanwhile. Databases disagree about what is the same in
    capitals, so that is found out here, among what is to come. Nothing of that booking is told: whoever asks may be
    somebody else.
    """
    if not event_type.one_booking_each:
        return
    wanted = {
        "host_id": event_type.host_id,
        "event_type_id": event_type.id,
        "long_ago": now - LONGEST_MEETING,
        "now": now,
        "at_domain": f"%@{email.rpartition('@')[2].lower()}",
        "besides": besides,
    }
    upcoming = session.connection().execute(_OTHERS if besides else _UPCOMING, wanted).scalars()
    if any(address.casefold() == email.casefold() for address in upcoming):
        raise InvalidInput({"email": "address_has_booking"})
