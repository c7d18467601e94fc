"""Kinds of places, for event types and for links; one upcoming booking for each address; a link's own hours."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KINDS = "('text', 'in person', 'host calls', 'invitee calls', 'video', 'invitee chooses')"
COLUMNS = {
    "event_type": [
        (
            "location_kind",
            f"VARCHAR NOT NULL DEFAULT 'text' CONSTRAINT ck_event_type_location_kind CHECK (location_kind IN {KINDS})",
        ),
        ("one_booking_each", "BOOLEAN NOT NULL DEFAULT false"),
    ],
    "scheduling_link": [
        (
            "location_kind",
            f"VARCHAR CONSTRAINT ck_scheduling_link_location_kind CHECK (location_kind IN {KINDS})",
        ),
        ("hours", "VARCHAR NOT NULL DEFAULT ''"),
    ],
}


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for name, kind in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")


def downgrade() -> None:
    """A place of any kind stays as its words; that of a kind without words is gone."""
    for table, columns in COLUMNS.items():
        for name, _ in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
