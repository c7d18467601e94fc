"""Links for the clipboard of their host, and for nobody else's; who may talk to the server at all, and how much."""

import re
import sqlite3
from contextlib import closing

import aiohttp
import pytest

from tests.harness.people import Answer, HostAtHome, ask
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

FOREIGN = [None, "null", "https://evil.example", "http://localhost", "http://localhost.evil.example:3000"]
NO_ID = "0" * 32
MALFORMED = ["x", "lnk_", "lnk_" + "g" * 32, "evt_" + "g" * 32, NO_ID, "lnk_%00", "..%2f..", "%ED%A0%80", "x" * 5_000]
LIMIT = 64 * 1024


@pytest.fixture(scope="module")
def host(backend: Server) -> HostAtHome:
    return HostAtHome.set_up(backend)


def create_path(host: HostAtHome) -> str:
    return f"/api/event-types/{host.event_type_id()}/single-use-links"


def copy_path(link_id: str) -> str:
    return f"/api/links/{link_id}/copy"


def new_link_id(host: HostAtHome) -> str:
    """The id of a link that was made just now."""
    host.new_link()
    return host.link_ids()[-1]


def change_link(host: HostAtHome, link_id: str, change: str) -> None:
    with closing(sqlite3.connect(host.server.database)) as database, database:
        database.execute(f"UPDATE scheduling_link SET {change} WHERE id = ?", (link_id.removeprefix("lnk_"),))


def outcome(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json().get("code", "")


def test_a_link_is_made_for_the_clipboard_and_can_be_copied_again(host: HostAtHome) -> None:
    made = host.post(create_path(host))
    assert made.status == 201
    assert re.fullmatch(re.escape(host.server.url) + "/book/[a-z2-7]{26}", made.json()["url"])
    again = host.post(copy_path(host.link_ids()[-1]))
    assert (again.status, again.json()) == (200, made.json())
    assert host.post(create_path(host)).json() != made.json()
    for answer in (made, again):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/json"


def test_options_are_taken_from_the_body_and_told_at_their_fields(host: HostAtHome) -> None:
    wrong = host.post(create_path(host), {"expires": "date", "expires_on": "9999-12-31", "only_recipient": "on"})
    assert wrong.status == 422
    assert set(wrong.json()["errors"]) == {"expires_on", "recipient_email"}
    assert host.post(create_path(host), {"recipient_name": "Ada", "expires": "7"}).status == 201
    stranger = HostAtHome(host.server, "singleuse_session=stolen")
    assert stranger.post(create_path(host), {"expires": "soon"}).status == 401, "who is asking comes first"


def test_without_a_session_there_is_no_link(host: HostAtHome) -> None:
    paths = [create_path(host), copy_path(new_link_id(host))]
    before = host.link_ids()
    for path in paths:
        for cookie in (None, "singleuse_session=wrong", "theme=dark"):
            answer = ask(f"{host.server.api_url}{path}", {}, origin=host.server.url, cookie=cookie)
            assert outcome(answer) == (401, "not_signed_in")
    assert host.link_ids() == before
    assert [host.post(path).status for path in paths] == [201, 200]


def test_another_host_finds_nothing(host: HostAtHome) -> None:
    paths = [create_path(host), copy_path(new_link_id(host))]
    stranger = host.another_host()
    before = host.link_ids()
    assert [outcome(stranger.post(path)) for path in paths] == [(404, "not_found")] * 2
    assert host.link_ids() == before
    assert [host.post(path).status for path in paths] == [201, 200]


@pytest.mark.parametrize("key", [f"lnk_{NO_ID}", f"evt_{NO_ID}", *MALFORMED], ids=lambda key: key[:12])
def test_what_names_nothing_is_not_found(host: HostAtHome, key: str) -> None:
    paths = [copy_path(key), f"/api/event-types/{key}/single-use-links"]
    assert [outcome(host.post(path)) for path in paths] == [(404, "not_found")] * 2


def test_an_id_of_another_kind_is_not_found(host: HostAtHome) -> None:
    link_id, event_type_id = new_link_id(host), host.event_type_id()
    paths = [copy_path(event_type_id), f"/api/event-types/{link_id}/single-use-links"]
    assert [host.post(path).status for path in paths] == [404, 404]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("uses = 1", "link_used"),
        ("revoked_at = unixepoch()", "link_revoked"),
        ("expires_at = unixepoch()", "link_expired"),
    ],
    ids=["used", "revoked", "expired"],
)
def test_a_dead_link_cannot_be_copied_again(host: HostAtHome, change: str, code: str) -> None:
    link_id = new_link_id(host)
    assert host.post(copy_path(link_id)).status == 200
    change_link(host, link_id, change)
    answer = host.post(copy_path(link_id))
    assert outcome(answer) == (410, code)
    assert "/book/" not in answer.body


def test_an_event_type_that_is_off_hands_out_no_links(host: HostAtHome) -> None:
    link_id = new_link_id(host)
    for off_at, statuses in (("unixepoch()", [410, 410]), ("NULL", [201, 200])):
        with closing(sqlite3.connect(host.server.database)) as database, database:
            database.execute(f"UPDATE event_type SET off_at = {off_at}")
        assert [host.post(path).status for path in (create_path(host), copy_path(link_id))] == statuses


