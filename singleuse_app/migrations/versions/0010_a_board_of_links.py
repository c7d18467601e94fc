"""When a link was first opened, and indexes with which a host of a hundred thousand links finds fifty of them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE = "scheduling_link"
HANDED_OUT = "address IS NULL"
OPEN = f"{HANDED_OUT} AND uses < max_uses AND revoked_at IS NULL"
INDEXES = {
    "ix_scheduling_link_open": (["host_id", "id", "expires_at", "event_type_id"], OPEN),
    "ix_scheduling_link_used": (["host_id", "id"], f"{HANDED_OUT} AND uses >= max_uses"),
    "ix_scheduling_link_revoked": (["host_id", "id"], f"{HANDED_OUT} AND uses < max_uses AND revoked_at IS NOT NULL"),
}


def upgrade() -> None:
    op.execute(f"ALTER TABLE {TABLE} ADD COLUMN opened_at BIGINT")
    for name, (columns, where) in INDEXES.items():
        op.create_index(name, TABLE, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    for owner in ("host", "event_type"):
        op.drop_index(f"ix_scheduling_link_{owner}_id", TABLE)
        op.create_index(f"ix_scheduling_link_{owner}", TABLE, [f"{owner}_id", "id"])
    op.create_index("ix_booking_search", "booking", ["host_id", "invitee_name", "invitee_email", "link_id"])


def downgrade() -> None:
    op.drop_index("ix_booking_search", "booking")
    for owner in ("host", "event_type"):
        op.drop_index(f"ix_scheduling_link_{owner}", TABLE)
        op.create_index(f"ix_scheduling_link_{owner}_id", TABLE, [f"{owner}_id"])
    for name in INDEXES:
        op.drop_index(name, TABLE)
    op.execute(f"ALTER TABLE {TABLE} DROP COLUMN opened_at")
