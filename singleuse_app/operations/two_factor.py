"""Two-factor sign-in: beside the password, a code that an app shows, or a recovery code.

A host shares a secret with their app and shows a code of it before it counts. Each code is taken once, each recovery
code is good once. Whoever switches it off needs both factors; whoever runs Singleuse can do it by command.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from sqlmodel import Session, col, delete, func, select, update

from singleuse_app import db, tokens
from singleuse_app.ids import new_id
from singleuse_app.models import Host, RecoveryCode, TwoFactor
from singleuse_app.notifications.letters import Action, Letter
from singleuse_app.notifications.mail import Address
from singleuse_app.notifications.outbox import Owed, enqueue
from singleuse_app.operations import totp
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.host_letters import wording_of
from singleuse_app.operations.hosts import hold
from singleuse_app.operations.profile import check_password, sign_out_others
from singleuse_app.operations.sessions import forget_pending, has_two_factors
from singleuse_app.scheduling.bookings import Party
from singleuse_app.scheduling.errors import CommandRefused, InvalidInput, Refusal
from singleuse_app.settings import settings
from singleuse_app.wording import noted

RECOVERY_CODES = 10
TO_SHOW_A_CODE = timedelta(hours=1)
"""So long a secret may be confirmed after it was shown."""

NEWS = {
    Happened.TWO_FACTOR_ON: (
        noted("Two-factor sign-in is on"),
        noted("From now on you are asked for a code after your password. All other devices were signed out."),
    ),
    Happened.TWO_FACTOR_OFF: (
        noted("Two-factor sign-in is off"),
        noted("From now on your password alone signs you in."),
    ),
    Happened.RECOVERY_CODES_MADE: (
        noted("You have new recovery codes"),
        noted("The former ones do not work any more."),
    ),
    Happened.RECOVERY_CODE_USED: (
        noted("A recovery code was used"),
        noted("Somebody gave your password and one of your recovery codes. Each works once; you have {left} left."),
    ),
}
"""What a host is told of by mail: its title, and what it means."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Since when a host signs in with two factors, ``None`` where they do not, and how many recovery codes are left."""

    on_since: datetime | None
    codes_left: int


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret for an app, shown until a code of it is: in base32, and as the address in a QR code."""

    secret: str
    address: str


class Verdict(Enum):
    """What a code was worth. A right one is good once, so nobody may ask twice."""

    RIGHT = "right"
    WRONG = "second_code_wrong"
    USED = "second_code_used"
    NO_RECOVERY_CODE = "recovery_code_wrong"


def look_at_two_factor(*, host_id: UUID) -> Standing:
    """How a host stands with it."""
    with db.reading() as session:
        since = session.exec(select(TwoFactor.confirmed_at).where(TwoFactor.host_id == host_id)).first()
        return Standing(since, _codes_left(session, host_id))


@db.repeatable
def begin_two_factor(*, host_id: UUID, now: datetime) -> Enrolment:
    """A fresh secret to put into an app. It counts for nothing until :func:`switch_on`; one of before is forgotten.

    Raises ``Refusal`` where two-factor sign-in is on already.
    """
    secret, key, kid = totp.new_totp_secret(), new_id(), tokens.current_kid()
    with db.writing() as session:
        host = hold(session, host_id)
        if has_two_factors(session, host_id):
            raise Refusal("two_factor_on")
        session.exec(delete(TwoFactor).where(col(TwoFactor.host_id) == host_id))
        sealed = tokens.seal(tokens.TWO_FACTOR, key, secret, kid)
        session.add(TwoFactor(id=key, host_id=host_id, kid=kid, sealed_secret=sealed, created_at=now))
        return Enrolment(secret, totp.totp_address(secret, host.email))


def switch_on(*, host_id: UUID, password: object, code: object, secret: str, now: datetime) -> list[str]:
    """Ask for two factors from now on, for whoever knows the password and shows a code of the app. Every device is
    signed out but the one whose session has ``secret``. The recovery codes are told once, here.

    Raises ``InvalidInput`` for "password" and "code", ``Refusal`` where it is on already.
    """
    given = _need_both(host_id, password, code, malformed="app_code_malformed")
    with db.writing() as session:
        hold(session, host_id)
        row = session.exec(select(TwoFactor).where(TwoFactor.host_id == host_id)).first()
        if row is not None and row.confirmed_at:
            raise Refusal("two_factor_on")
        if row is None or row.created_at <= now - TO_SHOW_A_CODE:
            raise InvalidInput({"code": "two_factor_begun_long_ago"})
        step = totp.step_of(_secret_of(row), given, now=now, after=0)
        if step is None:
            raise InvalidInput({"code": "second_code_wrong"})
        row.confirmed_at, row.last_step = now, step
        session.add(row)
        sign_out_others(session, host_id, secret, now)
        codes = _make_codes(session, host_id, now)
        _tell(session, Happened.TWO_FACTOR_ON, host_id, now)
        return codes


def make_recovery_codes(*, host_id: UUID, password: object, code: object, now: datetime) -> list[str]:
    """Other recovery codes, for whoever has both factors; the former ones end.

    Raises ``InvalidInput`` for "password" and "code".
    """
    given = _need_both(host_id, password, code)
    with db.writing() as session:
        hold(session, host_id)
        _need_right(session, host_id, given, now)
        codes = _make_codes(session, host_id, now)
        _tell(session, Happened.RECOVERY_CODES_MADE, host_id, now)
        return codes


def switch_off(*, host_id: UUID, password: object, code: object, now: datetime) -> None:
    """Ask for the password alone from now on, as whoever has both factors wants.

    Raises ``InvalidInput`` for "password" and "code".
    """
    given = _need_both(host_id, password, code)
    with db.writing() as session:
        hold(session, host_id)
        _need_right(session, host_id, given, now)
        _end(session, host_id, now)


def end_two_factor(*, email: str, now: datetime) -> None:
    """Switch it off for a host who has lost their app and their recovery codes, as whoever runs Singleuse says.

    Raises ``CommandRefused`` for an unknown address, and where it is off.
    """
    with db.writing() as session:
        host_id = session.exec(select(Host.id).where(Host.email == email.strip().lower())).first()
        if host_id is None:
            raise CommandRefused("host_unknown", email=email)
        hold(session, host_id)
        if not has_two_factors(session, host_id):
            raise CommandRefused("two_factor_is_off_of", email=email)
        _end(session, host_id, now)


def check_code(session: Session, host_id: UUID, given: str, *, now: datetime) -> Verdict:
    """Whether a code that ``totp.read_code`` has read is right, and if so, that it was used, in the caller's
    transaction: of several who bring the same one, one is right."""
    if totp.is_recovery_code(given):
        if not _spend_recovery_code(session, host_id, given, now):
            return Verdict.NO_RECOVERY_CODE
        _tell(session, Happened.RECOVERY_CODE_USED, host_id, now)
        return Verdict.RIGHT
    on = (TwoFactor.host_id == host_id, col(TwoFactor.confirmed_at).is_not(None))
    row = session.exec(select(TwoFactor).where(*on)).first()
    if row is None:
        return Verdict.WRONG
    try:
        secret = _secret_of(row)
    except KeyError:  # another key file: nothing is the code, and recovery codes still are
        return Verdict.WRONG
    step = totp.step_of(secret, given, now=now, after=row.last_step)
    if step is None:
        is_old = totp.step_of(secret, given, now=now, after=0) is not None
        return Verdict.USED if is_old else Verdict.WRONG
    return Verdict.RIGHT if _spend_step(session, row.id, step) else Verdict.USED


def write_news(session: Session, owed: Owed, *, now: datetime) -> Letter | None:
    """To a host, of what has become of their two factors."""
    host = session.get(Host, owed.host_id)
    if host is None:
        return None
    own = wording_of(host)
    title, told = NEWS[Happened(owed.kind)]
    return Letter(
        to=Address(host.name, host.email),
        wording=own,
        subject=own.say(title),
        title=own.say(title),
        paragraphs=(own.say(told, left=owed.payload.get("left", 0)),),
        facts=((own.say("When"), own.moment(owed.due_at, host.time_zone)),),
        actions=(Action(own.say("It was not me"), f"{settings().public_origin}/forgot-password"),),
    )


def _need_both(host_id: UUID, password: object, code: object, *, malformed: str = "second_code_malformed") -> str:
    """The code as it was read, with the right password. Raises ``InvalidInput`` for whichever is not so."""
    wrong: dict[str, str] = {}
    given = ""
    try:
        given = totp.read_code(code, field="code")
    except InvalidInput:
        wrong["code"] = malformed
    if not check_password(host_id=host_id, password=password):
        wrong["password"] = "password_wrong"
    if wrong:
        raise InvalidInput(wrong)
    return given


def _need_right(session: Session, host_id: UUID, given: str, now: datetime) -> None:
    if not has_two_factors(session, host_id):
        raise Refusal("two_factor_is_off")
    verdict = check_code(session, host_id, given, now=now)
    if verdict is not Verdict.RIGHT:
        raise InvalidInput({"code": verdict.value})


def _spend_step(session: Session, key: UUID, step: int) -> bool:
    """Note that a code of that half minute was taken; ``False`` where one of it, or of a later one, was before."""
    newer = update(TwoFactor).where(col(TwoFactor.id) == key, col(TwoFactor.last_step) < step).values(last_step=step)
    return session.exec(newer.execution_options(synchronize_session=False)).rowcount == 1


def _spend_recovery_code(session: Session, host_id: UUID, given: str, now: datetime) -> bool:
    """Note that a recovery code was used; ``False`` where it was before, or is none."""
    own = (col(RecoveryCode.host_id) == host_id, col(RecoveryCode.token_hash) == totp.hash_recovery_code(given))
    unused = update(RecoveryCode).where(*own, col(RecoveryCode.used_at).is_(None)).values(used_at=now)
    return session.exec(unused.execution_options(synchronize_session=False)).rowcount == 1


def _make_codes(session: Session, host_id: UUID, now: datetime) -> list[str]:
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.host_id) == host_id))
    codes = [tokens.new_password() for _ in range(RECOVERY_CODES)]
    for code in codes:
        session.add(RecoveryCode(host_id=host_id, token_hash=totp.hash_recovery_code(code), created_at=now))
    return codes


def _end(session: Session, host_id: UUID, now: datetime) -> None:
    session.exec(delete(TwoFactor).where(col(TwoFactor.host_id) == host_id))
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.host_id) == host_id))
    forget_pending(session, host_id)
    _tell(session, Happened.TWO_FACTOR_OFF, host_id, now)


def _tell(session: Session, what: Happened, host_id: UUID, now: datetime) -> None:
    """Write it down, and owe the host word of it."""
    record(session, what, now=now, host_id=host_id)
    enqueue(
        session,
        what,
        host_id=host_id,
        recipients=[Party.HOST],
        subject_id=new_id(),
        sequence=0,
        payload={"left": _codes_left(session, host_id)},
        now=now,
    )


def _codes_left(session: Session, host_id: UUID) -> int:
    unused = (RecoveryCode.host_id == host_id, col(RecoveryCode.used_at).is_(None))
    return session.exec(select(func.count(col(RecoveryCode.id))).where(*unused)).one()


def _secret_of(row: TwoFactor) -> str:
    return tokens.unseal(tokens.TWO_FACTOR, row.id, row.sealed_secret, row.kid)
