"""Copies of an SQLite database, made and brought back while the app runs. PostgreSQL has tools of its own."""

import contextlib
import os
import shlex
import sqlite3
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool
from sqlmodel import Session, delete, func, select

from singleuse_app import db, migrations, tokens
from singleuse_app.models import Booking, EventLog, HostSession, LinkOpening
from singleuse_app.operations.address_proofs import forget_codes
from singleuse_app.operations.command_links import revoke_all
from singleuse_app.operations.health import Report, examine_database, looking_into, reason_of
from singleuse_app.operations.host_invitations import take_back_invitations
from singleuse_app.operations.password_resets import forget_resets
from singleuse_app.operations.sessions import forget_pending
from singleuse_app.scheduling.errors import CommandRefused, TryAgain
from singleuse_app.settings import settings

PATIENCE = 30.0
"""Seconds that a restore waits for others who write."""

_NUMBERED = text(
    "INSERT INTO sqlite_sequence SELECT :name, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :name)"
)
_NUMBER_ON = text("UPDATE sqlite_sequence SET seq = max(seq, :last) WHERE name = :name")

ROOM = 10_000
"""Lines of the log for what happens between the last look at it and the restore."""

PAST_COPYING = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was made and is sound. ``key_file`` is the copy of the key beside it, if one was asked for."""

    file: Path
    key_file: Path | None


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of the data that was there, and of the links in the data that came back.

    ``kept`` is the former database beside the present one, ``bookings_lost`` how many of its bookings the present one
    lacks; ``former_key`` is the key file that was replaced by another. ``restart`` says whether a running app must be
    started again to notice.
    """

    kept: Path | None
    bookings_lost: int
    links_revoked: int
    former_key: Path | None
    restart: bool


def back_up(file: Path, *, force: bool = False, with_key: bool = False) -> Backup:
    """Copy the database as it is at one moment to ``file``, while others go on: there whole and sound, or not at all.

    The key file is not in it: with it, links could be opened by whoever holds the copy. Raises ``CommandRefused``.
    """
    if not db.is_sqlite():
        raise CommandRefused("backup_by_postgresql", command=_dump_command(file), key_file=settings().key_file)
    if not db.sqlite_file().exists():
        raise CommandRefused("database_missing", file=db.sqlite_file())
    target = file.absolute()
    key_target = _beside(target, "key") if with_key else None
    for place in (target, key_target):
        if place is not None and place.exists():
            _refuse_live(place)
            if not force:
                raise CommandRefused("file_exists", file=place)
    draft = _beside(target, "draft")
    with _gone_afterwards(draft):
        db.copy_to(draft)
        _refuse_damaged(draft, told_as=target)
        draft.replace(target)
    if key_target is not None:
        _write_secret(key_target, settings().key_file.read_bytes())
    db.sync(target.parent)
    return Backup(target, key_target)


def restore(
    file: Path, *, now: datetime, force: bool = False, with_key: bool = False, keep_links_open: bool = False
) -> Restored:
    """Bring a copy back, as one transaction to an app that runs, and keep what was there beside it.

    A link that was used after the copy was made is unspent in it. Unless ``keep_links_open``, every link that could
    be booked with is therefore revoked, before anybody can see it. Nobody stays signed in, or invited to be a host.
    Raises ``CommandRefused`` for a file that is damaged, of something else, of a newer Singleuse, or, without
    ``force``, belies a truth.
    """
    if not db.is_sqlite():
        raise CommandRefused("restore_by_postgresql", command=_restore_command(file))
    live, source = db.sqlite_file(), file.absolute()
    for needed in (source, _beside(source, "key")) if with_key else (source,):
        if not needed.is_file():
            raise CommandRefused("file_missing", file=needed)
    _refuse_live(source)
    draft = _beside(live, "restoring")
    with _gone_afterwards(draft):
        _copy_of_any(source, draft)
        _refuse_damaged(draft, told_as=source)
        _refuse_foreign(draft, told_as=source)
        with _key_of(source, wanted=with_key, now=now) as former_key:
            _bring_up_to_date(draft)
            if not force:
                _refuse_untrue(draft, told_as=source, now=now)
            runs = _is_database(live)
            last_entry = _last_entry(live) + ROOM if runs else 0
            revoked = _make_safe(draft, now=now, after_entry=last_entry, revoking=not keep_links_open)
            kept = _former(live, now)
            lost = _copy_over(draft, live, kept) if runs else _move_out_of_the_way(draft, live, kept)
    db.close()
    return Restored(kept if kept.exists() else None, lost, revoked, former_key, restart=not runs)


