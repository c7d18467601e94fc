"""What the host sees changes by itself, within a second of the booking."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness import server as servers
from tests.harness.browser import Console
from tests.harness.people import HostAtHome
from tests.harness.postgres import Postgres
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

PATIENCE = 5.0
"""Seconds. The promise is one; a busy machine that runs several browsers at once may take longer."""

NOTE_WHEN = """text => {
  const look = () => { if (!window.seenAt && document.body.innerText.includes(text)) window.seenAt = Date.now() }
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true })
}"""


@pytest.mark.parametrize("path", ["/links", pytest.param("/bookings", marks=pytest.mark.thorough)])
def test_a_booking_appears_within_a_second_in_both_tabs_of_the_host(
    page: Page, new_context: NewContext, server: Server, host: HostAtHome, path: str
) -> None:
    link, name = host.new_link(), f"Ada on {path}"
    at_home = new_context(server)
    first = steps.open_as_host(at_home, host, path)
    second = at_home.new_page()
    second.goto(path)
    tabs = (first, second)
    expect(second.locator(".header__host")).to_have_text("Grace Host")
    for tab in tabs:
        tab.evaluate(NOTE_WHEN, name)
    steps.open_link(page, link)
    start = steps.choose_first_time(page)
    steps.fill_form(page, name=name)
    with steps.noting_when(lambda: (start, name) in steps.bookings(server)) as committed:
        steps.confirm(page)
        steps.expect_booked(page)
    for tab in tabs:
        expect(tab.get_by_text(name)).to_be_visible()
        took = tab.evaluate("window.seenAt") / 1000 - committed[0]
        print(f"{path} shows a booking {took:.3f} s after its commit")
        assert took < PATIENCE


@pytest.mark.thorough
def test_a_row_of_the_links_page_follows_its_link(
    page: Page, new_context: NewContext, server: Server, host: HostAtHome
) -> None:
    link = host.new_link()
    desk = steps.open_as_host(new_context(server), host, "/links")
    row = desk.locator("tbody tr").first
    expect(row).to_contain_text("Active")
    steps.book(page, link)
    expect(row).to_contain_text("Used")
    expect(row).to_contain_text(steps.NAME)
    expect(row.get_by_role("button")).to_have_text(["Details"])


def test_a_link_that_is_revoked_in_one_tab_is_revoked_in_all(
    page: Page, new_context: NewContext, server: Server, host: HostAtHome
) -> None:
    at_home = new_context(server)
    desk = steps.open_as_host(at_home, host)
    rows = steps.open_as_host(at_home, host, "/links").locator("tbody tr")
    made = rows.count()
    waiting = desk.locator(".waiting li")
    link = host.new_link()
    expect(rows).to_have_count(made + 1)
    expect(waiting).to_have_count(1)
    steps.open_link(page, link)
    began = time.monotonic()
    rows.first.get_by_role("button", name="Revoke").click()
    steps.expect_dead(page, "This link was taken back by its host.")
    print(f"an open booking page says that its link was revoked {time.monotonic() - began:.3f} s after the click")
    expect(rows.first).to_contain_text("Revoked")
    expect(rows.first.get_by_role("button")).to_have_text(["Details"])
    expect(waiting).to_have_count(0)


@pytest.fixture
def on_postgresql(compiled: Path, postgres: Postgres, tmp_path: Path) -> Iterator[Server]:
    """The app with a database of its own in PostgreSQL; it makes its tables itself."""
    postgres.create_database("journey")
    with servers.built(tmp_path / "server", DATABASE_URL=postgres.url("journey")) as running:
        yield running


@pytest.mark.thorough
def test_it_is_no_different_on_postgresql(on_postgresql: Server, new_context: NewContext, console: Console) -> None:
    """The whole journey: set-up, link, booking, the host sees it, the link is spent."""
    console.allow("status of 410")
    host = HostAtHome.set_up(on_postgresql)
    link = host.new_link()
    desk = steps.open_as_host(new_context(on_postgresql), host, "/links")
    page = new_context(on_postgresql).new_page()
    steps.book(page, link)
    row = desk.locator("tbody tr").first
    expect(row).to_contain_text("Used")
    expect(row).to_contain_text(steps.NAME)
    page.reload()
    steps.expect_booked(page)
    stranger = new_context(on_postgresql).new_page()
    stranger.goto(f"/book/{link}")
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("has already been used")
    assert on_postgresql.rows("SELECT count(*) FROM booking") == [(1,)]
