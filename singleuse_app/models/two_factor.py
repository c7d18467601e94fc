"""What a host who signs in with two factors has beside their password, and who is half-way in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import BigInteger, Field

from singleuse_app.ids import new_id
from singleuse_app.models.table import Instant, Table

CODE_TRIES = 5
"""So many codes may be tried before the password is asked for again."""


class TwoFactor(Table, table=True):
    """The secret that a host's authenticator app shares with Singleuse (TOTP, RFC 6238), and counts once its host has
    shown a code of it.

    The secret has to be known again, so it is sealed with the key ``kid`` of the key file, not hashed. ``last_step``
    is the number of the newest half minute whose code was taken: no code of that one, or of an earlier one, is again.
    """

    __tablename__ = "two_factor"
    __table_args__ = (CheckConstraint("confirmed_at IS NULL OR last_step > 0", name="confirmed_by_a_code"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id", unique=True)
    kid: str
    sealed_secret: str
    last_step: int = Field(default=0, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)


class RecoveryCode(Table, table=True):
    """What signs a host in once in the place of a code of their app. 80 random bits, kept as their hash."""

    __tablename__ = "recovery_code"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id", index=True)
    token_hash: str = Field(unique=True)
    created_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class PendingSignIn(Table, table=True):
    """A browser in which somebody has given a host's password and not the code yet. It opens nothing. The cookie's
    secret is kept as its hash; ``tries`` counts codes that were typed. Once one was right, the row is gone."""

    __tablename__ = "pending_sign_in"
    __table_args__ = (CheckConstraint(f"tries BETWEEN 0 AND {CODE_TRIES}", name="tries"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id", index=True)
    token_hash: str = Field(unique=True)
    tries: int = 0
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
