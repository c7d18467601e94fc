"""The first opening of a link is kept beside the event log."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_opening",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_link_opening_host_id_host"),
        sa.ForeignKeyConstraint(["link_id"], ["scheduling_link.id"], name="fk_link_opening_link_id_scheduling_link"),
        sa.PrimaryKeyConstraint("id", name="pk_link_opening"),
        sa.UniqueConstraint("link_id", name="uq_link_opening_link_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_link_opening_host", "link_opening", ["host_id", "at"])
    op.execute(
        "INSERT INTO link_opening (at, host_id, link_id)"
        " SELECT opened_at, host_id, id FROM scheduling_link WHERE opened_at IS NOT NULL ORDER BY opened_at"
    )


def downgrade() -> None:
    op.drop_table("link_opening")
