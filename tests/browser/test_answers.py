"""What an invitee is asked, what is said about it, and what stands on the confirmation."""

import json
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.browser.test_keyboard import press, tab_to
from tests.harness.browser import Console
from tests.harness.people import HostAtHome

pytestmark = pytest.mark.thorough

QUESTIONS = [
    {"id": "topic", "label": "What is it about?", "kind": "text", "required": True, "options": []},
    {"id": "more", "label": "Anything else?", "kind": "long text", "required": False, "options": []},
    {"id": "size", "label": "Which room?", "kind": "choice one", "required": True, "options": ["Red", "Blue"]},
    {"id": "days", "label": "What to bring?", "kind": "choice many", "required": True, "options": ["Tea", "Cake"]},
    {"id": "phone", "label": "Your phone number", "kind": "phone", "required": False, "options": []},
    {"id": "people", "label": "How many come?", "kind": "number", "required": False, "options": []},
]


@pytest.fixture(scope="module")
def asking(host: HostAtHome) -> HostAtHome:
    """A host whose event type asks everything that can be asked."""
    steps.change(
        host.server,
        "UPDATE event_type SET questions = ?, confirmation_message = ?, redirect_url = ?, terms_version = 2",
        json.dumps(QUESTIONS),
        "Ring twice.\nBring tea.",
        "https://example.org/thanks",
    )
    return host


def test_each_field_tells_the_browser_what_it_is_for(asking: HostAtHome, new_context: NewContext) -> None:
    page = new_context(asking.server).new_page()
    steps.open_link(page, asking.new_link())
    steps.choose_first_time(page)
    for name, told in {
        "name": {"autocomplete": "name", "aria-required": "true"},
        "email": {"type": "email", "autocomplete": "email", "aria-required": "true"},
        "a1": {"autocomplete": "off", "aria-required": "true"},
        "a2": {"aria-required": "false"},
        "a5": {"type": "tel", "autocomplete": "tel"},
        "a6": {"inputmode": "decimal"},
    }.items():
        for attribute, value in told.items():
            expect(page.locator(f".book__form [name={name}]")).to_have_attribute(attribute, value)


def test_with_the_keyboard_alone_every_question_is_answered_after_errors_and_a_slip(
    asking: HostAtHome, new_context: NewContext, console: Console
) -> None:
    console.allow("status of 410")  # the reload at the end: the link is used
    page = new_context(asking.server, timezone_id="Europe/London").new_page()
    steps.open_link(page, asking.new_link())
    steps.choose_first_time(page)
    steps.confirm(page)
    steps.expect_error_at(page, "name", "Enter your name.")
    for field, said in {"a1": "Answer this question.", "a3": "Choose an answer."}.items():
        steps.expect_error_at(page, field, said, focused=False)
    page.keyboard.type(steps.NAME)
    tab_to(page, "[name=email]")
    page.keyboard.type("ada@gmial.com")
    tab_to(page, ".guests summary")
    press(page, "Enter")
    tab_to(page, "[name=guests]")
    page.keyboard.type("bob@example.org, eve")
    tab_to(page, "[name=a1]")
    page.keyboard.type("Budget")
    tab_to(page, "[name=a3]")
    page.keyboard.type("Blue")
    tab_to(page, "[name='a4-1']")
    press(page, "Space")
    tab_to(page, "[name=a5]")
    page.keyboard.type("020 7946 0958")
    press(page, "Enter")
    steps.expect_error_at(
        page, "guests", "eve is no e-mail address. Write guests like bob@example.org, one on each line."
    )
    press(page, "ControlOrMeta+End", "Backspace", "Backspace", "Backspace")
    tab_to(page, "#confirm")
    press(page, "Enter")
    expect(page.get_by_role("group", name="Did you mean ada@gmail.com?")).to_be_visible()
    expect(page.get_by_role("button", name="Yes, use it")).to_be_focused()
    assert steps.bookings(asking.server) == []
    press(page, "Enter")
    expect(page.get_by_label("E-mail", exact=True)).to_have_value("ada@gmail.com")
    expect(page.locator("#confirm")).to_be_focused()
    press(page, "Enter")
    steps.expect_booked(page)
    for words in ("With bob@example.org", "ada@gmail.com", "Budget", "Blue", "Cake", "+44 20 7946 0958"):
        expect(page.get_by_text(words)).to_be_visible()
    expect(page.locator(".host-message")).to_have_text("Ring twice.\nBring tea.")
    onward = page.get_by_role("link", name="Continue to example.org")
    expect(onward).to_have_attribute("href", "https://example.org/thanks")
    for name, start in {
        "Google": "https://calendar.google.com/calendar/render?action=TEMPLATE&",
        "Outlook.com": "https://outlook.live.com/calendar/0/deeplink/compose?",
        "Office 365": "https://outlook.office.com/calendar/0/deeplink/compose?",
    }.items():
        link = page.get_by_role("link", name=name)
        expect(link).to_have_attribute("href", re.compile(re.escape(start)))
        expect(link).to_have_attribute("rel", "noopener noreferrer")
    page.reload()
    expect(page.get_by_text("With bob@example.org")).to_be_visible()


