"""What browsers are told where the app is reached over TLS, behind a proxy that ends it."""

from collections.abc import Iterator

import aiohttp
import pytest

from tests.harness import server as servers
from tests.harness.people import EMAIL, FORM, PASSWORD, ask
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

PUBLIC = "https://book.example.org"
ADDRESSES = ("/ping", "/book/x", "/manage/x", "/with/x/y", "/api/nope", "/nope", "/_health")


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.backend(tmp_path_factory.mktemp("tls"), PUBLIC_URL=PUBLIC) as running:
        code = running.log().partition("set-up code is asked for: ")[2].split()[0]
        assert ask(f"{running.url}/api/set-up", {**FORM, "code": code}, origin=PUBLIC).status == 200
        yield running


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_brings_browsers_back_over_tls_and_asks_for_nothing(tls: Server, path: str) -> None:
    said = ask(f"{tls.url}{path}").headers
    assert said["strict-transport-security"] == "max-age=63072000"
    assert "camera=(), " in said["permissions-policy"]
    assert "clipboard-write" not in said["permissions-policy"]
    assert said["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in said["content-security-policy"]
    assert said["x-content-type-options"] == "nosniff"
    assert said["referrer-policy"] == "no-referrer"


def test_a_browser_over_plain_http_is_not_sent_to_where_there_is_no_tls(backend: Server) -> None:
    assert "strict-transport-security" not in ask(f"{backend.url}/ping").headers
    assert ask(f"{backend.url}/ping").headers["x-frame-options"] == "DENY"


def test_cookies_are_secure_and_of_this_very_host(tls: Server) -> None:
    answer = ask(f"{tls.url}/api/sign-in", {"email": EMAIL, "password": PASSWORD}, origin=PUBLIC)
    assert answer.status == 200
    kept = answer.headers["set-cookie"]
    assert kept.startswith("__Host-singleuse_session=")
    assert all(flag in kept for flag in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"))
    assert "Domain" not in kept


@pytest.mark.parametrize(
    "forwarded", ["http://evil.example", "https://evil.example", "https://book.example.org.evil.example"]
)
async def test_no_header_of_a_proxy_lets_a_foreign_origin_in(tls: Server, forwarded: str) -> None:
    scheme, _, name = forwarded.partition("://")
    headers = {"X-Forwarded-Proto": scheme, "X-Forwarded-Host": name, "Host": name}
    assert "access-control-allow-origin" not in ask(f"{tls.url}/ping", origin=forwarded, headers=headers).headers
    tab = SocketClient(tls.url, "/sign-in", origin=forwarded)
    tab.headers |= headers
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await tab.connect()


async def test_control_the_public_origin_is_let_in(tls: Server) -> None:
    assert ask(f"{tls.url}/ping", origin=PUBLIC).headers["access-control-allow-origin"] == PUBLIC
    async with SocketClient(tls.url, "/sign-in", origin=PUBLIC):
        pass
