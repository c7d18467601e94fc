"""An identity provider that hangs, sends garbage or leads elsewhere: a designed refusal, soon, and no way inside."""

import asyncio
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from singleuse_app import clock
from singleuse_app.providers import asking, code_flow, discovery
from singleuse_app.providers.asking import may_be_asked
from singleuse_app.scheduling.errors import ProviderRefused
from singleuse_app.settings import Provider
from tests.harness import identity_provider as elsewhere
from tests.harness.identity_provider import CLIENT_ID, CLIENT_SECRET, Answer, FalseProvider, dripping, saying

SECRET = "of-this-browser"
DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture(scope="module")
def running() -> Iterator[FalseProvider]:
    with elsewhere.lying() as provider:
        yield provider


@pytest.fixture
def acme(running: FalseProvider, monkeypatch: pytest.MonkeyPatch) -> FalseProvider:
    running.be_honest()
    monkeypatch.setattr(asking, "SECONDS", 0.5)
    discovery._known.clear()
    discovery._locks.clear()
    return running


def known(provider: FalseProvider, issuer: str = "") -> Provider:
    return Provider("acme", "Acme", issuer or provider.issuer, CLIENT_ID, CLIENT_SECRET)


async def whole_way(provider: FalseProvider) -> code_flow.Account:
    url = await code_flow.address_to_begin(known(provider), SECRET)
    async with httpx.AsyncClient(trust_env=False, verify=False) as browser:
        sent_back = (await browser.get(url)).headers["location"]
    answer = dict(httpx.QueryParams(sent_back.partition("?")[2]))
    return await code_flow.finish(known(provider), SECRET, answer, now=clock.now())


async def refusal(provider: FalseProvider, caplog: pytest.LogCaptureFixture) -> str:
    """What the log says of it; the person is told that the provider did not answer as it should."""
    began = time.monotonic()
    with pytest.raises(ProviderRefused) as refused:
        await whole_way(provider)
    assert time.monotonic() - began < 3
    assert (refused.value.code, refused.value.params) == ("provider_away", {"provider": "Acme"})
    return caplog.messages[-1]


def hanging(request: BaseHTTPRequestHandler) -> None:
    time.sleep(2)


def hanging_up(request: BaseHTTPRequestHandler) -> None:
    request.connection.shutdown(socket.SHUT_RDWR)


MISBEHAVIOUR: dict[str, tuple[Answer, str]] = {
    "hangs": (hanging, "too slow"),
    "drips": (dripping(), "too slow"),
    "hangs up": (hanging_up, "could not be asked: RemoteProtocolError"),
    "no HTTP": (lambda request: request.wfile.write(b"\0\xff" * 100) and None, "could not be asked"),
    "no JSON": (saying(b"<html>"), "be"),
    "a list": (saying(b"[]"), "be"),
    "nothing": (saying(b""), "be"),
    "deep JSON": (saying(b"[" * 200_000), "be"),
    "an error": (saying(b"{}", 500), "be"),
    "too much": (saying(b" " * 600_000), "too large"),
    "packed": (saying(b"{}", Content_Encoding="gzip"), "packs its answers unasked"),
    "a redirect": (saying(b"{}", 302, Location="http://127.0.0.1:1/secret"), "be"),
}


@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/jwks"])
@pytest.mark.parametrize("name", MISBEHAVIOUR)
async def test_what_a_provider_does_wrong_is_a_refusal(
    acme: FalseProvider, caplog: pytest.LogCaptureFixture, name: str, path: str
) -> None:
    answer, said = MISBEHAVIOUR[name]
    acme.instead[path] = answer
    assert said in await refusal(acme, caplog)


async def test_control_one_that_behaves_is_believed(acme: FalseProvider) -> None:
    account = await whole_way(acme)
    assert (account.subject, account.email, account.email_verified) == ("grace-there", "grace@example.org", True)


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"issuer": "https://evil.example"}, "names another issuer"),
        ({"issuer": None}, "names another issuer"),
        ({"token_endpoint": "http://example.org/token"}, "token_endpoint is no https address"),
        ({"token_endpoint": "file:///etc/passwd"}, "token_endpoint is no https address"),
        ({"jwks_uri": None}, "jwks_uri is no https address"),
        ({"jwks_uri": ["https://example.org"]}, "jwks_uri is no https address"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint is no https address"),
        ({"authorization_endpoint": "https://a@example.org/"}, "authorization_endpoint is no https address"),
        ({"token_endpoint": "https://10.0.0.1/token"}, "leads into a private network"),
        ({"token_endpoint": "https://[::ffff:169.254.169.254]/token"}, "leads into a private network"),
        ({"jwks_uri": "https://192.168.0.1:8443/keys"}, "leads into a private network"),
        ({"jwks_uri": "https://nowhere.invalid/keys"}, "could not be asked"),
        ({"jwks_uri": f"https://{'a' * 70}.example/keys"}, "could not be asked"),
    ],
    ids=lambda given: "-".join(map(str, given.values())) if isinstance(given, dict) else "",
)
async def test_where_a_provider_may_not_lead_nobody_goes(
    acme: FalseProvider, caplog: pytest.LogCaptureFixture, metadata: dict[str, object], said: str
) -> None:
    acme.metadata = metadata
    assert said in await refusal(acme, caplog)