@pytest.mark.thorough
def test_a_form_starts_with_what_the_address_brings(asking: HostAtHome, new_context: NewContext) -> None:
    page = new_context(asking.server).new_page()
    query = f"?name=Ada+Lovelace&email=ada@gmial.com&guests=bob@example.org&a1={quote('Budget & plans')}&a3=Blue&a4=Tea"
    steps.open_link(page, asking.new_link() + query)
    steps.choose_first_time(page)
    for label, value in {
        "Your name": "Ada Lovelace",
        "What is it about?": "Budget & plans",
        "Which room?": "Blue",
    }.items():
        expect(page.get_by_label(label)).to_have_value(value)
    expect(page.get_by_label("Tea")).to_be_checked()
    expect(page.locator("[name=guests]")).to_have_value("bob@example.org")
    steps.confirm(page)
    page.get_by_role("button", name="No, it is right").click()
    steps.confirm(page)
    steps.expect_booked(page)
    expect(page.get_by_text("ada@gmial.com")).to_be_visible()


@pytest.mark.thorough
def test_a_form_starts_with_what_its_link_brings_and_the_address_goes_first(
    asking: HostAtHome, new_context: NewContext
) -> None:
    link = asking.new_link()
    brought = {"name": "Ada Lovelace", "email": "ada@example.org", "a1": "Budget"}
    newest = "(SELECT max(id) FROM scheduling_link)"
    steps.change(asking.server, f"UPDATE scheduling_link SET prefill = ? WHERE id = {newest}", json.dumps(brought))
    page = new_context(asking.server).new_page()
    steps.open_link(page, link + "?name=Countess+Lovelace")
    steps.choose_first_time(page)
    expect(page.get_by_label("Your name")).to_have_value("Countess Lovelace")
    expect(page.get_by_label("E-mail", exact=True)).to_have_value("ada@example.org")
    expect(page.get_by_label("What is it about?")).to_have_value("Budget")


@pytest.mark.thorough
def test_answers_outlive_a_server_that_goes_and_comes_back(
    asking: HostAtHome, new_context: NewContext, console: Console
) -> None:
    for complaint in ("ERR_", "WebSocket", "refused"):
        console.allow(complaint)
    page = new_context(asking.server).new_page()
    steps.open_link(page, asking.new_link())
    steps.choose_first_time(page)
    typed = {"guests": "bob@example.org", "a1": "Budget", "a2": "Two\nlines"}
    steps.fill_form(page)
    page.locator(".guests summary").click()
    for name, text in typed.items():
        page.locator(f"[name={name}]").fill(text)
    page.get_by_label("Which room?").select_option("Blue")
    page.get_by_label("Cake").check()
    asking.server.kill()
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    asking.server.start()
    expect(page.get_by_text("Reconnecting…")).to_be_hidden(timeout=30_000)
    expect(page.get_by_role("button", name="Confirm booking")).to_be_visible()
    page.wait_for_timeout(2_000)
    for name, text in typed.items():
        expect(page.locator(f"[name={name}]")).to_have_value(text)
    expect(page.get_by_label("Which room?")).to_have_value("Blue")
    expect(page.get_by_label("Cake")).to_be_checked()
    steps.confirm(page)
    steps.expect_booked(page)
