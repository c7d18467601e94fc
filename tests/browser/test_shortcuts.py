"""Keys for copy, new and search; listed under ``?``, and switched off by whoever talks to their computer."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import axe_in_both_themes, fits
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough


@pytest.fixture
def desk(server: Server, host: HostAtHome, new_context: NewContext) -> Page:
    page = steps.open_as_host(new_context(server, permissions=["clipboard-read", "clipboard-write"]), host)
    expect(page.get_by_role("button", name="Copy single-use link")).to_be_visible()
    return page


def test_keys_copy_make_and_search(desk: Page) -> None:
    steps.put_on_clipboard(desk, "nothing")
    desk.keyboard.press("c")
    expect(steps.said(desk, steps.COPIED)).to_be_attached()
    assert "/book/" in steps.clipboard(desk)
    desk.keyboard.press("/")
    expect(desk.get_by_role("searchbox")).to_be_visible()
    desk.keyboard.press("/")
    expect(desk.get_by_role("searchbox")).to_be_focused()
    desk.keyboard.type("n?c/")
    expect(desk.get_by_role("searchbox")).to_have_value("n?c/")
    desk.get_by_role("heading", level=1).click()
    desk.keyboard.press("n")
    expect(desk).to_have_url(re.compile("/many-links"))
    desk.get_by_role("link", name="Event types").click()
    expect(desk.get_by_role("link", name="New event type")).to_be_visible()
    desk.keyboard.press("n")
    expect(desk).to_have_url(re.compile("/event-type"))


def test_they_are_listed_and_can_be_switched_off(desk: Page) -> None:
    desk.keyboard.press("?")
    dialog = desk.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("Copy a single-use link")
    axe_in_both_themes(desk)
    fits(desk)
    desk.keyboard.press("n")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Shortcuts are on").uncheck()
    desk.keyboard.press("Escape")
    desk.reload()
    expect(desk.get_by_role("link", name="New event type")).to_be_visible()
    desk.keyboard.press("?")
    desk.keyboard.press("n")
    desk.get_by_role("button", name="Keyboard shortcuts").click()
    expect(dialog.get_by_label("Shortcuts are on")).not_to_be_checked()
    dialog.get_by_label("Shortcuts are on").check()
    desk.keyboard.press("Escape")
    desk.keyboard.press("n")
    expect(desk).to_have_url(re.compile("/event-type"))
