"""A host's settings: each part is saved by itself, devices are signed out, and the account can be left."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console, axe_in_both_themes, fits
from tests.harness.people import EMAIL, PASSWORD, HostAtHome, ask
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

NEW = "battery horse correct"


def let_time_go_by(host: HostAtHome) -> None:
    """The meeting is over."""
    with closing(sqlite3.connect(host.server.folder / "singleuse.db")) as database:
        database.execute("UPDATE time_claim SET protected_start = 1, protected_end = 5000")
        database.execute('UPDATE booking SET start = 2, "end" = 4000')
        database.commit()


@pytest.fixture
def host(fresh_server: Server) -> HostAtHome:
    return HostAtHome.set_up(fresh_server)


@pytest.fixture
def page(host: HostAtHome, fresh_server: Server, new_context: NewContext) -> Page:
    page = steps.open_as_host(new_context(fresh_server), host, "/settings")
    expect(page.get_by_role("heading", name="Profile")).to_be_visible()
    return page


def test_the_profile_is_how_the_hosts_pages_show_times(page: Page, host: HostAtHome, new_context: NewContext) -> None:
    page.get_by_label("Name").fill(" ")
    page.get_by_role("button", name="Save the profile").click()
    steps.expect_error_at(page, "name", "Enter your name.")
    page.get_by_label("Name").fill("Grace Hopper")
    page.get_by_label("Times look like").select_option("12")
    page.get_by_label("Weeks begin on").select_option("Sunday")
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Save the profile").click()
    expect(steps.said(page, "Your profile is saved.")).to_be_attached()
    expect(page.locator(".header__host")).to_have_text("Grace Hopper")
    axe_in_both_themes(page)
    fits(page)
    steps.book(new_context(host.server).new_page(), host.new_link())
    page.get_by_role("link", name="Bookings").click()
    expect(page.get_by_text(re.compile("Tokyo"))).to_be_visible()
    expect(page.locator(".bookings__time")).to_have_text(re.compile("[ap]m"))
    page.locator("details.booking summary").first.click()
    page.get_by_role("link", name="Move it yourself").click()
    expect(page.locator(".calendar th, .calendar__weekday").first).to_contain_text("Sun")
    page.get_by_role("link", name="Availability").click()
    expect(page.locator(".hours-rows li").first).to_contain_text("Sunday")
    expect(page.get_by_text("9:00 am–5:00 pm").first).to_be_visible()


def test_a_new_password_signs_out_elsewhere_at_once(
    page: Page, host: HostAtHome, new_context: NewContext, console: Console
) -> None:
    console.allow("status of 401")
    elsewhere = steps.open_as_host(new_context(host.server), HostAtHome.sign_in(host.server), "/links")
    page.reload()
    expect(page.get_by_role("button", name="Sign out everywhere else")).to_be_visible()
    page.get_by_label("Present password").fill("not this one")
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Change the password").click()
    steps.expect_error_at(page, "password", "That is not your password. Try again.")
    expect(page.get_by_label("New password")).to_have_value(NEW)
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(steps.said(page, "Your password is changed. Other devices are signed out.")).to_be_attached()
    expect(page.get_by_label("New password")).to_have_value("")
    expect(elsewhere).to_have_url(re.compile("/sign-in"))
    expect(page.get_by_role("button", name="Sign out everywhere else")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", name="Profile")).to_be_visible()


def test_one_device_is_signed_out(page: Page, host: HostAtHome, new_context: NewContext) -> None:
    elsewhere = steps.open_as_host(new_context(host.server), HostAtHome.sign_in(host.server), "/bookings")
    page.reload()
    devices = page.locator(".devices--signed-in li")
    expect(devices).to_have_count(2)
    expect(devices.first).to_contain_text("This device")
    button = devices.last.get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    expect(devices).to_have_count(1)
    expect(elsewhere).to_have_url(re.compile("/sign-in"))


def test_the_address_is_changed(page: Page, host: HostAtHome) -> None:
    page.get_by_label("E-mail", exact=True).fill("hopper@example.org")
    page.get_by_label("Your password").first.fill(PASSWORD)
    page.get_by_role("button", name="Change the address").click()
    expect(steps.said(page, "Your address is changed.")).to_be_attached()
    pair = {"email": "hopper@example.org", "password": PASSWORD}
    assert ask(f"{host.server.api_url}/api/sign-in", pair, origin=host.server.url).status == 200


def test_who_leaves_takes_everything_along_and_nothing_stays(
    page: Page, host: HostAtHome, new_context: NewContext, console: Console
) -> None:
    console.allow("status of 404")
    link = host.new_link()
    invitee = new_context(host.server).new_page()
    steps.open_link(invitee, link)
    page.get_by_text("Delete my account…").click()
    started_anew: list[str] = []
    page.on("websocket", lambda socket: started_anew.append(socket.url))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download my data").click()
    assert json.loads(download.value.path().read_bytes())["host"][0]["email"] == EMAIL
    page.get_by_role("button", name="Delete my account").click()
    steps.expect_error_at(page, "delete_email", "Enter the e-mail address that you sign in with.")
    assert not started_anew  # by the download, which is no departure
    page.get_by_label("Your e-mail address").fill(EMAIL)
    page.get_by_label("Your password").last.fill(PASSWORD)
    axe_in_both_themes(page)
    page.get_by_role("button", name="Delete my account").click()
    expect(page).to_have_url(re.compile("/set-up"))
    expect(invitee.get_by_role("heading", name="This link does not exist.")).to_be_visible()
    assert steps.look(host.server, "SELECT count(*) FROM host") == [(0,)]


def test_the_first_host_invites_another_who_sees_nothing_of_theirs(
    host: HostAtHome, fresh_server: Server, new_context: NewContext, console: Console
) -> None:
    context = new_context(fresh_server, permissions=["clipboard-read", "clipboard-write"])
    page = steps.open_as_host(context, host, "/settings")
    host.new_link()
    for _ in range(2):
        page.get_by_role("button", name="Invite a host").click()
        expect(steps.said(page, "Copied: an invitation that works once, for a week.")).to_be_attached()
    address = steps.clipboard(page)
    expect(page.get_by_role("button", name=re.compile("Take back"))).to_have_count(2)
    page.get_by_role("button", name=re.compile("Take back")).first.click()
    expect(page.get_by_role("button", name=re.compile("Take back"))).to_have_count(1)
    axe_in_both_themes(page)

    invited = new_context(fresh_server).new_page()
    invited.goto(address)
    expect(invited.get_by_text("Grace Host invites you.")).to_be_visible()
    axe_in_both_themes(invited)
    fits(invited)
    invited.get_by_label("Your name").fill("Eve")
    invited.get_by_label("E-mail").fill("eve@example.org")
    console.allow("status of 422")
    invited.get_by_role("button", name="Create account").click()
    expect(invited.get_by_text("Choose a password of at least 10 characters.")).to_be_visible()
    invited.get_by_label("Password").fill(NEW)
    invited.get_by_role("button", name="Create account").click()
    expect(invited.get_by_role("button", name="Copy single-use link")).to_be_visible()
    expect(invited.locator(".header__host")).to_have_text("Eve")
    expect(invited.get_by_text("Links waiting")).to_have_count(0)
    invited.get_by_role("link", name="Settings").click()
    expect(invited.get_by_role("heading", name="Profile")).to_be_visible()
    expect(invited.get_by_role("heading", name="Hosts")).to_have_count(0)

    expect(page.get_by_text("eve@example.org")).to_be_visible()
    for became in ("accepted on", "taken back on"):
        expect(page.get_by_text(re.compile(f"An invitation, {became} "))).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Take back"))).to_have_count(0)
    axe_in_both_themes(page)
    fits(page)
    late = new_context(fresh_server).new_page()
    late.goto(address)
    expect(late.get_by_role("heading", name="This invitation cannot be accepted any more.")).to_be_visible()


def test_an_invitee_is_looked_for_and_erased_and_the_activity_says_what_happened(
    page: Page, host: HostAtHome, new_context: NewContext, tmp_path: Path
) -> None:
    steps.book(new_context(host.server).new_page(), host.new_link())
    [(email,)] = host.server.rows("SELECT invitee_email FROM booking")
    page.get_by_label("Their e-mail address").fill("nobody")
    page.get_by_role("button", name="Look for it").click()
    steps.expect_error_at(page, "invitee_email", "Enter an e-mail address like ada@example.org.")
    page.get_by_label("Their e-mail address").fill(email)
    page.get_by_role("button", name="Look for it").click()
    found = page.locator("#invitee-data")
    expect(found).to_contain_text("1 booking")
    with page.expect_download() as download:
        found.get_by_role("link", name="Download this data").click()
    assert json.loads(download.value.path().read_text())["email"] == email
    found.get_by_text("Erase this data…").click()
    expect(found).to_contain_text("Cancel it first, then erase.")
    let_time_go_by(host)
    page.get_by_role("button", name="Look for it").click()
    found.get_by_text("Erase this data…").click()
    axe_in_both_themes(page)
    fits(page)
    page.screenshot(path=tmp_path / "erasing.png", full_page=True)
    found.get_by_role("button", name="Erase for good").click()
    expect(found).to_contain_text("Nothing of them is kept any more.")
    assert host.server.rows("SELECT invitee_email FROM booking") == [("",)]
    page.get_by_role("button", name="Show what happened").click()
    expect(page.locator("#activity li").first).to_contain_text("30 minute meeting")
    expect(page.locator("#activity li").filter(has_text="Booked")).to_contain_text("—")
    axe_in_both_themes(page)
    page.screenshot(path=tmp_path / "activity.png", full_page=True)
