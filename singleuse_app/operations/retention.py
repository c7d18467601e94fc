"""What is older than the operator wants to keep goes, a little at a time: invitees' data, and the beginning of the log.

A booking that ended before a day keeps its time and its link its use, as where somebody is erased by hand.
"""

from collections.abc import Callable, Collection, Generator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast
from sqlmodel import Session, col, delete, func, or_, select

from singleuse_app import db, tokens
from singleuse_app.models import (
    AddressCode,
    Booking,
    EventLog,
    Host,
    Link,
    LinkRequest,
    LogCheckpoint,
    LogSeal,
    OutboxMessage,
)
from singleuse_app.operations.history import Happened
from singleuse_app.operations.invitee_data import (
    delete_files,
    erase_bookings,
    erase_links,
    files_of,
    forget_requests,
)
from singleuse_app.operations.log_seals import beginning, checkpoint_mac, hold_seals

AT_ONCE = 100
"""How many rows one transaction empties."""

SEALS_AT_ONCE = 10
"""How many blocks of the log one transaction cuts off, of a thousand lines at most each."""


def keep_since(day: datetime, *, now: datetime) -> Generator[int]:
    """Erase what was over before ``day``, one transaction at a time, and say how much each took; the caller pauses in
    between. What comes to be over meanwhile is for the next time. Raises what :func:`db.writing` raises."""

    def bookings(session: Session, keys: Sequence[UUID]) -> list[Path]:
        return erase_bookings(session, _held(session, Booking, keys, _over(day)), now=now)

    def links(session: Session, keys: Sequence[UUID]) -> list[Path]:
        return erase_links(session, _held(session, Link, keys, _dead(day)), now=None)

    def requests(session: Session, keys: Sequence[UUID]) -> list[Path]:
        return forget_requests(session, _held(session, LinkRequest, keys, (col(LinkRequest.created_at) < day,)))

    def codes(session: Session, keys: Sequence[UUID]) -> list[Path]:
        session.exec(delete(AddressCode).where(col(AddressCode.id).in_(keys)))
        return []

    def messages(session: Session, keys: Sequence[UUID]) -> list[Path]:
        files = files_of(session, col(OutboxMessage.id).in_(keys))
        session.exec(delete(OutboxMessage).where(col(OutboxMessage.id).in_(keys)))
        return files

    yield from _batch_by_batch(Booking.id, _over(day), bookings)
    yield from _batch_by_batch(Link.id, _dead(day), links)
    yield from _batch_by_batch(LinkRequest.id, (col(LinkRequest.created_at) < day,), requests)
    yield from _batch_by_batch(AddressCode.id, _codes(day), codes)
    yield from _batch_by_batch(OutboxMessage.id, _done(day), messages)
    while cut := cut_log(day, now=now):
        yield cut


@db.retrying
def cut_log(day: datetime, *, now: datetime) -> int:
    """Cut some of the blocks off the log that hold nothing from ``day`` on, and say how many lines; the newest block
    always stays. A checkpoint under the key takes the place of the last seal that goes."""
    with db.writing() as session:
        hold_seals(session)
        number, last, _ = beginning(session)
        blocks = select(LogSeal).where(LogSeal.id > number).order_by(col(LogSeal.id)).limit(SEALS_AT_ONCE + 1)
        old = list(session.exec(blocks))[:-1]
        if not old:
            return 0
        newer = select(func.min(EventLog.id)).where(
            col(EventLog.id) > last, col(EventLog.id) <= old[-1].last_line, EventLog.at >= day
        )
        if (first_kept := session.exec(newer).one()) is not None:
            old = [seal for seal in old if seal.last_line < first_kept]
        if not old:
            return 0
        until = old[-1]
        before = session.exec(select(func.max(LogCheckpoint.cut_before))).one()
        cut = LogCheckpoint(
            seal_id=until.id,
            last_line=until.last_line,
            seal_mac=until.mac,
            cut_before=max(day.replace(microsecond=0), before or day.replace(microsecond=0)),
            cut_at=now.replace(microsecond=0),
            kid=tokens.current_kid(),
            mac="",
        )
        cut.mac = checkpoint_mac(cut)
        lines = sum(seal.line_count for seal in old)
        session.add(cut)
        session.flush()
        session.expunge_all()
        session.exec(delete(EventLog).where(col(EventLog.id) <= until.last_line))
        session.exec(delete(LogSeal).where(col(LogSeal.id) <= until.id))
        session.exec(delete(LogCheckpoint).where(col(LogCheckpoint.seal_id) < until.id))
        return lines


def _batch_by_batch(
    key: Any, which: Collection[Any], act: Callable[[Session, Sequence[UUID]], list[Path]]
) -> Generator[int]:
    """Each look begins where the one before ended, so that all of them together read a table once."""
    last: UUID | None = None
    while True:
        with db.reading() as session:
            wanted = select(key).where(*which, *(() if last is None else (col(key) > last,)))
            keys = list(session.exec(wanted.order_by(col(key)).limit(AT_ONCE)))
        if not keys:
            return
        last = keys[-1]
        delete_files(_written(act, keys))
        yield len(keys)


@db.retrying
def _written(act: Callable[[Session, Sequence[UUID]], list[Path]], keys: Sequence[UUID]) -> list[Path]:
    with db.writing() as session:
        db.overwrite_what_goes(session)
        return act(session, keys)


def _held(session: Session, table: Any, keys: Sequence[UUID], which: Collection[Any]) -> list[Any]:
    """The rows, their hosts held first, as they are then: they may have changed since they were found."""
    rows = select(table.host_id).where(col(table.id).in_(keys))
    session.exec(
        select(Host.id).where(col(Host.id).in_(rows)).order_by(col(Host.id)).with_for_update(key_share=True)
    ).all()
    return list(session.exec(select(table).where(col(table.id).in_(keys), *which)))


def _over(day: datetime) -> tuple[Any, ...]:
    return (col(Booking.end) < day, col(Booking.erased_at).is_(None))


def _dead(day: datetime) -> tuple[Any, ...]:
    """Links that have been of no use since before that day, and say for whom they were."""
    stands = select(Booking.id).where(Booking.link_id == Link.id, col(Booking.erased_at).is_(None)).exists()
    prefilled = cast(col(Link.prefill), String) != "{}"
    says = or_(Link.recipient_name != "", Link.recipient_email != "", Link.note != "", prefilled)
    used_up = (col(Link.uses) >= col(Link.max_uses)) & ~stands
    return (
        col(Link.address).is_(None),
        Link.created_at < day,
        says,
        or_(used_up, col(Link.revoked_at) < day, col(Link.expires_at) < day),
        ~stands,
    )


def _codes(day: datetime) -> tuple[Any, ...]:
    """Codes that prove nothing any more."""
    stands = select(Booking.id).where(Booking.link_id == AddressCode.link_id, col(Booking.erased_at).is_(None)).exists()
    return (AddressCode.expires_at < day, ~stands)


def _done(day: datetime) -> tuple[Any, ...]:
    """Messages that wait for nothing, and that no booking and no request still needs."""
    about = col(OutboxMessage.subject_id)
    booking = select(Booking.id).where(Booking.id == about, col(Booking.erased_at).is_(None)).exists()
    request = select(LinkRequest.id).where(LinkRequest.id == about).exists()
    return (
        col(OutboxMessage.next_attempt_at).is_(None),
        OutboxMessage.due_at < day,
        OutboxMessage.kind != Happened.LINK_SENT,  # they are counted, and go with their link
        ~booking,
        ~request,
    )
