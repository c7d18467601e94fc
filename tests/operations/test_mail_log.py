"""A host sees what became of every message, and can do something about it."""

from pathlib import Path

import pytest

from singleuse_app.notifications.smtp import FolderPost, NotSent, SmtpPost
from singleuse_app.operations import hosts, mail_log, manage_booking
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.operations.mail_log import CHOICES, MessageRow, MessageState
from singleuse_app.scheduling.errors import NotFound
from tests.factories import ADA, NOW, PASSWORD, Desk, book, later, make_link
from tests.harness.smtp_server import Mailbox


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where mails are kept."""
    monkeypatch.setenv("MAIL_FOLDER", str(tmp_path / "mail"))
    return tmp_path / "mail"


def shown(desk: Desk, only: MessageState | None = None) -> dict[str, MessageRow]:
    log = mail_log.look_at_mail(host_id=desk.host_id, only=only, now=later(hours=1))
    return {row.to: row for row in log.rows}


def other_host() -> Desk:
    host = hosts.add_host(name="Bob", email="b@example.org", password=PASSWORD, time_zone="UTC", now=NOW)
    return Desk(host.id, "", "")


def test_a_host_sees_what_became_of_each_message(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    book(make_link(desk), invitee=ADA)
    assert {row.state for row in shown(desk).values()} == {MessageState.WAITS}
    mailbox.behave("reject")
    deliver_due(post, clock=lambda: NOW)
    rows = shown(desk, MessageState.FAILED)
    assert set(rows) == {"grace@example.org", ADA.email}
    assert {row.said for row in rows.values()} == {"550 5.7.1 Not here"}
    assert mail_log.look_at_mail(host_id=desk.host_id, now=NOW).failed == 2
    assert shown(desk, MessageState.SENT) == {}


def test_reminders_to_come_are_not_messages_yet(desk: Desk) -> None:
    book(make_link(desk), slot=100)
    assert {row.kind for row in shown(desk).values()} == {"booked"}


def test_what_has_failed_is_sent_again_once(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    book(make_link(desk))
    mailbox.behave("reject")
    deliver_due(post, clock=lambda: NOW)
    mailbox.behave("accept")
    failed = shown(desk, MessageState.FAILED)[ADA.email]
    for _ in range(2):
        mail_log.send_again(host_id=desk.host_id, message_id=failed.id, now=later(minutes=1))
        deliver_due(post, clock=lambda: later(minutes=1))
    assert [taken.recipient for taken in mailbox.taken()] == [ADA.email]
    row = shown(desk)[ADA.email]
    assert (row.state, row.attempts) == (MessageState.SENT, 1)  # from the beginning


def test_a_host_reads_what_was_kept_but_not_its_invitees_own_address(desk: Desk, folder: Path) -> None:
    booking = book(make_link(desk))
    deliver_due(FolderPost(folder), clock=lambda: NOW)
    rows = shown(desk, MessageState.KEPT)
    text = mail_log.read_kept(host_id=desk.host_id, message_id=rows[ADA.email].id)
    assert text.startswith("You are meeting Grace Host")
    assert manage_booking.manage_token(booking_id=booking.booking_id) not in text
    assert "/manage/…" in text
    for file in folder.iterdir():
        file.unlink()
    with pytest.raises(NotFound):
        mail_log.read_kept(host_id=desk.host_id, message_id=rows[ADA.email].id)


def test_another_hosts_messages_are_nobodys(desk: Desk, folder: Path) -> None:
    book(make_link(desk))
    deliver_due(FolderPost(folder), clock=lambda: NOW)
    other, row = other_host(), shown(desk)[ADA.email]
    assert shown(other) == {}
    with pytest.raises(NotFound):
        mail_log.read_kept(host_id=other.host_id, message_id=row.id)
    with pytest.raises(NotFound):
        mail_log.send_again(host_id=other.host_id, message_id=row.id, now=NOW)
    for nonsense in (None, "", "msg_1", row.id + "0", 7):
        with pytest.raises(NotFound):
            mail_log.read_kept(host_id=desk.host_id, message_id=nonsense)


def test_a_test_message_shows_what_the_server_says(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    assert mail_log.send_test(host_id=desk.host_id, post=post, now=NOW) == "250 2.0.0 Taken"
    assert [taken.recipient for taken in mailbox.taken()] == ["grace@example.org"]
    mailbox.behave("reject")
    with pytest.raises(NotSent, match="Not here"):
        mail_log.send_test(host_id=desk.host_id, post=post, now=NOW)


def test_a_host_chooses_what_is_sent(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    chosen = set(CHOICES) - {"booked:others"}
    mail_log.choose_mail(host_id=desk.host_id, chosen=[*chosen, "nonsense"], now=NOW)
    assert mail_log.look_at_mail(host_id=desk.host_id, now=NOW).choices == chosen
    book(make_link(desk))
    deliver_due(post, clock=lambda: NOW)
    assert [taken.recipient for taken in mailbox.taken()] == ["grace@example.org"]
    assert shown(desk)[ADA.email].state is MessageState.DROPPED
