"""A booking outlives what it knows of its invitee."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking", sa.Column("erased_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("booking", "erased_at")
