"""How a host is used to see times; what signed-in browsers call themselves, and when they were last seen."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE host ADD COLUMN twelve_hours BOOLEAN NOT NULL DEFAULT FALSE")
    op.execute(
        "ALTER TABLE host ADD COLUMN first_weekday INTEGER NOT NULL DEFAULT 0"
        " CONSTRAINT ck_host_first_weekday CHECK (first_weekday BETWEEN 0 AND 6)"
    )
    op.execute("ALTER TABLE host_session ADD COLUMN user_agent VARCHAR NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE host_session ADD COLUMN last_seen_at BIGINT NOT NULL DEFAULT 0")
    op.execute("UPDATE host_session SET last_seen_at = created_at")


def downgrade() -> None:
    op.execute("ALTER TABLE host_session DROP COLUMN last_seen_at")
    op.execute("ALTER TABLE host_session DROP COLUMN user_agent")
    op.execute("ALTER TABLE host DROP COLUMN first_weekday")
    op.execute("ALTER TABLE host DROP COLUMN twelve_hours")