def _refuse_damaged(file: Path, *, told_as: Path) -> None:
    with looking_into(file) as session:
        said = session.connection().exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
    if said != "ok":
        raise CommandRefused("backup_damaged", file=told_as, reason=said)


def _refuse_foreign(file: Path, *, told_as: Path) -> None:
    with looking_into(file) as session:
        version = migrations.current(session.connection())
    if not version:
        raise CommandRefused("backup_foreign", file=told_as)
    if version > migrations.newest():
        raise CommandRefused("backup_newer", file=told_as)


def _refuse_untrue(file: Path, *, told_as: Path, now: datetime) -> None:
    report = Report()
    with looking_into(file) as session:
        examine_database(report, session, now=now)
    if report.broken:
        raise CommandRefused("backup_untrue", file=told_as, reason="; ".join(finding.what for finding in report.broken))


def _refuse_live(file: Path) -> None:
    live = db.sqlite_file()
    own = (live, live.with_name(f"{live.name}-wal"), live.with_name(f"{live.name}-shm"), settings().key_file)
    if any(place.exists() and file.samefile(place) for place in own):
        raise CommandRefused("file_live", file=file)


def _bring_up_to_date(file: Path) -> None:
    """Migrate a copy; its guards are put up whatever it had."""
    with _alone_with(file) as session:
        migrations.upgrade(session.connection())
        session.commit()


def _make_safe(file: Path, *, now: datetime, after_entry: int, revoking: bool) -> int:
    """End what the copy would let live again: sessions, invitations, ways to another password, codes, and
    links. Says how many links."""
    with _alone_with(file) as session:
        # The app that runs has read the log up to some line. It hears of later ones only.
        for name in (EventLog.__tablename__, LinkOpening.__tablename__):  # every opened link has a line of its own
            for change in (_NUMBERED, _NUMBER_ON):
                session.connection().execute(change, {"name": name, "last": after_entry})
        session.exec(delete(HostSession))
        forget_pending(session)
        take_back_invitations(session, now=now)
        forget_resets(session)
        forget_codes(session, now=now)
        revoked = revoke_all(session, now=now) if revoking else 0
        session.commit()
        return revoked


def _last_entry(file: Path) -> int:
    with looking_into(file) as session:
        if not migrations.current(session.connection()):
            return 0
        return session.exec(select(func.max(EventLog.id))).one() or 0


def _copy_over(draft: Path, live: Path, kept: Path) -> int:
    """Make the copy the database, in one transaction, and say how many bookings are in the former one only.

    The former one is kept as it is once nobody can write to it any more: whatever was booked up to then is in it.
    """
    locked = False

    def keep(status: int, _remaining: int, _total: int) -> None:
        nonlocal locked
        if status == sqlite3.SQLITE_OK and not locked:
            locked = True
            db.copy_to(kept)

    _copy(draft, live, keep)
    with looking_into(kept) as session:
        former = set(_booking_ids(session))
    with looking_into(draft) as session:
        return len(former - set(_booking_ids(session)))


def _booking_ids(session: Session) -> Sequence[UUID]:
    return session.exec(select(Booking.id)).all() if migrations.current(session.connection()) else ()


def _move_out_of_the_way(draft: Path, live: Path, kept: Path) -> int:
    """Make the copy the database where there is none, or none that can be read: what remains of it is kept."""
    for suffix in ("-wal", "-shm", ""):  # its log of changes first: it must never meet another database
        with contextlib.suppress(FileNotFoundError):
            live.with_name(f"{live.name}{suffix}").replace(kept.with_name(f"{kept.name}{suffix}"))
    draft.replace(live)
    db.sync(live.parent)
    return 0


