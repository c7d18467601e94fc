"""Whether all is well: settings, key file, database, and every truth about what it holds. Looking changes nothing."""

import sqlite3
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Text, create_engine, type_coerce
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlmodel import Session, col, select

from singleuse_app import db, keys, migrations, tokens
from singleuse_app.ids import HOST, LINK, MESSAGE, public_id
from singleuse_app.migrations import guards
from singleuse_app.models import Host, Link, OutboxMessage, Schedule, Table
from singleuse_app.models.availability import from_json
from singleuse_app.models.table import Instant
from singleuse_app.operations import log_chain
from singleuse_app.operations.address_codes import without_a_way
from singleuse_app.operations.keys import SEALS, needed_keys
from singleuse_app.operations.log_seals import newest_seal
from singleuse_app.operations.truths import RESTORE, TRUTHS, violations
from singleuse_app.scheduling.errors import InvalidAvailability, Refusal
from singleuse_app.scheduling.zones import known_time_zones
from singleuse_app.settings import settings

LEASE_IS_LONG_OVER = timedelta(hours=1)
LINKS_TO_TRY = 50
GO_BACK = "Keep a copy of it as it is, and go back to the last backup: singleuse restore FILE."
PUT_BACK = "Put the key file of this database back, or see SECRET_KEY_FILE."
TAMPERED = "Somebody has changed it in the database itself. Compare it with a backup, and look who may write to it."
MIGRATE = "Start Singleuse, or say: singleuse migrate."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be, what to do about it, and the public ids that it is about.

    A note is worth knowing and breaks nothing.
    """

    what: str
    remedy: str
    ids: tuple[str, ...] = ()
    is_note: bool = False


@dataclass(slots=True)
class Report:
    """What a look at everything found. ``checks`` is how many were made: fewer, where one stood in others' way.
    ``log`` says where the event log begins and ends, for whoever keeps that elsewhere."""

    checks: int = 0
    findings: list[Finding] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    @property
    def broken(self) -> list[Finding]:
        """What must be put right."""
        return [finding for finding in self.findings if not finding.is_note]

    def add(self, found: Iterable[Finding], *, checks: int = 1) -> bool:
        """Count these checks, keep what they found, and say whether nothing was broken."""
        new = list(found)
        self.checks += checks
        self.findings += new
        return all(finding.is_note for finding in new)


def examine(*, now: datetime, kept_seal: tuple[int, str] | None = None) -> Report:
    """Look at the settings, the key file and the database, and at nothing that they stand in the way of.

    ``kept_seal`` is number and mac of a seal of the event log that an earlier look told.
    """
    report = Report()
    try:
        report.add(_public_url_amiss())
        if db.is_sqlite() and not db.sqlite_file().exists():
            report.add([Finding(f"There is no database at {db.sqlite_file()}", f"See DATABASE_URL. {MIGRATE}")])
            return report
        with _database() as session:
            examine_database(report, session, now=now)
            report.add(_key_file_amiss(session, now))
            report.add(_codes_not_sent(session, now))
            report.add(_log_amiss(report, session, kept_seal, now))
        if db.is_sqlite():
            report.add(_commits_amiss())
    except SystemExit as refusal:  # a setting that cannot be used says why
        report.add([Finding(str(refusal).rstrip("."), "Change the setting and look again.")])
    except (Refusal, OSError, SQLAlchemyError, sqlite3.Error) as error:
        report.add([Finding(f"The database cannot be read: {reason_of(error)}", f"See DATABASE_URL. {GO_BACK}")])
    return report


def examine_database(report: Report, session: Session, *, now: datetime) -> None:
    """Look at the tables behind a session, which may be those of a backup: shape, guards, truths, messages."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        report.add(_file_amiss(connection))
        if not report.add(_version_amiss(connection)):
            return
        report.add(_dangling(connection))
        report.add(_instants_amiss(connection))
    else:
        if not report.add(_version_amiss(connection)):
            return
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")  # a look at everything may take its time
        careful = {f"SHOW {name}": "on" for name in ("fsync", "full_page_writes", "synchronous_commit")}
        report.add(_carelessness(connection, careful))
    report.add(_guards_amiss(connection))
    report.add(
        (
            Finding(
                f"Not true: {truth}", TRUTHS[truth].remedy, tuple(public_id(TRUTHS[truth].prefix, key) for key in keys)
            )
            for truth, keys in violations(session).items()
        ),
        checks=len(TRUTHS),
    )
    report.add(_messages_held_too_long(session, now))
    report.add(_hours_unreadable(session))


@contextmanager
def looking_into(file: Path) -> Generator[Session]:
    """One consistent look into an SQLite file that may be any: not through the app's door, which would make it ours."""
    address = f"{file.absolute().as_uri()}?mode=ro"
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(address, uri=True, isolation_level=None), poolclass=NullPool
    )
    with Session(engine) as session:
        session.connection().exec_driver_sql("BEGIN")
        yield session


