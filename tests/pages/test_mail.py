"""What became of a host's messages is for that host alone."""

from singleuse_app.operations.booking_messages import REMINDER_DUE
from singleuse_app.operations.deliveries import WRITERS
from singleuse_app.operations.mail_log import CHOICES
from singleuse_app.pages import mail
from tests.harness.people import HostAtHome
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient
from tests.pages.handlers import full_name, sent


async def test_another_hosts_messages_are_not_found(fresh_backend: Server) -> None:
    host = HostAtHome.set_up(fresh_backend)
    state, token = "pages.mail.mail_state", host.new_link()
    async with SocketClient(host.server.url, f"/book/{token}", params={"token": token}) as tab:
        await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
        start = tab.value("booking_state.choice")["times"][-1]["times"][-1]["value"]
        form = {"name": "Ada", "email": "ada@example.org", "time": start}
        await tab.fire("booking_state.book", {"form": form})
        await tab.until(lambda tab: tab.value("booking_state.view") == "booked")
    async with SocketClient(host.server.url, "/mail", cookie=host.cookie) as own:
        await own.until(lambda tab: any(line["is_kept"] for line in tab.value("mail_state.lines") or []))
        line = next(line for line in own.value("mail_state.lines") if line["whom"] == "ada@example.org")
        await own.fire(full_name(f"{state}.read"), {"message_id": line["id"]})
        await own.until(lambda tab: "/manage/…" in tab.value("mail_state.open_text"))
    before = host.server.rows("SELECT id, failed_at, next_attempt_at FROM outbox_message ORDER BY id")
    async with SocketClient(host.server.url, "/mail", cookie=host.another_host().cookie) as tab:
        await tab.until(lambda tab: tab.value("mail_state.ready"))
        await tab.fire(full_name(f"{state}.read"), {"message_id": line["id"]})
        await tab.until(lambda tab: "not in its folder" in tab.value("mail_state.open_text"))
        await tab.fire(full_name(f"{state}.send_again"), {"message_id": line["id"]})
        await tab.until(lambda tab: "not here any more" in tab.value("notice.text"))
        assert "ada@example.org" not in sent(tab)
    assert host.server.rows("SELECT id, failed_at, next_attempt_at FROM outbox_message ORDER BY id") == before


async def test_without_a_mail_server_no_link_is_made_only_to_be_sent(fresh_backend: Server) -> None:
    host = HostAtHome.set_up(fresh_backend)
    for page, handler, argument in (
        ("links", "answer_by_mail", "request_id"),
        ("bookings", "new_link_by_mail", "booking_id"),
    ):
        async with SocketClient(host.server.url, f"/{page}", cookie=host.cookie) as tab:
            await tab.until(lambda tab, page=page: tab.value(f"{page}_state.ready"))
            await tab.fire(full_name(f"pages.{page}.{page}_state.{handler}"), {argument: "any"})
            await tab.until(lambda tab: "no mail server" in tab.value("notice.text"))
    assert host.server.rows("SELECT * FROM scheduling_link") == []


def test_every_message_and_every_choice_has_words() -> None:
    assert set(mail.KINDS) == {str(kind) for kind in WRITERS if kind != REMINDER_DUE}
    assert set(mail.CHOICE_WORDS) == {name.partition(":")[0] for name in CHOICES}
