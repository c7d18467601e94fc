"""Every test here runs on SQLite and on PostgreSQL, each time with a fresh database and its key."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from singleuse_app import db
from singleuse_app.models import Host
from singleuse_app.notifications.smtp import SmtpPost
from singleuse_app.settings import SmtpServer
from tests.factories import NOW, Desk
from tests.harness.smtp_server import Mailbox, running


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
