"""The running app sends mail by itself: at once, whatever its mail server does, and none is lost."""

import asyncio
import time
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.api.test_calendar_files import book
from tests.harness import server as servers
from tests.harness.people import HostAtHome
from tests.harness.smtp_server import running

ADA = "ada@example.org"


async def test_a_booking_is_told_within_moments(tmp_path: Path) -> None:
    with (
        running(tmp_path / "mails") as mailbox,
        servers.backend(tmp_path / "backend", SMTP_URL=mailbox.url, MAIL_FROM="Meetings <meet@example.org>") as app,
    ):
        host = HostAtHome.set_up(app)
        await book(host)
        mails = {taken.recipient: taken for taken in mailbox.wait_for(2)}
        assert set(mails) == {"grace@example.org", ADA}
        assert {taken.sender for taken in mails.values()} == {"meet@example.org"}
        assert mails[ADA].mail["From"] == "Grace Host <meet@example.org>"
        assert "smtp" not in app.log().lower()


async def test_a_server_that_hangs_holds_up_nobody_and_one_that_was_killed_loses_nothing(tmp_path: Path) -> None:
    with (
        running(tmp_path / "mails", "hang") as mailbox,
        servers.backend(tmp_path / "backend", SMTP_URL=mailbox.url, MAIL_FROM="meet@example.org") as app,
    ):
        host = HostAtHome.set_up(app)
        await book(host)
        began = time.monotonic()
        await book(host, email="bob@example.org")
        assert time.monotonic() - began < 5
        assert mailbox.taken() == []
        app.kill()
        engine_rows = app.rows("SELECT count(*) FROM outbox_message WHERE sent_at IS NULL AND kind = 'booked'")
        assert engine_rows == [(4,)]


@pytest.mark.thorough
async def test_without_a_server_mails_are_kept(tmp_path: Path) -> None:
    with servers.backend(tmp_path / "backend") as app:
        host = HostAtHome.set_up(app)
        await book(host)
        folder, until = tmp_path / "backend" / "mail", time.monotonic() + 20
        while len(files := list(folder.glob("*.eml"))) < 2:
            assert time.monotonic() < until
            await asyncio.sleep(0.05)
        mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        assert {str(mail["Subject"]).split(",")[0] for mail in mails} == {
            "Ada Lovelace has booked 30 minute meeting",
            "You are meeting Grace Host",
        }
