"""More durations, booking windows of other kinds, and caps."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = {
    "other_durations": "JSON NOT NULL DEFAULT '[]'",
    "first_date": "DATE",
    "last_date": "DATE",
    "booking_window": "VARCHAR NOT NULL DEFAULT 'days' CONSTRAINT ck_event_type_window_kind CHECK "
    "(booking_window IN ('days', 'open') OR (booking_window = 'dates' AND first_date <= last_date"
    " AND first_date IS NOT NULL AND last_date IS NOT NULL))",
    "max_per_day": "INTEGER",
    "max_per_week": "INTEGER",
    "max_per_month": "INTEGER CONSTRAINT ck_event_type_caps CHECK (max_per_day BETWEEN 1 AND 10000"
    " AND max_per_week BETWEEN 1 AND 10000 AND max_per_month BETWEEN 1 AND 10000)",
}
CONSTRAINTS = ("ck_event_type_window_kind", "ck_event_type_caps")


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.execute(f"ALTER TABLE event_type ADD COLUMN {name} {kind}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":  # they name other columns than the one that brought them
        for name in CONSTRAINTS:
            op.execute(f"ALTER TABLE event_type DROP CONSTRAINT {name}")
    for name in reversed(COLUMNS):
        op.execute(f"ALTER TABLE event_type DROP COLUMN {name}")
