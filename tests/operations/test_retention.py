"""What is older than the operator wants to keep is erased once a day; the log begins after a checkpoint then."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from singleuse_app import db, worker
from singleuse_app.migrations import guards
from singleuse_app.notifications.smtp import FolderPost
from singleuse_app.operations import bookings, links, retention
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.link_requests import ask_for_link
from singleuse_app.operations.log_chain import Chain, begins, read_chain
from singleuse_app.operations.log_seals import Sealer, newest_seal
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.bookings import Invitee
from singleuse_app.scheduling.errors import LinkRefusal
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.settings import settings
from tests.factories import NOW, OTHER_RECEIPT, Desk, book, later, make_link, rows

MARK = "oldmark"
OLD = Invitee(f"Olga {MARK}", f"{MARK}@example.org", "UTC", guests=(f"guest.{MARK}@example.org",))
NEW = Invitee("Nina New", "nina@example.org", "UTC")
A_YEAR = later(days=365)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where mail is kept."""
    monkeypatch.setenv("MAIL_FOLDER", str(tmp_path / "mail"))
    return tmp_path / "mail"


def everything(folder: Path) -> str:
    names = ("booking", "scheduling_link", "link_request", "outbox_message", "event_log")
    return "\n".join(
        [*(str(rows(f"SELECT * FROM {name}")) for name in names), *(f.read_text() for f in folder.glob("*"))]
    )


def deliver(now: datetime) -> None:
    post = FolderPost(settings().mail_folder)
    while deliver_due(post, clock=lambda: now):
        pass


def seal(at_most: int = 2) -> None:
    sealer = Sealer()
    while sealer.seal_new(now=NOW, at_most=at_most):
        pass


def chain() -> Chain:
    with db.reading() as session:
        return read_chain(session, now=A_YEAR)


def retain(day: datetime, *, now: datetime = A_YEAR) -> int:
    return sum(retention.keep_since(day, now=now))


def a_past(desk: Desk) -> tuple[links.HandedOutLink, links.HandedOutLink]:
    """Old things, with a mark; and new ones, a year later. The spent link of each."""
    for_old = LinkOptions(recipient_name=OLD.name, recipient_email=OLD.email, note=MARK)
    old = links.create_link(host_id=desk.host_id, event_type_id=desk.event_type_id, options=for_old, now=NOW)
    book(old, invitee=OLD)
    gone = links.create_link(host_id=desk.host_id, event_type_id=desk.event_type_id, options=for_old, now=NOW)
    links.revoke_link(host_id=desk.host_id, link_id=gone.id, now=NOW)
    ask_for_link(token=old.token, name=OLD.name, email=OLD.email, message=MARK, now=NOW)
    deliver(later(days=30))
    new = make_link(desk, now=A_YEAR)
    book(new, invitee=NEW, now=A_YEAR, receipt=OTHER_RECEIPT)
    return old, new


def test_what_was_over_before_that_day_is_erased_and_what_came_after_stays(desk: Desk, folder: Path) -> None:
    old, new = a_past(desk)
    seal()
    assert everything(folder).count(MARK) > 10
    assert retain(NOW) == 0  # nothing is as old as that
    assert everything(folder).count(MARK) > 10
    assert retain(later(days=200)) > 0
    assert MARK not in everything(folder)
    assert rows("SELECT invitee_email FROM booking ORDER BY id") == [("",), (NEW.email,)]
    with db.reading() as session:
        assert violations(session) == {}
    with pytest.raises(LinkRefusal):
        book(old, slot=3, receipt="c" * 32)
    assert bookings.open_link(token=new.token, receipt=OTHER_RECEIPT, now=A_YEAR)
    assert chain() == Chain()
    assert retain(later(days=200)) == 0


def test_links_that_can_still_be_booked_with_keep_whom_they_are_for(desk: Desk) -> None:
    for_old = LinkOptions(recipient_name=OLD.name, recipient_email=OLD.email)
    links.create_link(host_id=desk.host_id, event_type_id=desk.event_type_id, options=for_old, now=NOW)
    assert retain(later(days=200)) == 0
    assert rows("SELECT recipient_email, revoked_at FROM scheduling_link") == [(OLD.email, None)]