def test_the_qr_code_of_a_link_is_its_hosts_alone_and_goes_with_the_link(host: HostAtHome) -> None:
    link_id, other_id = new_link_id(host), new_link_id(host)
    path = f"{host.server.api_url}/api/links/{link_id}/qr.svg"
    shown = ask(path, cookie=host.cookie)
    assert (shown.status, shown.headers["content-type"]) == (200, "image/svg+xml")
    assert shown.headers["cache-control"] == "no-store"
    assert shown.body != ask(path.replace(link_id, other_id), cookie=host.cookie).body
    assert ask(path).status == 401
    assert ask(path, cookie=host.another_host().cookie).status == 404
    change_link(host, link_id, "revoked_at = unixepoch()")
    assert outcome(ask(path, cookie=host.cookie)) == (410, "link_revoked")


def test_a_link_is_replaced_for_the_clipboard(host: HostAtHome) -> None:
    link_id = new_link_id(host)
    answer = host.post(f"/api/links/{link_id}/reissue")
    assert answer.status == 201
    assert answer.json() == host.post(copy_path(host.link_ids()[-1])).json()
    assert outcome(host.post(copy_path(link_id))) == (410, "link_revoked")
    before = host.link_ids()
    stranger = host.another_host()
    assert stranger.post(f"/api/links/{before[-1]}/reissue").status == 404
    assert host.link_ids() == before


@pytest.mark.parametrize("origin", FOREIGN)
def test_another_sites_page_gets_no_link_out_of_the_hosts_browser(host: HostAtHome, origin: str | None) -> None:
    paths = [create_path(host), copy_path(new_link_id(host)), f"/api/links/{new_link_id(host)}/reissue"]
    before = host.link_ids()
    for path in paths:
        answer = ask(f"{host.server.api_url}{path}", {}, origin=origin, cookie=host.cookie)
        assert outcome(answer) == (403, "origin_unknown")
    assert host.link_ids() == before
    assert [host.post(path).status for path in paths] == [201, 200, 201]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_only_a_press_of_the_button_makes_or_copies(host: HostAtHome, method: str) -> None:
    paths = [create_path(host), copy_path(new_link_id(host)), "/api/sign-out"]
    before = host.link_ids()
    for path in paths:
        answer = ask(f"{host.server.api_url}{path}", method=method, origin=host.server.url, cookie=host.cookie)
        assert answer.status == 405
        assert answer.json()["message"]
    assert host.link_ids() == before


@pytest.mark.parametrize("path", ["/api/", "/api/nothing", "/api/links/x"])
def test_an_address_that_there_is_not_is_answered_in_words(host: HostAtHome, path: str) -> None:
    answer = ask(f"{host.server.api_url}{path}", headers={"Origin": host.server.url})
    assert answer.status == 404
    assert answer.json()["message"]


@pytest.mark.parametrize("segment", ["x", "%00", "%ED%A0%80", "%FF", "x" * 5_000, "lnk_" + NO_ID])
def test_an_address_that_is_no_links_has_status_404(host: HostAtHome, segment: str) -> None:
    assert ask(f"{host.server.api_url}/book/{segment}").status == 404
    assert ask(f"{host.server.api_url}/book/{host.new_link()}").status == 200


def cross_origin(server: Server, origin: str | None, method: str) -> Answer:
    """What a browser asks on behalf of a page of ``origin``: the thing itself, or first whether it may."""
    wants = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    headers = wants if method == "OPTIONS" else {}
    return ask(f"{server.api_url}/api/sign-out", method=method, origin=origin, headers=headers)


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
@pytest.mark.parametrize("origin", [origin for origin in FOREIGN if origin])
def test_a_page_of_another_site_cannot_read_an_answer(host: HostAtHome, origin: str, method: str) -> None:
    assert "access-control-allow-origin" not in cross_origin(host.server, origin, method).headers
    own = cross_origin(host.server, host.server.url, method)
    assert own.status == 200
    assert own.headers["access-control-allow-origin"] == host.server.url


@pytest.mark.parametrize("origin", [origin for origin in FOREIGN if origin])
async def test_a_page_of_another_site_gets_no_websocket(host: HostAtHome, origin: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await SocketClient(host.server.url, "/links", cookie=host.cookie, origin=origin).connect()
    async with SocketClient(host.server.url, "/links", cookie=host.cookie, origin=host.server.url) as tab:
        await tab.until(lambda tab: tab.value("links_state.ready"))


def test_long_polling_is_no_way_around(host: HostAtHome) -> None:
    for origin in (None, host.server.url, "https://evil.example"):
        answer = ask(f"{host.server.api_url}/_event/?EIO=4&transport=polling&token=t", origin=origin)
        assert 400 <= answer.status < 500


async def test_a_message_that_is_too_long_ends_its_connection_and_nothing_else(host: HostAtHome) -> None:
    token = host.new_link()
    async with SocketClient(host.server.url, f"/book/{token}", params={"token": token}) as witness:
        await witness.until(lambda tab: tab.value("booking_state.view") == "choose")
        async with SocketClient(host.server.url, f"/book/{token}", params={"token": token}) as tab:
            await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
            await tab.fire("booking_state.book", {"form": {"name": "x" * (LIMIT - 2_000)}})
            await tab.until(lambda tab: "Shorten the name" in tab.value("booking_state.errors").get("name", ""))
            await tab.fire("booking_state.book", {"form": {"name": "x" * LIMIT}})
            with pytest.raises(ConnectionError):
                await tab.until(lambda tab: False, seconds=30)
        await witness.fire("booking_state.change_zone")
        await witness.until(lambda tab: tab.value("booking_state.zones"))
    async with SocketClient(host.server.url, f"/book/{token}", params={"token": token}) as later:
        await later.until(lambda tab: tab.value("booking_state.view") == "choose")
