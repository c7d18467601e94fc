"""The event log is sealed, block by block, and begins after a checkpoint where old lines were cut off."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "log_seal",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("last_line", sa.BigInteger(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_log_seal_id")),
        sa.CheckConstraint("line_count BETWEEN 1 AND last_line", name=op.f("ck_log_seal_line_count")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_seal")),
        sa.UniqueConstraint("last_line", name=op.f("uq_log_seal_last_line")),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("seal_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("last_line", sa.BigInteger(), nullable=False),
        sa.Column("seal_mac", sa.String(), nullable=False),
        sa.Column("cut_before", sa.BigInteger(), nullable=False),
        sa.Column("cut_at", sa.BigInteger(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seal_id", name=op.f("pk_log_checkpoint")),
    )


def downgrade() -> None:
    op.drop_table("log_checkpoint")
    op.drop_table("log_seal")
