"""A host may give a booking's time up and ask its invitee for another; its link stays spent."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ASKED = "another_time_asked_at IS NULL OR (cancelled_at IS NOT NULL AND use_released_at IS NULL)"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE booking ADD COLUMN another_time_asked_at BIGINT "
        f"CONSTRAINT ck_booking_asked_when_cancelled CHECK ({ASKED})"
    )
    op.execute(
        "CREATE INDEX ix_booking_host_asked ON booking (host_id, start, id) WHERE another_time_asked_at IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_booking_host_asked")
    op.execute("ALTER TABLE booking DROP COLUMN another_time_asked_at")
