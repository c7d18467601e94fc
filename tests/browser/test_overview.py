"""The host's desk at a glance: it teaches when it is empty, and changes by itself."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import axe_in_both_themes, fits
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough


def row(page: Page, name: str) -> str:
    return page.get_by_role("img", name=re.compile(f"^{name}:")).get_attribute("aria-label") or ""


def test_it_is_empty_then_fills_by_itself_and_nobody_is_barred(fresh_server: Server, new_context: NewContext) -> None:
    host = HostAtHome.set_up(fresh_server)
    desk = steps.open_as_host(new_context(fresh_server), host, "/overview")
    expect(desk.get_by_text("Nothing is booked.")).to_be_visible()
    assert row(desk, "Links made") == "Links made: 0 in 30 days"
    axe_in_both_themes(desk)
    fits(desk)

    links = [host.new_link() for _ in range(3)]
    expect(desk.get_by_role("heading", name="Links that wait: 3")).to_be_visible()
    expect(desk.get_by_text("just now")).to_have_count(3)
    steps.book(new_context(fresh_server).new_page(), links[0])
    expect(desk.get_by_role("heading", name="Links that wait: 2")).to_be_visible()
    expect(desk.locator(".glance__lines").first).to_contain_text("Ada Lovelace 30 minute meeting")
    assert row(desk, "Links made").startswith("Links made: 3 in 30 days, most on ")
    assert row(desk, "Booked").startswith("Booked: 1 in 30 days, most on ")

    steps.change(fresh_server, "UPDATE scheduling_link SET expires_at = created_at + 86400 WHERE uses = 1")
    steps.change(
        fresh_server,
        "UPDATE scheduling_link SET expires_at = created_at + 86400, recipient_name = 'Bob'"
        " WHERE id = (SELECT max(id) FROM scheduling_link)",
    )
    desk.reload()
    expect(desk.locator(".glance__part", has=desk.get_by_role("heading", name="within a week"))).to_contain_text("Bob")
    axe_in_both_themes(desk)
    fits(desk)
    desk.get_by_role("link", name="All that wait").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".board")).to_be_visible()
    assert "sort=oldest" in desk.url


def test_what_calls_for_the_host_stands_first(fresh_server: Server, new_context: NewContext, console) -> None:
    console.allow("status of 410")
    host = HostAtHome.set_up(fresh_server)
    link = host.new_link()
    steps.book(new_context(fresh_server).new_page(), link)
    desk = steps.open_as_host(new_context(fresh_server), host, "/bookings")
    desk.locator("details.booking summary").first.click()
    desk.get_by_text("Ask for another time…").click()
    desk.get_by_role("button", name="Ask for another time").click()
    expect(steps.said(desk, "The time is free. Ada Lovelace is asked for another.")).to_be_attached()
    desk.get_by_role("link", name="Overview").click()
    desk.get_by_role("link", name="One booking without a time: another is asked for").click()
    expect(desk.locator("details.booking")).to_have_count(1)
