"""What every answer says about itself: what may run in it, who may frame, store or index it."""

import base64
import gzip
import hashlib
import http.client
from urllib.parse import urlsplit

import pytest

from tests.harness.document import Document
from tests.harness.people import Answer, HostAtHome, ask
from tests.harness.server import Server

PAGES = ("/", "/links", "/bookings", "/sign-in", "/set-up", "/nope", "/nope/nope.html")


@pytest.fixture(scope="module")
def host(server: Server) -> HostAtHome:
    return HostAtHome.set_up(server)


def look(host: HostAtHome, path: str, **headers: str) -> Answer:
    return ask(f"{host.server.url}{path}", headers=headers)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_host_has_a_title_and_is_not_indexed(host: HostAtHome, path: str) -> None:
    answer = look(host, path)
    assert Document(answer.body).texts["title"]
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"


@pytest.mark.parametrize("path", [*PAGES, "/book/unknown", "/manage/unknown"])
def test_a_page_runs_the_inline_scripts_that_were_built_and_no_others(host: HostAtHome, path: str) -> None:
    answer = look(host, path)
    policy = dict(directive.partition(" ")[::2] for directive in answer.headers["content-security-policy"].split("; "))
    assert "unsafe" not in answer.headers["content-security-policy"]
    page = Document(answer.body)
    for element in ("script", "style"):
        for text in page.texts[element]:
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy[f"{element}-src"].split()
    assert len(page.texts["script"]) > 3
    assert not any(name.startswith("on") or name == "style" for name in page.attributes)
    assert {source for source in policy["script-src"].split() if not source.startswith("'sha256-")} == {"'self'"}
    assert (policy["default-src"], policy["img-src"], policy["font-src"]) == ("'none'", "'self' data:", "'self'")
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    own = host.server.url.removeprefix("http://").replace("localhost", "127.0.0.1")
    assert policy["connect-src"].split() == ["'self'", f"ws{host.server.url.removeprefix('http')}", f"ws://{own}"]


def test_the_files_of_a_page_bring_few_headers_along(host: HostAtHome) -> None:
    page = look(host, "/book/unknown")
    assert "camera=()" in page.headers["permissions-policy"]
    styles = next(link for link in page.body.split('"') if link.startswith("/assets/") and link.endswith(".css"))
    headers = look(host, styles).headers
    assert sum(len(name) + len(value) + 4 for name, value in headers.items()) < 800
    assert sum(len(name) + len(value) + 4 for name, value in page.headers.items()) > 800, "the control"


def test_the_page_of_a_link_may_run_nothing_of_other_pages(host: HostAtHome) -> None:
    def inline(path: str) -> int:
        return look(host, path).headers["content-security-policy"].count("'sha256-")

    assert inline("/book/unknown") == inline("/manage/unknown") < inline("/sign-in")


def test_what_is_no_page_runs_nothing_and_a_page_that_stayed_the_same_keeps_its_policy(host: HostAtHome) -> None:
    for path in ("/singleuse.css", "/favicon.svg", "/browser.js", "/api/nope"):
        policy = look(host, path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
    page = look(host, "/sign-in")
    again = look(host, "/sign-in", **{"If-None-Match": page.headers["etag"]})
    assert again.status == 304
    assert "content-security-policy" not in again.headers


@pytest.mark.parametrize("path", ["/book/", "/manage/"])
def test_a_secret_page_is_never_stored(host: HostAtHome, path: str) -> None:
    answer = look(host, f"{path}{'a' * 26}")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", [*PAGES, "/manage/unknown", "/invitation/unknown", "/reset-password/unknown"])
def test_who_opened_a_page_cannot_reach_into_it(host: HostAtHome, path: str) -> None:
    assert look(host, path).headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/book/unknown", "/with/nobody/nothing"])
def test_a_page_to_book_on_is_drawn_in_the_process_that_asked_for_it(host: HostAtHome, path: str) -> None:
    assert "cross-origin-opener-policy" not in look(host, path).headers


@pytest.mark.parametrize("path", ["/book/", "/manage/", "/with/nobody/"])
def test_the_page_of_a_link_is_packed_for_whoever_unpacks_it(host: HostAtHome, path: str) -> None:
    address = f"{path}{'a' * 26}"
    connection = http.client.HTTPConnection(urlsplit(host.server.url).netloc)
    connection.request("GET", address, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]
    plain = look(host, address)
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(answer.read()).decode() == plain.body
    connection.close()
