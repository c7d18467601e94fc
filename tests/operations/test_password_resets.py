"""A host who has forgotten their password chooses another, once, by an address that only their mail has."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier

import pytest

from singleuse_app.notifications.smtp import FolderPost, SmtpPost
from singleuse_app.operations import command_links, hosts, leaving, mail_log, password_resets, profile
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.scheduling.errors import InvalidInput, Refusal, ResetGone, SignInRefused
from tests.factories import NOW, PASSWORD, Desk, later, rows
from tests.harness.smtp_server import Mailbox

EMAIL = "grace@example.org"
NEW = "another long password"


@pytest.fixture(autouse=True)
def _mail_server(monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox) -> None:
    monkeypatch.setenv("SMTP_URL", mailbox.url)
    monkeypatch.setenv("MAIL_FROM", "meet@example.org")


def asked(mailbox: Mailbox, post: SmtpPost, *, email: object = EMAIL, now: datetime = NOW) -> str:
    """The token that a host is sent who asks."""
    before = len(mailbox.taken())
    password_resets.ask_for_reset(email=email, now=now)
    deliver_due(post, clock=lambda: now)
    [mail] = mailbox.taken()[before:]
    assert mail.recipient == EMAIL
    found = re.search(r"/reset-password/(\w+)", mail.mail.get_body(("plain",)).get_content())
    assert found
    return found[1]


def is_gone(token: object, now: datetime = NOW) -> bool:
    with pytest.raises(ResetGone):
        password_resets.look_at_reset(token=token, now=now)
    with pytest.raises(ResetGone):
        password_resets.reset_password(token=token, password=NEW, now=now)
    return True


def test_another_password_is_chosen_once_and_all_other_devices_are_signed_out(
    desk: Desk, mailbox: Mailbox, post: SmtpPost
) -> None:
    elsewhere = hosts.sign_in(email=EMAIL, password=PASSWORD, now=NOW)
    token, another = asked(mailbox, post, email=" Grace@Example.org "), asked(mailbox, post)
    for _ in range(3):  # a mail scanner looks
        assert password_resets.look_at_reset(token=token, now=NOW) == EMAIL
    fresh = password_resets.reset_password(token=token, password=NEW, now=NOW)
    assert hosts.signed_in_host(elsewhere.secret, now=NOW) is None
    signed_in = hosts.signed_in_host(fresh.secret, now=NOW)
    assert signed_in
    assert signed_in.id == desk.host_id
    with pytest.raises(SignInRefused):
        hosts.sign_in(email=EMAIL, password=PASSWORD, now=NOW)
    assert hosts.sign_in(email=EMAIL, password=NEW, now=NOW)
    assert is_gone(token)
    assert is_gone(another)
    assert token not in str(rows("SELECT * FROM password_reset")) + str(rows("SELECT * FROM outbox_message"))
    deliver_due(post, clock=lambda: NOW)
    assert mailbox.taken()[-1].mail["Subject"] == "Your password was changed"


def test_whoever_asks_cannot_tell_who_is_a_host(desk: Desk) -> None:
    password_resets.ask_for_reset(email="mallory@example.org", now=NOW)
    assert rows("SELECT * FROM outbox_message") == []
    for email, wrong in ((None, "email_missing"), ("a", "email_malformed"), ({}, "email_missing")):
        with pytest.raises(InvalidInput) as refused:
            password_resets.ask_for_reset(email=email, now=NOW)
        assert refused.value.fields == {"email": wrong}


def test_a_password_that_cannot_be_taken_spends_nothing(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    token = asked(mailbox, post)
    for password in ("short", None, 7, "grace-host-2026"):
        with pytest.raises(InvalidInput):
            password_resets.reset_password(token=token, password=password, now=NOW)
    assert password_resets.reset_password(token=token, password=NEW, now=NOW)


def test_an_address_works_for_half_an_hour(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    token = asked(mailbox, post)
    assert password_resets.look_at_reset(token=token, now=later(minutes=29)) == EMAIL
    assert is_gone(token, now=later(minutes=30))


def test_three_mails_in_half_an_hour_are_all_that_somebody_can_cause(
    desk: Desk, mailbox: Mailbox, post: SmtpPost
) -> None:
    for _ in range(10):
        password_resets.ask_for_reset(email=EMAIL, now=NOW)
    deliver_due(post, clock=lambda: NOW)
    assert len(mailbox.taken()) == 3
    assert asked(mailbox, post, now=later(minutes=30))


@pytest.mark.parametrize(
    "change",
    [
        lambda desk: profile.change_email(host_id=desk.host_id, email="g@example.net", password=PASSWORD, now=NOW),
        lambda desk: profile.change_password(
            host_id=desk.host_id, password=PASSWORD, new_password=NEW, secret="", now=NOW
        ),
        lambda desk: password_resets.give_password(email=EMAIL, password=NEW, now=NOW),
        lambda desk: command_links.revoke_all_links(now=NOW),
        lambda desk: leaving.delete_account(host_id=desk.host_id, email=EMAIL, password=PASSWORD, now=NOW),
    ],
    ids=["another address", "another password", "by command", "all links revoked", "the host has left"],
)
def test_what_changes_otherwise_ends_the_address_and_an_unsent_mail(
    desk: Desk, mailbox: Mailbox, post: SmtpPost, change
) -> None:
    token = asked(mailbox, post)
    password_resets.ask_for_reset(email=EMAIL, now=NOW)
    change(desk)
    deliver_due(post, clock=lambda: NOW)
    assert is_gone(token)
    assert [mail for mail in mailbox.taken()[1:] if "reset-password" in mail.mail.as_string()] == []


@pytest.mark.parametrize(
    "token", [None, "", 7, {}, "a" * 26, "ä" * 26], ids=["none", "nothing", "a number", "a dict", "letters", "umlauts"]
)
def test_any_other_secret_opens_nothing(desk: Desk, mailbox: Mailbox, post: SmtpPost, token: object) -> None:
    asked(mailbox, post)
    assert is_gone(token)


def choose_at_once(token: str) -> int:
    together = Barrier(8)

    def choose(_: int) -> bool:
        together.wait()
        try:
            password_resets.reset_password(token=token, password=NEW, now=NOW)
        except ResetGone:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(choose, range(8)))


def test_of_several_who_use_one_address_at_once_one_wins(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    assert choose_at_once(asked(mailbox, post)) == 1


def test_control_without_spending_the_address_several_win(
    desk: Desk, mailbox: Mailbox, post: SmtpPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(password_resets, "_spend", lambda *_: None)
    monkeypatch.setattr(password_resets, "forget_resets", lambda *_: None)
    assert choose_at_once(asked(mailbox, post)) > 1


def test_without_a_mail_server_nobody_is_promised_a_mail(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password_resets.ask_for_reset(email=EMAIL, now=NOW)
    monkeypatch.delenv("SMTP_URL")
    with pytest.raises(Refusal, match="no_mail_for_resets"):
        password_resets.ask_for_reset(email=EMAIL, now=NOW)
    deliver_due(FolderPost(tmp_path), clock=lambda: NOW)  # what was owed before is not left in a folder
    assert list(tmp_path.glob("*.eml")) == []
    [row] = mail_log.look_at_mail(host_id=desk.host_id, now=NOW).rows
    assert (row.kind, row.state) == ("password_reset", "dropped")