def write(desk: Desk, at: datetime, lines: int = 1) -> None:
    with db.writing() as session:
        for _ in range(lines):
            record(session, Happened.PROFILE_CHANGED, now=at, host_id=desk.host_id)


def test_the_log_is_cut_between_two_blocks_and_says_where_it_begins(desk: Desk) -> None:
    write(desk, NOW, 4)
    write(desk, A_YEAR, 4)
    seal()
    number, last, _ = newest()
    assert (number, last) == (5, 9)  # the fifth line, of last year, shares its block with one of this
    assert retention.cut_log(later(days=200), now=A_YEAR) == 4
    assert chain() == Chain()
    assert rows("SELECT min(id) FROM event_log") == [(5,)]
    assert rows("SELECT min(id) FROM log_seal") == [(3,)]
    with db.reading() as session:
        cut = begins(session)
    assert cut is not None
    assert (cut.seal_id, cut.cut_before, cut.cut_at) == (2, later(days=200), A_YEAR)
    assert retention.cut_log(later(days=200), now=A_YEAR) == 0
    write(desk, A_YEAR, 3)
    seal()
    assert retention.cut_log(later(days=400), now=later(days=500)) > 0
    assert chain() == Chain()
    assert len(rows("SELECT seal_id FROM log_checkpoint")) == 1
    assert len(rows("SELECT id FROM log_seal")) == 1  # the newest always stays


def newest() -> tuple[int, int, str]:
    with db.reading() as session:
        return newest_seal(session)


def test_nothing_is_cut_that_is_not_sealed(desk: Desk) -> None:
    write(desk, NOW, 5)
    assert retention.cut_log(A_YEAR, now=A_YEAR) == 0
    assert len(rows("SELECT id FROM event_log")) == 6


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["DELETE FROM log_checkpoint"], Chain(missing=["seals 1 to 2"])),
        (["UPDATE log_checkpoint SET cut_at = cut_at + 1"], Chain(false_start=True)),
        (
            ["INSERT INTO event_log (id, at, kind, host_id) SELECT 2, at, kind, host_id FROM event_log WHERE id = 5"],
            Chain(leftovers=1),
        ),
        (["DELETE FROM event_log WHERE id = 5"], Chain(changed=["seal 3 (lines 5 to 6)"])),
        (
            ["DELETE FROM event_log WHERE id < 7", "DELETE FROM log_seal WHERE id < 4"],
            Chain(missing=["seal 3"]),
        ),
    ],
)
def test_a_cut_by_hand_is_found(desk: Desk, statements: list[str], found: Chain) -> None:
    write(desk, NOW, 4)
    write(desk, A_YEAR, 4)
    seal()
    retention.cut_log(later(days=200), now=A_YEAR)
    with db.engine().begin() as connection:
        guards.drop(connection)
        for statement in statements:
            connection.exec_driver_sql(statement)
    assert chain() == found


async def test_the_worker_erases_what_is_too_old_where_that_is_set(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_past(desk)
    monkeypatch.setattr(worker.clock, "now", lambda: A_YEAR)
    await asyncio.wait_for(worker._retain(), 5)  # nothing is set: it ends
    assert MARK in everything(folder)
    monkeypatch.setenv("RETENTION_DAYS", "100")
    retaining = asyncio.create_task(worker._retain())
    for _ in range(100):
        await asyncio.sleep(0.05)
        if MARK not in everything(folder):
            break
    retaining.cancel()
    with suppress(asyncio.CancelledError):
        await retaining
    assert MARK not in everything(folder)
    assert NEW.email in everything(folder)


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "a year", "100000"])
def test_a_number_of_days_that_is_none_ends_the_process(monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    monkeypatch.setenv("RETENTION_DAYS", days)
    with pytest.raises(SystemExit, match="RETENTION_DAYS"):
        settings()


def test_days_are_counted_from_the_end_of_a_meeting(desk: Desk) -> None:
    booked = book(make_link(desk), invitee=OLD)
    assert retain(booked.end) == 0
    assert rows("SELECT erased_at FROM booking") == [(None,)]
    assert retain(booked.end + timedelta(seconds=1)) > 0
    assert rows("SELECT erased_at IS NULL FROM booking") in ([(False,)], [(0,)])
