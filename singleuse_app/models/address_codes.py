"""Who was sent a code, to show that they read the mail of an address."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from singleuse_app.ids import new_id
from singleuse_app.models.table import Instant, Table
from singleuse_app.scheduling.address_proofs import TRIES


class AddressCode(Table, table=True):
    """A code that one browser asked for, to be sent to the only address that may book with a link.

    The six digits are kept nowhere: they are derived from ``id`` and the random ``nonce`` with the key ``kid`` of the
    key file. ``receipt_hash`` names the browser on this link, ``locale`` the language that it reads. ``tries`` counts
    what was typed; ``verified_at`` is when it was right. ``closed_at`` is when it stopped to count: a newer one took
    its place, or a backup brought it back.
    """

    __tablename__ = "address_code"
    __table_args__ = (
        CheckConstraint(f"tries BETWEEN 0 AND {TRIES}", name="tries"),
        CheckConstraint("verified_at IS NULL OR tries > 0", name="verified_by_a_try"),
        Index("ix_address_code_link", "link_id", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id", index=True)
    link_id: UUID = Field(foreign_key="scheduling_link.id")
    receipt_hash: str
    kid: str
    nonce: str
    locale: str = "en"
    tries: int = 0
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    verified_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
