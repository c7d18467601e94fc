"""A host leaves: everything that is kept of them goes. Of the log there stay ids that name nothing any more."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, delete, select, update

from singleuse_app import db
from singleuse_app.models import (
    Booking,
    CalendarBusy,
    CalendarFeed,
    EventLog,
    Host,
    Installation,
    LinkRequest,
    OutboxMessage,
    Table,
)
from singleuse_app.notifications import outbox
from singleuse_app.operations.exports import own_column
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.profile import check_password
from singleuse_app.scheduling.bookings import Party
from singleuse_app.scheduling.errors import InvalidInput, NotFound
from singleuse_app.scheduling.texts import one_line

STAYS = (Installation.__tablename__, EventLog.__tablename__)


def delete_account(*, host_id: UUID, email: object, password: object, now: datetime) -> None:
    """Delete a host with everything of theirs, for good: no link of theirs books or shows anything any more. Whoever
    has booked a meeting that is still to come is owed word of it, and that word is all that stays until it is sent,
    but for the lines of the event log, which are sealed: kinds, times, and ids of rows that there are no more.

    The first host's part goes to who came next; after the last one, Singleuse waits to be set up as on its first day.
    Twice is as good as once. Raises ``InvalidInput`` where the address is not the host's own, or the password is wrong.
    """
    wrong: dict[str, str] = {}
    with db.reading() as session:
        own = session.exec(select(Host.email).where(Host.id == host_id)).first()
    if own is None:
        return
    if one_line(email).lower() != own:
        wrong["delete_email"] = "email_not_yours"
    if not check_password(host_id=host_id, password=password):
        wrong["delete_password"] = "password_wrong"
    if wrong:
        raise InvalidInput(wrong)
    with suppress(NotFound):  # somebody was quicker, or the first try did arrive
        _delete(host_id, now)


@db.repeatable
def _delete(host_id: UUID, now: datetime) -> None:
    with db.writing() as session:
        host_name = hold_alone(session, host_id)
        db.overwrite_what_goes(session)
        _forget_messages(session, host_id)
        for booking in session.exec(
            select(Booking).where(
                Booking.host_id == host_id, col(Booking.cancelled_at).is_(None), col(Booking.start) > now
            )
        ):
            outbox.enqueue(
                session,
                Happened.HOST_LEFT,
                host_id=None,
                recipients=(Party.INVITEE,),
                subject_id=booking.id,
                sequence=booking.sequence + 1,
                payload={
                    "host_name": host_name,
                    "invitee_name": booking.invitee_name,
                    "invitee_email": booking.invitee_email,
                    "invitee_time_zone": booking.invitee_time_zone,
                    "locale": booking.locale,
                    "event_name": booking.terms["event_name"],
                    "uid": booking.uid,
                    "start": int(booking.start.timestamp()),
                    "end": int(booking.end.timestamp()),
                },
                now=now,
            )
        session.flush()
        session.expunge_all()
        _pass_on(session, host_id)
        own_feeds = select(CalendarFeed.id).where(CalendarFeed.host_id == host_id)
        session.exec(delete(CalendarBusy).where(col(CalendarBusy.feed_id).in_(own_feeds)))  # of removed ones, too
        for table in reversed(Table.metadata.sorted_tables):
            own = own_column(table)
            if own is not None and table.name not in STAYS:
                session.connection().execute(table.delete().where(table.columns[own] == host_id))
        record(session, Happened.HOST_LEFT, now=now, host_id=host_id)


def hold_alone(session: Session, host_id: UUID) -> str:
    """Lock a host's row, and say their name. On PostgreSQL nobody can then even add a row that names them, a
    session for one: what is found afterwards is all there is. Raises ``NotFound`` where somebody was quicker."""
    name = session.exec(select(Host.name).where(Host.id == host_id).with_for_update()).first()
    if name is None:
        raise NotFound
    return name


def _forget_messages(session: Session, host_id: UUID) -> None:
    """What was owed about a host's bookings and requests; what their invitees have to know is told anew."""
    about = [select(table.id).where(table.host_id == host_id) for table in (Booking, LinkRequest)]
    theirs = (col(OutboxMessage.host_id) == host_id, *(col(OutboxMessage.subject_id).in_(each) for each in about))
    session.exec(delete(OutboxMessage).where(or_(*theirs)))


def _pass_on(session: Session, host_id: UUID) -> None:
    """The first host's part, where this is the first one."""
    following = session.exec(select(Host.id).where(Host.id != host_id).order_by(col(Host.id))).first()
    first = col(Installation.host_id) == host_id
    session.exec(
        delete(Installation).where(first)
        if following is None
        else update(Installation).where(first).values(host_id=following)
    )
