"""The history of the tables: one file a step in ``versions/``, run by Alembic, configured here and in ``env.py``."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def config(connection: Connection) -> Config:
    """Alembic's configuration for one connection; there is no ``alembic.ini``."""
    alembic = Config()
    alembic.set_main_option("script_location", str(Path(__file__).parent))
    alembic.attributes["connection"] = connection
    return alembic


def upgrade(connection: Connection) -> None:
    """Bring the tables behind ``connection`` to the newest version, inside its transaction."""
    command.upgrade(config(connection), "head")
