"""The browsers that a host is signed in with."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, delete, select

from singleuse_app import db
from singleuse_app.ids import DEVICE, parse_id, public_id
from singleuse_app.models import HostSession
from singleuse_app.operations import profile
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.sessions import ends_at, lasts
from singleuse_app.scheduling.errors import NotFound
from singleuse_app.tokens import hash_token

MOST = 100


@dataclass(frozen=True, slots=True)
class Device:
    """One signed-in browser, by what it calls itself. ``last_seen_at`` is true to the hour; ``ends_at`` is when it is
    signed out by itself, unless somebody is seen with it before."""

    id: str
    user_agent: str
    signed_in_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    is_this: bool


def list_devices(*, host_id: UUID, secret: str, now: datetime) -> list[Device]:
    """A host's signed-in browsers, the one whose session has ``secret`` first, then the last seen."""
    with db.reading() as session:
        rows = session.exec(
            select(HostSession)
            .where(HostSession.host_id == host_id, *lasts(now))
            .order_by(col(HostSession.last_seen_at).desc())
            .limit(MOST)
        ).all()
    own = hash_token(secret)
    found = [
        Device(
            public_id(DEVICE, row.id),
            row.user_agent,
            row.created_at,
            row.last_seen_at,
            ends_at(row),
            is_this=row.token_hash == own,
        )
        for row in rows
    ]
    return sorted(found, key=lambda device: not device.is_this)


@db.repeatable
def sign_out_device(*, host_id: UUID, device_id: object, now: datetime) -> None:
    """End one session of a host's: its open pages lead to the sign-in at once. Raises ``NotFound``."""
    key = parse_id(DEVICE, device_id)
    with db.writing() as session:
        gone = delete(HostSession).where(col(HostSession.id) == key, col(HostSession.host_id) == host_id)
        if not session.exec(gone).rowcount:
            raise NotFound
        record(session, Happened.SIGNED_OUT, now=now, host_id=host_id)


@db.repeatable
def sign_out_other_devices(*, host_id: UUID, secret: str, now: datetime) -> None:
    """End all sessions of a host's but the one with ``secret``."""
    with db.writing() as session:
        profile.sign_out_others(session, host_id, secret, now)
