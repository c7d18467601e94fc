"""A host's bookings at a secret address that calendar programs read."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bookings_feed",
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_bookings_feed_host_id_host"),
        sa.PrimaryKeyConstraint("host_id", name="pk_bookings_feed"),
        sa.UniqueConstraint("token_hash", name="uq_bookings_feed_token_hash"),
    )


def downgrade() -> None:
    op.drop_table("bookings_feed")
