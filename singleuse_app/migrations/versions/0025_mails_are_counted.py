"""Mails that others cause are counted, by the address that they go to and the link that they come through; and which is
due next is found without sorting what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_outbox_message_next_attempt_at", "outbox_message")
    op.create_index("ix_outbox_message_due", "outbox_message", ["next_attempt_at", "id"])
    op.add_column("outbox_message", sa.Column("to_hash", sa.String(), nullable=True))
    op.add_column("outbox_message", sa.Column("through_link_id", sa.Uuid(), nullable=True))
    for name, column in (("to", "to_hash"), ("through", "through_link_id")):
        op.execute(
            f"CREATE INDEX ix_outbox_message_{name} ON outbox_message ({column}, sent_at) WHERE {column} IS NOT NULL"
        )


def downgrade() -> None:
    for name in ("to", "through"):
        op.drop_index(f"ix_outbox_message_{name}", "outbox_message")
    op.drop_column("outbox_message", "through_link_id")
    op.drop_column("outbox_message", "to_hash")
    op.drop_index("ix_outbox_message_due", "outbox_message")
    op.create_index("ix_outbox_message_next_attempt_at", "outbox_message", ["next_attempt_at"])
