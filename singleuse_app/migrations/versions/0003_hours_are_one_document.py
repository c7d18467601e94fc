"""The hours of a schedule are one document, which is read, checked and replaced as a whole."""

import json
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

from singleuse_app.ids import new_id

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEDULE = sa.table(
    "availability_schedule", sa.column("id", sa.Uuid()), sa.column("time_zone"), sa.column("availability")
)
HOURS = sa.table(
    "weekly_hours",
    sa.column("id", sa.Uuid()),
    sa.column("schedule_id", sa.Uuid()),
    sa.column("weekday", sa.Integer()),
    sa.column("start_minute", sa.Integer()),
    sa.column("end_minute", sa.Integer()),
)


def upgrade() -> None:
    op.execute("ALTER TABLE availability_schedule ADD COLUMN availability TEXT NOT NULL DEFAULT ''")
    weekly: dict[object, list[list[int]]] = defaultdict(list)
    order = (HOURS.c.weekday, HOURS.c.start_minute)
    for _, schedule_id, *hours in op.get_bind().execute(sa.select(HOURS).order_by(*order)):
        weekly[schedule_id].append(hours)
    for key, time_zone in op.get_bind().execute(sa.select(SCHEDULE.c.id, SCHEDULE.c.time_zone)).all():
        document = {"time_zone": time_zone, "weekly_hours": weekly[key], "date_overrides": {}}
        op.execute(SCHEDULE.update().where(SCHEDULE.c.id == key).values(availability=json.dumps(document)))
    op.drop_table("weekly_hours")
    op.execute("ALTER TABLE availability_schedule DROP COLUMN time_zone")


def downgrade() -> None:
    """What only a document can say is lost: everything but weekly hours."""
    op.execute("ALTER TABLE availability_schedule ADD COLUMN time_zone VARCHAR NOT NULL DEFAULT 'UTC'")
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
    for key, text in op.get_bind().execute(sa.select(SCHEDULE.c.id, SCHEDULE.c.availability)).all():
        document = json.loads(text)
        op.execute(SCHEDULE.update().where(SCHEDULE.c.id == key).values(time_zone=document["time_zone"]))
        for weekday, start_minute, end_minute in document["weekly_hours"]:
            hours = {"weekday": weekday, "start_minute": start_minute, "end_minute": end_minute}
            op.execute(HOURS.insert().values(id=new_id(), schedule_id=key, **hours))
    op.execute("ALTER TABLE availability_schedule DROP COLUMN availability")
