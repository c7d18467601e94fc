"""Mail over TLS and with a login, against a real server; never in the clear where it is not to be."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from singleuse_app.notifications.mail import Address, Mail
from singleuse_app.notifications.smtp import ServerTrouble, SmtpPost
from singleuse_app.settings import SmtpServer
from tests.harness.smtp_server import Mailbox, running

MAIL = Mail(
    message_id="one@example.org",
    date=datetime(2026, 9, 1, tzinfo=UTC),
    sender=Address("Singleuse", "meet@example.org"),
    to=Address("Ada", "ada@example.org"),
    subject="Hello",
    text="Hello",
    html="<p>Hello</p>",
    language="en",
)
LOGIN = ("meet", "a long secret")


def send(mailbox: Mailbox, security: str, *login: str, host: str = "localhost") -> str:
    post = SmtpPost(SmtpServer(host, mailbox.port, security, *login))
    try:
        return post.send(MAIL)
    finally:
        post.close()


def trust(monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(mailbox.folder / "certificate.pem"))


def refused(mailbox: Mailbox, security: str, *login: str, host: str = "localhost") -> str:
    """What was said instead, and nothing came."""
    with pytest.raises(ServerTrouble) as trouble:
        send(mailbox, security, *login, host=host)
    assert mailbox.taken() == []
    return trouble.value.said


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_is_known_takes_mail_over_tls_after_a_login(
    security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path, security=security, login=LOGIN) as mailbox:
        assert "certificate verify failed" in refused(mailbox, security, *LOGIN)
        trust(monkeypatch, mailbox)
        assert "certificate verify failed" in refused(mailbox, security, *LOGIN, host="127.0.0.1")  # another name
        assert refused(mailbox, security, "meet", "wrong").startswith("535")
        assert re.match("530|503", refused(mailbox, security))
        assert send(mailbox, security, *LOGIN) == "250 2.0.0 Taken"
        assert [taken.recipient for taken in mailbox.taken()] == ["ada@example.org"]


def test_nothing_goes_in_the_clear_to_a_server_without_starttls(tmp_path: Path) -> None:
    with running(tmp_path) as mailbox:
        assert "STARTTLS" in refused(mailbox, "starttls", *LOGIN)
        assert send(mailbox, "none") == "250 2.0.0 Taken"  # the control: the server would take it
