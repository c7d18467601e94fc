"""What changes while an invitee has a page open: what is said of it, and what stays."""

import json
import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.browser.test_accessibility import SCREENS
from tests.browser.test_event_types import menu
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

SECONDS = 10
"""How long the link of a test lasts."""


def question(id: str, label: str, kind: str = "text") -> dict[str, object]:
    options = ["Red", "Blue"] if kind == "choice many" else []
    return {"id": id, "label": label, "kind": kind, "required": False, "options": options}


def ask(server: Server, *questions: dict[str, object]) -> None:
    steps.change(
        server, "UPDATE event_type SET questions = ?, terms_version = terms_version + 1", json.dumps(questions)
    )


def let_everybody_look_again(host: HostAtHome) -> None:
    """A booking on another link does."""
    link = host.new_link()
    steps.in_another_thread(lambda: steps.book_quickly(host.server, link))


def test_a_link_that_ends_while_it_is_open_says_so_by_itself_and_keeps_who_one_is(
    page: Page, host: HostAtHome, server: Server
) -> None:
    link = host.new_link()
    frames = steps.frames_of(page)
    steps.open_link(page, link)
    expect(page.locator("div.frame .ticket__stub")).to_have_text("This link books once")
    newest = "id = (SELECT max(id) FROM scheduling_link)"
    steps.change(server, f"UPDATE scheduling_link SET expires_at = ? WHERE {newest}", int(time.time()) + SECONDS)
    steps.choose_first_time(page)  # which looks again
    expect(page.locator("div.frame .ticket__stub")).to_have_text(
        re.compile(r"This link books once, until \w+ .*\d:\d\d")
    )
    steps.fill_form(page, name="Ada Typed")
    before = len(frames)
    expect(page.locator(".ticket--expired")).to_be_visible(timeout=(SECONDS + 5) * 1000)
    assert not steps.FREE_TIME.search("\n".join(frames[before:]))
    page.get_by_role("button", name="Ask for a new link").click()
    expect(page.locator("#ask-name")).to_have_value("Ada Typed")
    expect(page.locator("#ask-email")).to_have_value(steps.EMAIL)


def test_an_event_type_that_is_switched_off_closes_the_open_pages_of_its_links(
    page: Page, fresh_server: Server, new_context: NewContext
) -> None:
    host = HostAtHome.set_up(fresh_server)
    page = new_context(fresh_server).new_page()
    frames = steps.frames_of(page)
    steps.open_link(page, host.new_link())
    steps.choose_first_time(page)
    before = len(frames)
    menu(steps.open_as_host(new_context(fresh_server), host), "30 minute meeting", "Switch off")
    steps.expect_dead(page, "This link cannot be booked with at the moment.")
    assert not steps.FREE_TIME.search("\n".join(frames[before:]))


def test_the_day_that_is_shown_may_be_chosen_again_and_the_chosen_time_stays(page: Page, host: HostAtHome) -> None:
    steps.open_link(page, host.new_link())
    start = steps.choose_first_time(page)
    page.locator("[aria-selected=true] .day--free").click()
    expect(page.locator("label.time input:checked")).to_have_value(str(start))
    steps.fill_form(page)
    steps.confirm(page)
    steps.expect_booked(page)


def test_answers_stay_with_their_questions_when_the_host_puts_another_before_them(
    page: Page, host: HostAtHome, server: Server
) -> None:
    ask(server, question("topic", "What is it about?"), question("room", "Which room?", "choice many"))
    steps.open_link(page, host.new_link())
    steps.choose_first_time(page)
    steps.fill_form(page)
    page.get_by_label("What is it about?").fill("Budget")
    page.get_by_label("Blue").check()
    ask(
        server,
        question("colour", "Which colour?"),
        question("topic", "What is it about?"),
        question("room", "Which room?", "choice many"),
    )
    let_everybody_look_again(host)
    expect(page.locator(".book__form .form-error")).to_have_text(re.compile("^The host has just changed this meeting"))
    expect(page.get_by_label("Which colour?")).to_have_value("")
    expect(page.get_by_label("What is it about?")).to_have_value("Budget")
    expect(page.get_by_label("Blue")).to_be_checked()
    expect(page.get_by_label("Red")).not_to_be_checked()
    steps.confirm(page)
    steps.expect_booked(page)
    expect(page.locator(".ticket--stamped, .answers").last).to_contain_text("Budget")
    ask(server)


def test_on_a_phone_a_chosen_time_that_goes_is_told_on_the_way_back_too(
    new_context: NewContext, host: HostAtHome, server: Server
) -> None:
    page = new_context(server, **SCREENS["phone"]).new_page()
    steps.open_link(page, host.new_link())
    page.get_by_role("button", name="Next month").tap()
    expect(page.locator(".day--free").first).to_be_visible()
    page.locator(".day--free").first.tap()
    face = page.locator("label.time").last
    start = int(face.locator("input").get_attribute("value") or "")
    face.tap()
    expect(page.get_by_label("Your name")).to_be_visible()
    page.get_by_role("button", name="Back").tap()
    other = new_context(server).new_page()
    steps.open_link(other, host.new_link())
    steps.choose_first_time(other)
    other.locator(f"label.time:has(input[value='{start}'])").click()
    steps.fill_form(other)
    steps.confirm(other)
    steps.expect_booked(other)
    expect(page.locator("#gone")).to_be_visible()
    expect(page.locator("#gone")).to_contain_text("is not free any more")
    expect(page.get_by_label("Your name")).to_be_hidden()
    page.locator(".gone__nearest button").first.tap()
    expect(page.locator("#chosen")).to_be_focused()
