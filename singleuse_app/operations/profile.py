"""Who the host is, how they are used to see times, and what they sign in with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from singleuse_app import db
from singleuse_app.formats import FIRST_WEEKDAYS
from singleuse_app.models import Host, HostSession
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.operations.password_resets import forget_resets, tell_of_new_password
from singleuse_app.operations.passwords import hash_password, is_password, parse_new_password
from singleuse_app.operations.sessions import forget_pending
from singleuse_app.scheduling.addresses import parse_email
from singleuse_app.scheduling.bookings import MAX_NAME_LENGTH, known_time_zone, parse_text
from singleuse_app.scheduling.errors import InvalidInput
from singleuse_app.tokens import hash_token
from singleuse_app.wording import known_locale


@db.repeatable
def edit_profile(
    *,
    host_id: UUID,
    name: object,
    time_zone: object,
    twelve_hours: bool,
    first_weekday: object,
    locale: object,
    now: datetime,
) -> None:
    """Change what invitees call a host, how the host's own pages show times, and the language that they are written
    to: anything that is none of ours is English. Schedules keep their own zones, and addresses of standard links
    the name that they were made with. ``first_weekday`` is one of ``FIRST_WEEKDAYS`` in text; anything else is the
    first of them.

    Raises ``InvalidInput`` with a code for each wrong field.
    """
    wrong: dict[str, str] = {}
    clean_name, zone = parse_text(name, "name", MAX_NAME_LENGTH, wrong), known_time_zone(time_zone)
    if zone is None:
        wrong["time_zone"] = "time_zone_unknown"
    if wrong or zone is None:
        raise InvalidInput(wrong)
    with db.writing() as session:
        hold(session, host_id)
        host = session.get_one(Host, host_id)
        host.name, host.time_zone, host.twelve_hours = clean_name, zone, twelve_hours
        host.first_weekday = next((day for day in FIRST_WEEKDAYS if str(day) == first_weekday), FIRST_WEEKDAYS[0])
        host.locale = known_locale(locale)
        session.add(host)
        record(session, Happened.PROFILE_CHANGED, now=now, host_id=host_id)


def change_email(*, host_id: UUID, email: object, password: object, now: datetime) -> None:
    """Sign in with another address from now on; invitees are told it, too.

    Raises ``InvalidInput`` for a wrong password, a malformed address, or one that is another host's.
    """
    wrong: dict[str, str] = {}
    address = parse_email(email, wrong).lower()
    _check(host_id, password, wrong, field="email_password")
    try:
        with db.writing() as session:
            hold(session, host_id)
            host = session.get_one(Host, host_id)
            host.email = address
            session.add(host)
            forget_resets(session, host_id)
            record(session, Happened.PROFILE_CHANGED, now=now, host_id=host_id)
    except IntegrityError as error:
        raise InvalidInput({"email": "email_taken"}) from error


def change_password(*, host_id: UUID, password: object, new_password: object, secret: str, now: datetime) -> None:
    """Sign in with another password from now on. Every device is signed out but the one whose session has ``secret``.

    Raises ``InvalidInput`` for a wrong password, or a new one that cannot be taken.
    """
    found: dict[str, str] = {}
    with db.reading() as session:
        own = session.exec(select(Host.name, Host.email).where(Host.id == host_id)).first() or ()
    clean = parse_new_password(new_password, found, own=tuple(own))
    wrong = {f"new_{field}": code for field, code in found.items()}
    _check(host_id, password, wrong, field="password")
    password_hash = hash_password(clean)
    with db.writing() as session:
        hold(session, host_id)
        host = session.get_one(Host, host_id)
        host.password_hash = password_hash
        session.add(host)
        sign_out_others(session, host_id, secret, now)
        forget_resets(session, host_id)
        tell_of_new_password(session, host_id, now=now)


def check_password(*, host_id: UUID, password: object) -> bool:
    """Whether that is the host's password. It takes a quarter of a second, so it is never asked in a transaction."""
    with db.reading() as session:
        kept = session.exec(select(Host.password_hash).where(Host.id == host_id)).first()
    return is_password(password, kept)


def sign_out_others(session: Session, host_id: UUID, secret: str, now: datetime) -> None:
    """End all sessions of a host but the one with ``secret``, begun ones too, in the caller's transaction."""
    others = delete(HostSession).where(
        col(HostSession.host_id) == host_id, col(HostSession.token_hash) != hash_token(secret)
    )
    session.exec(others)
    forget_pending(session, host_id)
    record(session, Happened.SIGNED_OUT, now=now, host_id=host_id)


def _check(host_id: UUID, password: object, wrong: dict[str, str], *, field: str) -> None:
    if not check_password(host_id=host_id, password=password):
        wrong[field] = "password_wrong"
    if wrong:
        raise InvalidInput(wrong)
