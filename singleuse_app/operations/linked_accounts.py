"""Signing in with an account at an identity provider. It opens a host's sessions once it is linked to them.

It is linked by the first sign-in with it, where the provider has verified an address that is a host's own. From then
on issuer and subject say who it is, whatever becomes of either address. Nobody becomes a host by it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from string import ascii_lowercase, ascii_uppercase
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select, update

from singleuse_app import db
from singleuse_app.ids import LINKED_ACCOUNT, new_id, parse_id, public_id
from singleuse_app.models import Host, LinkedAccount, ProviderAttempt
from singleuse_app.notifications.letters import Action, Letter
from singleuse_app.notifications.mail import Address
from singleuse_app.notifications.outbox import Owed, enqueue
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.host_letters import wording_of
from singleuse_app.operations.sessions import HalfWay, NewSession, sign_in_or_ask
from singleuse_app.providers.code_flow import Account
from singleuse_app.scheduling.bookings import Party
from singleuse_app.scheduling.errors import NotFound, ProviderRefused
from singleuse_app.settings import settings
from singleuse_app.tokens import hash_token

LINKED = "account_linked"
"""The kind of message."""

ATTEMPT = timedelta(minutes=10)
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


@dataclass(frozen=True, slots=True)
class Linked:
    """An account that opens a host's sessions, by the name of its provider, or by its address if it has none here."""

    id: str
    provider: str
    linked_at: datetime
    last_used_at: datetime


@db.repeatable
def begin_attempt(*, provider: str, secret: str, now: datetime) -> None:
    """A browser with ``secret`` goes to a provider."""
    row = ProviderAttempt(token_hash=hash_token(secret), provider=provider, expires_at=now + ATTEMPT)
    with db.writing() as session:
        session.exec(delete(ProviderAttempt).where(col(ProviderAttempt.expires_at) <= now))
        session.merge(row)


@db.retrying
def end_attempt(*, provider: str, secret: str, now: datetime) -> None:
    """That browser is back from that provider: once, and in time, else ``ProviderRefused``."""
    own = (col(ProviderAttempt.token_hash) == hash_token(secret), col(ProviderAttempt.provider) == provider)
    with db.writing() as session:
        if not session.exec(delete(ProviderAttempt).where(*own, col(ProviderAttempt.expires_at) > now)).rowcount:
            raise ProviderRefused("provider_begun_elsewhere")


@db.retrying
def sign_in_with(*, account: Account, user_agent: str = "", former: str = "", now: datetime) -> NewSession | HalfWay:
    """A new session for the host whom an account is linked to, or is linked to now, which they are told by mail; where
    they sign in with two factors, only the way to give a code. ``former`` is as in ``sessions.sign_in_anew``.

    Raises ``ProviderRefused`` where the account's address is not verified or no host's, and where the host signs in
    with another account of this provider.
    """
    try:
        with db.writing() as session:
            host_id = _linked_host(session, account, now) or _link(session, account, now)
            return sign_in_or_ask(session, host_id, now, user_agent, former)
    except IntegrityError as error:  # two hosts at once; or the host has left meanwhile
        raise db.Conflict from error


def list_linked(*, host_id: UUID) -> list[Linked]:
    """The accounts that open a host's sessions, in the order in which they were linked."""
    names = {provider.issuer: provider.name for provider in settings().providers}
    with db.reading() as session:
        rows = session.exec(
            select(LinkedAccount).where(LinkedAccount.host_id == host_id).order_by(col(LinkedAccount.id))
        ).all()
    return [
        Linked(
            public_id(LINKED_ACCOUNT, row.id),
            names.get(row.issuer, urlsplit(row.issuer).netloc),
            row.created_at,
            row.last_used_at,
        )
        for row in rows
    ]


@db.repeatable
def unlink(*, host_id: UUID, account_id: object, now: datetime) -> None:
    """Let an account open no session any more; those that it has opened go on. Raises ``NotFound``."""
    key = parse_id(LINKED_ACCOUNT, account_id)
    with db.writing() as session:
        own = delete(LinkedAccount).where(col(LinkedAccount.id) == key, col(LinkedAccount.host_id) == host_id)
        if not session.exec(own).rowcount:
            raise NotFound
        record(session, Happened.PROFILE_CHANGED, now=now, host_id=host_id)


def write_linked(session: Session, owed: Owed, *, now: datetime) -> Letter | None:
    """To a host whose sessions another account opens from now on."""
    host = session.get(Host, owed.host_id)
    if host is None:
        return None
    own = wording_of(host)
    say, provider = own.say, owed.payload["provider"]
    title = say("You can sign in with {provider} now", provider=provider)
    return Letter(
        to=Address(host.name, host.email),
        wording=own,
        subject=title,
        title=title,
        paragraphs=(
            say("Somebody, most likely you, signed in to Singleuse with an account of {provider}.", provider=provider),
            say("It has your e-mail address, so it was linked: from now on it opens your pages."),
        ),
        facts=((say("When"), own.moment(owed.due_at, host.time_zone)),),
        actions=(Action(say("Open the settings"), f"{settings().public_origin}/settings"),),
        closing=(
            say("Was it not you? Then unlink it there, and see to your account at {provider}.", provider=provider),
        ),
    )


def _linked_host(session: Session, account: Account, now: datetime) -> UUID | None:
    mine = (col(LinkedAccount.issuer) == account.provider.issuer, col(LinkedAccount.subject) == account.subject)
    host_id = session.exec(select(LinkedAccount.host_id).where(*mine)).first()
    if host_id is not None:
        session.exec(update(LinkedAccount).where(*mine).values(last_used_at=now))
    return host_id


def _link(session: Session, account: Account, now: datetime) -> UUID:
    name = account.provider.name
    if not account.email_verified:
        raise ProviderRefused("provider_email_unverified", provider=name)
    # Letters beyond ASCII stay as they are: the Kelvin sign would else turn into the k of somebody else's address.
    email = account.email.translate(_LOWER)
    host = session.exec(select(Host).where(Host.email == email).with_for_update(key_share=True)).first()
    if host is None:
        raise ProviderRefused("provider_no_host", provider=name)
    if linked := _linked_host(session, account, now):  # meanwhile, by another tab
        return linked
    issuer = account.provider.issuer
    others = select(LinkedAccount.id).where(LinkedAccount.host_id == host.id, LinkedAccount.issuer == issuer)
    if session.exec(others).first():
        raise ProviderRefused("provider_other_account", provider=name)
    key = new_id()
    session.add(
        LinkedAccount(id=key, host_id=host.id, issuer=issuer, subject=account.subject, created_at=now, last_used_at=now)
    )
    session.flush()
    record(session, Happened.PROFILE_CHANGED, now=now, host_id=host.id)
    enqueue(
        session,
        LINKED,
        host_id=host.id,
        recipients=[Party.HOST],
        subject_id=key,
        sequence=0,
        payload={"provider": name},
        now=now,
    )
    return host.id
