"""Another time for a booking: the host chooses it, or asks the invitee to."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import axe_in_both_themes, fits
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough


@pytest.fixture
def host(fresh_server: Server) -> HostAtHome:
    return HostAtHome.set_up(fresh_server)


@pytest.fixture
def invitee(new_context: NewContext, fresh_server: Server, host: HostAtHome) -> Page:
    """Ada, who has just booked, at the address at which she manages it."""
    page = new_context(fresh_server, timezone_id="Asia/Tokyo").new_page()
    steps.book(page, host.new_link(), 3)
    page.get_by_role("link", name="Change or cancel this booking").click()
    expect(page.get_by_role("button", name="Reschedule")).to_be_visible()
    return page


@pytest.fixture
def desk(invitee: Page, new_context: NewContext, fresh_server: Server, host: HostAtHome) -> Page:
    """The host's bookings, Ada's opened."""
    page = steps.open_as_host(new_context(fresh_server), host, "/bookings")
    open_booking(page)
    return page


def open_booking(page: Page) -> Locator:
    booking = page.locator("details.booking").last
    expect(booking).to_be_visible()
    booking.locator("summary").first.click()
    return booking


def start_of_newest(server: Server) -> int:
    return steps.look(server, "SELECT start FROM booking ORDER BY id DESC LIMIT 1")[0][0]


def choose_on_last_day(page: Page) -> int:
    """The first time of the last free day of the month that is shown."""
    day = page.locator(".day--free").last
    title = (day.get_attribute("aria-label") or "").rpartition(",")[0]
    day.click()
    expect(page.locator(".times__legend")).to_have_text(title)
    return steps.choose_time(page, 0)


def test_the_host_moves_a_booking_to_a_time_that_is_free(desk: Page, invitee: Page, fresh_server: Server) -> None:
    before = start_of_newest(fresh_server)
    desk.get_by_role("link", name="Move it yourself").last.click()
    expect(desk.get_by_text("Ada Lovelace, 30 minute meeting. Now")).to_be_visible()
    axe_in_both_themes(desk)
    fits(desk)
    expect(desk.locator(f".times input[value='{before}']")).to_have_count(1)  # it is not in its own way
    chosen = choose_on_last_day(desk)
    assert chosen != before
    expect(desk.get_by_text(re.compile("For Ada Lovelace: .*Tokyo"))).to_be_visible()
    desk.get_by_role("button", name="Move the booking").click()
    expect(desk.get_by_role("heading", name="Moved")).to_be_visible()
    assert start_of_newest(fresh_server) == chosen
    expect(invitee.locator(".ticket__host-time")).to_be_visible()
    desk.get_by_role("link", name="Back to the bookings").click()
    expect(desk.locator("details.booking").first).to_be_visible()


def test_a_time_that_goes_meanwhile_is_not_sold_twice(desk: Page, fresh_server: Server) -> None:
    desk.get_by_role("link", name="Move it yourself").last.click()
    chosen = choose_on_last_day(desk)
    steps.change(fresh_server, "UPDATE availability_schedule SET availability = replace(availability, '540', '1000')")
    before = start_of_newest(fresh_server)
    desk.get_by_role("button", name="Move the booking").click()
    expect(desk.locator("#gone")).to_contain_text("is not free any more")
    assert start_of_newest(fresh_server) == before != chosen


def test_the_host_asks_and_the_invitee_chooses(desk: Page, invitee: Page, fresh_server: Server) -> None:
    before = start_of_newest(fresh_server)
    desk.get_by_text("Ask for another time…").last.click()
    desk.get_by_label("Why, in a few words").last.fill("My train is late.")
    desk.get_by_role("button", name="Ask for another time").last.click()
    expect(steps.said(desk, "The time is free. Ada Lovelace is asked for another.")).to_be_attached()
    expect(invitee.locator(".stamp")).to_have_text("Another time?")
    expect(invitee.get_by_text("asks you to choose another")).to_be_visible()
    expect(invitee.get_by_text("My train is late.")).to_be_visible()
    axe_in_both_themes(invitee)
    fits(invitee)
    desk.goto("/bookings?view=asked")
    booking = open_booking(desk)
    expect(booking).to_contain_text("You asked for another time")
    axe_in_both_themes(desk)
    invitee.get_by_role("button", name="Choose another time").click()
    expect(invitee.get_by_text("Another time is asked for")).to_be_visible()
    chosen = choose_on_last_day(invitee)
    invitee.get_by_role("button", name="Move booking").click()
    expect(invitee.locator(".stamp")).to_have_text("Booked")
    assert start_of_newest(fresh_server) == chosen != before
    expect(desk.get_by_role("heading", name="No such booking")).to_be_visible()


def test_the_keyboard_moves_a_booking(desk: Page) -> None:
    desk.get_by_role("link", name="Move it yourself").last.press("Enter")
    expect(desk.locator(".day--free").first).to_be_visible()
    desk.locator(".times input").first.focus()
    desk.keyboard.press("ArrowDown")
    button = desk.get_by_role("button", name="Move the booking")
    expect(desk.locator(".book__form h2")).not_to_have_text("The new time")
    button.focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="Moved")).to_be_visible()
    expect(desk.locator("#content")).to_be_focused()


def test_what_cannot_be_moved_says_so(desk: Page) -> None:
    desk.goto("/move-booking?id=bkg_nothing")
    expect(desk.get_by_role("heading", name="This booking stays as it is")).to_be_visible()
