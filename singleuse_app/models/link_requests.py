"""People who met a dead link and asked for a new one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from singleuse_app.ids import new_id
from singleuse_app.models.table import Instant, Table


class LinkRequest(Table, table=True):
    """A line to the host from somebody whose link is dead. It waits until it is answered or dismissed.

    ``new_link_id`` is the link that answers it. One address waits once for each link.
    """

    __tablename__ = "link_request"
    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 100", name="name"),
        CheckConstraint("length(email) BETWEEN 3 AND 254", name="email"),
        CheckConstraint("length(message) <= 500", name="message"),
        CheckConstraint("(answered_at IS NULL) = (new_link_id IS NULL)", name="answered"),
        Index(
            "uq_link_request_waiting",
            "link_id",
            "email",
            unique=True,
            sqlite_where=text("answered_at IS NULL AND dismissed_at IS NULL"),
            postgresql_where=text("answered_at IS NULL AND dismissed_at IS NULL"),
        ),
        Index("ix_link_request_host", "host_id", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id")
    link_id: UUID = Field(foreign_key="scheduling_link.id")
    name: str
    email: str
    message: str = ""
    created_at: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    new_link_id: UUID | None = Field(default=None, foreign_key="scheduling_link.id")
    dismissed_at: datetime | None = Field(default=None, sa_type=Instant)
