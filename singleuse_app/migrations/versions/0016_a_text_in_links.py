"""Very many links are gone through without a look at the table, and without those that nobody handed out."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_scheduling_link_host", "scheduling_link")
    op.execute(
        "CREATE INDEX ix_scheduling_link_host ON scheduling_link (host_id, id, event_type_id) WHERE address IS NULL"
    )


def downgrade() -> None:
    op.drop_index("ix_scheduling_link_host", "scheduling_link")
    op.create_index("ix_scheduling_link_host", "scheduling_link", ["host_id", "id"])
