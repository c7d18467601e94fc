"""Every state of the invitee's pages, one after the other: axe finds nothing, and nothing is too wide, enlarged too."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console, axe, fits
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

QUESTIONS = [
    {"id": "q1", "label": "What would you like to talk about?", "kind": "long text", "required": True},
    {"id": "q2", "label": "Your phone", "kind": "phone"},
    {"id": "q3", "label": "Which of these?", "kind": "choice many", "required": True, "options": ["Prices", "Dates"]},
]
PHONE = {"viewport": {"width": 320, "height": 640}}
SCREENS = {
    "wide, dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
    "narrow, dark": {**PHONE, "color_scheme": "dark"},
}


def check(page: Page) -> None:
    page.wait_for_timeout(250)  # what moves has arrived
    axe(page)
    fits(page)


def fill(page: Page, email: str = steps.EMAIL) -> None:
    steps.fill_form(page, email=email)
    page.locator("#a1").fill("Everything")
    page.get_by_label("Prices").check()


@pytest.mark.parametrize("screen", SCREENS)
def test_from_the_choice_to_the_answer_of_the_host(
    fresh_server: Server, new_context: NewContext, console: Console, screen: str
) -> None:
    console.allow("status of 410")
    host = HostAtHome.set_up(fresh_server)
    asked = (
        "UPDATE event_type SET questions = ?, confirmation_message = 'See you.', redirect_url = 'https://example.org'"
    )
    steps.change(fresh_server, asked, json.dumps(QUESTIONS))
    page = new_context(fresh_server, **SCREENS[screen]).new_page()
    steps.open_link(page, host.new_link())
    check(page)
    page.get_by_role("button", name="Change the time zone").click()
    page.get_by_role("searchbox").fill("ber")
    expect(page.locator(".zone").first).to_contain_text("Ber")
    check(page)
    page.get_by_role("button", name="Change the time zone").click()
    start = steps.choose_first_time(page, 2)
    page.locator("summary").click()
    page.get_by_role("button", name=steps.CONFIRM).click()
    expect(page.locator("#name-error")).to_contain_text("Enter your name.")
    check(page)
    fill(page, "ada@gmial.com")
    page.locator("#guests").fill("bob@example.org\neve@example.org")
    page.get_by_role("button", name=steps.CONFIRM).click()
    expect(page.locator("#suggestion")).to_have_text("Did you mean ada@gmail.com?")
    check(page)
    other = new_context(fresh_server).new_page()
    steps.open_link(other, host.new_link())
    assert steps.choose_first_time(other, 2) == start
    fill(other)
    steps.confirm(other)
    steps.expect_booked(other)
    expect(page.locator("#gone")).to_be_visible()
    check(page)
    page.locator(".gone__nearest button").first.click()
    page.get_by_role("button", name="No, it is right").click()
    steps.confirm(page)
    steps.expect_booked(page)
    check(page)
    page.get_by_role("button", name="Wrong e-mail address").click()
    check(page)
    page.goto(page.get_by_role("link", name="Change or cancel").get_attribute("href") or "")
    expect(page.get_by_text("With bob@example.org, eve@example.org")).to_be_visible()
    expect(page.locator(".answers")).to_contain_text("Everything")
    check(page)
    steps.change(fresh_server, "UPDATE event_type SET questions = '[]'")
    page.goto(f"/book/{steps.dead_link(host, 'used')}")
    page.get_by_role("button", name="Ask for a new link").click()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#ask-name-error")).to_have_text("Enter your name.")
    check(page)
    page.locator("#ask-name").fill("Bob")
    page.locator("#ask-email").fill("bob@example.org")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#asked")).to_be_visible()
    check(page)
    desk = steps.open_as_host(new_context(fresh_server, **SCREENS[screen]), host, "/links")
    expect(desk.locator(".requests li")).to_have_count(1)
    check(desk)
    desk.goto("/bookings")
    expect(desk.locator(".booking").first).to_be_visible()
    for line in desk.locator(".booking > summary").all():
        line.click()
    expect(desk.get_by_text("bob@example.org, eve@example.org")).to_be_visible()
    check(desk)
    steps.change(fresh_server, "UPDATE event_type SET minimum_notice_minutes = 45 * 24 * 60")
    steps.open_link(page, host.new_link())
    page.get_by_role("button", name="Previous month").click()
    expect(page.locator(".book__days .notice")).to_contain_text("Next free time")
    check(page)
