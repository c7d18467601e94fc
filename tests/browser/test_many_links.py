"""A link for each person of a list: checked line by line, made at once, handed out as a table, taken back together."""

import csv
import re
from io import StringIO

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console, axe, fits
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough


@pytest.fixture
def desk(fresh_server: Server, new_context: NewContext) -> Page:
    """The page for many links, of a host who has just set up."""
    return steps.open_as_host(new_context(fresh_server), HostAtHome.set_up(fresh_server), "/many-links")


def made(server: Server) -> int:
    [(number,)] = steps.look(server, "SELECT count(*) FROM scheduling_link")
    return number


def test_two_hundred_with_three_that_are_wrong(
    desk: Page, new_context: NewContext, fresh_server: Server, console: Console
) -> None:
    lines = [f"Person {number},person{number}@example.org,=1+{number}" for number in range(200)]
    lines[3], lines[70], lines[199] = "Person 3,person3 at example", ",,nobody", lines[0]
    desk.get_by_label("People").fill("name,e-mail,note\n" + "\n".join(lines))
    desk.get_by_label("Expires").select_option(label="After a week")
    desk.get_by_label("Name of the list").fill("Fair")
    desk.get_by_role("button", name="Make links").click()
    wrong = desk.locator(".many__wrong")
    expect(wrong).to_contain_text("3 lines of 200 cannot be used. Nothing was made yet.")
    expect(wrong.locator("li")).to_have_text(
        [
            re.compile("^Line 5: .*Enter an e-mail address like"),
            re.compile("^Line 72: .*Give a name or an e-mail address"),
            re.compile("^Line 201: .*in the list already"),
        ]
    )
    expect(desk.get_by_label("People")).to_be_focused()
    expect(desk.get_by_label("People")).to_have_value(re.compile("Person 199|Person 198"))
    assert made(fresh_server) == 0
    axe(desk)
    fits(desk)

    desk.get_by_label("Leave them out, and make the other 197").check()
    desk.get_by_role("button", name="Make links").click()
    expect(desk.get_by_role("heading", name="197 links made: Fair")).to_be_focused()
    axe(desk)
    assert made(fresh_server) == 197
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Download the table").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(StringIO(text, newline="")))
    assert [row["name"] for row in rows][:4] == ["Person 0", "Person 1", "Person 2", "Person 4"]
    assert rows[0]["note"] == "'=1+0", "no spreadsheet runs it"
    assert len({row["link"] for row in rows}) == 197

    with desk.expect_popup() as popup:
        desk.get_by_role("link", name="Print QR codes").click()
    sheet = popup.value
    expect(sheet.locator("li svg")).to_have_count(197)
    expect(sheet.locator("li").first).to_contain_text(rows[0]["link"])
    axe(sheet)
    sheet.close()

    invitee = new_context(fresh_server).new_page()
    steps.open_link(invitee, rows[0]["link"].rpartition("/")[2])
    steps.choose_first_time(invitee)
    expect(invitee.get_by_label("Your name")).to_have_value("Person 0")
    steps.confirm(invitee)
    steps.expect_booked(invitee)

    desk.get_by_role("link", name="See them on Links").click()
    expect(desk.get_by_role("heading", name="Fair")).to_be_visible()
    expect(desk.locator("tbody tr")).to_have_count(50)
    axe(desk)
    fits(desk)
    desk.get_by_role("button", name="Revoke all that are open").click()
    expect(desk.get_by_text("196 links revoked: they book no more.")).to_be_visible()
    expect(desk.locator("tbody tr", has_text="Revoked")).to_have_count(50)
    desk.get_by_role("button", name="Undo: let it book again").click()
    expect(desk.locator("tbody tr", has_text="Active")).to_have_count(50)
    desk.get_by_label("List", exact=True).select_option(label="All lists")
    expect(desk.get_by_role("heading", name="Fair")).to_have_count(0)


def test_a_number_of_links_for_nobody_in_particular(desk: Page, fresh_server: Server) -> None:
    desk.get_by_role("button", name="Make links").click()
    steps.expect_error_at(desk, "people", "Say how many links, or list the people.")
    desk.get_by_label("Or just a number of links").fill("1001")
    desk.keyboard.press("Enter")
    steps.expect_error_at(desk, "count", "Enter a number from 1 to 1,000.")
    desk.keyboard.press("Control+a")
    desk.keyboard.type("12")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name=re.compile("^12 links made: List of "))).to_be_visible()
    assert made(fresh_server) == 12
    desk.get_by_role("button", name="Make more").click()
    expect(desk.get_by_label("Or just a number of links")).to_have_value("12")
    desk.emulate_media(color_scheme="dark")
    axe(desk)
