"""Who may become a host beside the first one."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from singleuse_app.ids import new_id
from singleuse_app.models.table import Instant, Table


class HostInvitation(Table, table=True):
    """An address at which somebody becomes a host, once: until ``used_at``, ``revoked_at`` or ``expires_at``.

    ``host_id`` is who invites. The token is derived from ``id``; the row keeps its hash.
    """

    __tablename__ = "host_invitation"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id", index=True)
    kid: str
    token_hash: str = Field(unique=True)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
