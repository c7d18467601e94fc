"""The first host invites others, each by an address that works once."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "host_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_host_invitation_host_id_host"),
        sa.PrimaryKeyConstraint("id", name="pk_host_invitation"),
        sa.UniqueConstraint("token_hash", name="uq_host_invitation_token_hash"),
    )
    op.create_index("ix_host_invitation_host_id", "host_invitation", ["host_id"])


def downgrade() -> None:
    op.drop_table("host_invitation")
