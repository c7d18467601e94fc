"""A standard link from switch to switch: published, booked with again and again, and gone as if it had never been."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console, axe
from tests.harness.people import HostAtHome, ask
from tests.harness.server import Server

ADDRESS = "/with/grace-host/30-minute-meeting"
NOWHERE = "This link does not exist."
ON, OFF = "Switch on the standard link of 30 minute meeting", "Switch off the standard link of 30 minute meeting"
AGAIN = "Book another time"


def line(desk: Page) -> Locator:
    """What the card says of the standard link."""
    return desk.locator(".event-card__standard")


def publish(desk: Page) -> None:
    """Presses the switch, unless the link is on already."""
    expect(line(desk)).to_contain_text("Standard link")
    if desk.get_by_role("button", name=ON).count():
        desk.get_by_role("button", name=ON).click()
    expect(line(desk)).to_contain_text(ADDRESS)


def open_address(page: Page) -> None:
    response = page.goto(ADDRESS)
    assert response is not None
    assert response.status == 200
    expect(page.locator(".calendar")).to_be_visible()


def book_here(page: Page, name: str = steps.NAME) -> int:
    """Books the first time of the next month on the page that is open."""
    start = steps.choose_first_time(page)
    steps.fill_form(page, name)
    steps.confirm(page)
    steps.expect_booked(page)
    return start


@pytest.fixture
def desk(new_context: NewContext, server: Server, host: HostAtHome) -> Page:
    """The host's own page, the link switched on."""
    at_home = new_context(server, permissions=["clipboard-read", "clipboard-write"])
    desk = steps.open_as_host(at_home, host)
    publish(desk)
    return desk


def test_from_switch_to_switch(
    desk: Page, page: Page, new_context: NewContext, server: Server, console: Console
) -> None:
    expect(desk.get_by_role("button", name=OFF)).to_be_focused()
    expect(steps.said(desk, "The standard link of 30 minute meeting is on.")).to_be_attached()
    desk.get_by_role("button", name="Copy standard link").click()
    expect(steps.said(desk, "books any number of times")).to_be_attached()
    assert steps.clipboard(desk) == f"{server.url}{ADDRESS}"

    open_address(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("30 minute meeting")
    expect(page.get_by_text("books once")).to_have_count(0)
    made = [book_here(page)]
    page.reload()
    steps.expect_booked(page)
    page.get_by_role("button", name=AGAIN).click()
    expect(page.locator(".calendar")).to_be_visible()
    expect(page.locator("#content")).to_be_focused()
    made.append(book_here(page))
    assert len({*made}) == 2
    shown = page.locator(".ticket__time").inner_text()
    page.reload()
    steps.expect_booked(page)
    expect(page.locator(".ticket__time")).to_have_text(shown, use_inner_text=True)
    assert [start for start, _ in steps.bookings(server)] == made

    other = new_context(server).new_page()
    open_address(other)
    desk.get_by_role("button", name=OFF).click()
    steps.expect_dead(other, NOWHERE)
    expect(desk.get_by_role("button", name=ON)).to_be_focused()
    expect(steps.said(desk, "The standard link of 30 minute meeting is off.")).to_be_attached()
    console.allow("status of 404")
    stranger = new_context(server).new_page()
    for path in (ADDRESS, "/with/grace-host/nothing-of-the-kind"):
        response = stranger.goto(path)
        assert response is not None
        assert response.status == 404
        steps.expect_dead(stranger, NOWHERE)


def test_the_page_without_a_limit_and_the_desk_are_for_everybody(desk: Page, page: Page) -> None:
    axe(desk)
    open_address(page)
    book_here(page)
    axe(page)


def test_a_link_that_is_off_names_no_standard_address_to_its_host_either(desk: Page) -> None:
    desk.get_by_role("button", name=OFF).click()
    expect(line(desk)).to_have_text(re.compile("Standard link: off.*Switch on", re.DOTALL))


@pytest.mark.thorough
def test_a_double_click_and_a_lost_connection_book_once(
    desk: Page, page: Page, new_context: NewContext, server: Server, console: Console
) -> None:
    console.allow("WebSocket|ERR_CONNECTION_REFUSED|Connection")
    before = len(steps.bookings(server))
    open_address(page)
    steps.choose_first_time(page)
    steps.fill_form(page)
    page.get_by_role("button", name=steps.CONFIRM, exact=True).dblclick()
    steps.expect_booked(page)
    server.restart()
    expect(page.locator(".reconnecting")).to_have_count(0)
    steps.expect_booked(page)
    page.reload()
    steps.expect_booked(page)
    assert len(steps.bookings(server)) == before + 1


@pytest.mark.parametrize(
    "path",
    ["/with", "/with/", "/with/grace-host", "/with/grace-host/", "/with/grace-host/30-minute-meetin", f"{ADDRESS}/x"],
)
def test_a_trimmed_or_guessed_address_has_status_404(desk: Page, server: Server, path: str) -> None:
    answer = ask(f"{server.url}{path}")
    assert answer.status == 404
    assert "grace" not in answer.body.lower()


@pytest.mark.parametrize("kind", ["used", "expired", "revoked", "unknown", "living", "manage", "off"])
def test_no_other_page_names_a_standard_address(
    desk: Page, page: Page, host: HostAtHome, kind: str, console: Console
) -> None:
    console.allow("status of 4(10|04)")
    if kind == "manage":
        path = steps.booked_to_manage(host)
    elif kind == "living":
        path = f"/book/{host.new_link()}"
    else:
        path = f"/book/{steps.dead_link(host, kind)}"
    frames = steps.frames_of(page)
    response = page.goto(path)
    assert response is not None
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("first-paint")).to_have_count(0)
    expect(page.locator(".ticket:visible")).to_have_count(1)
    seen = "\n".join([*frames, page.content(), response.text()])
    assert len(frames) > 1
    for telling in ("with/", "grace-host", "30-minute-meeting"):
        assert telling not in seen
