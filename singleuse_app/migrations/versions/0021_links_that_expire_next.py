"""A host sees which links expire next, among very many."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_scheduling_link_expiring ON scheduling_link (host_id, expires_at, id) "
        "WHERE address IS NULL AND uses < max_uses AND revoked_at IS NULL AND expires_at IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_scheduling_link_expiring")
