"""Calendars that a host has elsewhere: how they are read, and when they keep their host busy."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

THERE = sa.text("removed_at IS NULL")
INSTANTS = ("removed_at", "leased_until", "checked_at", "read_at", "expanded_at", "problem_since")
TEXTS = ("name", "kid", "sealed_url", "shown_as", "problem", "problem_detail", "etag", "last_modified", "digest")


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        *[sa.Column(name, sa.String(), nullable=False) for name in TEXTS],
        *[sa.Column(name, sa.BigInteger(), nullable=False) for name in ("created_at", "next_check_at")],
        *[sa.Column(name, sa.BigInteger(), nullable=True) for name in INSTANTS],
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name=op.f("ck_calendar_feed_name")),
        sa.CheckConstraint("(problem = '') = (problem_since IS NULL)", name=op.f("ck_calendar_feed_problem")),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_calendar_feed_host_id_host"),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_feed"),
    )
    op.create_index("ix_calendar_feed_host_id", "calendar_feed", ["host_id", "id"])
    op.create_index(
        "ix_calendar_feed_due", "calendar_feed", ["next_check_at"], sqlite_where=THERE, postgresql_where=THERE
    )
    op.create_table(
        "calendar_busy",
        sa.Column("feed_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint('start < "end" AND "end" - start <= 345600', name=op.f("ck_calendar_busy_length")),
        sa.ForeignKeyConstraint(["feed_id"], ["calendar_feed.id"], name="fk_calendar_busy_feed_id_calendar_feed"),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_calendar_busy_host_id_host"),
        sa.PrimaryKeyConstraint("feed_id", "start", name="pk_calendar_busy"),
    )
    op.create_index("ix_calendar_busy_host", "calendar_busy", ["host_id", "end", "start"])


def downgrade() -> None:
    op.drop_table("calendar_busy")
    op.drop_table("calendar_feed")
