"""Every public method of a State can be called by anybody, with anything. So the list of them is a test."""

import sqlite3
from contextlib import closing
from inspect import signature
from typing import Any
from uuid import uuid4

import pytest
from reflex_base.registry import RegistrationContext

from tests.harness.people import HostAtHome
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient
from tests.pages.handlers import ANYBODYS_HANDLERS, CHOOSING_HANDLERS, HOST_HANDLERS, full_name, sent

ANYTHING: list[Any] = [
    None,
    "",
    "x" * 10_000,
    0,
    -1,
    1.5,
    True,
    [],
    {},
    {"a": {"b": [1]}},
    ["lnk_"],
    "../..",
    "\x00",
    "0001-01-01",
    "9999-12-31",
    "99999999999",
]


def test_the_remote_handlers_are_exactly_these() -> None:
    found = {
        name.removeprefix("reflex___state____state.singleuse_app___").replace("____", ".").replace("___", ".")
        for name in RegistrationContext.get().event_handlers
        if ".singleuse_app___" in name and not name.endswith(".setvar")
    }
    assert found == HOST_HANDLERS | CHOOSING_HANDLERS | ANYBODYS_HANDLERS


@pytest.fixture(scope="module")
def host(backend: Server) -> HostAtHome:
    return HostAtHome.set_up(backend)


@pytest.fixture(scope="module")
def link(host: HostAtHome) -> str:
    return host.new_link()


@pytest.mark.parametrize(
    "cookie", [None, "singleuse_session=", "singleuse_session=stolen; theme=dark", "=;;,singleuse_session"]
)
@pytest.mark.parametrize("handler", sorted(HOST_HANDLERS))
async def test_a_host_handler_tells_a_stranger_nothing_but_to_sign_in(
    host: HostAtHome, link: str, handler: str, cookie: str | None
) -> None:
    async with SocketClient(host.server.url, "/sign-in", cookie=cookie) as tab:
        await tab.fire(full_name(handler), {"link_id": host.link_ids()[0]} if handler.endswith("revoke") else {})
        await tab.until(
            lambda tab: ("_redirect", "/sign-in") in [(name, said.get("path")) for name, said in tab.actions]
        )
        assert "Grace" not in sent(tab)
        assert "30 minute meeting" not in sent(tab)
    assert host.statuses() == ["active"]


async def test_control_the_same_handlers_serve_the_host(host: HostAtHome, link: str) -> None:
    async with SocketClient(host.server.url, "/sign-in", cookie=host.cookie) as tab:
        for handler in sorted(HOST_HANDLERS - {name for name in HOST_HANDLERS if name.endswith("revoke")}):
            await tab.fire(full_name(handler))
        await tab.until(lambda tab: "Grace Host" in sent(tab) and "30 minute meeting" in sent(tab))


async def test_another_hosts_link_is_not_found(host: HostAtHome, link: str) -> None:
    stranger = host.another_host()
    for handler in sorted(name for name in HOST_HANDLERS if name.endswith("revoke")):
        async with SocketClient(host.server.url, "/links", cookie=stranger.cookie) as tab:
            await tab.fire(full_name(handler), {"link_id": host.link_ids()[0]})
            await tab.until(lambda tab: tab.value("notice.text") != "")
            assert "not here any more" in tab.value("notice.text")
            assert "Grace" not in sent(tab)
    answers = [
        stranger.post(f"/api/links/{host.link_ids()[0]}/copy"),
        stranger.post(f"/api/event-types/{host.event_type_id()}/single-use-links"),
    ]
    assert [answer.status for answer in answers] == [404, 404]
    assert host.statuses() == ["active"]


