"""More than one host: the first one invites others, each by an address that works once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, not_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from singleuse_app import db, tokens
from singleuse_app.ids import INVITATION, new_id, parse_id, public_id
from singleuse_app.models import Host, HostInvitation, Installation
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import (
    NewHost,
    make_host,
    parse_new_host,
    refusal_of_new_host,
)
from singleuse_app.operations.sessions import NewSession, sign_in_anew
from singleuse_app.scheduling.errors import InvitationGone, NotFound, Refusal

GOOD_FOR = timedelta(days=7)
IN_SIGHT = timedelta(days=30)
"""So long an invitation is told of, however it ended."""

MOST = 20


@dataclass(frozen=True, slots=True)
class HostRow:
    """A host, as the first one sees them: nothing of what is theirs."""

    name: str
    email: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation, and what became of it: with neither ``accepted_at`` nor ``revoked_at`` it is open, or expired."""

    id: str
    expires_at: datetime
    accepted_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hosts:
    """All hosts, in the order in which they came, and who may come yet. ``ended`` are the last invitations of a month
    that nobody can accept any more, the newest first."""

    hosts: list[HostRow]
    invitations: list[Invitation]
    ended: list[Invitation]


def list_hosts_and_invitations(*, host_id: UUID, now: datetime) -> Hosts | None:
    """For the first host; ``None`` for any other."""
    with db.reading() as session:
        if not _is_first(session, host_id):
            return None
        hosts = session.exec(select(Host).order_by(col(Host.created_at), col(Host.id))).all()
        key = col(HostInvitation.id)
        own = (
            select(HostInvitation)
            .where(HostInvitation.host_id == host_id, col(HostInvitation.created_at) > now - IN_SIGHT)
            .limit(MOST)
        )
        return Hosts(
            [HostRow(host.name, host.email, host.created_at) for host in hosts],
            [_invitation(row) for row in session.exec(own.where(*_open(now)).order_by(key))],
            [_invitation(row) for row in session.exec(own.where(not_(and_(*_open(now)))).order_by(key.desc()))],
        )


@db.retrying
def invite_host(*, host_id: UUID, now: datetime) -> str:
    """The token of a new invitation, good for a week. Raises ``NotFound`` for all but the first host, and a
    ``Refusal`` where twenty wait."""
    with db.writing() as session:
        if not _is_first(session, host_id):
            raise NotFound
        waiting = select(HostInvitation.id).where(*_open(now), HostInvitation.host_id == host_id)
        if len(session.exec(waiting).all()) >= MOST:
            raise Refusal("too_many_invitations")
        key, kid = new_id(), tokens.current_kid()
        token = tokens.derive(tokens.HOST_INVITATION, key, kid)
        row = HostInvitation(
            id=key,
            host_id=host_id,
            kid=kid,
            token_hash=tokens.hash_token(token),
            created_at=now,
            expires_at=now + GOOD_FOR,
        )
        session.add(row)
        record(session, Happened.HOST_INVITED, now=now, host_id=host_id)
        return token


@db.repeatable
def revoke_invitation(*, host_id: UUID, invitation_id: object, now: datetime) -> None:
    """Take an invitation back. Twice is as good as once. Raises ``NotFound`` for another host's, and for one that was
    accepted, or has expired."""
    own = (col(HostInvitation.id) == parse_id(INVITATION, invitation_id), col(HostInvitation.host_id) == host_id)
    with db.writing() as session:
        if not session.exec(update(HostInvitation).where(*own, *_open(now)).values(revoked_at=now)).rowcount:
            taken_back = select(HostInvitation.id).where(*own, col(HostInvitation.revoked_at).is_not(None))
            if session.exec(taken_back).first():
                return
            raise NotFound
        record(session, Happened.HOST_INVITED, now=now, host_id=host_id)


def look_at_invitation(*, token: object, now: datetime) -> str:
    """The name of the host who invites. Raises ``InvitationGone`` where there is nothing to accept, whyever."""
    with db.reading() as session:
        name = session.exec(
            select(Host.name)
            .join(HostInvitation, col(HostInvitation.host_id) == Host.id)
            .where(*_open(now), HostInvitation.token_hash == tokens.hash_given(token))
        ).first()
    if name is None:
        raise InvitationGone
    return name


def accept_invitation(
    *,
    token: object,
    name: object,
    email: object,
    password: object,
    time_zone: object,
    locale: str = "en",
    user_agent: str = "",
    former: str = "",
    now: datetime,
) -> NewSession:
    """Become a host, once for each invitation, and be signed in. The invitation is spent in the transaction that makes
    the host: of two who accept it at once one wins.

    Raises ``InvitationGone``, or ``InvalidInput`` with a code for each wrong field, which spends nothing.
    """
    look_at_invitation(token=token, now=now)
    new = parse_new_host(name, email, password, time_zone, locale)
    return _accept(tokens.hash_given(token), new, user_agent, former, now)


def take_back_invitations(session: Session, *, now: datetime) -> None:
    """Revoke whatever could still be accepted, of any host, in the caller's transaction."""
    session.exec(update(HostInvitation).where(*_open(now)).values(revoked_at=now))


@db.retrying
def _accept(digest: str, new: NewHost, user_agent: str, former: str, now: datetime) -> NewSession:
    try:
        with db.writing() as session:
            claim = update(HostInvitation).where(*_open(now), col(HostInvitation.token_hash) == digest)
            if not session.exec(claim.values(used_at=now)).rowcount:
                raise InvitationGone
            inviting = select(HostInvitation.host_id).where(HostInvitation.token_hash == digest)
            host = make_host(session, new, now=now, first=False)
            record(session, Happened.HOST_INVITED, now=now, host_id=session.exec(inviting).one())
            return sign_in_anew(session, host.id, now, user_agent, former)
    except IntegrityError as error:
        raise refusal_of_new_host(error) from error


def _is_first(session: Session, host_id: UUID) -> bool:
    return session.exec(select(Installation.host_id)).first() == host_id


def _invitation(row: HostInvitation) -> Invitation:
    return Invitation(public_id(INVITATION, row.id), row.expires_at, row.used_at, row.revoked_at)


def _open(now: datetime) -> list[ColumnElement[bool]]:
    return [
        col(HostInvitation.used_at).is_(None),
        col(HostInvitation.revoked_at).is_(None),
        col(HostInvitation.expires_at) > now,
    ]
