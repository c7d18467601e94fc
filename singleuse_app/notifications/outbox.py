"""Messages owed: rows written in the change that owes them, rendered and sent after it."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlmodel import Session

from singleuse_app import db
from singleuse_app.models import OutboxMessage


def enqueue(
    session: Session,
    kind: str,
    *,
    recipients: tuple[str, ...],
    subject_id: UUID,
    sequence: int,
    payload: Mapping[str, Any] = MappingProxyType({}),
    now: datetime,
) -> None:
    """Owe one message of ``kind`` about ``subject_id`` to each recipient, in the caller's transaction.

    A recipient is a part to play (``"host"``, ``"invitee"``), not an address. ``payload`` is what the message needs of
    rows that will be gone when it is sent. The same kind, subject, sequence and recipient are owed once: the second
    time breaks the unique ``dedupe_key``.
    """
    messages = [
        {
            "kind": kind,
            "recipient": recipient,
            "subject_id": subject_id,
            "sequence": sequence,
            "payload": {"v": 1, **payload},
            "dedupe_key": f"{kind}:{subject_id.hex}:{sequence}:{recipient}",
            "created_at": now,
            "next_attempt_at": now,
        }
        for recipient in recipients
    ]
    db.insert_values(session, OutboxMessage, *messages)
