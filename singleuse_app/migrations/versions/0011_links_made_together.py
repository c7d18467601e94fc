"""Links that were made together, so that they can be found and taken back together."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

IN_BATCH = sa.text("batch_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "link_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name=op.f("ck_link_batch_name")),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_link_batch_host_id_host"),
        sa.PrimaryKeyConstraint("id", name="pk_link_batch"),
    )
    op.create_index("ix_link_batch_host_id", "link_batch", ["host_id", "id"])
    kind = "CHAR(32)" if op.get_bind().dialect.name == "sqlite" else "UUID"
    op.execute(
        f"ALTER TABLE scheduling_link ADD COLUMN batch_id {kind}"
        " CONSTRAINT fk_scheduling_link_batch_id_link_batch REFERENCES link_batch (id)"
    )
    op.create_index(
        "ix_scheduling_link_batch",
        "scheduling_link",
        ["batch_id", "id"],
        sqlite_where=IN_BATCH,
        postgresql_where=IN_BATCH,
    )


def downgrade() -> None:
    op.drop_index("ix_scheduling_link_batch", "scheduling_link")
    op.execute("ALTER TABLE scheduling_link DROP COLUMN batch_id")
    op.drop_table("link_batch")
