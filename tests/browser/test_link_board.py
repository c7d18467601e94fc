"""The board of links: what is found on it, what a row shows, and what can be done and undone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console, axe_in_both_themes, fits
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

COLUMN = "tbody tr:not(.links-table__open) [data-label={}]"


def hand_out(host: HostAtHome, **options: str) -> str:
    """The token of a link with options, as the dialog makes it."""
    path = f"/api/event-types/{host.event_type_id()}/single-use-links"
    return host.post(path, options).json()["url"].rpartition("/")[2]


@pytest.fixture
def desk(fresh_server: Server, new_context: NewContext) -> Page:
    """The board of a host with a link for Ada, one for Özlem, and one for nobody in particular."""
    host = HostAtHome.set_up(fresh_server)
    host.new_link()
    hand_out(host, recipient_name="Özlem Öz", note="met at the fair")
    hand_out(host, recipient_name="Ada Lovelace", recipient_email="ada@example.org", expires="7")
    context = new_context(fresh_server, permissions=["clipboard-read", "clipboard-write"])
    return steps.open_as_host(context, host, "/links")


def row_of(page: Page, name: str) -> Locator:
    return page.locator("tbody tr:not(.links-table__open)").filter(has_text=name)


def recipients(page: Page) -> Locator:
    return page.locator(COLUMN.format("For"))


def test_links_are_found_and_the_address_keeps_what_is_shown(desk: Page, console: Console) -> None:
    expect(recipients(desk)).to_have_text(["Ada Lovelace", "Özlem Öz · met at the fair", ""])
    desk.get_by_role("searchbox").press_sequentially("özlem")
    expect(recipients(desk)).to_have_text(["Özlem Öz · met at the fair"])
    expect(desk).to_have_url(re.compile(r"/links\?q="))
    desk.reload()
    expect(recipients(desk)).to_have_text(["Özlem Öz · met at the fair"])
    expect(desk.get_by_role("searchbox")).to_have_value("özlem")
    desk.get_by_role("link", name=re.compile("Used")).click()
    expect(desk.get_by_role("heading", name="No such link")).to_be_visible()
    desk.get_by_role("link", name="Show all").click()
    expect(recipients(desk)).to_have_count(3)
    expect(desk.get_by_role("searchbox")).to_have_value("")
    desk.get_by_label("Order").select_option(label="Oldest first")
    expect(recipients(desk)).to_have_text(["", "Özlem Öz · met at the fair", "Ada Lovelace"])
    desk.go_back()  # to what was shown before "Show all"
    expect(desk.get_by_role("heading", name="No such link")).to_be_visible()
    expect(desk.get_by_role("searchbox")).to_have_value("özlem")
    desk.get_by_role("link", name=re.compile("All")).first.click()
    expect(recipients(desk)).to_have_text(["Özlem Öz · met at the fair"])


def test_a_search_stays_behind_with_the_page_that_somebody_leaves(desk: Page) -> None:
    for typed_ms_ago in (150, 240, 255, 270, 300):
        desk.get_by_role("searchbox").press_sequentially("ada")
        desk.wait_for_timeout(typed_ms_ago)
        desk.get_by_role("link", name="Event types").click()
        expect(desk.get_by_role("link", name="New event type")).to_be_visible()
        desk.wait_for_timeout(600)
        expect(desk).to_have_url(re.compile(r":\d+/$"), timeout=1)
        desk.get_by_role("link", name="Links", exact=True).click()
        expect(recipients(desk)).to_have_count(3)
        expect(desk.get_by_role("searchbox")).to_have_value("")


def test_a_row_opens_in_place_and_its_link_is_changed_revoked_given_back_and_replaced(
    desk: Page, new_context: NewContext, fresh_server: Server, console: Console
) -> None:
    ada = row_of(desk, "Ada Lovelace")
    ada.get_by_role("button", name="Details").click()
    opened = desk.locator(".links-table__open")
    expect(opened).to_contain_text("Nobody has opened it yet.")
    expect(opened.get_by_role("img", name="QR code of the link for Ada Lovelace")).to_be_visible()
    expect(opened.locator(".log li")).to_have_text([re.compile("Made$")])

    opened.get_by_label("Note").fill("Call before")
    opened.get_by_label("Last day").fill("2020-01-01")
    opened.get_by_role("button", name="Save").click()
    steps.expect_error_at(desk, "expires_on", "Choose a day that is not over yet.")
    expect(opened.get_by_label("Note")).to_have_value("Call before")
    opened.get_by_label("Last day").fill("2090-01-01")
    opened.get_by_role("button", name="Save").click()
    expect(ada.locator("[data-label=For]")).to_have_text("Ada Lovelace · Call before")
    expect(ada.locator("[data-label=Expires]")).to_contain_text("1 January 2090")
    opened.get_by_role("button", name="A week longer").click()
    expect(ada.locator("[data-label=Expires]")).to_contain_text("8 January 2090")

    ada.get_by_role("button", name="Copy again").click()
    expect(steps.said(desk, steps.COPIED)).to_be_attached()
    token = steps.clipboard(desk).rpartition("/")[2]
    desk.context.new_page().goto(f"/book/{token}")  # by its host, which is no opening
    invitee = new_context(fresh_server).new_page()
    steps.open_link(invitee, token)
    expect(opened).to_contain_text("A mail scanner may have opened it, too.")
    expect(opened.locator(".log li", has_text="Opened for the first time")).to_have_count(1)

    ada.get_by_role("button", name="Revoke").click()
    expect(ada).to_contain_text("Revoked")
    steps.expect_dead(invitee, "This link was taken back by its host.")
    expect(desk.get_by_role("button", name="Undo: let it book again")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(ada).to_contain_text("Active")
    steps.open_link(invitee, token)

    opened.get_by_role("button", name="Replace by a new link").click()
    expect(recipients(desk).first).to_have_text("Ada Lovelace · Call before")
    expect(recipients(desk)).to_have_count(4)
    expect(steps.said(desk, steps.COPIED)).to_be_attached()
    assert steps.clipboard(desk).rpartition("/")[2] != token
    steps.expect_dead(invitee, "This link was taken back by its host.")


def test_what_books_more_than_once_is_not_said_to_work_once(desk: Page, fresh_server: Server) -> None:
    steps.change(fresh_server, "UPDATE scheduling_link SET max_uses = 3 WHERE recipient_name = 'Ada Lovelace'")
    desk.reload()
    row_of(desk, "Ada Lovelace").get_by_role("button", name="Copy again").click()
    expect(steps.said(desk, "Copied. This link may book more than once.")).to_be_attached()
    row_of(desk, "Özlem Öz").get_by_role("button", name="Copy again").click()
    expect(steps.said(desk, steps.COPIED)).to_be_attached()


def test_who_asks_again_is_marked_at_their_link(
    desk: Page, fresh_server: Server, new_context: NewContext, console: Console
) -> None:
    console.allow("status of 410")
    steps.change(fresh_server, "UPDATE scheduling_link SET revoked_at = 1 WHERE recipient_name = 'Ada Lovelace'")
    ada = row_of(desk, "Ada Lovelace")
    ada.get_by_role("button", name="Details").click()
    opened = desk.locator(".links-table__open")
    expect(opened.get_by_role("button", name="Undo revoke")).to_have_count(0)
    expect(opened.get_by_role("img")).to_have_count(0)
    opened.get_by_role("button", name="Copy a new link like this one").click()
    expect(recipients(desk)).to_have_count(4)
    steps.change(
        fresh_server,
        "INSERT INTO link_request (id, host_id, link_id, name, email, message, created_at) SELECT id, host_id, id,"
        " 'Ada', 'ada@example.org', '', 1 FROM scheduling_link WHERE revoked_at = 1",
    )
    desk.reload()
    expect(ada.locator("[data-label=Booked]").get_by_text("Asked for again")).to_have_count(1)


def test_nobody_is_barred(desk: Page) -> None:
    row_of(desk, "Ada Lovelace").get_by_role("button", name="Details").click()
    expect(desk.locator(".links-table__open img")).to_be_visible()
    axe_in_both_themes(desk)
    fits(desk)
    row_of(desk, "Ada Lovelace").get_by_role("button", name="Revoke").click()
    expect(desk.get_by_role("button", name="Undo: let it book again")).to_be_visible()
    axe_in_both_themes(desk)
    desk.goto("/links?q=nothing")
    expect(desk.get_by_role("heading", name="No such link")).to_be_visible()
    axe_in_both_themes(desk)
    fits(desk)
