"""The order and the colours of a host's event types, and after how many days their new links expire."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = {
    "colour": "VARCHAR NOT NULL DEFAULT 'stone'",
    "position": "INTEGER NOT NULL DEFAULT 0",
    "link_expiry_days": "INTEGER CONSTRAINT ck_event_type_link_expiry CHECK (link_expiry_days BETWEEN 1 AND 730)",
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.execute(f"ALTER TABLE event_type ADD COLUMN {name} {kind}")


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.execute(f"ALTER TABLE event_type DROP COLUMN {name}")
