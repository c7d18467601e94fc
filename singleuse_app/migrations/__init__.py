"""The history of the tables: one file a step in ``versions/``, for both databases, run by Alembic, configured here."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from singleuse_app.migrations import guards

LOCK = 7_146_001
"""The advisory lock of whoever migrates a PostgreSQL database."""


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for one connection; there is no ``alembic.ini``."""
    alembic = Config()
    alembic.set_main_option("script_location", str(Path(__file__).parent))
    alembic.attributes["connection"] = connection
    return alembic


def newest() -> str:
    """The version that this code works with."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def current(connection: Connection) -> str:
    """The version of the tables behind ``connection``; nothing where there are none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def lock(connection: Connection) -> None:
    """Wait until nobody else migrates, and let it take its time. On SQLite ``BEGIN IMMEDIATE`` has done that."""
    if connection.dialect.name == "postgresql":
        for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {limit} = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def upgrade(connection: Connection) -> None:
    """Bring the tables behind ``connection`` to the newest version, inside its transaction.

    The guards are taken down for it and put up again at its end, as they are now: a step may rebuild their tables.
    """
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if (version := current(connection)) and version not in known:
        raise SystemExit(f"The database has version {version}, which this Singleuse does not know. Run a newer one.")
    guards.drop(connection)
    command.upgrade(config(connection), "head")
    guards.create(connection)
