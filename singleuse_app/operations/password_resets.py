"""Another password: for a host who has forgotten theirs, by mail, and by whoever runs Singleuse, by command.

An address that was sent works once, for half an hour, and for as long as nobody changes the host's password or e-mail
address otherwise. Nobody learns from asking whether somebody is a host.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, select

from singleuse_app import db, tokens
from singleuse_app.ids import new_id
from singleuse_app.models import Host, HostSession, PasswordReset
from singleuse_app.notifications.letters import Action, Letter
from singleuse_app.notifications.mail import Address
from singleuse_app.notifications.outbox import Owed, enqueue
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.host_letters import wording_of
from singleuse_app.operations.hosts import hold
from singleuse_app.operations.passwords import hash_password, parse_new_password
from singleuse_app.operations.sessions import HalfWay, NewSession, forget_pending, sign_in_or_ask
from singleuse_app.scheduling.addresses import parse_email
from singleuse_app.scheduling.bookings import Party
from singleuse_app.scheduling.errors import CommandRefused, InvalidInput, Refusal, ResetGone
from singleuse_app.settings import settings

ASKED = "password_reset"
CHANGED = "password_changed"
"""The kinds of message."""

GOOD_FOR = timedelta(minutes=30)
MOST = 3
"""So many addresses work at once; whoever asks more often is sent no further one."""


@db.repeatable
def ask_for_reset(*, email: object, now: datetime) -> None:
    """Owe the host with that address a mail with the way to another password. For any other address nothing happens.

    Raises ``InvalidInput`` for what is no address, and a ``Refusal`` where no mail can be sent.
    """
    wrong: dict[str, str] = {}
    address = parse_email(email, wrong).lower()
    if wrong:
        raise InvalidInput(wrong)
    if settings().smtp is None:
        raise Refusal("no_mail_for_resets")
    with db.writing() as session:
        host = session.exec(select(Host).where(Host.email == address).with_for_update(key_share=True)).first()
        if host is None:
            return
        session.exec(delete(PasswordReset).where(col(PasswordReset.expires_at) <= now))
        if len(session.exec(select(PasswordReset.id).where(PasswordReset.host_id == host.id)).all()) >= MOST:
            return
        key, kid = new_id(), tokens.current_kid()
        row = PasswordReset(
            id=key,
            host_id=host.id,
            kid=kid,
            token_hash=tokens.hash_token(tokens.derive(tokens.PASSWORD_RESET, key, kid)),
            created_at=now,
            expires_at=now + GOOD_FOR,
        )
        session.add(row)
        enqueue(session, ASKED, host_id=host.id, recipients=[Party.HOST], subject_id=key, sequence=0, now=now)


def look_at_reset(*, token: object, now: datetime) -> str:
    """The address of the host who chooses another password. Raises ``ResetGone`` where nobody does, whyever."""
    return _whose(token, now)[1]


def reset_password(
    *, token: object, password: object, user_agent: str = "", former: str = "", now: datetime
) -> NewSession | HalfWay:
    """Choose another password, once for each address that was sent, and be signed in: here, and nowhere else any more.
    Who signs in with two factors still has to give a code.

    Raises ``ResetGone``, or ``InvalidInput`` for a password that cannot be taken, which spends nothing.
    """
    own = _whose(token, now)
    return _choose(tokens.hash_given(token), hash_password(_parse(password, own)), user_agent, former, now)


def give_password(*, email: str, password: object, now: datetime) -> None:
    """Give a host a new password and sign them out everywhere: open pages lead to the sign-in at once.

    Raises ``InvalidInput`` for a password that cannot be taken, ``CommandRefused`` for an unknown address.
    """
    its_host = select(Host).where(Host.email == email.strip().lower())
    with db.reading() as session:
        found = session.exec(its_host).first()
        own = (found.name, found.email) if found else ()
    password_hash = hash_password(_parse(password, own))
    with db.writing() as session:
        host = session.exec(its_host).first()
        if host is None:
            raise CommandRefused("host_unknown", email=email)
        _replace_password(session, host, password_hash, now=now)


def forget_resets(session: Session, host_id: UUID | None = None) -> None:
    """Let no address that was sent to a host work any more, or to any, in the caller's transaction."""
    of_whom = [col(PasswordReset.host_id) == host_id] if host_id else []
    session.exec(delete(PasswordReset).where(*of_whom))


