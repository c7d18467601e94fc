"""Bringing the database up to date."""

from dataclasses import dataclass

from singleuse_app import db, migrations
from singleuse_app.migrations import guards
from singleuse_app.scheduling.errors import CommandRefused


@dataclass(frozen=True, slots=True)
class Migrated:
    """From which version to which; which guards were put up again, and which could not be."""

    before: str
    after: str
    put_up: list[str]
    still_missing: list[str]


def migrate() -> Migrated:
    """Bring the tables to the newest version, and put up guards that somebody took down."""
    before, after = db.prepare()
    with db.reading() as session:
        gone = guards.missing(session.connection())
    if gone:
        with db.writing() as session:
            guards.create(session.connection())
    with db.reading() as session:
        still = guards.missing(session.connection())
    return Migrated(before, after, [name for name in gone if name not in still], still)


def need_tables(*, make: bool = False) -> None:
    """Go on only with tables that are up to date. Raises ``CommandRefused``, or makes them where there are none."""
    if db.is_sqlite() and not db.sqlite_file().exists() and not make:
        raise CommandRefused("database_missing", file=db.sqlite_file())
    if make and db.is_sqlite() and not db.sqlite_file().exists():
        db.prepare()
    with db.reading() as session:
        version = migrations.current(session.connection())
    if not version and make:
        db.prepare()
    elif version != migrations.newest():
        raise CommandRefused("database_outdated", version=version or "0", newest=migrations.newest())
