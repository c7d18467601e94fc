"""Whose time is booked, and who is signed in."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Index,
)
from sqlmodel import JSON, Field

from singleuse_app.ids import new_id
from singleuse_app.models.table import SLUG, Instant, Table, nameless_slug


class Host(Table, table=True):
    """Whose time is booked. ``password_hash`` is argon2id. ``slug`` names them in addresses, and stays. Their own pages
    show times as they are used to: ``first_weekday`` counts from Monday, 0. ``locale`` is the language (BCP 47) that
    they are written to, ``mail_choices`` which messages they want sent or not, where that is not the default."""

    __table_args__ = (
        CheckConstraint(SLUG, name="slug"),
        CheckConstraint("first_weekday BETWEEN 0 AND 6", name="first_weekday"),
        Index("uq_host_slug", "slug", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(unique=True)
    name: str
    slug: str = Field(default_factory=nameless_slug)
    password_hash: str
    time_zone: str
    twelve_hours: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    first_weekday: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    locale: str = "en"
    mail_choices: dict[str, bool] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(sa_type=Instant)


class Installation(Table, table=True):
    """One row for ever: the set-up that made the first host. Of two simultaneous set-ups its key lets one win."""

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id")
    set_up_at: datetime = Field(sa_type=Instant)


class HostSession(Table, table=True):
    """One signed-in browser. The cookie's secret is kept as its hash. ``last_seen_at`` is true to the hour."""

    __tablename__ = "host_session"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id", index=True)
    token_hash: str = Field(unique=True)
    user_agent: str = ""
    created_at: datetime = Field(sa_type=Instant)
    last_seen_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
