"""Who may choose another password, having forgotten theirs."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from singleuse_app.ids import new_id
from singleuse_app.models.table import Instant, Table


class PasswordReset(Table, table=True):
    """An address at which a host chooses another password, until ``expires_at``. Once it is used, the row is gone.

    The token is derived from ``id``; the row keeps its hash.
    """

    __tablename__ = "password_reset"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id", index=True)
    kid: str
    token_hash: str = Field(unique=True)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
