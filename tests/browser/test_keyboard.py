"""The whole journey without a pointer, and always with a focus that can be seen."""

import re

from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console
from tests.harness.people import EMAIL, PASSWORD
from tests.harness.server import Server

FOCUS_IS_SEEN = """() => {
  const here = document.activeElement
  const drawn = [here, here.nextElementSibling].filter(Boolean).map(each => getComputedStyle(each))
  return here !== document.body && here.matches(':focus-visible')
    && drawn.some(style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)
}"""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until the focus is there. On each stop the focus must be seen."""
    for _ in range(40):
        press(page, "Tab")
        assert page.evaluate(FOCUS_IS_SEEN), page.evaluate("document.activeElement.outerHTML.slice(0, 300)")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no Tab leads to {selector}")


def test_from_set_up_to_the_confirmation_with_the_keyboard_alone(
    fresh_server: Server, new_context: NewContext, console: Console
) -> None:
    console.allow("status of 422")
    host = new_context(fresh_server, permissions=["clipboard-read", "clipboard-write"])
    page = host.new_page()
    page.goto("/set-up")
    expect(page.get_by_label("Your name")).to_be_visible()
    for name, text in {"name": "Grace Host", "email": EMAIL, "password": "short"}.items():
        tab_to(page, f"[name={name}]")
        page.keyboard.type(text)
    press(page, "Enter")
    steps.expect_error_at(page, "password", "Choose a longer password: at least 10 characters.")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(PASSWORD)
    tab_to(page, "[name=time_zone]")
    tab_to(page, "button[type=submit]")
    press(page, "Enter")
    expect(steps.copy_button(page)).to_be_visible()

    press(page, "Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    press(page, "Enter")
    expect(page.get_by_role("main")).to_be_focused()
    tab_to(page, ".event-card__actions .copy-link button")
    press(page, "Enter")
    expect(steps.said(page, steps.COPIED)).to_be_attached()
    expect(steps.copy_button(page)).to_be_focused()
    url = steps.clipboard(page)

    invitee = new_context(fresh_server).new_page()
    steps.open_link(invitee, url.rpartition("/")[2])
    month = invitee.locator(".calendar__month").inner_text()
    tab_to(invitee, "[aria-label='Next month']")
    press(invitee, "Enter")
    expect(invitee.locator(".calendar__month")).not_to_have_text(month)
    expect(invitee.locator("[aria-label='Next month']")).to_be_focused()
    tab_to(invitee, ".day")
    first = invitee.evaluate("document.activeElement.dataset.iso")
    press(invitee, "ArrowRight")
    while invitee.evaluate("document.activeElement.ariaDisabled"):
        press(invitee, "ArrowRight")
    assert invitee.evaluate("document.activeElement.dataset.iso") > first
    assert invitee.evaluate(FOCUS_IS_SEEN)
    press(invitee, "Enter")
    chosen_day = invitee.locator("[aria-selected=true] .day")
    expect(chosen_day).to_be_focused()
    title = chosen_day.get_attribute("aria-label") or ""
    expect(invitee.locator(".times__legend")).to_have_text(title.partition(",")[0])
    expect(steps.said(invitee, title)).to_be_attached()
    tab_to(invitee, "label.time input")
    press(invitee, "ArrowDown", "ArrowDown")
    expect(invitee.locator("label.time input:checked")).to_be_focused()
    chosen = int(invitee.locator("label.time input:checked").get_attribute("value") or "")
    expect(steps.form_title(invitee)).to_have_text(re.compile(r"\d\d:\d\d$"))
    tab_to(invitee, "[name=name]")
    invitee.keyboard.type(steps.NAME)
    tab_to(invitee, "[name=email]")
    invitee.keyboard.type("ada@")
    press(invitee, "Enter")
    steps.expect_error_at(invitee, "email", "Enter an e-mail address like ada@example.org.")
    press(invitee, "End")
    invitee.keyboard.type("example.org")
    press(invitee, "Enter")
    steps.expect_booked(invitee)
    expect(invitee.locator("#confirmation")).to_be_focused()
    assert steps.bookings(fresh_server) == [(chosen, steps.NAME)]
    tab_to(invitee, "a[download]")
    with invitee.expect_download():
        press(invitee, "Enter")
