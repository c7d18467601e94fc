"""A wrong address is mended where the booking is shown."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.harness.browser import Console, axe
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

CORRECT = "Wrong e-mail address? Correct it"


def test_whoever_has_just_booked_corrects_the_address(page: Page, host: HostAtHome, console: Console) -> None:
    console.allow("status of 410")
    steps.book(page, host.new_link(), number=1)
    page.get_by_role("button", name=CORRECT).press("Enter")
    expect(page.locator("#right-address")).to_be_focused()
    page.keyboard.type("ada@")
    page.keyboard.press("Enter")
    steps.expect_error_at(page, "right-address", "Enter an e-mail address like ada@example.org.")
    assert not axe(page)
    page.keyboard.press("End")
    page.keyboard.type("example.com")
    page.keyboard.press("Enter")
    expect(page.locator(".ticket").get_by_text("For Ada Lovelace, ada@example.com")).to_be_visible()
    expect(steps.said(page, "For Ada Lovelace, ada@example.com")).to_be_attached()
    expect(page.locator("#confirmation")).to_be_focused()
    expect(page.locator("#right-address")).to_have_count(0)
    expect(page.get_by_role("link", name="Change or cancel this booking")).to_be_visible()
    page.reload()
    expect(page.locator(".ticket").get_by_text("For Ada Lovelace, ada@example.com")).to_be_visible()
    expect(page.get_by_role("button", name=CORRECT)).to_have_count(0)  # a receipt reads only


def test_so_does_whoever_has_the_address_that_manages_it(page: Page, host: HostAtHome) -> None:
    page.goto(steps.booked_to_manage(host))
    page.get_by_role("button", name=CORRECT).click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#confirmation")).to_be_focused()
    page.get_by_role("button", name=CORRECT).click()
    page.locator("#right-address").fill("lovelace@example.org")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".ticket").get_by_text("For Ada Lovelace, lovelace@example.org")).to_be_visible()


def test_one_form_is_open_at_a_time_and_none_that_would_be_refused(
    page: Page, host: HostAtHome, server: Server
) -> None:
    path = steps.booked_to_manage(host)
    page.goto(path)
    page.get_by_role("button", name="Cancel booking").click()
    page.get_by_role("button", name=CORRECT).click()
    expect(page.get_by_role("button", name="Keep it")).to_have_count(1)
    expect(page.locator("#right-address")).to_be_focused()
    page.get_by_role("button", name="Cancel booking").click()
    expect(page.get_by_role("button", name="Keep it")).to_have_count(1)
    expect(page.locator("#reason")).to_be_focused()
    page.get_by_role("button", name="Keep it").click()  # else this tab would go on with it
    expect(page.locator("#reason")).to_have_count(0)
    [(latest,)] = steps.look(server, "SELECT max(id) FROM booking")
    steps.change(server, "UPDATE booking SET created_at = created_at - 86401 WHERE id = ?", latest)
    page.goto(path)
    expect(page.get_by_role("button", name="Cancel booking")).to_be_visible()
    expect(page.get_by_role("button", name=CORRECT)).to_have_count(0)
