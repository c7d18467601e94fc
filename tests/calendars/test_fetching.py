"""Asking for a calendar, from a real server that does whatever it likes."""

import gzip
import socket
import threading
import time
import zlib
from pathlib import Path

import pytest

from singleuse_app.calendars import fetching
from singleuse_app.calendars.addresses import Allowed
from singleuse_app.calendars.fetching import Fetched, Validators, fetch
from singleuse_app.calendars.problems import FeedProblem
from tests.harness.feed_server import EMPTY, certificate, dripping, giving, leading_to, raw, serving

HERE = Allowed(["127.0.0.0/8", "localhost"])
OK = b"HTTP/1.1 200 OK\r\n"


def problem_of(url: str, **how: object) -> FeedProblem:
    with pytest.raises(FeedProblem) as problem:
        fetch(url, allowed=HERE, **how)  # ty: ignore[invalid-argument-type]
    return problem.value


def test_what_is_sent_is_one_plain_request() -> None:
    with serving() as server:
        assert fetch(server.url("/a%20b/x.ics?key=1#part"), allowed=HERE) == Fetched(EMPTY, Validators())
    assert server.asked == [
        {
            "path": "/a%20b/x.ics?key=1",
            "host": f"127.0.0.1:{server.port}",
            "user-agent": "Singleuse (calendar feed)",
            "accept": "text/calendar, */*;q=0.1",
            "accept-encoding": "identity",
            "connection": "close",
        }
    ]


def test_nothing_of_the_environment_takes_part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password secret")
    monkeypatch.setenv("HOME", str(tmp_path))
    with serving() as server:
        assert fetch(server.url(), allowed=HERE).body == EMPTY
    assert "authorization" not in server.asked[0]


def test_a_copy_that_is_still_the_newest_is_not_sent_again() -> None:
    with serving(giving(EMPTY, ETag='"7"', Last_Modified="Tue, 01 Sep 2026 06:00:00 GMT")) as server:
        first = fetch(server.url(), allowed=HERE)
        assert first.validators == Validators('"7"', "Tue, 01 Sep 2026 06:00:00 GMT")
        server.answer = giving(b"", 304)
        assert fetch(server.url(), allowed=HERE, known=first.validators) == Fetched(None, first.validators)
        assert problem_of(server.url()).code == "feed_status", "who asked for no such thing is told"
    asked = server.asked[1]
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"7"', "Tue, 01 Sep 2026 06:00:00 GMT")


@pytest.mark.parametrize("odd", ['"\xe9"', "x" * 501, '"a\r\n b"', '"\x7f"'])
def test_a_validator_that_could_not_be_sent_back_is_not_kept(odd: str) -> None:
    with serving(giving(EMPTY, ETag=odd)) as server:
        known = fetch(server.url(), allowed=HERE).validators
        assert known == Validators()
        assert fetch(server.url(), allowed=HERE, known=known).body == EMPTY


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "feed_unauthorised"),
        (403, "feed_unauthorised"),
        (404, "feed_gone"),
        (410, "feed_gone"),
        (429, "feed_status"),
        (500, "feed_status"),
        (503, "feed_status"),
        (204, "feed_status"),
        (206, "feed_status"),
        (300, "feed_status"),
    ],
)
def test_a_status_that_gives_no_calendar_is_told(status: int, code: str) -> None:
    with serving(giving(EMPTY if status != 204 else b"", status)) as server:
        problem = problem_of(server.url())
    assert (problem.code, problem.detail) == (code, str(status))


def test_five_redirects_are_followed_and_no_sixth() -> None:
    with serving() as server:
        ways = [f"/{number}" for number in range(6)]
        server.answer = leading_to(*ways[:5])
        assert fetch(server.url(), allowed=HERE).body == EMPTY
        server.answer = leading_to(*ways)
        assert problem_of(server.url()).code == "feed_redirect"
        for nowhere in ("", "file:///etc/passwd", "gopher://x/", "https://"):
            server.answer = leading_to(*[nowhere] * 6)
            assert problem_of(server.url()).code in {"feed_redirect", "feed_address_malformed"}


