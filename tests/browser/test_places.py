"""Where a meeting happens: a host says it and sees what invitees will, invitees are asked for what is wanting."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.browser.test_keyboard import press, tab_to
from tests.harness.browser import Console, axe_in_both_themes, fits
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

ROOM = "https://meet.example.org/ann?pwd=1"
KINDS = {
    "In person, at an address": ("Address", "Main Street 1", "Main Street 1"),
    "The invitee calls you": ("Your phone number", "+49 30 901820", "You call +49 30 901820"),
    "In a video call": ("Address of the video call", ROOM, "Video call"),
    "You call the invitee": ("", "", "Grace Host calls you"),
    "Where the invitee says": ("", "", "You choose the place"),
    "In your own words, or nowhere": ("Place (optional)", "Studio", "Studio"),
}


@pytest.fixture
def meet(server: Server, host: HostAtHome) -> Callable[[str, str], str]:
    """Changes where the event type happens; the token of a new link."""

    def change(kind: str, text: str) -> str:
        statement = "UPDATE event_type SET location_kind = ?, location = ?, terms_version = terms_version + 1"
        steps.change(server, statement, kind, text)
        return host.new_link()

    return change


def edit(page: Page) -> None:
    page.get_by_label("More for 30 minute meeting").first.click()
    page.locator(".menu[open]").get_by_text("Edit", exact=True).click()
    expect(page.get_by_label("Name")).to_have_value("30 minute meeting")


def test_a_host_says_where_and_sees_it_as_invitees_will(host: HostAtHome, new_context: NewContext) -> None:
    page = steps.open_as_host(new_context(host.server), host)
    edit(page)
    preview = page.get_by_label("Preview")
    for kind, (label, text, offered) in KINDS.items():
        below = page.get_by_role("group", name="Colour").bounding_box()
        page.get_by_label("Where").select_option(label=kind)
        assert page.get_by_role("group", name="Colour").bounding_box() == below, "the page has moved"
        expect(page.locator(".place input:visible")).to_have_count(1 if label else 0)
        if label:
            page.get_by_label(label, exact=True).fill(text)
        expect(preview.locator(".ticket__facts")).to_contain_text(offered)
        expect(preview).not_to_contain_text("meet.example.org")
    page.get_by_label("Where").select_option(label="In a video call")
    expect(page.get_by_label("Address of the video call")).to_have_value(ROOM)
    page.get_by_label("Address of the video call").fill("http://meet.example.org")
    page.get_by_role("button", name="Save").click()
    steps.expect_error_at(page, "location_url", "Enter the address of the video call. It begins with https://")
    axe_in_both_themes(page)
    fits(page)
    page.get_by_label("Address of the video call").fill(ROOM)
    page.keyboard.press("Enter")
    expect(page.locator(".event-card").first).to_contain_text("30 minutes · Video call")
    edit(page)
    expect(page.get_by_label("Where")).to_have_value("video")
    expect(page.get_by_label("Address of the video call")).to_have_value(ROOM)


def test_the_room_is_shown_to_who_has_booked_and_before_that_to_nobody(
    meet: Callable[[str, str], str], page: Page
) -> None:
    token = meet("video", ROOM)
    frames = steps.frames_of(page)
    response = steps.open_link(page, token)
    expect(page.locator("div.frame .ticket__facts")).to_contain_text("Video call")
    steps.choose_first_time(page)
    steps.fill_form(page)
    assert "meet.example.org" not in response.text() + page.content() + "".join(frames)
    steps.confirm(page)
    steps.expect_booked(page)
    link = page.get_by_role("link", name="meet.example.org")
    expect(link).to_have_attribute("href", ROOM)
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    axe_in_both_themes(page)
    fits(page)
    manage = page.get_by_role("link", name="Change or cancel this booking").get_attribute("href")
    page.goto(manage or "")
    expect(page.get_by_role("link", name="meet.example.org")).to_be_visible()
    page.get_by_role("button", name="Cancel booking").click()
    page.get_by_role("button", name="Cancel this booking").click()
    expect(page.locator(".stamp")).to_have_text("Cancelled")
    expect(page.get_by_role("link", name="meet.example.org")).to_have_count(0)


def test_with_the_keyboard_alone_an_invitee_gives_their_number_after_a_slip(
    meet: Callable[[str, str], str], new_context: NewContext, server: Server
) -> None:
    page = new_context(server, timezone_id="Europe/London").new_page()
    steps.open_link(page, meet("host calls", ""))
    expect(page.locator("div.frame .ticket__facts")).to_contain_text("Grace Host calls you")
    steps.choose_first_time(page)
    steps.fill_form(page)
    steps.confirm(page)
    steps.expect_error_at(page, "phone", "Enter your phone number.")
    page.keyboard.type("12")
    press(page, "Enter")
    steps.expect_error_at(page, "phone", "Enter a phone number with its country code, like +44 20 7946 0958.")
    axe_in_both_themes(page)
    fits(page)
    press(page, "ControlOrMeta+a")
    page.keyboard.type("020 7946 0958")
    tab_to(page, "#confirm")
    press(page, "Enter")
    steps.expect_booked(page)
    expect(page.locator(".ticket--stamped .ticket__facts")).to_have_text("Grace Host calls +44 20 7946 0958")


def test_a_host_who_changes_the_place_meanwhile_costs_nobody_what_they_typed(
    meet: Callable[[str, str], str], page: Page, host: HostAtHome, new_context: NewContext
) -> None:
    steps.open_link(page, meet("text", "Studio"))
    steps.choose_first_time(page)
    steps.fill_form(page)
    desk = steps.open_as_host(new_context(host.server), host)
    edit(desk)
    desk.get_by_label("Where").select_option(label="Where the invitee says")
    desk.get_by_role("button", name="Save").click()
    expect(desk.locator(".event-card").first).to_contain_text("Invitees choose the place")
    expect(page.locator("div.frame .ticket__facts")).to_contain_text("You choose the place")
    expect(page.locator(".book__form .form-error")).to_have_text(re.compile("^The host has just changed this meeting"))
    page.get_by_label("Where would you like to meet?").fill("Café Central")
    expect(page.get_by_label("Your name")).to_have_value(steps.NAME)
    steps.confirm(page)
    steps.expect_booked(page)
    expect(page.locator(".ticket--stamped .ticket__facts")).to_have_text("Café Central")
    desk.goto("/bookings")
    desk.get_by_role("listitem").filter(has_text="Café Central").locator("summary").first.click()
    expect(desk.get_by_text("Café Central")).to_be_visible()


def test_a_link_has_a_place_of_its_own(
    meet: Callable[[str, str], str], page: Page, host: HostAtHome, new_context: NewContext, console: Console
) -> None:
    console.allow("status of 422")
    meet("text", "Studio")
    desk = steps.open_as_host(new_context(host.server, permissions=["clipboard-read", "clipboard-write"]), host)
    desk.get_by_label("More for 30 minute meeting").first.click()
    desk.get_by_role("button", name="Copy with options…").first.click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_text("Another duration, place, dates or hours").click()
    expect(dialog.locator(".place input:visible")).to_have_count(0)
    dialog.get_by_label("Where").select_option(label="In person, at an address")
    dialog.get_by_label("Address", exact=True).press("Enter")
    expect(dialog.locator("#location_address-error")).to_have_text("Enter the address.")
    expect(dialog.get_by_label("Address", exact=True)).to_be_focused()
    axe_in_both_themes(desk)
    fits(desk)
    desk.keyboard.type("Main Street 1")
    press(desk, "Enter")
    expect(steps.said(desk, steps.COPIED)).to_be_attached()
    steps.open_link(page, steps.clipboard(desk).rpartition("/")[2])
    expect(page.locator("div.frame .ticket__facts")).to_contain_text("Main Street 1")
