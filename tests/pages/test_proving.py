"""A link for one address alone: nothing on its way to a browser names the address before it was proven there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import server as servers
from tests.harness import smtp_server
from tests.harness.people import HostAtHome
from tests.harness.server import Server
from tests.harness.smtp_server import Mailbox
from tests.harness.socket_client import SocketClient

ADDRESS = "lovelace@example.org"
MASKED = "l•••@example.org"
NAME = "lovelace"
STATE = "booking_state"
BROWSER = "reflex___state____state.singleuse_app___visitor____browser"
OTHERS = "b" * 32


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with smtp_server.running(tmp_path_factory.mktemp("mails")) as running:
        yield running


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[HostAtHome]:
    folder = tmp_path_factory.mktemp("backend")
    with servers.backend(folder, SMTP_URL=mailbox.url, MAIL_FROM="meet@example.org") as running:
        yield HostAtHome.set_up(running)


def new_link(host: HostAtHome, **options: str) -> str:
    form = {"recipient_name": "Ada", "recipient_email": ADDRESS, **options}
    answer = host.post(f"/api/event-types/{host.event_type_id()}/single-use-links", form)
    assert answer.status == 201, answer
    return answer.json()["url"].rpartition("/")[2]


def tab_on(server: Server, token: str, receipt: str = "") -> SocketClient:
    storage = {f"{BROWSER}.receipt_rx_state_": receipt} if receipt else {}
    return SocketClient(server.url, f"/book/{token}", params={"token": token}, storage=storage)


async def open_form(tab: SocketClient) -> str:
    """Turn to a month in which no time runs out; a start in it."""
    await tab.until(lambda tab: tab.value(f"{STATE}.view") == "choose")
    await tab.fire(f"{STATE}.next_month", {})
    await tab.until(lambda tab: tab.value(f"{STATE}.choice")["has_previous"])
    days = [cell for cell in tab.value(f"{STATE}.choice")["days"] if cell["count"]]
    await tab.fire(f"{STATE}.choose_day", {"day": days[-1]["iso"]})
    await tab.until(lambda tab: tab.value(f"{STATE}.step") == "time")
    return tab.value(f"{STATE}.choice")["times"][-1]["times"][-1]["value"]


def code_in(mailbox: Mailbox, number: int) -> str:
    body = mailbox.wait_for(number)[number - 1].mail.get_body(("plain",))
    assert body
    [code] = re.findall(r"\b\d{6}\b", body.get_content())
    return code


async def test_no_frame_names_it_before_the_code_was_right(host: HostAtHome, mailbox: Mailbox) -> None:
    token, before = new_link(host, only_recipient="on"), len(mailbox.taken())
    async with tab_on(host.server, token, "a" * 32) as tab, tab_on(host.server, token, OTHERS) as other:
        start = await open_form(tab)
        assert tab.value(f"{STATE}.proof") == {"masked": MASKED, "state": "askable"}
        assert tab.value(f"{STATE}.form")["name"] == "Ada"
        form = {"name": "Ada", "time": start}
        await tab.fire(f"{STATE}.book", {"form": form})
        await tab.until(lambda tab: "Ask for the code first" in tab.value(f"{STATE}.code_error"))
        for given in (ADDRESS, "eve@example.org"):  # to know it helps as little as not to
            await tab.fire(f"{STATE}.book", {"form": {**form, "email": given, "code": "123456"}})
        await tab.fire(f"{STATE}.send_code", {})
        await tab.until(lambda tab: tab.value(f"{STATE}.proof")["state"] == "sent")
        code = code_in(mailbox, before + 1)
        wrong = f"{(int(code) + 1) % 10**6:06}"
        await tab.fire(f"{STATE}.book", {"form": {**form, "code": wrong}})
        await tab.until(lambda tab: tab.value(f"{STATE}.code_error") == "That is not the code. Tries left: 4.")
        await open_form(other)
        await other.fire(f"{STATE}.book", {"form": {**form, "code": code}})
        await other.until(lambda tab: "Ask for the code first" in tab.value(f"{STATE}.code_error"))
        assert not [frame for frame in tab.frames + other.frames if NAME in frame.lower()]
        await tab.fire(f"{STATE}.book", {"form": {**form, "code": code}})
        await tab.until(lambda tab: tab.value(f"{STATE}.view") == "booked")
        assert ADDRESS in tab.value(f"{STATE}.booked")["invitee"]
        await other.until(lambda tab: tab.value(f"{STATE}.view") == "dead")
        assert not [frame for frame in other.frames if NAME in frame.lower()]
    assert code not in host.server.log()


async def test_control_a_link_for_anybody_shows_whom_it_was_made_for(host: HostAtHome) -> None:
    async with tab_on(host.server, new_link(host)) as tab:
        await open_form(tab)
        assert [frame for frame in tab.frames if NAME in frame.lower()]
        await tab.fire(f"{STATE}.send_code", {})  # which does nothing here
        await tab.fire(f"{STATE}.book", {"form": {}})
        await tab.until(lambda tab: tab.value(f"{STATE}.errors").get("name"))
        assert tab.value(f"{STATE}.view") == "choose"


async def test_without_a_mail_server_the_option_is_refused_with_its_reason(fresh_backend: Server) -> None:
    host = HostAtHome.set_up(fresh_backend)
    form = {"recipient_email": ADDRESS, "by_code": "on"}
    answer = host.post(f"/api/event-types/{host.event_type_id()}/single-use-links", form)
    assert answer.status == 422
    assert "SMTP_URL" in answer.json()["errors"]["by_code"]
    assert host.link_ids() == []


@pytest.mark.thorough
async def test_a_link_that_asks_stays_shut_when_the_mail_server_goes(tmp_path: Path, mailbox: Mailbox) -> None:
    with servers.backend(tmp_path / "backend", SMTP_URL=mailbox.url, MAIL_FROM="meet@example.org") as server:
        host = HostAtHome.set_up(server)
        token = new_link(host, only_recipient="on")
        server.stop()
        del server._settings["SMTP_URL"]
        server.start()
        async with tab_on(server, token) as tab:
            start = await open_form(tab)
            assert tab.value(f"{STATE}.proof") == {"masked": MASKED, "state": "impossible"}
            await tab.fire(f"{STATE}.send_code", {})
            await tab.until(lambda tab: "no mail can be sent" in tab.value(f"{STATE}.code_error"))
            await tab.fire(f"{STATE}.book", {"form": {"name": "Ada", "time": start, "code": "123456"}})
            await tab.until(lambda tab: "no mail can be sent" in tab.value(f"{STATE}.form_error"))
        assert host.statuses() == ["active"]
        answer = host.post(f"/api/links/{host.link_ids()[0]}/reissue")
        assert (answer.status, answer.json()["code"]) == (400, "no_mail_for_codes")
        assert host.statuses() == ["active"]