def reason_of(error: BaseException) -> str:
    """What the database or the system said, in its first line, without the statement or anybody's data."""
    while isinstance(error, Refusal) and error.__context__:
        error = error.__context__
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__


@contextmanager
def _database() -> Generator[Session]:
    if not db.is_sqlite():
        with db.reading() as session:
            yield session
        return
    if not db.sqlite_file().exists():
        raise SystemExit(
            f"There is no database at {db.sqlite_file()}. {MIGRATE} If there ought to be: see DATABASE_URL."
        )
    with looking_into(db.sqlite_file()) as session:
        yield session


def _commits_amiss() -> Generator[Finding]:
    with looking_into(db.sqlite_file()) as session:
        mode = session.connection().exec_driver_sql("PRAGMA journal_mode").scalar_one()
    if mode != "wal":
        what = f"The database is in {mode} mode, which it leaves when Singleuse starts"
        yield Finding(what, "Nothing needs doing.", is_note=True)
        return  # for the app's own door would change it
    with db.reading() as session:
        yield from _carelessness(session.connection(), {"PRAGMA synchronous": "2", "PRAGMA foreign_keys": "1"})


def _public_url_amiss() -> Generator[Finding]:
    chosen = settings()
    if chosen.opens_here_only:
        what = f"Links that are copied now open on this computer only: {chosen.public_origin}"
        yield Finding(what, "Set PUBLIC_URL to the address that others reach it at.", is_note=True)
    elif not chosen.is_https:
        what = f"Passwords and links travel unencrypted: PUBLIC_URL is {chosen.public_origin}"
        yield Finding(what, "Put a TLS proxy in front and set PUBLIC_URL to its https:// address.")


def _key_file_amiss(session: Session, now: datetime) -> Generator[Finding]:
    path, back = settings().key_file, PUT_BACK
    derived = select(Link.id, Link.kid, Link.token_hash).where(col(Link.address).is_(None))
    links = session.exec(derived.order_by(col(Link.id).desc()).limit(LINKS_TO_TRY))
    newest = list(links)
    if not path.exists():
        if newest:
            yield Finding(f"There is no key file at {path}, so links cannot be copied again", back)
        return
    if not keys.is_private(path):
        yield Finding(f"Others on this computer may read the key file {path}", f"Say: chmod 600 {path}")
    try:
        known = tokens.known_kids()
    except (OSError, ValueError):
        yield Finding(f"The key file {path} cannot be read", back)
        return
    if migrations.current(session.connection()) != migrations.newest():
        return  # which is told
    needed = needed_keys(session, now=now)
    if gone := sorted(kid for kid, rows in needed.items() if kid not in known and rows.keys() - {SEALS}):
        yield Finding(
            f"The key file {path} lacks {', '.join(gone)}, which some links, bookings, calendars or codes need", back
        )
    if any(
        tokens.hash_token(tokens.derive(tokens.LINK, key, kid)) != token_hash
        for key, kid, token_hash in newest
        if kid in known
    ):
        yield Finding(f"The key file {path} belongs to another database: links would be copied wrongly", back)


def _codes_not_sent(session: Session, now: datetime) -> Generator[Finding]:
    if migrations.current(session.connection()) != migrations.newest():
        return  # which is told already
    if keys := without_a_way(session, now=now):
        what = (
            "These links ask for a code, and there is no mail server to send it through, so nobody can book with them"
        )
        remedy = "Set SMTP_URL and MAIL_FROM, or revoke them and make others, which ask for none then."
        yield Finding(what, remedy, tuple(public_id(LINK, key) for key in keys))


def _log_amiss(
    report: Report, session: Session, kept_seal: tuple[int, str] | None, now: datetime
) -> Generator[Finding]:
    """Whether every line of the event log is as it was sealed, as far as there is a key to tell by."""
    if migrations.current(session.connection()) != migrations.newest():
        return  # which is told already
    number, _, mac = newest_seal(session)
    if kept_seal and (wrong := log_chain.what_became_of(session, *kept_seal)):
        yield Finding(wrong, "If you have not gone back to a backup since, somebody has. " + TAMPERED)
    if number and not settings().key_file.exists():  # and none is made by looking
        yield Finding("Without its key file nobody can tell whether the event log is as it was", PUT_BACK)
        return
    chain = log_chain.read_chain(session, now=now)
    if begins := log_chain.begins(session):
        report.log.append(f"The event log begins after seal {begins.seal_id}, at which it was cut.")
    if number:
        report.log.append(f"The newest seal of the event log is {number}:{mac}")
    for what, blocks in (
        ("The event log is not what was sealed", chain.changed),
        ("Seals of the event log are missing, and with them what they vouch for", chain.missing),
    ):
        if blocks:
            yield Finding(what, TAMPERED, tuple(blocks))
    if chain.false_start:
        yield Finding("The event log was cut, and the checkpoint there was not signed with the key", TAMPERED)
    if chain.leftovers:
        yield Finding(f"There are {chain.leftovers} lines before the one at which the event log begins", TAMPERED)
    if chain.unknown:
        lacking = ", ".join(sorted(chain.lacking))
        what = f"The key file lacks {lacking}, so nobody can tell whether the event log is as it was"
        yield Finding(what, PUT_BACK, tuple(chain.unknown))
    if chain.late:
        many = "1 line of the event log has" if chain.late == 1 else f"{chain.late} lines of the event log have"
        what = f"{many} waited for {'its' if chain.late == 1 else 'their'} seal for more than an hour"
        yield Finding(what, "Look whether Singleuse is running: it seals them.", is_note=True)


