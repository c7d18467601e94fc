"""Where a page's own address is a secret, the browser tells it to nobody: not to where a link leads, nor to what stands
in the logs of a proxy."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console
from tests.harness.people import HostAtHome


class Elsewhere(ThreadingHTTPServer):
    """A site that notes who led its visitors there; its page leads to itself."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.referers: list[str | None] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Elsewhere)
        if self.path.startswith("/agenda"):
            self.server.referers.append(self.headers.get("Referer"))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>Elsewhere</title><a href='/agenda/again'>again</a>")

    def log_message(self, format: str, *args: object) -> None:
        """Not to the terminal."""


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site
        site.shutdown()


class Told:
    """What a page says to its server beside what it is asked: addresses, and where it says that it stands."""

    def __init__(self, page: Page) -> None:
        self.addresses: list[str] = []
        self.referers: list[str] = []
        self.sockets: list[str] = []
        page.on("request", lambda request: self.addresses.append(request.url))
        page.on("request", lambda request: self.referers.append(request.headers.get("referer", "")))
        page.on("websocket", lambda socket: self.sockets.append(socket.url))

    def check(self, token: str, own: int) -> None:
        """The token is in no address but the page's own, and what the websocket's has is the name of the tab."""
        assert len([address for address in self.addresses if token in address]) == own
        assert [referer for referer in self.referers if token in referer] == []
        assert self.sockets
        for address in self.sockets:
            asked = parse_qs(urlsplit(address).query)
            assert asked.keys() == {"token", "EIO", "transport"}
            assert UUID(asked["token"][0]), "which stands for nobody: see session.BindStateToConnection"
            assert token not in address


@pytest.mark.thorough
def test_a_link_leads_elsewhere_without_saying_from_where(
    host: HostAtHome, new_context: NewContext, elsewhere: Elsewhere
) -> None:
    steps.change(host.server, "UPDATE event_type SET description = ?", f"Read [the agenda]({elsewhere.url}/agenda).")
    token = host.new_link()
    page = new_context(host.server).new_page()
    told = Told(page)
    steps.open_link(page, token)
    with page.expect_popup() as popup:
        page.locator("div.frame .ticket__text").get_by_role("link").click()
    popup.value.wait_for_load_state()
    assert elsewhere.referers == [None]
    assert popup.value.evaluate("[document.referrer, window.opener]") == ["", None]
    popup.value.get_by_role("link", name="again").click()
    expect(popup.value).to_have_url(f"{elsewhere.url}/agenda/again")
    assert elsewhere.referers[1] == f"{elsewhere.url}/agenda", "the control"
    told.check(token, own=1)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["manage", "invitation", "reset-password"])
def test_so_does_every_page_whose_address_is_a_secret(
    host: HostAtHome, new_context: NewContext, console: Console, kind: str
) -> None:
    path = steps.booked_to_manage(host) if kind == "manage" else f"/{kind}/{'a2' * 13}"
    page = new_context(host.server).new_page()
    told = Told(page)
    response = page.goto(path)
    assert response is not None
    assert response.headers["referrer-policy"] == "no-referrer"
    page.wait_for_load_state("networkidle")
    token = path.rpartition("/")[2].partition("?")[0]
    told.check(token, own=1)