def _is_database(file: Path) -> bool:
    if not file.exists():
        return False
    try:
        with looking_into(file) as session:  # which cannot make it worse
            session.connection().exec_driver_sql("PRAGMA schema_version").scalar_one()
    except DatabaseError as error:
        if getattr(error.orig, "sqlite_errorcode", None) not in PAST_COPYING:
            raise
        return False
    return True


def _copy_of_any(source: Path, draft: Path) -> None:
    """A copy of a file that may be anything."""
    try:
        _copy(source, draft)
        _make_one_file(draft)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode not in PAST_COPYING:
            raise
        raise CommandRefused("backup_damaged", file=source, reason=reason_of(error)) from error


def _copy(source: Path, target: Path, told: Callable[[int, int, int], None] | None = None) -> None:
    """Page by page, in one transaction of ``target``, which nobody else can write to from the first page on.

    Others go on reading it. Waits for others who write, but not for ever.
    """
    until = time.monotonic() + PATIENCE

    def progress(status: int, remaining: int, total: int) -> None:
        if status != sqlite3.SQLITE_OK and time.monotonic() > until:
            raise TryAgain
        if told is not None:
            told(status, remaining, total)

    target.touch(0o600)
    with closing(sqlite3.connect(source)) as a, closing(sqlite3.connect(target)) as b:
        b.execute("PRAGMA journal_mode=WAL")
        b.execute("PRAGMA busy_timeout=0")  # others leave a gap of a moment, which long sleeps would miss
        a.backup(b, pages=1, progress=progress, sleep=0.002)


def _make_one_file(file: Path) -> None:
    """Let a copy need nothing beside it. In the app's own mode it would be opened with two files more."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


@contextlib.contextmanager
def _alone_with(file: Path) -> Generator[Session]:
    """A transaction on a file that nobody else knows of."""
    with Session(create_engine(f"sqlite:///{file}", poolclass=NullPool)) as session:
        yield session


@contextlib.contextmanager
def _key_of(source: Path, *, wanted: bool, now: datetime) -> Generator[Path | None]:
    """Use the backup's key file from here on; again the present one if what follows fails."""
    live = settings().key_file
    key = _beside(source, "key").read_bytes() if wanted else b""
    former = live.read_bytes() if live.exists() else b""
    if not wanted or key == former:
        yield None
        return
    kept = _former(live, now)
    if former:
        _write_secret(kept, former)
    _write_secret(live, key)
    tokens.forget()
    try:
        yield kept if former else None
    except BaseException:
        if former:
            kept.replace(live)
        else:
            live.unlink()
        raise


@contextlib.contextmanager
def _gone_afterwards(draft: Path) -> Generator[None]:
    names = [draft, *(draft.with_name(f"{draft.name}{suffix}") for suffix in ("-wal", "-shm", "-journal", ".part"))]
    for name in names:
        name.unlink(missing_ok=True)
    try:
        yield
    finally:
        for name in names:
            name.unlink(missing_ok=True)


def _write_secret(file: Path, content: bytes) -> None:
    draft = _beside(file, "draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())
    draft.replace(file)


def _beside(file: Path, what: str) -> Path:
    return file.with_name(f"{file.name}.{what}")


def _former(file: Path, now: datetime) -> Path:
    return _beside(file, f"before-restore-{now:%Y%m%dT%H%M%S.%fZ}")


def _dump_command(file: Path) -> str:
    return f"pg_dump --format=custom --file={shlex.quote(str(file))} {_address()}"


def _restore_command(file: Path) -> str:
    options = "--clean --if-exists --no-owner --single-transaction"
    return f"pg_restore {options} --dbname={_address()} {shlex.quote(str(file))}"


def _address() -> str:
    """The database's address for PostgreSQL's own tools, without a password."""
    url = db.engine().url
    query = {name: value for name, value in url.query.items() if name != "password"}
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    return shlex.quote(bare.render_as_string(hide_password=False))
