"""Signed-in browsers: how a session begins, how long it lasts, and that a browser has one at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, delete

from singleuse_app.models import HostSession
from singleuse_app.scheduling.texts import one_line
from singleuse_app.tokens import hash_token, new_secret

SESSION_LIFETIME = timedelta(days=30)
SESSION_IDLE = timedelta(days=14)
"""A session ends after the first in any case, after the second where nobody was seen with it."""

MAX_USER_AGENT = 300


@dataclass(frozen=True, slots=True)
class NewSession:
    """The secret of a fresh session, for the cookie and nowhere else."""

    secret: str
    expires_at: datetime


def sign_in_anew(session: Session, host_id: UUID, now: datetime, user_agent: str, former: str = "") -> NewSession:
    """Sign a host in, in the caller's transaction, with a secret that nobody has seen before.

    ``former`` is the secret of the session that the browser has had, whosever it was: that one ends, so that no
    cookie which somebody knew or planted is worth anything afterwards. Sessions that are over are tidied away.
    """
    ended = is_over(now)
    session.exec(delete(HostSession).where(or_(ended, col(HostSession.token_hash) == hash_token(former))))
    fresh = NewSession(new_secret(), now + SESSION_LIFETIME)
    session.add(
        HostSession(
            host_id=host_id,
            token_hash=hash_token(fresh.secret),
            user_agent=one_line(user_agent)[:MAX_USER_AGENT],
            created_at=now,
            last_seen_at=now,
            expires_at=fresh.expires_at,
        )
    )
    return fresh


def lasts(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What holds for a session that is good now."""
    return col(HostSession.expires_at) > now, col(HostSession.last_seen_at) > now - SESSION_IDLE


def is_over(now: datetime) -> ColumnElement[bool]:
    """What holds for a session that is good for nothing any more."""
    return or_(col(HostSession.expires_at) <= now, col(HostSession.last_seen_at) <= now - SESSION_IDLE)


def ends_at(row: HostSession) -> datetime:
    """When a session ends where nobody is seen with it any more."""
    return min(row.expires_at, row.last_seen_at + SESSION_IDLE)
