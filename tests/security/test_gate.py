"""What one visitor may ask of the server in bulk: requests, their size and pace, and how each refusal is told."""

import http.client
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from starlette.types import Message

from singleuse_app.api.gate import MAX_BODY_BYTES, PAGE, Bounds, Gate, _Paced
from singleuse_app.settings import settings
from tests.harness import server as servers
from tests.harness.people import FORM, Answer, ask
from tests.harness.server import Server

PROXY = {"TRUSTED_PROXIES": "127.0.0.1, ::1"}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with its real limits, behind a proxy that it trusts: each test speaks for visitors of its own."""
    with servers.backend(tmp_path_factory.mktemp("strict"), LIMITS_FACTOR="1", **PROXY) as running:
        yield running


@pytest.fixture
def unproxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with its real limits and no proxy that it trusts."""
    with servers.backend(tmp_path_factory.mktemp("unproxied"), LIMITS_FACTOR="1") as running:
        yield running


def statuses(server: Server, path: str, count: int, header: str) -> list[int]:
    """What so many requests in a row are answered, over one connection."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
    found = []
    for number in range(count):
        connection.request("GET", path, headers={"X-Forwarded-For": header.format(number % 250)})
        answer = connection.getresponse()
        answer.read()
        found.append(answer.status)
    connection.close()
    return found


def raw(server: Server, *pieces: bytes, pause: float = 0.0) -> bytes:
    """What comes back for bytes as they are."""
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=40) as line:
        for piece in pieces:
            line.sendall(piece)
            time.sleep(pause)
        line.settimeout(40)
        return line.recv(65536)


def test_an_address_that_asks_too_much_is_told_when_to_come_again_and_others_are_served(strict: Server) -> None:
    began = time.monotonic()
    found = statuses(strict, "/ping", 900, "192.0.2.1")
    assert set(found) == {200, 429}
    assert found.index(429) >= 400
    assert found.count(200) <= 401 + 40 * (time.monotonic() - began), "so many pass at once, and then as time goes by"
    answer = ask(f"{strict.url}/ping", headers={"X-Forwarded-For": "192.0.2.1"})
    for _ in range(50):
        if answer.status == 429:
            break
        answer = ask(f"{strict.url}/ping", headers={"X-Forwarded-For": "192.0.2.1"})
    assert "Try again in 1 minute" in answer.body
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["x-content-type-options"] == "nosniff", "a refusal is as well dressed as a page"
    assert ask(f"{strict.url}/ping", headers={"X-Forwarded-For": "192.0.2.2"}).status == 200


def test_a_forged_address_gets_nobody_past_the_limit(unproxied: Server) -> None:
    assert 429 in statuses(unproxied, "/ping", 900, "192.0.2.{}")
    assert "TRUSTED_PROXIES names none" in unproxied.log()


def test_control_of_a_proxy_that_is_trusted_each_visitor_counts_alone(strict: Server) -> None:
    assert set(statuses(strict, "/ping", 900, "192.0.3.{}")) == {200}


def test_an_ipv6_network_is_one_visitor(strict: Server) -> None:
    assert 429 in statuses(strict, "/ping", 900, "2001:db8::{}")
    assert ask(f"{strict.url}/ping", headers={"X-Forwarded-For": "2001:db8:0:1::1"}).status == 200


def test_half_a_body_is_nobodys_error_and_no_news_for_the_log(strict: Server) -> None:
    began = len(strict.log())
    head = f"POST /api/sign-in HTTP/1.1\r\nHost: x\r\nOrigin: {strict.url}\r\nContent-Length: 50\r\n\r\n".encode()
    where = urlsplit(strict.url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=40) as line:
        line.sendall(head + b'{"email": "')
        line.shutdown(socket.SHUT_WR)
        assert line.recv(65536).startswith(b"HTTP/1.1 400 ")
    assert ask(f"{strict.url}/ping").status == 200
    assert strict.log()[began:] == ""


@pytest.mark.parametrize("path", ["/api/sign-in", "/api/set-up", "/api/sign-out", "/ping", "/nope"])
def test_a_body_that_says_that_it_is_large_is_not_read(strict: Server, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: {urlsplit(strict.url).netloc}\r\nOrigin: {strict.url}\r\n"
    found = raw(strict, f"{head}Content-Length: 1000000000\r\n\r\n".encode())
    assert found.startswith(b"HTTP/1.1 413")


def test_a_body_in_pieces_is_cut_off_at_the_same_size(strict: Server) -> None:
    head = f"POST /api/sign-in HTTP/1.1\r\nHost: {urlsplit(strict.url).netloc}\r\nOrigin: {strict.url}\r\n"
    piece = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    found = raw(strict, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode(), piece, piece, b"1\r\nx\r\n")
    assert found.startswith(b"HTTP/1.1 413")
    assert b"too large" in found


def test_a_form_of_the_usual_size_is_read(strict: Server) -> None:
    answer = ask(f"{strict.url}/api/sign-in", {"email": "x" * 60_000}, origin=strict.url)
    assert answer.status == 401


@pytest.mark.thorough
def test_a_body_that_does_not_come_is_not_waited_for(strict: Server) -> None:
    head = f"POST /api/sign-in HTTP/1.1\r\nHost: {urlsplit(strict.url).netloc}\r\nOrigin: {strict.url}\r\n"
    began = time.monotonic()
    found = raw(strict, f"{head}Content-Length: 20\r\n\r\n{{".encode())
    assert found.startswith(b"HTTP/1.1 408")
    assert 15 < time.monotonic() - began < 30


SHUT = (
    *("/_health", "/_upload", "/_upload/x", "/_all_routes", "/auth-codespace", "/_event", "/_event/"),
    *("/_event/?EIO=4&transport=polling", "/docs", "/redoc", "/openapi.json", "/api", "/api/", "/admin"),
)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", SHUT)
def test_what_the_framework_would_answer_and_nobody_needs_is_shut(strict: Server, path: str, method: str) -> None:
    answer = ask(f"{strict.url}{path}", b"" if method == "POST" else None, method=method, origin=strict.url)
    assert answer.status == 404
    assert "traceback" not in answer.body.lower()


def test_control_what_is_needed_answers(strict: Server) -> None:
    assert ask(f"{strict.url}/ping").status == 200


def cors(answer: Answer) -> str | None:
    return answer.headers.get("access-control-allow-origin")


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost", "http://localhost.evil.example"]
)
def test_no_foreign_origin_may_read_an_answer_also_behind_a_proxy(strict: Server, origin: str, method: str) -> None:
    forwarded = {
        "X-Forwarded-For": "192.0.2.9",
        "X-Forwarded-Host": origin.rpartition("/")[2],
        "X-Forwarded-Proto": origin.partition(":")[0],
        "Access-Control-Request-Method": "POST",
    }
    for path in ("/ping", "/api/sign-in", "/book/x", "/_event/"):
        assert cors(ask(f"{strict.url}{path}", method=method, origin=origin, headers=forwarded)) is None


def test_control_the_apps_own_origin_may(strict: Server) -> None:
    assert cors(ask(f"{strict.url}/ping", origin=strict.url)) == strict.url


def test_an_answer_that_went_wrong_says_nothing_of_the_machinery(strict: Server) -> None:
    for path, form in (("/api/set-up", {**FORM, "time_zone": "\x00"}), ("/api/links/%00/qr.svg", None), ("/%ff", None)):
        answer = ask(f"{strict.url}{path}", form, origin=strict.url)
        assert answer.status < 500
        assert not any(word in answer.body for word in ("Traceback", "site-packages", "singleuse_app", "starlette"))


@pytest.mark.parametrize("length", [MAX_BODY_BYTES, MAX_BODY_BYTES + 1])
async def test_a_message_that_is_too_large_is_not_even_read(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    read: list[str] = []
    monkeypatch.setattr("singleuse_app.api.gate._readable", read.append)

    async def receive() -> Message:
        return {"type": "websocket.receive", "text": "x" * length}

    async def app(*_: object) -> None:
        raise AssertionError

    gate = Gate(app, clock=lambda: 0.0)
    assert (await _Paced(gate, "192.0.2.1", receive).next())["type"] == "websocket.disconnect"
    assert len(read) == (length <= MAX_BODY_BYTES)


@pytest.mark.parametrize(("text", "cost"), [('40/_event,{"event":{}}', PAGE), ('42/_event,["event",{}]', 1)])
async def test_loading_a_page_counts_as_several_events_of_its_address(text: str, cost: int) -> None:
    """Whoever is hung up on comes back with all of their pages at once: nobody else waits for that."""

    async def receive() -> Message:
        return {"type": "websocket.receive", "text": text}

    async def app(*_: object) -> None:
        raise AssertionError

    gate = Gate(app, bounds=Bounds(events=(1, 100)), clock=lambda: 0.0)
    factor = settings().limits_factor
    await _Paced(gate, "192.0.2.1", receive).next()
    assert gate.events.take("192.0.2.1", 100 * factor - cost + 1) > 0
    assert gate.events.take("192.0.2.1", 100 * factor - cost) == 0