def test_a_password_goes_to_its_own_server_and_to_no_other() -> None:
    with serving() as other, serving(leading_to("/again", other.url())) as server:
        url = server.url(host="ada:s%C3%A9cret@127.0.0.1")
        fetch(url, allowed=HERE)
        assert [asked.get("authorization") for asked in server.asked] == ["Basic YWRhOnPDqWNyZXQ="] * 2
        assert "authorization" not in other.asked[0]
        with serving(leading_to(other.url(host="eve:evil@127.0.0.1"))) as luring:
            fetch(luring.url(), allowed=HERE)
        assert "authorization" not in other.asked[1]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (OK + b"Content-Length: 100\r\n\r\nshort", "feed_cut_off"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "feed_cut_off"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nnonsense", "feed_cut_off"),
        (b"", "feed_cut_off"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "feed_cut_off"),
        (OK + b"X: " + b"x" * 100_000, "feed_cut_off"),
        (OK + b"".join(b"X%d: y\r\n" % number for number in range(500)) + b"\r\n", "feed_cut_off"),
        (OK + b"Content-Encoding: gzip\r\n\r\nno gzip", "feed_cut_off"),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(EMPTY)[:-9], "feed_cut_off"),
        (OK + b"Content-Encoding: br\r\n\r\nx", "feed_encoding"),
    ],
)
def test_what_arrives_in_part_or_makes_no_sense_is_told(data: bytes, code: str) -> None:
    with serving(raw(data)) as server:
        assert problem_of(server.url()).code == code


@pytest.mark.parametrize(
    "data",
    [
        OK + b"\r\n" + EMPTY,
        OK + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(EMPTY), EMPTY),
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(EMPTY),
        b"HTTP/1.0 200 OK\r\n\r\n" + EMPTY,
    ],
)
def test_control_the_same_whole_is_taken(data: bytes) -> None:
    with serving(raw(data)) as server:
        assert fetch(server.url(), allowed=HERE).body == EMPTY


@pytest.mark.thorough
def test_no_more_than_ten_megabytes_are_taken_packed_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    most = b"x" * fetching.MAX_BYTES
    with serving(giving(most)) as server:
        assert fetch(server.url(), allowed=HERE).body == most
        server.answer = giving(most + b"x")
        assert problem_of(server.url()).code == "feed_too_large"
        packer = zlib.compressobj(wbits=31)
        bomb = b"".join([packer.compress(b"x" * 10_000_000) for _ in range(100)]) + packer.flush()
        assert len(bomb) < 2_000_000
        server.answer = giving(bomb, Content_Encoding="gzip")
        assert problem_of(server.url()).code == "feed_too_large"


@pytest.mark.parametrize("head", [b"", OK, OK + b"\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n"])
def test_a_server_that_drips_is_left(head: bytes) -> None:
    with serving(dripping(head)) as server:
        began = time.monotonic()
        assert problem_of(server.url(), seconds=0.5).code in {"feed_slow", "feed_cut_off"}
        assert time.monotonic() - began < 2


def test_a_server_that_takes_no_connection_or_says_nothing_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert problem_of(url, seconds=0.3).code == "feed_slow"
        assert problem_of(url.replace("http", "https"), seconds=0.3).code == "feed_slow"
    assert problem_of(url).code == "feed_unreachable"


def test_a_name_server_that_hangs_is_left() -> None:
    waiting = threading.Event()

    def names(host: str, port: int) -> list[str]:
        waiting.wait(10)
        return ["127.0.0.1"]

    assert problem_of("https://slow.example/", seconds=0.3, resolve=names).code == "feed_slow"
    waiting.set()


def test_an_unknown_name_is_told() -> None:
    def names(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert problem_of("https://nobody.example/", resolve=names).code == "feed_host_unknown"


def test_a_certificate_must_be_good_and_for_the_very_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted, context = certificate(tmp_path, "localhost")
    with serving(tls=context) as server:
        assert problem_of(server.url(host="localhost")).code == "feed_certificate", "nobody trusts it yet"
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert fetch(server.url(host="localhost"), allowed=HERE).body == EMPTY
        assert fetch(server.url(host="localhost").replace("https", "webcal"), allowed=HERE).body == EMPTY
        assert problem_of(server.url(host="127.0.0.1")).code == "feed_certificate"
        with serving() as plain:
            server.answer = leading_to(plain.url())
            assert problem_of(server.url(host="localhost")).code == "feed_redirect", "a secret stays encrypted"
            assert plain.asked == []
            plain.answer = leading_to(server.url(host="localhost"))
            server.answer = giving(EMPTY)
            assert fetch(plain.url(), allowed=HERE).body == EMPTY


def test_no_problem_tells_the_address() -> None:
    with serving(raw(b"")) as server:
        assert "secret" not in repr(problem_of(server.url()))
    assert "secret" not in repr(problem_of(server.url("/secret")))
