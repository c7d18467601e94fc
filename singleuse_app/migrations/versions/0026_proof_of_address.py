"""A link for one address alone asks for a code that is sent there."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE scheduling_link ADD COLUMN by_code BOOLEAN NOT NULL DEFAULT false")
    op.create_table(
        "address_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_hash", sa.String(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name="ck_address_code_tries"),
        sa.CheckConstraint("verified_at IS NULL OR tries > 0", name="ck_address_code_verified_by_a_try"),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_address_code_host_id_host"),
        sa.ForeignKeyConstraint(["link_id"], ["scheduling_link.id"], name="fk_address_code_link_id_scheduling_link"),
        sa.PrimaryKeyConstraint("id", name="pk_address_code"),
    )
    op.create_index("ix_address_code_host_id", "address_code", ["host_id"])
    op.create_index("ix_address_code_link", "address_code", ["link_id", "created_at"])


def downgrade() -> None:
    op.drop_table("address_code")
    op.execute("ALTER TABLE scheduling_link DROP COLUMN by_code")