async def test_another_hosts_hours_are_not_found(host: HostAtHome, link: str) -> None:
    state = "pages.availability.availability_state"
    schedules = "SELECT id, name, availability FROM availability_schedule WHERE name = 'Working hours'"
    before = host.server.rows(schedules)
    theirs, event_type = f"sch_{before[0][0]}", host.event_type_id()
    async with SocketClient(host.server.url, "/availability", cookie=host.cookie) as own:
        await own.until(lambda tab: tab.value("availability_state.current"))
        assert own.value("availability_state.current") == theirs
    async with SocketClient(host.server.url, "/availability", cookie=host.another_host().cookie) as tab:
        await tab.until(lambda tab: tab.value("availability_state.ready"))
        await tab.fire(full_name(f"{state}.add_schedule"))
        await tab.until(lambda tab: tab.value("availability_state.tabs"))
        await tab.fire(full_name(f"{state}.choose"), {"schedule_id": theirs})
        why = {"why_event_type": event_type, "why_date": "2026-12-04", "why_time": "10:00"}
        await tab.fire(full_name(f"{state}.explain"), {"form": why})
        await tab.until(lambda tab: tab.value("availability_state.refused_why"))
        assert tab.value("availability_state.current") != theirs
        await tab.fire(full_name(f"{state}.save"), {"form": {}})
        await tab.until(lambda tab: tab.value("availability_state.is_saved"))
        await tab.fire(full_name(f"{state}.remove_schedule"))
        await tab.until(lambda tab: not tab.value("availability_state.tabs"))
        assert "Working hours" not in sent(tab)
        assert "30 minute meeting" not in sent(tab)
    assert host.server.rows(schedules) == before


async def test_another_hosts_calendars_are_not_found(host: HostAtHome, link: str) -> None:
    state = "pages.calendars.calendars_state"
    async with SocketClient(host.server.url, "/calendars", cookie=host.cookie) as own:
        await own.until(lambda tab: tab.value("calendars_state.ready"))
        await own.fire(
            full_name(f"{state}.add"), {"form": {"name": "Work", "feed_address": "https://127.0.0.1/secret-0123456789"}}
        )
        await own.until(lambda tab: tab.value("calendars_state.rows"))
        assert "secret-0123456789" not in sent(own), "it is never shown again, to its own host neither"
    feeds = "SELECT id, host_id, name, removed_at FROM calendar_feed"
    before = host.server.rows(feeds)
    theirs = f"cal_{before[0][0]}"
    async with SocketClient(host.server.url, "/calendars", cookie=host.another_host().cookie) as tab:
        await tab.until(lambda tab: tab.value("calendars_state.ready"))
        for handler, argument in (
            ("check", {"feed_id": theirs}),
            ("remove", {"feed_id": theirs}),
            ("rename", {"form": {"feed_id": theirs, "new_name": "Mine"}}),
        ):
            await tab.fire(full_name(f"{state}.{handler}"), argument)
            await tab.until(lambda tab: "not here any more" in tab.value("notice.text"))
            await tab.fire(full_name("notice.notice.dismiss"))
            await tab.until(lambda tab: not tab.value("notice.text"))
        assert "Work" not in sent(tab)
    assert host.server.rows(feeds) == before