def tell_of_new_password(session: Session, host_id: UUID, *, now: datetime) -> None:
    """Owe a host the news that their password is another, in the transaction in which it becomes so."""
    enqueue(session, CHANGED, host_id=host_id, recipients=[Party.HOST], subject_id=new_id(), sequence=0, now=now)


def write_reset(session: Session, owed: Owed, *, now: datetime) -> Letter | None:
    """To a host who has forgotten their password. Not once it was used, or is too old, and into no folder."""
    row = session.get(PasswordReset, owed.subject_id)
    if row is None or row.expires_at <= now or settings().smtp is None:
        return None
    host = session.get_one(Host, row.host_id)
    own = wording_of(host)
    say, title = own.say, own.say("Choose a new password")
    url = tokens.password_reset_url(tokens.derive(tokens.PASSWORD_RESET, row.id, row.kid))
    return Letter(
        to=Address(host.name, host.email),
        wording=own,
        subject=title,
        title=title,
        paragraphs=(say("Somebody, perhaps you, asked for a new password for Singleuse."),),
        actions=(Action(say("Choose a new password"), url),),
        closing=(
            say("The address works once, for half an hour."),
            say("Was it not you? Then there is nothing to do: without this mail nobody can change your password."),
        ),
    )


def write_changed(session: Session, owed: Owed, *, now: datetime) -> Letter | None:
    """To a host whose password is another."""
    host = session.get(Host, owed.host_id)
    if host is None:
        return None
    own = wording_of(host)
    say, title = own.say, own.say("Your password was changed")
    return Letter(
        to=Address(host.name, host.email),
        wording=own,
        subject=title,
        title=title,
        paragraphs=(say("All other devices were signed out."),),
        facts=((say("When"), own.moment(owed.due_at, host.time_zone)),),
        actions=(Action(say("It was not me"), f"{settings().public_origin}/forgot-password"),),
    )


@db.retrying
def _choose(digest: str, password_hash: str, user_agent: str, former: str, now: datetime) -> NewSession | HalfWay:
    with db.writing() as session:
        host_id = session.exec(select(PasswordReset.host_id).where(*_open(digest, now))).first()
        if host_id is None:
            raise ResetGone
        hold(session, host_id)
        _spend(session, digest, now)
        _replace_password(session, session.get_one(Host, host_id), password_hash, now=now)
        return sign_in_or_ask(session, host_id, now, user_agent, former)


def _spend(session: Session, digest: str, now: datetime) -> None:
    if not session.exec(delete(PasswordReset).where(*_open(digest, now))).rowcount:
        raise ResetGone


def _open(digest: str, now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(PasswordReset.token_hash) == digest, col(PasswordReset.expires_at) > now


def _replace_password(session: Session, host: Host, password_hash: str, *, now: datetime) -> None:
    host.password_hash = password_hash
    session.add(host)
    session.exec(delete(HostSession).where(col(HostSession.host_id) == host.id))
    forget_pending(session, host.id)
    forget_resets(session, host.id)
    record(session, Happened.SIGNED_OUT, now=now, host_id=host.id)
    tell_of_new_password(session, host.id, now=now)


def _whose(token: object, now: datetime) -> tuple[str, str]:
    """Name and address of the host who chooses another password."""
    with db.reading() as session:
        found = session.exec(
            select(Host.name, Host.email)
            .join(PasswordReset, col(PasswordReset.host_id) == Host.id)
            .where(*_open(tokens.hash_given(token), now))
        ).first()
    if found is None:
        raise ResetGone
    return found


def _parse(password: object, own: tuple[str, ...]) -> str:
    wrong: dict[str, str] = {}
    clean = parse_new_password(password, wrong, own=own)
    if wrong:
        raise InvalidInput(wrong)
    return clean
