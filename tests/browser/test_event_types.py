"""A host says what is offered: a new event type in a minute, every refusal at its field, nothing lost, undo."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console, axe, fits
from tests.harness.people import HostAtHome
from tests.harness.server import Server

SCREENS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "phone, dark": {
        "viewport": {"width": 360, "height": 740},
        "color_scheme": "dark",
        "has_touch": True,
        "is_mobile": True,
    },
}
MEETING = "30 minute meeting"


@pytest.fixture
def at_home(fresh_server: Server) -> HostAtHome:
    """A host of their own, with the event type that everybody starts with."""
    return HostAtHome.set_up(fresh_server)


def names(page: Page) -> list[str]:
    expect(page.locator(".event-card").first).to_be_visible()
    return [text.removesuffix("Off") for text in page.locator(".event-card__main h2").all_inner_texts()]


def menu(page: Page, name: str, item: str) -> None:
    page.get_by_label(f"More for {name}").click()
    page.locator(".menu[open]").get_by_text(item, exact=True).click()


def more(page: Page, title: str) -> None:
    page.locator("summary", has_text=title).click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()


def test_from_a_new_event_type_to_its_booking(at_home: HostAtHome, new_context: NewContext) -> None:
    context = new_context(at_home.server, permissions=["clipboard-read", "clipboard-write"])
    page = steps.open_as_host(context, at_home)
    page.get_by_role("link", name="New event type").click()
    preview = page.get_by_label("Preview")
    page.get_by_label("Name").fill("Intro call")
    expect(preview).to_contain_text("Intro call")
    page.get_by_label("Description").fill("What you need.\nNothing to prepare.")
    page.get_by_label("Place").fill("By phone")
    page.get_by_label("Plum").check()
    page.get_by_label("Duration", exact=True).fill("15")
    page.get_by_label("Other durations").fill("45, 1 hour")
    page.get_by_label("Start times every").fill("")
    page.get_by_label("Minimum notice").fill("1 day")
    for words in ("15 minutes or 45 minutes or 1 hour", "By phone", "Nothing to prepare."):
        expect(preview).to_contain_text(words)
    more(page, "What invitees are asked")
    page.get_by_role("button", name="Add a question").click()
    expect(page.get_by_label("Question", exact=True)).to_be_focused()
    page.keyboard.type("Which room?")
    page.get_by_label("Answered with").select_option(label="One of several")
    page.get_by_label("Answers to choose from").fill("Blue\nGreen")
    page.get_by_label("Must be answered").check()
    more(page, "After the booking")
    page.get_by_label("Message on the confirmation").fill("Ring twice.")
    save(page)
    card = page.locator(".event-card").nth(1)
    expect(card).to_contain_text("15 minutes or 45 minutes or 1 hour · By phone")
    expect(card).to_have_attribute("data-colour", "plum")
    card.get_by_role("button", name="Copy single-use link").click()
    expect(steps.said(page, "Copied. This link works once.")).to_be_attached()
    invitee = new_context(at_home.server).new_page()
    steps.open_link(invitee, steps.clipboard(page).rpartition("/")[2])
    expect(invitee.get_by_role("heading", name="Intro call")).to_be_visible()
    steps.choose_first_time(invitee)
    steps.fill_form(invitee)
    invitee.get_by_label("Which room?").select_option("Green")
    steps.confirm(invitee)
    steps.expect_booked(invitee)
    expect(invitee.get_by_text("Ring twice.")).to_be_visible()


@pytest.mark.thorough
def test_what_cannot_be_is_told_at_its_field_and_nothing_is_lost(at_home: HostAtHome, new_context: NewContext) -> None:
    page = steps.open_as_host(new_context(at_home.server), at_home, "/event-type")
    page.get_by_label("Description").fill("Kept")
    page.get_by_label("Between two dates").check()
    page.get_by_label("First date").fill("2026-12-02")
    page.get_by_label("Last date").fill("2026-12-01")
    more(page, "Buffers and limits")
    page.get_by_label("Meetings a day").fill("many")
    more(page, "Buffers and limits")
    more(page, "What invitees are asked")
    labels = page.get_by_label("Question", exact=True)
    for number, words in enumerate(("First", "Second"), 1):
        page.get_by_role("button", name="Add a question").click()
        expect(labels).to_have_count(number)
        labels.last.fill(words)
    page.get_by_role("button", name="Move this question up").last.click()
    expect(steps.said(page, "Question 1 of 2.")).to_be_attached()
    page.get_by_label("Answered with").first.select_option(label="Several of several")
    save(page)
    expect(page.get_by_label("Name")).to_be_focused()
    for name, words in {
        "name": "Give the event type a name.",
        "last_date": "Choose a last date that is not before the first one.",
        "max_per_day": "Enter a number between 1 and 10,000, or nothing.",
    }.items():
        expect(page.locator(f"#{name}-error")).to_have_text(words)
    expect(page.locator(".question-options .field-error").first).to_contain_text("Offer between 1 and 20 answers")
    expect(page.get_by_label("Description")).to_have_value("Kept")
    assert [each.input_value() for each in labels.all()] == ["Second", "First"]
    page.get_by_label("Name").fill("Talk")
    page.get_by_label("Last date").fill("2026-12-24")
    save(page)
    expect(page.get_by_label("Meetings a day")).to_be_focused()  # in the part that was closed
    page.get_by_label("Meetings a day").fill("3")
    page.get_by_role("button", name="Remove this question").first.click()
    expect(labels).to_have_count(1)
    save(page)
    expect(page.locator(".event-card")).to_have_count(2)
    menu(page, "Talk", "Edit")
    expect(page.get_by_label("Description")).to_have_value("Kept")
    expect(page.get_by_label("Meetings a day")).to_have_value("3")
    expect(labels).to_have_value("First")
    expect(page.get_by_role("heading", level=1)).to_have_text("Talk")


@pytest.mark.thorough
def test_the_menu_copies_moves_switches_and_archives_with_undo(at_home: HostAtHome, new_context: NewContext) -> None:
    page = steps.open_as_host(new_context(at_home.server), at_home)
    menu(page, MEETING, "Duplicate")
    expect(page.locator(".event-card")).to_have_count(2)
    assert names(page) == [MEETING, f"Copy of {MEETING}"]
    expect(page.locator(".menu[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_label(f"More for {MEETING}", exact=True)).to_be_focused()
    menu(page, f"Copy of {MEETING}", "Move up")
    expect(steps.said(page, f"Copy of {MEETING}: 1 of 2.")).to_be_attached()
    assert names(page) == [f"Copy of {MEETING}", MEETING]
    page.get_by_role("heading", level=1).click()
    expect(page.locator(".menu[open]")).to_have_count(0)
    menu(page, MEETING, "Switch off")
    switch_on = page.get_by_role("button", name=f"Switch {MEETING} on")
    expect(switch_on).to_be_visible()
    expect(page.get_by_role("button", name="Copy single-use link")).to_have_count(1)
    switch_on.click()
    expect(page.get_by_role("button", name="Copy single-use link")).to_have_count(2)
    menu(page, MEETING, "Archive")
    expect(page.get_by_role("status").filter(has_text="its links book no more")).to_be_visible()
    assert names(page) == [f"Copy of {MEETING}"]
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".event-card")).to_have_count(2)
    for name in (f"Copy of {MEETING}", MEETING):
        menu(page, name, "Archive")
    expect(page.get_by_role("heading", name="Nothing is offered")).to_be_visible()
    page.locator("summary", has_text="Archived").click()
    page.get_by_role("button", name=f"Offer {MEETING} again", exact=True).click()
    assert names(page) == [MEETING]


@pytest.mark.thorough
def test_a_message_with_a_link_is_copied_whole(at_home: HostAtHome, new_context: NewContext) -> None:
    context = new_context(at_home.server, permissions=["clipboard-read", "clipboard-write"])
    page = steps.open_as_host(context, at_home)
    menu(page, MEETING, "Copy as message")
    expect(steps.said(page, "Copied: a message with a link that works once.")).to_be_attached()
    message = steps.clipboard(page)
    assert re.search(r"“30 minute meeting”.*\nhttp://\S+/book/[a-z0-9]{26}\n\nIt works once.\n\nGrace Host$", message)


@pytest.mark.thorough
def test_what_was_typed_comes_back_with_the_server_and_stands_in_no_other_form(
    at_home: HostAtHome, new_context: NewContext, console: Console
) -> None:
    console.allow("ERR_", "WebSocket", "refused")
    page = steps.open_as_host(new_context(at_home.server), at_home)
    menu(page, MEETING, "Edit")
    page.get_by_label("Name").fill("Coffee")
    page.get_by_label("Plum").check()
    at_home.server.kill()
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    at_home.server.start()
    expect(page.get_by_text("Reconnecting…")).to_be_hidden(timeout=30_000)
    expect(page.get_by_label("Name")).to_have_value("Coffee")
    expect(page.get_by_label("Plum")).to_be_checked()
    save(page)
    assert names(page) == ["Coffee"]
    expect(page.locator(".event-card")).to_have_attribute("data-colour", "plum")
    page.get_by_role("link", name="New event type").click()
    expect(page.get_by_label("Name")).to_have_value("")
    expect(page.get_by_label("Stone")).to_be_checked()


@pytest.mark.thorough
def test_another_hosts_event_type_cannot_be_opened(at_home: HostAtHome, new_context: NewContext) -> None:
    stranger = at_home.another_host()
    context = new_context(at_home.server)
    page = steps.open_as_host(context, at_home)
    menu(page, MEETING, "Edit")
    expect(page.get_by_label("Name")).to_have_value(MEETING)
    other = new_context(at_home.server)
    steps.sign_in(other, stranger)
    theirs = other.new_page()
    theirs.goto(page.url)
    expect(theirs).to_have_url(re.compile("/$"))


@pytest.mark.thorough
@pytest.mark.parametrize("screen", SCREENS)
def test_nobody_is_barred(at_home: HostAtHome, new_context: NewContext, screen: str) -> None:
    page = steps.open_as_host(
        new_context(at_home.server, reduced_motion="reduce", **SCREENS[screen]), at_home, "/event-type"
    )
    page.get_by_label("Name").fill("Wolfeschlegelsteinhausenbergerdorff")
    for part in page.locator(".form__more > summary").all():
        part.click()
    page.get_by_role("button", name="Add a question").click()
    page.get_by_label("Answered with").select_option(label="One of several")
    page.get_by_label("Between two dates").check()
    save(page)
    expect(page.locator("#first_date-error")).not_to_be_empty()
    page.wait_for_timeout(300)
    axe(page)
    fits(page)
    page.goto("/")
    menu(page, MEETING, "Switch off")
    page.get_by_role("heading", level=1).click()
    menu(page, MEETING, "Duplicate")
    expect(page.locator(".event-card")).to_have_count(2)
    axe(page)
    fits(page)
    page.get_by_role("heading", level=1).click()
    menu(page, f"Copy of {MEETING}", "Archive")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.locator("summary", has_text="Archived").click()
    axe(page)
    fits(page)
