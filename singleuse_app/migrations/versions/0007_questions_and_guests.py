"""What is asked of invitees, who comes along, and what the host says after a booking."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COLUMNS = (
    ("event_type", "questions", "JSON NOT NULL DEFAULT '[]'"),
    ("event_type", "guests_allowed", "BOOLEAN NOT NULL DEFAULT true"),
    ("event_type", "confirmation_message", "VARCHAR NOT NULL DEFAULT ''"),
    ("event_type", "redirect_url", "VARCHAR NOT NULL DEFAULT ''"),
    ("scheduling_link", "prefill", "JSON NOT NULL DEFAULT '{}'"),
    ("booking", "guests", "JSON NOT NULL DEFAULT '[]'"),
    ("booking", "answers", "JSON NOT NULL DEFAULT '[]'"),
)


def upgrade() -> None:
    for table, name, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")


def downgrade() -> None:
    for table, name, _ in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
