"""For whom a link is, what its host notes about it, and the dates that can be booked with it."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = {
    "recipient_name": "VARCHAR NOT NULL DEFAULT ''",
    "recipient_email": "VARCHAR NOT NULL DEFAULT ''",
    "only_recipient": "BOOLEAN NOT NULL DEFAULT false",
    "note": "VARCHAR NOT NULL DEFAULT ''",
    "first_date": "DATE",
    "last_date": "DATE",
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.execute(f"ALTER TABLE scheduling_link ADD COLUMN {name} {kind}")


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.execute(f"ALTER TABLE scheduling_link DROP COLUMN {name}")
