"""Messages owed: rows written in the change that owes them, rendered and sent after it.

A message waits while it has a next attempt. Whoever is going to send it takes a lease first: of two who try, one gets
it, and one who was stopped in the middle loses it after a while. So each message goes out at least once. Messages
about one subject to one recipient leave in the order in which they were owed.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Update, bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select, update

from singleuse_app import db
from singleuse_app.ids import new_id
from singleuse_app.models import OutboxMessage

LEASE = timedelta(minutes=4)
"""Longer than a round of sending takes."""

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=2)
AHEAD = timedelta(hours=1)
"""So far ahead of others goes what is urgent."""

TRIED_FOR = timedelta(hours=24)
MAX_SAID = 500
"""How much of a server's answer is kept, in characters."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A message that the caller alone sends, while the lease lasts. ``attempts`` came before this one."""

    id: UUID
    host_id: UUID | None
    kind: str
    recipient: str
    subject_id: UUID
    sequence: int
    payload: Mapping[str, Any]
    due_at: datetime
    attempts: int
    lease_id: UUID


def enqueue(
    session: Session,
    kind: str,
    *,
    host_id: UUID | None,
    recipients: Sequence[str],
    subject_id: UUID,
    sequence: int,
    payload: Mapping[str, Any] = MappingProxyType({}),
    due: datetime | None = None,
    is_urgent: bool = False,
    now: datetime,
) -> None:
    """Owe one message of ``kind`` about ``subject_id`` to each recipient, in the caller's transaction.

    A recipient is a part to play (``"host"``, ``"invitee"``, ``"guest:0"``), not an address. ``payload`` is what was
    true when it happened and may not be when it is sent: plain values, never an address of a page or a token. It goes
    out at ``due``, at once unless given; an urgent one before all that have been due for less than an hour. The same
    kind, subject, sequence and recipient are owed once: the second time breaks the unique ``dedupe_key``.
    """
    next_attempt_at = (due or now) - (AHEAD if is_urgent else timedelta(0))
    messages = [
        {
            "kind": kind,
            "host_id": host_id,
            "recipient": recipient,
            "subject_id": subject_id,
            "sequence": sequence,
            "payload": {"v": 1, **payload},
            "dedupe_key": f"{kind}:{subject_id.hex}:{sequence}:{recipient}",
            "created_at": now,
            "due_at": due or now,
            "next_attempt_at": next_attempt_at,
        }
        for recipient in recipients
    ]
    if messages:
        db.insert_values(session, OutboxMessage, *messages)


@db.retrying
def claim_due(*, now: datetime, at_most: int) -> list[Owed]:
    """Take the lease of messages that are due, the longest due first; of two who ask, one gets each.

    A message waits for every earlier one about the same subject to the same recipient, unless that one is not due yet.
    """
    due = _due(now)
    with db.reading() as session:
        if session.exec(select(OutboxMessage.id).where(*due).limit(1)).first() is None:
            return []
    with db.writing() as session:
        keys = session.exec(
            select(OutboxMessage.id)
            .where(*due)
            .order_by(col(OutboxMessage.next_attempt_at), col(OutboxMessage.id))
            .limit(at_most)
            .with_for_update(skip_locked=True)
        ).all()
        lease_id = new_id()
        session.exec(
            update(OutboxMessage)
            .where(col(OutboxMessage.id).in_(keys))
            .values(lease_id=lease_id, leased_until=now + LEASE)
            .execution_options(synchronize_session=False)
        )
        rows = session.exec(select(OutboxMessage).where(col(OutboxMessage.id).in_(keys))).all()
        return [
            Owed(
                id=row.id,
                host_id=row.host_id,
                kind=row.kind,
                recipient=row.recipient,
                subject_id=row.subject_id,
                sequence=row.sequence,
                payload=row.payload,
                due_at=row.due_at,
                attempts=row.attempts,
                lease_id=lease_id,
            )
            for row in sorted(rows, key=lambda row: keys.index(row.id))
        ]


def sent(
    owed: Owed,
    *,
    said: str,
    kept: bool = False,
    to_hash: str | None = None,
    through_link_id: UUID | None = None,
    now: datetime,
) -> bool:
    """It went out, or lies in the folder of kept mails; whether the lease was still the caller's."""
    counted = {"to_hash": to_hash, "through_link_id": through_link_id} if to_hash else {}
    done = {"sent_at": now, "kept": kept, "next_attempt_at": None, "attempts": owed.attempts + 1}
    return _write(owed, **done, **counted, server_said=said)


