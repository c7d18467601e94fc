"""A host's bookings as a calendar that other programs read."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from singleuse_app.models.table import Instant, Table


class BookingsFeed(Table, table=True):
    """Where a host's own calendar program finds their bookings: one secret address for each host at a time.

    The address is derived from ``key``; another key makes another address, and the old one opens nothing.
    """

    __tablename__ = "bookings_feed"

    host_id: UUID = Field(foreign_key="host.id", primary_key=True)
    key: UUID
    kid: str
    token_hash: str = Field(unique=True)
    created_at: datetime = Field(sa_type=Instant)
