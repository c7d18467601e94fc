"""Looking spends nothing: link previews, mail scanners, and those of them that run JavaScript."""

import pytest
from playwright.sync_api import Page

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.people import HostAtHome, ask
from tests.harness.server import Server


@pytest.mark.thorough
def test_a_link_that_fifty_requests_and_five_browsers_have_looked_at_still_books(
    page: Page, server: Server, host: HostAtHome, new_context: NewContext
) -> None:
    link = host.new_link()
    for number in range(50):
        answer = ask(f"{server.url}/book/{link}", method="HEAD" if number % 2 else "GET")
        assert answer.status == 200
    for _ in range(5):
        scanner = new_context(server)
        steps.open_link(scanner.new_page(), link)
        scanner.close()
    assert host.statuses() == ["active"]
    start = steps.book(page, link)
    assert steps.bookings(server) == [(start, steps.NAME)]
    assert host.statuses() == ["used"]
