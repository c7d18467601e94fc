"""The event log is counted by host, kind and time; that index serves a host's lines, too."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_event_log_host_id", "event_log")
    op.create_index("ix_event_log_host", "event_log", ["host_id", "kind", "at"])


def downgrade() -> None:
    op.drop_index("ix_event_log_host", "event_log")
    op.create_index("ix_event_log_host_id", "event_log", ["host_id"])
