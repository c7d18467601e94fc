"""The invitee's pages as a screen reader has them: names, roles, order and live regions, one step after the other."""

import json
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.browser.test_every_state import QUESTIONS, fill
from tests.harness.browser import Console
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

MONTH = r"""
- main:
  - paragraph: Grace Host
  - heading "30 minute meeting" [level=1]
  - list:
    - listitem: 30 minutes
  - paragraph: This link books once
  - group "Choose a day":
    - heading /\w+ 20\d\d/ [level=2]
    - button "Previous month"
    - button "Next month"
    - grid /\w+ 20\d\d/:
      - rowgroup:
        - row:
          - gridcell /times? free/ [selected]:
            - button /\w+day \d+ \w+, .+ times? free/
  - paragraph:
    - text: Times in UTC ·
    - button "Change the time zone"
  - group /\w+day \d+ \w+/:
    - heading /\w+day \d+ \w+/ [level=2]
    - heading /Morning|Afternoon/ [level=3]
    - radio /\d\d:\d\d/
  - heading "Your details" [level=2]
  - textbox "Your name"
  - textbox "E-mail"
  - group: Add guests
  - textbox "What would you like to talk about?"
  - textbox "Your phone (optional)"
  - group "Which of these?":
    - checkbox "Prices"
    - checkbox "Dates"
  - button "Confirm booking"
"""
CHOSEN = r"""
- main:
  - status: /\w+day \d+ \w+, \d\d:\d\d chosen\. Your name and e-mail address come next\./
  - group /\w+day \d+ \w+/:
    - radio /\d\d:\d\d/ [checked]
  - heading /\w+day \d+ \w+, \d\d:\d\d/ [level=2]
"""
REFUSED = """
- main:
  - status: Some answers need another look.
  - textbox "Your name" [invalid]
  - paragraph: Enter your name.
  - textbox "E-mail" [invalid]
  - paragraph: Enter your e-mail address.
  - textbox "What would you like to talk about?" [invalid]
  - paragraph: Answer this question.
  - group "Which of these?":
    - checkbox "Prices" [invalid]
    - checkbox "Dates" [invalid]
    - paragraph: Choose an answer.
"""
ZONES = r"""
- main:
  - paragraph:
    - button "Change the time zone" [expanded]
  - searchbox "City, country or offset": kathm
  - status: One time zone found.
  - list:
    - listitem:
      - button /Kathmandu, Nepal \d\d:\d\d now/
"""
SUGGESTED = """
- main:
  - status: Did you mean ada@gmail.com?
  - textbox "E-mail": ada@gmial.com
  - group "Did you mean ada@gmail.com?":
    - button "Yes, use it"
    - button "No, it is right"
"""
BOOKED = r"""
- main:
  - status: /Booked\. \w+day \d+ \w+ 20\d\d, \d\d:\d\d–\d\d:\d\d, UTC\./
  - paragraph: Booked
  - paragraph: 30 minute meeting with Grace Host
  - heading /\w+day \d+ \w+ 20\d\d/ [level=1]
  - paragraph: /\d\d:\d\d–\d\d:\d\d UTC/
  - paragraph: /\d\d:\d\d–\d\d:\d\d for Grace Host in Berlin/
  - link "Add to calendar (.ics)"
  - paragraph:
    - link "Google"
    - link "Outlook.com"
    - link "Office 365"
  - paragraph:
    - link "Change or cancel this booking"
  - paragraph:
    - text: For Ada Lovelace, ada@gmial.com
    - button "Wrong e-mail address? Correct it"
  - term: What would you like to talk about?
  - definition: Everything
"""
CORRECTION = """
- main:
  - heading "Correct your e-mail address" [level=2]
  - textbox "E-mail"
  - button "Save"
  - button "Keep it"
"""
MANAGED = r"""
- main:
  - paragraph: Booked
  - paragraph: 30 minute meeting with Grace Host
  - heading /\w+day \d+ \w+ 20\d\d/ [level=1]
  - link "Add to calendar (.ics)"
  - button "Reschedule"
  - button "Cancel booking"
"""
CANCELLING = """
- main:
  - heading "Cancel this booking?" [level=2]
  - textbox "Reason (optional)"
"""
CANCELLED = r"""
- main:
  - status: /Cancelled\. .+/
  - paragraph: Cancelled
  - heading /\w+day \d+ \w+ 20\d\d/ [level=1]
"""
DEAD = """
- main:
  - status: /This link was taken back by its host\\..+/
  - heading "This link was taken back by its host." [level=1]
  - paragraph: Ask whoever sent it for a new one.
  - paragraph: Revoked
  - button "Ask for a new link"
"""
ASKING = """
- main:
  - heading "Ask for a new link" [level=2]
  - textbox "Your name"
  - textbox "E-mail"
  - textbox "Message (optional)"
  - button "Send"
"""
ASKED = """
- main:
  - heading "This link was taken back by its host." [level=1]
  - status: Whoever sent the link has been told. The answer comes to the e-mail address that you gave.
"""


def hears(page: Page, tree: str) -> None:
    """The page has this in its accessibility tree, in order: a place to arrive at, one first heading, a title."""
    expect(page.locator("body")).to_match_aria_snapshot(tree)
    for landmark in (page.get_by_role("main"), page.get_by_role("heading", level=1)):
        expect(landmark).to_have_count(1)
    levels = [int(each.evaluate("each => each.tagName[1]")) for each in page.get_by_role("heading").all()]
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    assert page.title()
    assert page.locator("html").get_attribute("lang") == "en"


def test_each_step_has_names_roles_and_a_voice(fresh_server: Server, new_context: NewContext, console: Console) -> None:
    console.allow("status of 410")
    host = HostAtHome.set_up(fresh_server)
    steps.change(fresh_server, "UPDATE event_type SET questions = ?", json.dumps(QUESTIONS))
    page = new_context(fresh_server).new_page()
    steps.open_link(page, host.new_link())
    hears(page, MONTH)
    is_this_month = (
        page.locator(".calendar__month").inner_text() == f"{datetime.now(UTC):%B %Y}"
    )  # not on its last evening
    expect(page.get_by_role("button", name="Previous month")).to_be_enabled(enabled=not is_this_month)
    steps.choose_first_time(page)
    hears(page, CHOSEN)
    steps.confirm(page)
    hears(page, REFUSED)
    page.get_by_role("button", name="Change the time zone").click()
    page.get_by_role("searchbox").fill("kathm")
    hears(page, ZONES)
    page.get_by_role("button", name="Change the time zone").click()
    fill(page, "ada@gmial.com")
    steps.confirm(page)
    hears(page, SUGGESTED)
    page.get_by_role("button", name="No, it is right").click()
    steps.confirm(page)
    hears(page, BOOKED)
    page.get_by_role("button", name="Wrong e-mail address").click()
    hears(page, CORRECTION)
    page.get_by_role("button", name="Keep it").click()
    page.goto(page.get_by_role("link", name="Change or cancel").get_attribute("href") or "")
    hears(page, MANAGED)
    page.get_by_role("button", name="Cancel booking").click()
    hears(page, CANCELLING)
    page.get_by_role("button", name="Cancel this booking").click()
    hears(page, CANCELLED)
    page.goto(f"/book/{steps.dead_link(host, 'revoked')}")
    hears(page, DEAD)
    page.get_by_role("button", name="Ask for a new link").click()
    hears(page, ASKING)
    page.locator("#ask-name").fill("Bob")
    page.locator("#ask-email").fill("bob@example.org")
    page.get_by_role("button", name="Send").click()
    hears(page, ASKED)
