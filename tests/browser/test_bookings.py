"""The host's bookings: found, looked into, cancelled with a message, and answered with a new link."""

import re

import pytest
from icalendar import Calendar
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console, axe_in_both_themes, fits
from tests.harness.people import HostAtHome, ask
from tests.harness.server import Server

pytestmark = pytest.mark.thorough


@pytest.fixture
def desk(fresh_server: Server, new_context: NewContext) -> Page:
    """The bookings of a host with whom Ada and Bob have booked."""
    host = HostAtHome.set_up(fresh_server)
    page = new_context(fresh_server).new_page()
    for number, name in enumerate(("Ada Lovelace", "Bob Byte")):
        steps.book(page, host.new_link(), number, name, f"{name[:3].lower()}@example.org")
    context = new_context(fresh_server, permissions=["clipboard-read", "clipboard-write"])
    return steps.open_as_host(context, host, "/bookings")


def booking(page: Page, name: str) -> Locator:
    return page.locator("details.booking").filter(has_text=name)


def test_a_booking_is_found_cancelled_with_a_message_and_answered_with_a_new_link(
    desk: Page, new_context: NewContext, fresh_server: Server, console: Console
) -> None:
    expect(desk.locator("details.booking")).to_have_count(2)
    desk.get_by_role("searchbox").press_sequentially("ADA@")
    expect(desk.locator("details.booking")).to_have_count(1)
    with desk.expect_download() as download:
        desk.get_by_role("link", name="for a calendar").click()
    [event] = Calendar.from_ical(download.value.path().read_bytes()).walk("VEVENT")
    assert "Ada Lovelace" in str(event["summary"])

    ada = booking(desk, "Ada Lovelace")
    ada.locator("summary").first.click()
    expect(ada.get_by_role("link", name="ada@example.org")).to_be_visible()
    ada.get_by_text("Cancel this booking…").click()
    ada.get_by_label("Message").fill("I am ill, sorry.")
    HostAtHome.sign_in(fresh_server).new_link()  # at which the page reads again
    expect(ada.get_by_label("Message")).to_have_value("I am ill, sorry.")
    ada.get_by_role("button", name="Cancel the booking").click()
    expect(desk.get_by_role("heading", name="No such booking")).to_be_visible()
    expect(steps.said(desk, "The booking of Ada Lovelace is cancelled.")).to_be_attached()
    desk.get_by_role("link", name="Cancelled").click()
    expect(desk.locator(".bookings__cancelled")).to_have_count(1)
    ada = booking(desk, "Ada Lovelace")
    ada.locator("summary").first.click()
    expect(ada).to_contain_text("You cancelled it")
    expect(ada).to_contain_text("I am ill, sorry.")
    ada.get_by_role("button", name="Copy a new link").click()
    expect(steps.said(desk, steps.COPIED)).to_be_attached()
    invitee = new_context(fresh_server).new_page()
    steps.open_link(invitee, steps.clipboard(desk).rpartition("/")[2])
    steps.choose_first_time(invitee)
    expect(invitee.get_by_label("Your name")).to_have_value("Ada Lovelace")
    steps.confirm(invitee)
    steps.expect_booked(invitee)
    desk.get_by_role("link", name="Upcoming").click()
    expect(booking(desk, "Ada Lovelace")).to_have_count(1)
    desk.goto("/bookings")
    expect(desk.locator("details.booking")).to_have_count(2)


def test_who_did_not_come_is_marked_and_unmarked(desk: Page, fresh_server: Server) -> None:
    for table, start, end in (("booking", "start", '"end"'), ("time_claim", "protected_start", "protected_end")):
        which = "booking_id" if table == "time_claim" else "id"
        steps.change(
            fresh_server,
            f"UPDATE {table} SET {start} = 1000000000, {end} = 1000001800"
            f" WHERE {which} = (SELECT max(id) FROM booking)",
        )
    desk.get_by_role("link", name="Past").click()
    expect(desk.get_by_role("heading", name=re.compile("2001"))).to_be_visible()
    bob = booking(desk, "Bob Byte")
    bob.locator("summary").first.click()
    expect(bob.get_by_text("Cancel this booking…")).to_have_count(0)
    bob.get_by_role("button", name="Nobody came").click()
    expect(bob.locator("summary").first).to_contain_text("did not come")
    bob.get_by_role("button", name="They came after all").click()
    expect(bob.locator("summary").first).not_to_contain_text("did not come")


def test_nobody_is_barred(desk: Page) -> None:
    booking(desk, "Ada Lovelace").locator("summary").first.focus()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("link", name="ada@example.org")).to_be_focused()
    for _ in ("move it", "ask for another time", "cancel it"):
        desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(booking(desk, "Ada Lovelace").get_by_label("Message")).to_be_visible()
    axe_in_both_themes(desk)
    fits(desk)
    desk.goto("/bookings?view=past")
    expect(desk.get_by_role("heading", name=re.compile("No such booking"))).to_be_visible()
    axe_in_both_themes(desk)
    fits(desk)


def test_a_calendar_program_is_given_an_address_that_can_be_reset(desk: Page) -> None:
    desk.get_by_text("See your bookings in your own calendar…").click()
    desk.get_by_role("button", name="Copy the address").click()
    expect(steps.said(desk, "Copied. Whoever has this address can read your bookings.")).to_be_attached()
    address = steps.clipboard(desk)
    assert len(Calendar.from_ical(ask(address).body).walk("VEVENT")) == 2
    axe_in_both_themes(desk)
    fits(desk)
    desk.get_by_role("button", name="Copy a new address").click()
    expect(steps.said(desk, "Copied. The old address is empty from now on.")).to_be_attached()
    assert ask(address).status == 404
    assert ask(steps.clipboard(desk)).status == 200


def test_the_host_joins_the_call_from_the_booking(fresh_server: Server, new_context: NewContext) -> None:
    host = HostAtHome.set_up(fresh_server)
    room = "https://meet.example.org/ann?pwd=1"
    steps.change(fresh_server, "UPDATE event_type SET location_kind = 'video', location = ?", room)
    steps.book(new_context(fresh_server).new_page(), host.new_link())
    desk = steps.open_as_host(new_context(fresh_server), host, "/bookings")
    booking(desk, "Ada Lovelace").locator("summary").first.click()
    expect(desk.get_by_role("link", name="meet.example.org")).to_have_attribute("href", room)
    axe_in_both_themes(desk)
