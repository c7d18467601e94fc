"""A wrong address is mended where the booking is shown."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.harness.browser import Console, axe
from tests.harness.people import HostAtHome

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
    expect(page.get_by_text("For Ada Lovelace, ada@example.com")).to_be_visible()
    expect(page.locator("#confirmation")).to_be_focused()
    expect(page.locator("#right-address")).to_have_count(0)
    expect(page.get_by_role("link", name="Change or cancel this booking")).to_be_visible()
    page.reload()
    expect(page.get_by_text("For Ada Lovelace, ada@example.com")).to_be_visible()
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
