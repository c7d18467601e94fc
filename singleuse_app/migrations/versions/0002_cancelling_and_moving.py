"""Cancelling and moving bookings: who may, how often, until when, and what becomes of the link."""

import sqlalchemy as sa
from alembic import op

from singleuse_app import tokens

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = {
    "event_type": {
        "cancel_cutoff_minutes": "INTEGER NOT NULL DEFAULT 0",
        "reschedule_cutoff_minutes": "INTEGER NOT NULL DEFAULT 0 CONSTRAINT ck_event_type_cutoffs CHECK "
        "(cancel_cutoff_minutes BETWEEN 0 AND 525600 AND reschedule_cutoff_minutes BETWEEN 0 AND 525600)",
        "reopens_on_cancel": "BOOLEAN NOT NULL DEFAULT false",
    },
    "scheduling_link": {
        "duration_minutes": "INTEGER CONSTRAINT ck_scheduling_link_duration CHECK (duration_minutes BETWEEN 1 AND 1440)",
        "location": "VARCHAR",
        "reopened_at": "BIGINT",
    },
    "booking": {
        "kid": "VARCHAR NOT NULL DEFAULT ''",
        "manage_hash": "VARCHAR NOT NULL DEFAULT ''",
        "moves": "INTEGER NOT NULL DEFAULT 0 CONSTRAINT ck_booking_moves CHECK (moves >= 0)",
        "cancelled_by": "VARCHAR CONSTRAINT ck_booking_released_when_cancelled CHECK "
        "(use_released_at IS NULL OR cancelled_at IS NOT NULL)",
        "cancel_reason": "VARCHAR NOT NULL DEFAULT ''",
    },
}


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
    _give_each_booking_a_manage_token()
    op.create_index("uq_booking_manage_hash", "booking", ["manage_hash"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_booking_manage_hash", "booking")
    if op.get_bind().dialect.name == "postgresql":  # it names other columns than the one that brought it
        op.execute("ALTER TABLE booking DROP CONSTRAINT ck_booking_released_when_cancelled")
    for table, columns in COLUMNS.items():
        for name in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def _give_each_booking_a_manage_token() -> None:
    booking = sa.table(
        "booking", sa.column("id", sa.Uuid()), sa.column("kid", sa.String()), sa.column("manage_hash", sa.String())
    )
    for key in op.get_bind().execute(sa.select(booking.c.id)).scalars().all():
        kid = tokens.current_kid()
        digest = tokens.hash_token(tokens.derive(tokens.MANAGE, key, kid))
        op.execute(booking.update().where(booking.c.id == key).values(kid=kid, manage_hash=digest))
