"""Every test here runs on SQLite and on PostgreSQL, each time with a fresh database and its key."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

import pytest

from singleuse_app import db
from singleuse_app.models import Host
from singleuse_app.notifications.smtp import SmtpPost
from singleuse_app.operations.address_codes import ask_for_code
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.operations.truths import violations
from singleuse_app.settings import SmtpServer
from tests.factories import NOW, RECEIPT, Desk
from tests.harness.smtp_server import Mailbox, running
from tests.operations.proving import ADDRESS, make_bound


@pytest.fixture
def another_host_id(desk: Desk) -> UUID:
    """A second host in the desk's database, with nothing of their own."""
    with db.writing() as session:
        row = Host(email="eve@example.org", name="Eve", password_hash="-", time_zone="UTC", created_at=NOW)
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture(scope="module")
def one_mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with running(tmp_path_factory.mktemp("mails")) as mailbox:
        yield mailbox


@pytest.fixture
def mailbox(one_mailbox: Mailbox) -> Mailbox:
    """A mail server that accepts, with nothing in it."""
    one_mailbox.behave("accept")
    for file in one_mailbox.folder.glob("*.mail"):
        file.unlink()
    return one_mailbox


@pytest.fixture
def post(mailbox: Mailbox) -> Iterator[SmtpPost]:
    """The way to that server."""
    made = SmtpPost(SmtpServer("127.0.0.1", mailbox.port, "none"))
    yield made
    made.close()


@pytest.fixture
def mail_server(monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox) -> None:
    """The app sends its mails to that server."""
    monkeypatch.setenv("SMTP_URL", mailbox.url)
    monkeypatch.setenv("MAIL_FROM", "meet@example.org")


@pytest.fixture
def nothing_is_untrue(desk: Desk) -> Iterator[None]:
    """Whatever the test did, the truths about the tables hold afterwards."""
    yield
    with db.reading() as session:
        assert violations(session) == {}


@pytest.fixture
def bound(desk: Desk) -> HandedOutLink:
    """A link for one address alone."""
    return make_bound(desk)


@pytest.fixture
def sent(mailbox: Mailbox, post: SmtpPost) -> Callable[..., str]:
    """Ask for a code; the six digits that the address is sent."""

    def ask(link: HandedOutLink, receipt: str = RECEIPT, *, now: datetime = NOW, locale: str = "en") -> str:
        before = len(mailbox.taken())
        ask_for_code(token=link.token, receipt=receipt, locale=locale, now=now)
        deliver_due(post, clock=lambda: now)
        [mail] = mailbox.taken()[before:]
        assert mail.recipient == ADDRESS
        [code] = re.findall(r"\b\d{6}\b", mail.mail.get_body(("plain",)).get_content())
        assert code not in str(mail.mail["Subject"])
        return code

    return ask
