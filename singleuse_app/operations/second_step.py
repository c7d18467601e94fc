"""The second step of signing in, for a host who does so with two factors: the password was right, a code is asked for.

Until the code is right there is no session. Who has got so far is one browser, by a secret in its cookie, for five
minutes and five codes.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select, update

from singleuse_app import db
from singleuse_app.models import Host, PendingSignIn
from singleuse_app.models.two_factor import CODE_TRIES
from singleuse_app.operations import totp
from singleuse_app.operations.sessions import NewSession, sign_in_anew
from singleuse_app.operations.two_factor import Verdict, check_code
from singleuse_app.scheduling.errors import InvalidInput, SecondStepGone
from singleuse_app.tokens import hash_given


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whose code is asked for."""

    email: str
    locale: str


def look_at_step(*, secret: object, now: datetime) -> Waiting:
    """Whose code the browser with that secret may still give. Raises ``SecondStepGone`` where it may not, whyever."""
    own = (PendingSignIn.token_hash == hash_given(secret), PendingSignIn.tries < CODE_TRIES)
    with db.reading() as session:
        found = session.exec(
            select(Host.email, Host.locale)
            .join(PendingSignIn, col(PendingSignIn.host_id) == Host.id)
            .where(*own, col(PendingSignIn.expires_at) > now)
        ).first()
    if found is None:
        raise SecondStepGone
    return Waiting(*found)


def finish_sign_in(
    *,
    secret: object,
    code: object = "",
    recovery_code: object = "",
    user_agent: str = "",
    former: str = "",
    now: datetime,
) -> NewSession:
    """A session for whoever has given the password in this browser and now gives a code: of the app, or, where one is
    given, a recovery code.

    Raises ``SecondStepGone``, or ``InvalidInput`` for "code" or "recovery_code": what is no code costs no try.
    """
    field = "recovery_code" if recovery_code else "code"
    given = totp.read_code(recovery_code or code, field=field)
    try:
        with db.writing() as session:
            key, host_id = _take_a_try(session, hash_given(secret), now)
            verdict = check_code(session, host_id, given, now=now)
            if verdict is Verdict.RIGHT:
                _spend(session, key)
                return sign_in_anew(session, host_id, now, user_agent, former)
    except IntegrityError as error:  # the host has left meanwhile
        raise SecondStepGone from error
    raise InvalidInput({field: verdict.value})  # not before the commit, or the try would not count


def end_step(secret: object) -> None:
    """Let a browser begin again."""
    with db.writing() as session:
        session.exec(delete(PendingSignIn).where(col(PendingSignIn.token_hash) == hash_given(secret)))


def _take_a_try(session: Session, digest: str, now: datetime) -> tuple[UUID, UUID]:
    """Count one code, and say of which row and host. However many are tried at once, five are counted: the conditional
    UPDATE holds the row until the transaction ends."""
    own = col(PendingSignIn.token_hash) == digest
    is_open = (col(PendingSignIn.tries) < CODE_TRIES, col(PendingSignIn.expires_at) > now)
    counted = update(PendingSignIn).where(own, *is_open).values(tries=PendingSignIn.tries + 1)
    if session.exec(counted.execution_options(synchronize_session=False)).rowcount != 1:
        raise SecondStepGone
    return session.exec(select(PendingSignIn.id, PendingSignIn.host_id).where(own)).one()


def _spend(session: Session, key: UUID) -> None:
    """Let the password that was given be good for this one session."""
    if session.exec(delete(PendingSignIn).where(col(PendingSignIn.id) == key)).rowcount != 1:
        raise SecondStepGone
