"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("event_type_id", sa.Uuid(), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_event_log"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_log_host_id", "event_log", ["host_id"])
    op.create_index("ix_event_log_link_id", "event_log", ["link_id"])
    op.create_table(
        "host",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_host"),
        sa.UniqueConstraint("email", name="uq_host_email"),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_message"),
        sa.UniqueConstraint("dedupe_key", name="uq_outbox_message_dedupe_key"),
    )
    op.create_index("ix_outbox_message_next_attempt_at", "outbox_message", ["next_attempt_at"])
    op.create_index("ix_outbox_message_subject_id", "outbox_message", ["subject_id"])
    op.create_table(
        "availability_schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_availability_schedule_host_id_host"),
        sa.PrimaryKeyConstraint("id", name="pk_availability_schedule"),
        sa.UniqueConstraint("id", "host_id", name="uq_availability_schedule_id_host_id"),
    )
    op.create_index("ix_availability_schedule_host_id", "availability_schedule", ["host_id"])
    op.create_table(
        "host_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_host_session_host_id_host"),
        sa.PrimaryKeyConstraint("id", name="pk_host_session"),
        sa.UniqueConstraint("token_hash", name="uq_host_session_token_hash"),
    )
    op.create_index("ix_host_session_host_id", "host_session", ["host_id"])
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("set_up_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_one_row")),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_installation_host_id_host"),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )
    op.create_table(
        "event_type",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("start_time_increment_minutes", sa.Integer(), nullable=False),
        sa.Column("before_buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("after_buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("minimum_notice_minutes", sa.Integer(), nullable=False),
        sa.Column("booking_window_days", sa.Integer(), nullable=False),
        sa.Column("terms_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("off_at", sa.BigInteger(), nullable=True),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "before_buffer_minutes BETWEEN 0 AND 1440 AND after_buffer_minutes BETWEEN 0 AND 1440",
            name=op.f("ck_event_type_buffers"),
        ),
        sa.CheckConstraint("booking_window_days BETWEEN 0 AND 730", name=op.f("ck_event_type_window")),
        sa.CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name=op.f("ck_event_type_duration")),
        sa.CheckConstraint("minimum_notice_minutes BETWEEN 0 AND 525600", name=op.f("ck_event_type_notice")),
        sa.CheckConstraint("start_time_increment_minutes BETWEEN 1 AND 1440", name=op.f("ck_event_type_increment")),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_event_type_host_id_host"),
        sa.ForeignKeyConstraint(
            ["schedule_id", "host_id"],
            ["availability_schedule.id", "availability_schedule.host_id"],
            name="fk_event_type_schedule",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_event_type"),
        sa.UniqueConstraint("id", "host_id", name="uq_event_type_id_host_id"),
    )
    op.create_index("ix_event_type_host_id", "event_type", ["host_id"])
    op.create_table(
        "weekly_hours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "start_minute >= 0 AND start_minute < end_minute AND end_minute <= 1440",
            name=op.f("ck_weekly_hours_minutes"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_weekly_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["availability_schedule.id"], name="fk_weekly_hours_schedule_id_availability_schedule"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_weekly_hours"),
    )
    op.create_index("ix_weekly_hours_schedule_id", "weekly_hours", ["schedule_id"])
    op.create_table(
        "scheduling_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("event_type_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("max_uses BETWEEN 1 AND 2147483647", name=op.f("ck_scheduling_link_max_uses")),
        sa.CheckConstraint("uses BETWEEN 0 AND max_uses", name=op.f("ck_scheduling_link_uses")),
        sa.ForeignKeyConstraint(
            ["event_type_id", "host_id"], ["event_type.id", "event_type.host_id"], name="fk_link_event_type"
        ),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_scheduling_link_host_id_host"),
        sa.PrimaryKeyConstraint("id", name="pk_scheduling_link"),
        sa.UniqueConstraint("id", "host_id", "event_type_id", "max_uses", name="uq_scheduling_link_pinned"),
        sa.UniqueConstraint("token_hash", name="uq_scheduling_link_token_hash"),
    )
    op.create_index("ix_scheduling_link_event_type_id", "scheduling_link", ["event_type_id"])
    op.create_index("ix_scheduling_link_host_id", "scheduling_link", ["host_id"])
    op.create_table(
        "booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("event_type_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("use_no", sa.Integer(), nullable=False),
        sa.Column("use_released_at", sa.BigInteger(), nullable=True),
        sa.Column("receipt_hash", sa.String(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("invitee_name", sa.String(), nullable=False),
        sa.Column("invitee_email", sa.String(), nullable=False),
        sa.Column("invitee_time_zone", sa.String(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint('start < "end"', name=op.f("ck_booking_start_before_end")),
        sa.CheckConstraint("use_no BETWEEN 1 AND max_uses", name=op.f("ck_booking_use_no")),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_booking_host_id_host"),
        sa.ForeignKeyConstraint(
            ["link_id", "host_id", "event_type_id", "max_uses"],
            [
                "scheduling_link.id",
                "scheduling_link.host_id",
                "scheduling_link.event_type_id",
                "scheduling_link.max_uses",
            ],
            name="fk_booking_link",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_booking"),
        sa.UniqueConstraint("id", "host_id", name="uq_booking_id_host_id"),
        sa.UniqueConstraint("link_id", "receipt_hash", name="uq_booking_link_id_receipt_hash"),
        sa.UniqueConstraint("uid", name="uq_booking_uid"),
    )
    op.create_index("ix_booking_host_start", "booking", ["host_id", "start"])
    op.create_index(
        "uq_booking_live_use",
        "booking",
        ["link_id", "use_no"],
        unique=True,
        sqlite_where=sa.text("use_released_at IS NULL"),
        postgresql_where=sa.text("use_released_at IS NULL"),
    )
    op.create_table(
        "time_claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("protected_start", sa.BigInteger(), nullable=False),
        sa.Column("protected_end", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("protected_start < protected_end", name=op.f("ck_time_claim_start_before_end")),
        sa.ForeignKeyConstraint(
            ["booking_id", "host_id"], ["booking.id", "booking.host_id"], name="fk_time_claim_booking"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_time_claim"),
    )
    op.create_index("ix_time_claim_booking_id", "time_claim", ["booking_id"])
    op.create_index(
        "ix_time_claim_live",
        "time_claim",
        ["host_id", "protected_end"],
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(
            "ALTER TABLE time_claim ADD CONSTRAINT time_claim_overlap EXCLUDE USING gist "
            "(host_id WITH =, int8range(protected_start, protected_end) WITH &&) WHERE (released_at IS NULL)"
        )


def downgrade() -> None:
    op.drop_table("time_claim")
    op.drop_table("booking")
    op.drop_table("scheduling_link")
    op.drop_table("weekly_hours")
    op.drop_table("event_type")
    op.drop_table("installation")
    op.drop_table("host_session")
    op.drop_table("availability_schedule")
    op.drop_table("outbox_message")
    op.drop_table("host")
    op.drop_table("event_log")
