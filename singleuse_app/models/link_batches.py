"""Links that were made together."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from singleuse_app.ids import new_id
from singleuse_app.models.table import Instant, Table


class LinkBatch(Table, table=True):
    """Up to a thousand links that a host made at once, under a name of the host's."""

    __tablename__ = "link_batch"
    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 100", name="name"),
        Index("ix_link_batch_host_id", "host_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id")
    name: str
    created_at: datetime = Field(sa_type=Instant)