def _file_amiss(connection: Connection) -> Generator[Finding]:
    if connection.exec_driver_sql("PRAGMA integrity_check(3)").scalars().all() != ["ok"]:
        said = "; ".join(connection.exec_driver_sql("PRAGMA integrity_check(3)").scalars())
        yield Finding(f"The database file is damaged: {said}", GO_BACK)


def _dangling(connection: Connection) -> Generator[Finding]:
    pairs = {(table, parent) for table, _, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check")}
    if pairs:
        said = ", ".join(f"{table} → {parent}" for table, parent in sorted(pairs))
        yield Finding(f"Some rows refer to rows that there are not: {said}", GO_BACK)


def _instants_amiss(connection: Connection) -> Generator[Finding]:
    places = [
        (table.name, column.name)
        for table in Table.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Instant)
    ]
    for table, column in places:
        statement = f"""SELECT count(*) FROM {table} WHERE typeof("{column}") NOT IN ('integer', 'null')"""  # noqa: S608
        if count := connection.exec_driver_sql(statement).scalar_one():
            yield Finding(f"{count} of {table}.{column} are no instants in whole seconds", GO_BACK)


def _version_amiss(connection: Connection) -> Generator[Finding]:
    current, newest = migrations.current(connection), migrations.newest()
    if not current:
        yield Finding("The database has no tables yet", MIGRATE)
    elif current > newest:
        yield Finding(f"The database is of a newer Singleuse ({current}; this one knows {newest})", "Run that one.")
    elif current != newest:
        yield Finding(f"The database is of version {current}, and this Singleuse needs {newest}", MIGRATE)


def _carelessness(connection: Connection, wanted: dict[str, str]) -> Generator[Finding]:
    """What makes a commit less than kept, by the statement that tells."""
    for statement, value in wanted.items():
        if (found := str(connection.exec_driver_sql(statement).scalar_one())) != value:
            name = statement.split()[-1]
            yield Finding(f"{name} is {found}: a power cut may undo bookings", f"Set it to {value}.")


def _guards_amiss(connection: Connection) -> Generator[Finding]:
    gone = guards.missing(connection)
    log = [name for name in gone if "append_only" in name]
    for what, names in (
        ("a second booking", [name for name in gone if name not in log]),
        ("a change of the event log", log),
    ):
        if names:
            yield Finding(
                f"The database lacks what refuses {what}: {', '.join(names)}",
                "Say: singleuse migrate. What that cannot put up again needs a backup: singleuse restore FILE.",
            )


def _messages_held_too_long(session: Session, now: datetime) -> Generator[Finding]:
    keys = session.exec(
        select(OutboxMessage.id).where(
            col(OutboxMessage.sent_at).is_(None), col(OutboxMessage.leased_until) < now - LEASE_IS_LONG_OVER
        )
    ).all()
    if keys:
        what = "Sending these messages was begun and never finished"
        remedy = "They may have arrived. Look whether Singleuse is running: it tries them again."
        yield Finding(what, remedy, tuple(public_id(MESSAGE, key) for key in keys))


def _hours_unreadable(session: Session) -> Generator[Finding]:
    known = known_time_zones()
    hosts = [key for key, zone in session.exec(select(Host.id, Host.time_zone)) if zone not in known]
    for key, text in session.exec(select(Schedule.host_id, type_coerce(Schedule.availability, Text))):
        try:
            from_json(text)
        except (InvalidAvailability, ValueError, LookupError, TypeError):
            hosts.append(key)
    if hosts:
        what = "The hours of these hosts cannot be read: in a time zone that this computer does not know, or damaged"
        remedy = "Bring the Python package tzdata up to date. What is found after that: " + RESTORE
        yield Finding(what, remedy, tuple(public_id(HOST, key) for key in dict.fromkeys(hosts)))
