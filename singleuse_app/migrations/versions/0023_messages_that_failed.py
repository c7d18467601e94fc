"""Messages that could not be delivered are counted without reading the others."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_outbox_message_failed ON outbox_message (host_id) WHERE failed_at IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX ix_outbox_message_failed")