async def test_a_public_issuer_leads_to_no_address_inside_and_the_name_is_asked_once(
    monkeypatch: pytest.MonkeyPatch, acme: FalseProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """What a name means a moment later (DNS rebinding) does not matter: the connection goes to the judged address."""
    provider, asked = known(acme, "https://id.example.org"), list[str]()
    meanings = {"id.example.org": ["10.0.0.9"], "inside.example": ["93.184.216.34", "127.0.0.1"]}

    async def getaddrinfo(_loop: object, host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(0, 0, 0, "", (address, port)) for address in meanings[host]]

    gone = list[tuple[str, str]]()

    async def pretend(self: object, request: httpx.Request) -> httpx.Response:
        gone.append((request.url.host, request.extensions["sni_hostname"]))
        return httpx.Response(200, stream=httpx.AsyncByteStream())

    monkeypatch.setattr(type(asyncio.get_running_loop()), "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", pretend)
    with pytest.raises(ProviderRefused):
        async with asking.asking(provider) as client:
            await client.get("https://inside.example/jwks")
    assert "private network" in caplog.messages[-1]
    assert gone == []
    transport = asking._Bounded(provider.issuer, asking._trusted())
    await transport.handle_async_request(httpx.Request("GET", "https://id.example.org/jwks"))
    assert gone == [("10.0.0.9", "id.example.org")], "where the issuer itself is, its operator says"
    assert asked == ["inside.example", "id.example.org"]


async def test_metadata_is_kept_and_a_failure_is_told_to_all_who_wait(
    acme: FalseProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = [code_flow.address_to_begin(known(acme), str(number)) for number in range(20)]
    assert len(set(await asyncio.gather(*ways))) == 20
    assert acme.asked == [f"GET {DISCOVERY}"]
    discovery._known.clear()
    acme.instead[DISCOVERY] = hanging
    began = time.monotonic()
    ways = [code_flow.address_to_begin(known(acme), str(number)) for number in range(20)]
    assert {type(each) for each in await asyncio.gather(*ways, return_exceptions=True)} == {ProviderRefused}
    assert time.monotonic() - began < 2
    acme.instead.clear()
    monkeypatch.setattr(discovery, "BAD_FOR", 0.0)
    discovery._known.clear()
    assert await code_flow.address_to_begin(known(acme), SECRET)


async def test_the_secret_goes_to_the_token_endpoint_as_the_provider_takes_it(acme: FalseProvider) -> None:
    seen = list[tuple[str, str]]()

    def note(request: BaseHTTPRequestHandler) -> None:
        seen.append((request.headers.get("Authorization", ""), acme.sent))
        saying(b"{}", 400)(request)

    acme.instead["/token"] = note
    for methods in (None, ["client_secret_post"], ["private_key_jwt", "client_secret_basic"], 5):
        discovery._known.clear()
        acme.metadata = {"token_endpoint_auth_methods_supported": methods}
        with pytest.raises(ProviderRefused):
            await whole_way(acme)
    assert [(bool(head), CLIENT_SECRET in body) for head, body in seen] == [
        (True, False),
        (False, True),
        (True, False),
        (True, False),
    ]
    assert all("code_verifier=" in body for _, body in seen)


@pytest.mark.parametrize(
    ("url", "issuer", "may"),
    [
        ("https://example.org/a", "https://id.example.org", True),
        ("http://localhost:1/a", "http://127.0.0.1:2", True),
        ("http://localhost:1/a", "https://id.example.org", False),
        ("https://exa mple.org/", "https://id.example.org", False),
        ("https://example.org:0/", "https://id.example.org", False),
        ("https://[", "https://id.example.org", False),
        ("//example.org/", "https://id.example.org", False),
        ("https://" + "a" * 2000, "https://id.example.org", False),
    ],
)
def test_an_address_is_asked_over_tls_or_on_this_computer(url: str, issuer: str, may: bool) -> None:
    assert may_be_asked(url, issuer) == may
