"""A host's bookings are found by when they start, those that stand and those that were cancelled; who did not come."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INDEXES = {"ix_booking_host_live": "IS NULL", "ix_booking_host_cancelled": "IS NOT NULL"}


def upgrade() -> None:
    op.execute("ALTER TABLE booking ADD COLUMN no_show_at BIGINT")
    for name, cancelled in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON booking (host_id, start, id) WHERE cancelled_at {cancelled}")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    op.execute("ALTER TABLE booking DROP COLUMN no_show_at")
