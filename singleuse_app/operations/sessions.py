"""Signed-in browsers: how a session begins, how long it lasts, and that a browser has one at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, delete, select

from singleuse_app.models import HostSession, PendingSignIn, TwoFactor
from singleuse_app.scheduling.texts import one_line
from singleuse_app.tokens import hash_token, new_secret

SESSION_LIFETIME = timedelta(days=30)
SESSION_IDLE = timedelta(days=14)
"""A session ends after the first in any case, after the second where nobody was seen with it."""

TO_GIVE_A_CODE = timedelta(minutes=5)
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


@dataclass(frozen=True, slots=True)
class HalfWay:
    """What a browser has that has given the password and is asked for a code: the secret for a cookie of its own. It
    opens nothing."""

    secret: str
    expires_at: datetime


def sign_in_or_ask(
    session: Session, host_id: UUID, now: datetime, user_agent: str, former: str = ""
) -> NewSession | HalfWay:
    """Sign a host in as :func:`sign_in_anew` does, or, where they sign in with two factors, only let them give a code
    within five minutes."""
    if not has_two_factors(session, host_id):
        return sign_in_anew(session, host_id, now, user_agent, former)
    session.exec(delete(PendingSignIn).where(col(PendingSignIn.expires_at) <= now))
    half_way = HalfWay(new_secret(), now + TO_GIVE_A_CODE)
    session.add(
        PendingSignIn(
            host_id=host_id,
            token_hash=hash_token(half_way.secret),
            created_at=now,
            expires_at=half_way.expires_at,
        )
    )
    return half_way


def has_two_factors(session: Session, host_id: UUID) -> bool:
    """Whether a host has switched them on."""
    on = (TwoFactor.host_id == host_id, col(TwoFactor.confirmed_at).is_not(None))
    return session.exec(select(TwoFactor.id).where(*on)).first() is not None


def forget_pending(session: Session, host_id: UUID | None = None) -> None:
    """Let nobody who is half-way in to a host, or to any, go on, in the caller's transaction."""
    of_whom = [col(PendingSignIn.host_id) == host_id] if host_id else []
    session.exec(delete(PendingSignIn).where(*of_whom))
