"""Correcting the e-mail address of a booking: whoever mistyped it will hear nothing otherwise."""

from datetime import datetime

from singleuse_app import db
from singleuse_app.models import Link
from singleuse_app.notifications import outbox
from singleuse_app.operations.bookings import confirmation
from singleuse_app.operations.history import Happened, record, times_happened
from singleuse_app.operations.manage_booking import AsInvitee, hold_booking
from singleuse_app.operations.open_bookings import refuse_second_booking
from singleuse_app.scheduling.addresses import parse_email
from singleuse_app.scheduling.bookings import BookingConfirmation, Party, refusal_to_correct
from singleuse_app.scheduling.errors import InvalidInput


@db.repeatable
def correct_email(*, who: AsInvitee, email: object, now: datetime) -> BookingConfirmation:
    """Give a booking another address, and owe the confirmation to that. Twice is as good as once.

    Its invitee may do it three times, within a day of booking and before the start. Nothing else of the booking
    changes, its sequence neither.

    Raises ``InvalidInput`` for ``email``, ``NotFound``, or the ``BookingRefusal`` that says why it is too late.
    """
    wrong: dict[str, str] = {}
    address = parse_email(email, wrong)
    if wrong:
        raise InvalidInput(wrong)
    with db.writing() as session:
        host, booking, event_type = hold_booking(session, who)
        if booking.invitee_email == address:
            return confirmation(host, booking)
        if not session.get_one(Link, booking.link_id).is_for(address):
            raise InvalidInput({"email": "email_not_invited"})
        refuse_second_booking(session, event_type, address, besides=booking.id, now=now)
        corrected = times_happened(session, Happened.ADDRESS_CORRECTED, booking_id=booking.id)
        facts = booking.facts()
        if refusal := refusal_to_correct(facts, made_at=booking.created_at, corrections=corrected, now=now):
            raise refusal
        booking.invitee_email = address
        session.add(booking)
        record(
            session,
            Happened.ADDRESS_CORRECTED,
            now=now,
            host_id=booking.host_id,
            event_type_id=booking.event_type_id,
            link_id=booking.link_id,
            booking_id=booking.id,
        )
        outbox.enqueue(
            session,
            Happened.ADDRESS_CORRECTED,
            host_id=booking.host_id,
            recipients=(Party.INVITEE,),
            subject_id=booking.id,
            sequence=corrected + 1,
            now=now,
        )
        return confirmation(host, booking)
