"""A link for one person: the dialog ends with it on the clipboard, and it is for that person."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.browser.test_copy import NO_CLIPBOARD
from tests.harness.browser import Console, axe_in_both_themes, fits
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

MORE = "Another duration, place, dates or hours"


@pytest.fixture
def desk(host: HostAtHome, server: Server, new_context: NewContext) -> Page:
    """The host's home, where the clipboard can be read."""
    return steps.open_as_host(new_context(server, permissions=["clipboard-read", "clipboard-write"]), host)


def open_dialog(page: Page) -> Locator:
    page.get_by_label("More for 30 minute meeting").first.click()
    page.get_by_role("button", name="Copy with options…").first.click()
    dialog = page.get_by_role("dialog", name=re.compile("A link for one person"))
    expect(dialog.get_by_label("Name")).to_be_focused()
    return dialog


def test_it_is_on_the_clipboard_and_books_for_whom_it_is(
    desk: Page, new_context: NewContext, server: Server, console: Console
) -> None:
    dialog = open_dialog(desk)
    dialog.get_by_label("Name").fill("Ada Lovelace")
    dialog.get_by_label("E-mail").fill("ada@example.org")
    dialog.get_by_label("Only this address may book").check()
    dialog.get_by_label("Note").fill("VIP")
    dialog.get_by_label("Expires").select_option(label="After a week")
    dialog.get_by_text(MORE).click()
    dialog.get_by_label("Duration").fill("1 hour")
    dialog.get_by_label("Only between").fill("10-12")
    dialog.get_by_label("Where").select_option(label="In your own words, or nowhere")
    dialog.get_by_label("Place").fill("Room 3")
    dialog.get_by_role("button", name="Copy this link").click()
    expect(steps.said(desk, "Copied. This link works once.")).to_be_attached()
    url = steps.clipboard(desk)
    desk.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(desk.get_by_role("button", name="Copy with options…").first).to_be_focused()
    expect(desk.locator(".slip").first).to_contain_text("for Ada Lovelace · VIP")
    desk.goto("/links")
    expect(desk.locator("tbody tr").first.locator("[data-label=For]")).to_have_text("Ada Lovelace · VIP")
    expect(desk.locator("tbody tr").first.locator("[data-label=Expires]")).not_to_be_empty()
    desk.get_by_role("button", name=re.compile("Details of the link for Ada Lovelace")).first.click()
    expect(desk.locator(".link-details")).to_contain_text("Its own: 1 hour · Room 3 · only 10:00–12:00")
    invitee = new_context(server).new_page()
    steps.open_link(invitee, url.rpartition("/")[2])
    for words in ("1 hour", "Room 3"):
        expect(invitee.locator("div.frame .ticket__facts")).to_contain_text(words)
    steps.choose_first_time(invitee)
    expect(invitee.locator("label.time")).to_have_count(3)  # from ten in Berlin: 10, 10:30, 11
    expect(invitee.get_by_label("Your name")).to_have_value("Ada Lovelace")
    invitee.get_by_label("E-mail", exact=True).fill("eve@example.org")
    steps.confirm(invitee)
    steps.expect_error_at(
        invitee, "email", "This link is for another address. Use the one that it was sent to, or ask your host."
    )
    invitee.get_by_label("E-mail", exact=True).fill("ada@example.org")
    steps.confirm(invitee)
    steps.expect_booked(invitee)


def test_what_cannot_be_is_told_at_its_field_and_by_keyboard_all_goes(desk: Page, console: Console) -> None:
    console.allow("status of 422")
    steps.put_on_clipboard(desk, "untouched")
    dialog = open_dialog(desk)
    dialog.get_by_label("Name").fill("Ada")
    dialog.get_by_label("Only this address may book").check()
    dialog.get_by_text(MORE).click()
    dialog.get_by_label("Duration").fill("long")
    dialog.get_by_label("Only between").fill("mornings")
    dialog.get_by_label("Duration").press("Enter")
    expect(dialog.locator("#recipient_email-error")).to_have_text("Enter your e-mail address.")
    expect(dialog.locator("#duration_minutes-error")).to_contain_text("Enter a time like")
    expect(dialog.locator("#hours-error")).to_contain_text("Write hours like 9:00–12:00, 14:00–16:00, or nothing")
    expect(dialog.get_by_label("E-mail")).to_be_focused()
    expect(dialog.get_by_label("Name")).to_have_value("Ada")
    assert steps.clipboard(desk) == "untouched"
    desk.keyboard.type("ada@example.org")
    dialog.get_by_label("Duration").fill("45")
    dialog.get_by_label("Only between").fill("9-12")
    dialog.get_by_label("Duration").press("Enter")
    expect(steps.said(desk, "Copied. This link works once.")).to_be_attached()
    expect(dialog.locator("#recipient_email-error")).to_be_empty()
    assert "/book/" in steps.clipboard(desk)


def test_without_a_clipboard_enter_ends_with_the_link_selected(
    host: HostAtHome, server: Server, new_context: NewContext
) -> None:
    context = new_context(server, viewport={"width": 400, "height": 600})
    context.add_init_script(NO_CLIPBOARD)
    dialog = open_dialog(steps.open_as_host(context, host))
    dialog.get_by_label("Name").fill("Ada Lovelace")
    dialog.get_by_label("Name").press("Enter")
    field = dialog.get_by_label("Copy this link from here. It works once.")
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport()
    assert dialog.evaluate("getSelection().toString()") == field.input_value()


def test_nobody_is_barred(desk: Page) -> None:
    dialog = open_dialog(desk)
    dialog.get_by_label("Expires").select_option(label="After a date")
    dialog.get_by_text(MORE).click()
    expect(dialog.get_by_label("Last day")).to_be_visible()
    axe_in_both_themes(desk)
    fits(desk)
