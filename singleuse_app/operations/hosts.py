"""Who the host is: set-up, signing in and out."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select, update

from singleuse_app import db
from singleuse_app.formats import PLAIN, Conventions
from singleuse_app.models import EventType, Host, HostSession, Installation, Schedule
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.passwords import hash_password, is_password, parse_new_password
from singleuse_app.operations.sessions import HalfWay, NewSession, lasts, sign_in_anew, sign_in_or_ask
from singleuse_app.scheduling.addresses import parse_email
from singleuse_app.scheduling.availability import AvailabilitySchedule, WeeklyHours
from singleuse_app.scheduling.bookings import MAX_NAME_LENGTH, known_time_zone, parse_text
from singleuse_app.scheduling.errors import (
    InvalidInput,
    NotFound,
    SetUpRefused,
    SignInRefused,
    TryAgain,
)
from singleuse_app.scheduling.slugs import slug_of
from singleuse_app.tokens import hash_token
from singleuse_app.wording import known_locale, noted, wording

_HOLD = (
    select(Host.id, Host.name, Host.email, Host.time_zone)
    .where(Host.id == bindparam("host_id"))
    .with_for_update(key_share=True)
)

SEEN_EVERY = timedelta(hours=1)
FIRST_EVENT_TYPE = noted("30 minute meeting")


@dataclass(frozen=True, slots=True)
class SignedInHost:
    """Who is asking, for every host page and handler. ``how`` says how they are used to see times, ``locale`` is the
    language (BCP 47) that they are written to."""

    id: UUID
    name: str
    email: str
    time_zone: str
    how: Conventions = PLAIN
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class HeldHost:
    """A host whose time and offers nobody else changes meanwhile."""

    id: UUID
    name: str
    email: str
    time_zone: str


def hold(session: Session, host_id: UUID) -> HeldHost:
    """Lock a host's row, and so their time and what they offer, until the caller's transaction ends.

    On PostgreSQL whoever books, cancels, moves or changes an offer does this first, and then looks; several hosts
    are held in the order of their ids, links after hosts. On SQLite there is one writer anyway. The lock gives
    manners; the schema gives safety. Raises ``NotFound`` where the host has left meanwhile.
    """
    found = session.connection().execute(_HOLD, {"host_id": host_id}).first()
    if found is None:
        raise NotFound
    return HeldHost(*found)


def is_set_up() -> bool:
    """Whether there is a host."""
    with db.reading() as session:
        return session.exec(select(Installation.id)).first() is not None


def set_up(
    *,
    name: object,
    email: object,
    password: object,
    time_zone: object,
    locale: str = "en",
    user_agent: str = "",
    former: str = "",
    now: datetime,
) -> NewSession:
    """Make the first host, who reads ``locale``, with hours from Monday to Friday and an event type to start with, and
    sign them in.

    Raises ``InvalidInput`` with a code for each wrong field, ``SetUpRefused`` once there is a host: of two
    simultaneous set-ups one wins.
    """
    if is_set_up():
        raise SetUpRefused("set_up_done")
    new = parse_new_host(name, email, password, time_zone, locale)
    try:
        with db.writing() as session:
            host = make_host(session, new, now=now, first=True)
            return sign_in_anew(session, host.id, now, user_agent, former)
    except IntegrityError as error:
        raise SetUpRefused("set_up_done") from error


def add_host(*, name: object, email: object, password: object, time_zone: object, now: datetime) -> SignedInHost:
    """Make another host, or the first one, with the hours and the event type that a set-up gives.

    Raises ``InvalidInput`` with a code for each wrong field, also where the address is another host's.
    """
    new = parse_new_host(name, email, password, time_zone)
    try:
        with db.writing() as session:
            first = session.exec(select(Installation.id)).first() is None
            host = make_host(session, new, now=now, first=first)
            return _signed_in(host)
    except IntegrityError as error:
        raise refusal_of_new_host(error) from error


def refusal_of_new_host(error: IntegrityError) -> InvalidInput | db.Conflict:
    """What whoever becomes a host is told where a key refuses them: the address is another host's; or somebody came at
    the same moment who is to be called the same in addresses, and trying again finds another name."""
    said = str(error.orig)
    is_email = "uq_host_email" in said or "host.email" in said  # as PostgreSQL says it, and SQLite
    return InvalidInput({"email": "email_taken"}) if is_email else db.Conflict()


def list_hosts() -> list[SignedInHost]:
    """All hosts, in the order in which they came."""
    with db.reading() as session:
        rows = session.exec(select(Host).order_by(col(Host.id))).all()
        return [_signed_in(row) for row in rows]


def sign_in(
    *, email: object, password: object, user_agent: str = "", former: str = "", now: datetime
) -> NewSession | HalfWay:
    """A new session for the host with that address and password, else ``SignInRefused``. Where they sign in with two
    factors, no session yet: ``second_step.finish_sign_in`` makes it for a code.

    It takes as long for an unknown address as for a wrong password. ``user_agent`` is what the browser calls itself
    (RFC 9110, section 10.1.5), ``former`` the secret of the session that it has had, which ends.
    """
    if not isinstance(email, str):
        raise SignInRefused
    with db.reading() as session:
        host = session.exec(select(Host).where(Host.email == email.strip().lower())).first()
    if not is_password(password, host.password_hash if host else None) or host is None:
        raise SignInRefused
    try:
        with db.writing() as session:
            return sign_in_or_ask(session, host.id, now, user_agent, former)
    except IntegrityError as error:  # the host has left meanwhile
        raise SignInRefused from error


@db.repeatable
def sign_out(secret: str, *, now: datetime) -> None:
    """End the session with that secret: its open pages lead to the sign-in at once. An unknown one is as good as
    ended."""
    own = col(HostSession.token_hash) == hash_token(secret)
    with db.writing() as session:
        host_id = session.exec(select(HostSession.host_id).where(own)).first()
        if host_id and session.exec(delete(HostSession).where(own)).rowcount:
            record(session, Happened.SIGNED_OUT, now=now, host_id=host_id)


def signed_in_host(secret: str, *, now: datetime) -> SignedInHost | None:
    """Whose session that is, while it lasts and is used."""
    token_hash = hash_token(secret)
    with db.reading() as session:
        found = session.exec(
            select(Host, HostSession.last_seen_at)
            .join(HostSession, col(HostSession.host_id) == Host.id)
            .where(HostSession.token_hash == token_hash, *lasts(now))
        ).first()
        host, seen_at = (_signed_in(found[0]), found[1]) if found else (None, now)
    if now - seen_at > SEEN_EVERY:
        with suppress(TryAgain):  # it is worth no failure
            _note_seen(token_hash, now)
    return host


def _note_seen(token_hash: str, now: datetime) -> None:
    with db.writing() as session:
        own = col(HostSession.token_hash) == token_hash
        session.exec(update(HostSession).where(own).values(last_seen_at=now))


def _signed_in(host: Host) -> SignedInHost:
    how = Conventions(host.twelve_hours, first_weekday=host.first_weekday)
    return SignedInHost(host.id, host.name, host.email, host.time_zone, how, host.locale)


@dataclass(frozen=True, slots=True)
class NewHost:
    """Somebody who may become a host, their password hashed."""

    name: str
    email: str
    password_hash: str
    time_zone: str
    locale: str


def parse_new_host(name: object, email: object, password: object, time_zone: object, locale: object = "en") -> NewHost:
    """What came in from a form, as a host. It takes a quarter of a second, for the password.

    Raises ``InvalidInput`` with a code for each wrong field.
    """
    wrong: dict[str, str] = {}
    clean_name = parse_text(name, "name", MAX_NAME_LENGTH, wrong)
    clean_email = parse_email(email, wrong)
    clean_password = parse_new_password(password, wrong, own=(name, email))
    zone = known_time_zone(time_zone)
    if zone is None:
        wrong["time_zone"] = "time_zone_unknown"
    if wrong or zone is None:
        raise InvalidInput(wrong)
    return NewHost(clean_name, clean_email.lower(), hash_password(clean_password), zone, known_locale(locale)[:2])


def make_host(session: Session, new: NewHost, *, now: datetime, first: bool) -> Host:
    """Insert a host, in the caller's transaction, with hours and an event type to start with."""
    host = Host(
        email=new.email,
        name=new.name,
        slug=slug_of(new.name, otherwise="host", taken=set(session.exec(select(Host.slug)))),
        password_hash=new.password_hash,
        time_zone=new.time_zone,
        locale=new.locale,
        created_at=now,
    )
    session.add(host)
    session.flush()
    if first:
        session.add(Installation(host_id=host.id, set_up_at=now))
        session.flush()  # the key of the installation refuses whoever comes second
    _add_first_event_type(session, host, now)
    record(session, Happened.HOST_SET_UP, now=now, host_id=host.id)
    return host


def _add_first_event_type(session: Session, host: Host, now: datetime) -> None:
    name = wording(host.locale).say(FIRST_EVENT_TYPE)
    office_hours = tuple(WeeklyHours(weekday, 9 * 60, 17 * 60) for weekday in range(5))
    schedule = Schedule(
        host_id=host.id,
        name=wording(host.locale).say("Working hours"),
        availability=AvailabilitySchedule(host.time_zone, office_hours),
        created_at=now,
    )
    session.add(schedule)
    session.flush()
    session.add(
        EventType(
            host_id=host.id,
            schedule_id=schedule.id,
            name=name,
            slug=slug_of(name, otherwise="meeting"),
            duration_minutes=30,
            start_time_increment_minutes=30,
            minimum_notice_minutes=240,
            booking_window_days=60,
            created_at=now,
        )
    )
