"""A smoke test of ``reflex run``: two ports, one app."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console
from tests.harness.people import EMAIL, PASSWORD
from tests.harness.server import Server

COMPLAINTS = re.compile(r"^.*(?:warning|deprecat|traceback|error|telemetry|posthog).*$", re.IGNORECASE | re.MULTILINE)


@pytest.mark.thorough
def test_the_journey_works_across_the_two_ports_and_the_log_has_no_complaint(
    development_server: Server, new_context: NewContext, console: Console
) -> None:
    host = new_context(development_server, permissions=["clipboard-read", "clipboard-write"])
    desk = host.new_page()
    desk.goto("/")
    expect(desk.get_by_role("heading", name="Set up Singleuse")).to_be_visible(timeout=30_000)
    for name, text in {"name": "Grace Host", "email": EMAIL, "password": PASSWORD}.items():
        desk.locator(f"[name={name}]").fill(text)
    desk.get_by_role("button", name="Create account").click()
    expect(steps.copy_button(desk)).to_be_visible(timeout=30_000)
    url = steps.copy_link(desk)
    assert url.startswith(f"{development_server.url}/book/")
    invitee = new_context(development_server).new_page()
    token = url.rpartition("/")[2]
    steps.book(invitee, token)
    with invitee.expect_download():
        invitee.get_by_role("link", name="Add to calendar (.ics)").click()
    other = new_context(development_server).new_page()
    other.goto(url)
    steps.expect_dead(other, "This link has already been used.")
    desk.get_by_role("link", name="Bookings").click()
    expect(desk.get_by_text(steps.NAME)).to_be_visible()
    assert COMPLAINTS.findall(development_server.log()) == []
    [session] = [cookie["value"] for cookie in host.cookies() if cookie["name"] == "singleuse_session"]
    steps.assert_log_keeps_secrets(development_server, token, session, steps.receipt(invitee), steps.receipt(desk))
