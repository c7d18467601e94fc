"""A host's calendar elsewhere, from a real server: added, read, broken, and back; and what invitees see of it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness import server as servers
from tests.harness.browser import axe_in_both_themes, fits
from tests.harness.feed_server import EMPTY, FeedServer, giving, serving
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

HEAR = """() => {
  window.heard = [];
  const announcer = document.querySelector("#announcer");
  new MutationObserver(() => heard.push(announcer.textContent))
    .observe(announcer, { childList: true, characterData: true, subtree: true });
}"""
"""From now on the page keeps whatever is announced, for another word may follow at once."""

SECRET = "private-0123456789abcdef0123456789abcdef"
PATH = f"/calendar/ical/grace/{SECRET}/basic.ics"


@pytest.fixture
def fresh_server(compiled: Path, tmp_path: Path) -> Iterator[Server]:
    """The app, whose operator lets calendars of this computer through."""
    with servers.built(tmp_path / "server", CALENDAR_FEED_ALLOW="127.0.0.1") as running:
        yield running


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    """Where the host's calendar is."""
    with serving() as running:
        yield running


def with_event(start: int, minutes: int = 30) -> bytes:
    at = datetime.fromtimestamp(start, UTC)
    event = f"BEGIN:VEVENT\r\nUID:dentist\r\nDTSTART:{at:%Y%m%dT%H%M%SZ}\r\nDURATION:PT{minutes}M\r\nEND:VEVENT\r\n"
    return EMPTY.replace(b"END:VCALENDAR", event.encode() + b"END:VCALENDAR")


def add(page: Page, url: str, name: str = "Work") -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Secret address").fill(url)
    page.get_by_role("button", name="Add calendar").click()


def row(page: Page, name: str = "Work") -> Locator:
    return page.locator(".feed").filter(has=page.get_by_role("heading", name=name, exact=True))


def check_now(page: Page, server: Server) -> None:
    """Presses the button, as if the last check were a minute ago."""
    steps.change(server, "UPDATE calendar_feed SET checked_at = checked_at - 60, read_at = read_at - 60")
    page.get_by_role("button", name="Check now: Work").click()


def test_a_calendar_takes_its_times_from_what_invitees_see_and_keeps_them_while_it_is_broken(
    fresh_server: Server, new_context: NewContext, feed: FeedServer
) -> None:
    host = HostAtHome.set_up(fresh_server)
    invitee = new_context(fresh_server).new_page()
    steps.open_link(invitee, host.new_link())
    start = steps.choose_first_time(invitee)
    taken = invitee.locator(f"label.time input[value='{start}']")
    expect(taken).to_have_count(1)
    feed.answer = giving(with_event(start))

    page = steps.open_as_host(new_context(fresh_server), host, "/availability")
    page.get_by_role("link", name="Calendars that keep you busy").click()
    expect(page.get_by_role("heading", name="Add a calendar")).to_be_visible()
    add(page, "file:///etc/passwd")
    steps.expect_error_at(
        page, "feed_address", "Enter an address that begins with https:// or webcal://, as your calendar shows it."
    )
    expect(page.get_by_label("Name", exact=True)).to_have_value("Work")
    add(page, feed.url(PATH))
    expect(row(page)).to_contain_text(re.compile(r"Read just now · \d busy times? in the next two months"))
    expect(row(page)).to_contain_text("127.0.0.1 …cdef")
    assert SECRET not in page.content()
    assert page.get_by_label("Secret address").input_value() == ""
    expect(taken).to_have_count(0)

    feed.answer = giving(b"", 503)
    check_now(page, fresh_server)
    expect(row(page)).to_contain_text(
        re.compile(r"Broken since today \d\d:\d\d. The server answered with an error \(503\). ")
    )
    expect(row(page)).to_contain_text(re.compile(r"The times of its copy of today \d\d:\d\d are still kept"))
    expect(row(page)).to_contain_text("Copy of 1 minute ago")
    expect(steps.said(page, "Work: Broken since today")).to_be_attached()
    axe_in_both_themes(page)
    fits(page)
    expect(taken).to_have_count(0)
    late = new_context(fresh_server).new_page()
    steps.open_link(late, host.new_link())
    assert steps.choose_first_time(late) != start
    page.get_by_role("link", name="Back to your hours").click()
    expect(page.locator(".notice--warning")).to_contain_text("The calendar Work cannot be read at the moment.")
    page.get_by_role("link", name="See your calendars").click()

    feed.answer = giving(EMPTY)
    check_now(page, fresh_server)
    expect(row(page)).to_contain_text("Read just now · 0 busy times in the next two months")
    expect(row(page).locator(".notice")).to_have_count(0)
    expect(taken).to_have_count(1)
    steps.assert_log_keeps_secrets(fresh_server, SECRET)


def test_what_can_be_done_with_a_calendar_is_done_by_keyboard_and_undone(
    fresh_server: Server, new_context: NewContext, feed: FeedServer
) -> None:
    host = HostAtHome.set_up(fresh_server)
    page = steps.open_as_host(new_context(fresh_server, viewport={"width": 320, "height": 640}), host, "/calendars")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("Work")
    page.keyboard.press("Tab")
    page.keyboard.type(feed.url(PATH))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Secret address in iCal format")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(row(page)).to_contain_text("Read just now")
    expect(page.locator("#content")).to_be_focused()
    page.get_by_label("Rename: Work").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    expect(row(page).locator(".field-error")).to_have_text("Give the calendar a name, like Work or Family.")
    expect(row(page).locator("input[name=new_name]")).to_be_focused()
    axe_in_both_themes(page)
    fits(page)
    page.keyboard.type("Family")
    page.keyboard.press("Enter")
    expect(row(page, "Family")).to_be_visible()
    page.get_by_role("button", name="Remove: Family").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".feed")).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    axe_in_both_themes(page)
    page.evaluate(HEAR)
    page.keyboard.press("Enter")
    expect(row(page, "Family")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    page.wait_for_function("heard.includes('Family is back.')")


def test_a_calendar_that_was_never_read_says_that_its_times_are_offered(
    fresh_server: Server, new_context: NewContext, feed: FeedServer
) -> None:
    host = HostAtHome.set_up(fresh_server)
    feed.answer = giving(b"<!doctype html><title>Sign in</title>")
    page = steps.open_as_host(new_context(fresh_server), host, "/calendars")
    add(page, feed.url("/login"))
    expect(row(page)).to_contain_text("There is a page at this address, not a calendar.")
    expect(row(page)).to_contain_text("Until it has been read once, its times are offered.")
    add(page, "http://10.1.2.3/calendar.ics", "Inside")
    expect(row(page, "Inside")).to_contain_text("The address leads into a private network")
    page.goto("/availability")
    expect(page.locator(".notice--warning")).to_contain_text("2 of your calendars cannot be read at the moment.")


def test_a_check_that_has_to_wait_a_moment_says_at_once_that_it_comes(
    fresh_server: Server, new_context: NewContext, feed: FeedServer
) -> None:
    page = steps.open_as_host(new_context(fresh_server), HostAtHome.set_up(fresh_server), "/calendars")
    add(page, feed.url(PATH))
    expect(row(page)).to_contain_text("Read just now")
    expect(row(page)).not_to_contain_text("Being read")
    page.get_by_role("button", name="Check now: Work").click()
    expect(row(page)).to_contain_text("Being read. Read just now")
    expect(page.get_by_role("button", name="Check now: Work")).to_have_attribute("aria-busy", "true")