def dropped(owed: Owed, *, said: str = "", now: datetime) -> bool:
    """It is not true any more, too late, not wanted, or too much, as ``said`` says."""
    return _write(owed, dropped_at=now, next_attempt_at=None, server_said=said)


def refused(owed: Owed, *, said: str, now: datetime) -> bool:
    """The server will not take it, now or later."""
    return _write(owed, failed_at=now, next_attempt_at=None, attempts=owed.attempts + 1, server_said=said)


def postponed(owed: Owed, *, said: str, now: datetime) -> bool:
    """It could not go out. It is tried again, ever later, and has failed when a day has gone."""
    if now - owed.due_at >= TRIED_FOR:
        return refused(owed, said=said, now=now)
    pause = pause_after(owed.attempts + 1) * random.uniform(0.8, 1.2)  # noqa: S311 - so that not all come at once
    return _write(owed, next_attempt_at=now + pause, attempts=owed.attempts + 1, server_said=said)


def is_mine(session: Session, owed: Owed) -> bool:
    """Whether the caller still has the lease, which it holds until its transaction ends."""
    mine = select(OutboxMessage.id).where(OutboxMessage.id == owed.id, OutboxMessage.lease_id == owed.lease_id)
    return session.exec(mine.with_for_update()).first() is not None


def drop_in(session: Session, owed: Owed, *, now: datetime) -> None:
    """As :func:`dropped`, in the caller's transaction: what it stood for is owed in other rows now."""
    _settle(session, owed, {"dropped_at": now, "next_attempt_at": None})


def given_back(owed: Owed) -> bool:
    """Nobody has tried to send it: it is as due as before."""
    return _write(owed)


def again(session: Session, message: OutboxMessage, *, now: datetime) -> None:
    """Try a message that has failed once more, from the beginning, in the caller's transaction."""
    message.failed_at, message.next_attempt_at, message.due_at, message.attempts = None, now, now, 0
    session.add(message)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts.

    >>> [str(pause_after(number)) for number in (1, 2, 8, 9, 1000)]
    ['0:00:30', '0:01:00', '1:04:00', '2:00:00', '2:00:00']
    """
    return min(FIRST_PAUSE * 2 ** min(attempts - 1, 12), LONGEST_PAUSE)


def _due(now: datetime) -> tuple[Any, ...]:
    earlier = aliased(OutboxMessage)
    before = (
        select(earlier.id)
        .where(
            earlier.subject_id == OutboxMessage.subject_id,
            earlier.recipient == OutboxMessage.recipient,
            col(earlier.id) < col(OutboxMessage.id),
            or_(col(earlier.next_attempt_at) <= now, (col(earlier.attempts) > 0) & _waits(earlier)),
        )
        .correlate(OutboxMessage)
        .exists()
    )
    return (
        col(OutboxMessage.next_attempt_at) <= now,
        or_(col(OutboxMessage.leased_until).is_(None), col(OutboxMessage.leased_until) <= now),
        ~before,
    )


def _waits(message: Any) -> Any:
    return col(message.next_attempt_at).is_not(None)


@db.repeatable
def _write(owed: Owed, **values: Any) -> bool:
    if "server_said" in values:
        values["server_said"] = values["server_said"][:MAX_SAID]
    with db.writing() as session:
        return _settle(session, owed, values)


def _settle(session: Session, owed: Owed, values: Mapping[str, Any]) -> bool:
    new = {f"new_{name}": value for name, value in values.items()}
    own = {"own_id": owed.id, "own_lease": owed.lease_id}
    return session.connection().execute(_settling(tuple(values)), {**own, **new}).rowcount == 1


@cache
def _settling(names: tuple[str, ...]) -> Update:
    """The statement that sets those columns, made once: making it takes longer than it runs."""
    table = OutboxMessage.metadata.tables[OutboxMessage.__tablename__]
    mine = (table.c.id == bindparam("own_id"), table.c.lease_id == bindparam("own_lease"))
    new = {name: bindparam(f"new_{name}") for name in names}
    return table.update().where(*mine).values(lease_id=None, leased_until=None, **new)
