"""What Alembic runs for every command: our tables, on the connection that it was given."""

from alembic import context

from singleuse_app.models import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
