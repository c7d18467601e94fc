"""Messages are sent: who sends one, what the mail server said, and what became of it.

What was owed before there was mail is not sent any more: nobody wants to hear of it that late.
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WAITS_OR_NOT = "(next_attempt_at IS NULL) = (sent_at IS NOT NULL OR failed_at IS NOT NULL OR dropped_at IS NOT NULL)"
COLUMNS = {
    "outbox_message": [
        ("host_id", "{uuid}"),
        ("due_at", "BIGINT NOT NULL DEFAULT 0"),
        ("lease_id", "{uuid}"),
        ("failed_at", "BIGINT"),
        ("dropped_at", "BIGINT"),
        ("kept", "BOOLEAN NOT NULL DEFAULT false"),
    ],
    "booking": [("locale", "VARCHAR NOT NULL DEFAULT 'en'")],
    "event_type": [("reminders", "JSON NOT NULL DEFAULT '[1440]'")],
    "host": [
        ("locale", "VARCHAR NOT NULL DEFAULT 'en'"),
        ("mail_choices", "JSON NOT NULL DEFAULT '{{}}'"),
    ],
}


def upgrade() -> None:
    uuid = "UUID" if op.get_bind().dialect.name == "postgresql" else "CHAR(32)"
    for table, columns in COLUMNS.items():
        for name, kind in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind.format(uuid=uuid)}")
    op.execute(
        "UPDATE outbox_message SET host_id = coalesce((SELECT host_id FROM booking WHERE id = subject_id), "
        "(SELECT host_id FROM link_request WHERE id = subject_id))"
    )
    op.execute("UPDATE outbox_message SET due_at = created_at")
    op.execute(
        "UPDATE outbox_message SET next_attempt_at = NULL, dropped_at = created_at WHERE next_attempt_at IS NOT NULL"
    )
    op.execute(
        "ALTER TABLE outbox_message ADD COLUMN server_said VARCHAR NOT NULL DEFAULT '' "
        f"CONSTRAINT ck_outbox_message_waits_or_not CHECK ({WAITS_OR_NOT})"  # last, for SQLite asks all rows at once
    )
    op.execute("CREATE INDEX ix_outbox_message_host ON outbox_message (host_id, id)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_outbox_message_host")
    op.execute("ALTER TABLE outbox_message DROP COLUMN server_said")
    for table, columns in reversed(COLUMNS.items()):
        for name, _ in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