async def test_another_hosts_devices_accounts_and_invitations_are_not_found(host: HostAtHome, link: str) -> None:
    state = "pages.settings.settings_state"
    assert host.post("/api/host-invitations").status == 201
    with closing(sqlite3.connect(host.server.database)) as database, database:
        database.execute(
            "INSERT INTO linked_account (id, host_id, issuer, subject, created_at, last_used_at)"
            " SELECT ?, id, 'https://id.example', '1', 0, 0 FROM host ORDER BY id LIMIT 1",
            (uuid4().hex,),
        )
    kept = (
        "SELECT id, host_id FROM host_session ORDER BY id",
        "SELECT id, revoked_at FROM host_invitation ORDER BY id",
        "SELECT id, host_id FROM linked_account",
    )
    own_account = host.server.rows("SELECT id FROM linked_account")[0][0]
    own_device = host.server.rows("SELECT id FROM host_session ORDER BY created_at, id")[0][0]
    own_invitation = host.server.rows("SELECT id FROM host_invitation")[0][0]
    stranger = host.another_host()
    assert stranger.post("/api/host-invitations").status == 404
    before = [host.server.rows(each) for each in kept]
    async with SocketClient(host.server.url, "/settings", cookie=stranger.cookie) as tab:
        await tab.until(lambda tab: tab.value("settings_state.ready"))
        for handler, argument in (
            ("sign_out_device", {"device_id": f"dev_{own_device}"}),
            ("revoke_invitation", {"invitation_id": f"inv_{own_invitation}"}),
            ("unlink_account", {"account_id": f"acc_{own_account}"}),
        ):
            await tab.fire(full_name(f"{state}.{handler}"), argument)
            await tab.until(lambda tab: "not here any more" in tab.value("notice.text"))
            await tab.fire(full_name("notice.notice.dismiss"))
            await tab.until(lambda tab: not tab.value("notice.text"))
        await tab.fire(full_name(f"{state}.sign_out_others"))
        await tab.until(lambda tab: "signed out" in tab.value("settings_state.announcement"))
        assert not tab.value("settings_state.hosts")
        assert not tab.value("settings_state.linked")
        assert "Grace" not in sent(tab)
    assert [host.server.rows(each) for each in kept] == before


async def test_a_stolen_client_token_without_its_cookie_gets_nothing(host: HostAtHome, link: str) -> None:
    owner = SocketClient(host.server.url, "/links", cookie=host.cookie)
    await owner.connect()
    await owner.until(lambda tab: tab.value("links_state.rows"))
    await owner.close()
    for path, cookie in (("/links", None), ("/links", host.another_host().cookie), ("/book/x", None)):
        async with SocketClient(host.server.url, path, token=owner.token, cookie=cookie) as thief:
            await thief.fire(full_name("pages.links.links_state.refresh"))
            await thief.fire(full_name("notice.notice.tell"), {"code": "try_again"})
            await thief.until(lambda tab: tab.value("notice.text") != "")
            assert "30 minute meeting" not in sent(thief)
            assert "Grace" not in sent(thief)


async def test_control_the_owner_of_the_client_token_gets_their_page_back(host: HostAtHome, link: str) -> None:
    owner = SocketClient(host.server.url, "/links", cookie=host.cookie)
    for _ in range(2):
        await owner.connect()
        await owner.until(lambda tab: tab.value("links_state.rows"))
        await owner.close()
        owner.state.clear()


@pytest.mark.parametrize("handler", sorted(HOST_HANDLERS | CHOOSING_HANDLERS | ANYBODYS_HANDLERS))
async def test_no_argument_of_any_kind_breaks_a_handler(host: HostAtHome, link: str, handler: str) -> None:
    registered = RegistrationContext.get().event_handlers[full_name(handler)].handler.fn
    names = [name for name in signature(registered).parameters if name != "self"] or ["code"]
    async with SocketClient(host.server.url, f"/book/{link}", params={"token": link}, cookie=host.cookie) as tab:
        await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
        for value in ANYTHING:
            await tab.fire(full_name(handler), dict.fromkeys(names, value))
            await tab.fire(full_name(handler), {**dict.fromkeys(names, value), "extra": value})
        await tab.fire(full_name(handler), {})
        await tab.fire(full_name("pages.booking.booking_state.choose_zone"), {"zone": "Asia/Tokyo"})
        await tab.until(lambda tab: "Tokyo" in tab.value("booking_state.choice")["zone_line"])
    assert host.statuses() == ["active"]


@pytest.mark.parametrize("token", [None, 1, 1.5, True, [], {"a": 1}, ["x"], "", "x" * 10_000])
async def test_a_token_of_any_type_finds_no_link(host: HostAtHome, token: Any) -> None:
    async with SocketClient(host.server.url, "/book/x", params={"token": token}) as tab:
        await tab.until(lambda tab: tab.value("booking_state.view") == "dead")
        assert tab.value("booking_state.dead")["kind"] == "unknown"
        assert not tab.value("booking_state.choice")["days"]
