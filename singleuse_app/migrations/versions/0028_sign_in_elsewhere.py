"""Hosts sign in with accounts at identity providers."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "linked_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_linked_account_host_id_host"),
        sa.PrimaryKeyConstraint("id", name="pk_linked_account"),
        sa.UniqueConstraint("issuer", "subject", name="uq_linked_account_issuer_subject"),
        sa.UniqueConstraint("host_id", "issuer", name="uq_linked_account_host_id_issuer"),
    )
    op.create_table(
        "provider_attempt",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_provider_attempt"),
    )
    op.create_index("ix_provider_attempt_expires_at", "provider_attempt", ["expires_at"])


def downgrade() -> None:
    op.drop_table("provider_attempt")
    op.drop_table("linked_account")
