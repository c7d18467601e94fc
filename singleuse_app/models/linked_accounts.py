"""Accounts elsewhere that hosts sign in with, and who is on the way to doing so."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from singleuse_app.ids import new_id
from singleuse_app.models.table import Instant, Table


class LinkedAccount(Table, table=True):
    """An account at an identity provider that opens a host's sessions. ``issuer`` and ``subject`` together are somebody
    for ever (OpenID Connect Core 1.0, section 5.7): nobody else's, and of each issuer a host has one."""

    __tablename__ = "linked_account"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("host_id", "issuer"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id")
    issuer: str
    subject: str
    created_at: datetime = Field(sa_type=Instant)
    last_used_at: datetime = Field(sa_type=Instant)


class ProviderAttempt(Table, table=True):
    """A sign-in that a browser has begun at a provider, until it comes back, once, or ``expires_at``. The browser has
    the secret, which state, nonce and code verifier follow from; the row keeps its hash."""

    __tablename__ = "provider_attempt"

    token_hash: str = Field(primary_key=True)
    provider: str
    expires_at: datetime = Field(sa_type=Instant, index=True)
