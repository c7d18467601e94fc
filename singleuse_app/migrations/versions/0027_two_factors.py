"""A host may sign in with a code beside the password, and with recovery codes in its place."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "two_factor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("sealed_secret", sa.String(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("confirmed_at IS NULL OR last_step > 0", name="ck_two_factor_confirmed_by_a_code"),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_two_factor_host_id_host"),
        sa.PrimaryKeyConstraint("id", name="pk_two_factor"),
        sa.UniqueConstraint("host_id", name="uq_two_factor_host_id"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_recovery_code_host_id_host"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_code"),
        sa.UniqueConstraint("token_hash", name="uq_recovery_code_token_hash"),
    )
    op.create_index("ix_recovery_code_host_id", "recovery_code", ["host_id"])
    op.create_table(
        "pending_sign_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name="ck_pending_sign_in_tries"),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_pending_sign_in_host_id_host"),
        sa.PrimaryKeyConstraint("id", name="pk_pending_sign_in"),
        sa.UniqueConstraint("token_hash", name="uq_pending_sign_in_token_hash"),
    )
    op.create_index("ix_pending_sign_in_host_id", "pending_sign_in", ["host_id"])


def downgrade() -> None:
    op.drop_table("pending_sign_in")
    op.drop_table("recovery_code")
    op.drop_table("two_factor")
