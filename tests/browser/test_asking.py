"""A dead link is no dead end: whoever meets one can ask for another, and its host answers with one click."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console, axe
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

ASK = "Ask for a new link"


def test_who_asks_is_answered_with_a_link_that_books(
    page: Page, new_context: NewContext, server: Server, host: HostAtHome, console: Console
) -> None:
    console.allow("status of 410")
    old = steps.dead_link(host, "used")
    context = new_context(server, permissions=["clipboard-read", "clipboard-write"])
    desk = steps.open_as_host(context, host, "/links")
    expect(desk.get_by_role("heading", name="Asked for a new link")).to_have_count(0)
    page.goto(f"/book/{old}")
    page.get_by_role("button", name=ASK).press("Enter")
    expect(page.locator("#ask-name")).to_be_focused()
    page.keyboard.press("Enter")
    steps.expect_error_at(page, "ask-name", "Enter your name.")
    page.keyboard.type("Bob Byte")
    page.keyboard.press("Tab")
    page.keyboard.type("bob@")
    page.locator("#ask-message").fill("We were cut off.")
    page.get_by_role("button", name="Send").click()
    steps.expect_error_at(page, "ask-email", "Enter an e-mail address like ada@example.org.")
    expect(page.locator("#ask-message")).to_have_value("We were cut off.")
    assert not axe(page)
    page.keyboard.press("End")
    page.keyboard.type("example.org")
    page.keyboard.press("Enter")
    expect(page.locator("#asked")).to_contain_text("Whoever sent the link has been told.")
    expect(page.locator("#asked")).to_be_focused()
    assert not axe(page)
    page.reload()
    expect(page.locator("#asked")).to_be_visible()

    asked = desk.locator(".requests li")
    expect(asked).to_have_count(1)
    expect(asked).to_contain_text("Bob Byte")
    expect(asked).to_contain_text("We were cut off.")
    expect(asked).to_contain_text("the old link was used")
    assert not axe(desk)
    asked.get_by_role("button", name="Copy new link").click()
    expect(steps.said(desk, steps.COPIED)).to_be_attached()
    answer = steps.clipboard(desk).rpartition("/")[2]
    expect(asked.get_by_role("button", name="Copy it again")).to_be_visible()
    asked.get_by_role("button", name="Dismiss the request of Bob Byte").click()
    expect(asked).to_have_count(0)
    steps.book(page, answer, number=3, name="Bob Byte")


def test_what_was_typed_on_a_page_that_died_stands_in_the_question(
    page: Page, host: HostAtHome, server: Server, new_context: NewContext
) -> None:
    steps.open_link(page, host.new_link())
    steps.choose_first_time(page)
    steps.fill_form(page, name="Ada Typed")
    desk = steps.open_as_host(new_context(server), host, "/links")
    desk.locator("tbody tr").first.get_by_role("button", name="Revoke").click()
    steps.expect_dead(page, "This link was taken back by its host.")
    page.get_by_role("button", name=ASK).click()
    expect(page.locator("#ask-name")).to_have_value("Ada Typed")
    expect(page.locator("#ask-email")).to_have_value(steps.EMAIL)


@pytest.mark.parametrize("kind", ["unknown"])
def test_nobody_is_asked_about_a_link_that_nobody_made(
    page: Page, host: HostAtHome, console: Console, kind: str
) -> None:
    console.allow("status of 404")
    page.goto(f"/book/{steps.dead_link(host, kind)}")
    expect(page.get_by_role("heading", level=1)).to_have_text("This link does not exist.")
    expect(page.get_by_role("button", name=ASK)).to_have_count(0)
