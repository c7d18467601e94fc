"""Who manages a booking of the desk, and what they and its host do."""

from datetime import datetime, timedelta

from singleuse_app.operations import event_type_edits
from singleuse_app.operations.manage_booking import AsHost, AsInvitee, manage_token, open_booking, reschedule_booking
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.event_types import Edit
from tests.factories import NOW, Desk, free_starts, make_link

Who = AsHost | AsInvitee
HALF_AN_HOUR = timedelta(minutes=30)


def as_invitee(booking: BookingConfirmation) -> AsInvitee:
    """Whoever has the address in the invitee's mail."""
    return AsInvitee(manage_token(booking_id=booking.booking_id))


def move(who: Who, booking: BookingConfirmation, *, slots: int = 4, now: datetime = NOW) -> BookingConfirmation:
    """Move a booking by a number of half hours."""
    start = booking.start + HALF_AN_HOUR * slots
    return reschedule_booking(who=who, start=start, sequence=open_booking(who=who).sequence, now=now)


def edit(desk: Desk, **changes: object) -> None:
    """Edit the desk's event type, as its page does."""
    own = {"host_id": desk.host_id, "event_type_id": desk.event_type_id}
    event_type_edits.edit_event_type(**own, edit=Edit(**changes), now=NOW)


def free(desk: Desk) -> list[datetime]:
    """All starts that a link made now offers."""
    return free_starts(make_link(desk))
