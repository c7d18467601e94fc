"""People who met a dead link may ask for a new one."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WAITING = sa.text("answered_at IS NULL AND dismissed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "link_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("new_link_id", sa.Uuid(), nullable=True),
        sa.Column("dismissed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name=op.f("ck_link_request_name")),
        sa.CheckConstraint("length(email) BETWEEN 3 AND 254", name=op.f("ck_link_request_email")),
        sa.CheckConstraint("length(message) <= 500", name=op.f("ck_link_request_message")),
        sa.CheckConstraint("(answered_at IS NULL) = (new_link_id IS NULL)", name=op.f("ck_link_request_answered")),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_link_request_host_id_host"),
        sa.ForeignKeyConstraint(["link_id"], ["scheduling_link.id"], name="fk_link_request_link_id_scheduling_link"),
        sa.ForeignKeyConstraint(
            ["new_link_id"], ["scheduling_link.id"], name="fk_link_request_new_link_id_scheduling_link"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_link_request"),
    )
    op.create_index(
        "uq_link_request_waiting",
        "link_request",
        ["link_id", "email"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_link_request_host", "link_request", ["host_id", "created_at"])


def downgrade() -> None:
    op.drop_table("link_request")
