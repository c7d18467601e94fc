"""From a fresh app to the second visitor's refusal."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console
from tests.harness.people import EMAIL, PASSWORD
from tests.harness.server import Server

FORM = {"name": "Grace Host", "email": EMAIL, "password": PASSWORD}


def fill_set_up(page: Page, **answers: str) -> None:
    for name, text in {**FORM, **answers}.items():
        page.locator(f"[name={name}]").fill(text)
    page.get_by_role("button", name="Create account").click()


class TestSetUp:
    """This file's server stays without a host."""

    @pytest.fixture(autouse=True)
    def opened(self, page: Page, console: Console) -> None:
        console.allow("status of 422")
        page.goto("/set-up")
        expect(page.get_by_role("heading", level=1)).to_have_text("Set up Singleuse")
        expect(page.locator("[name=time_zone]")).to_have_value("UTC")

    @pytest.mark.parametrize("path", ["/", "/links", "/bookings", "/sign-in", "/book/anything"])
    def test_every_page_leads_to_it(self, page: Page, console: Console, path: str) -> None:
        console.allow("status of 404")  # a link that does not exist
        page.goto(path)
        page.wait_for_url("**/set-up")

    def test_nothing_filled_in_is_told_at_each_field(self, page: Page) -> None:
        page.get_by_role("button", name="Create account").click()
        steps.expect_error_at(page, "name", "Enter your name.")
        steps.expect_error_at(page, "email", "Enter your e-mail address.", focused=False)
        steps.expect_error_at(page, "password", "Choose a password of at least 10 characters.", focused=False)

    @pytest.mark.parametrize(
        ("field", "typed", "words"),
        [
            ("email", "grace@", "Enter an e-mail address like ada@example.org."),
            ("password", "short", "Choose a longer password: at least 10 characters."),
            ("name", "x" * 10_000, "Shorten the name to at most 100 characters."),
        ],
    )
    def test_one_wrong_answer_is_told_at_its_field_and_nothing_typed_is_lost(
        self, page: Page, field: str, typed: str, words: str
    ) -> None:
        fill_set_up(page, **{field: typed})
        steps.expect_error_at(page, field, words)
        for name, text in {**FORM, field: typed}.items():
            expect(page.locator(f"[name={name}]")).to_have_value(text)
        expect(page.locator("[aria-invalid=true]")).to_have_count(1)
        page.locator(f"[name={field}]").fill(FORM[field])
        expect(page.locator("[aria-invalid=true]")).to_have_count(0)


def test_from_set_up_to_the_second_visitors_refusal(
    production_server: Server, new_context: NewContext, console: Console
) -> None:
    host = new_context(
        production_server, timezone_id="Europe/Berlin", permissions=["clipboard-read", "clipboard-write"]
    )
    desk = host.new_page()
    desk.goto("/")
    desk.wait_for_url("**/set-up")
    expect(desk.locator("[name=time_zone]")).to_have_value("Europe/Berlin")
    fill_set_up(desk)
    expect(desk.get_by_role("heading", name="30 minute meeting")).to_be_visible()
    expect(desk.get_by_text("Mon–Fri 09:00–17:00")).to_be_visible()
    url = steps.copy_link(desk)
    assert re.fullmatch(rf"{production_server.url}/book/[a-z2-7]{{26}}", url)
    token = url.rpartition("/")[2]

    invitee = new_context(production_server, timezone_id="America/New_York", locale="en-US").new_page()
    live_frames = steps.frames_of(invitee)
    assert steps.open_link(invitee, token).status == 200
    expect(invitee.get_by_role("heading", level=1)).to_have_text("30 minute meeting")
    expect(invitee.locator(".ticket__host")).to_have_text("Grace Host")
    expect(invitee.get_by_text("This link books once")).to_be_visible()
    expect(invitee.locator(".zone-line")).to_contain_text("New York")
    start = steps.choose_first_time(invitee)
    steps.fill_form(invitee)
    steps.confirm(invitee)
    steps.expect_booked(invitee)
    expect(invitee.locator("#confirmation")).to_be_focused()
    here, there = (datetime.fromtimestamp(start, ZoneInfo(zone)) for zone in ("America/New_York", "Europe/Berlin"))
    expect(invitee.locator(".ticket__time")).to_contain_text(f"{here:%I:%M}–".lstrip("0"))
    expect(invitee.locator(".ticket__time")).to_contain_text("New York")
    expect(invitee.locator(".ticket__host-time")).to_contain_text(f"{there:%I:%M}–".lstrip("0"))
    expect(invitee.locator(".ticket__host-time")).to_contain_text("Berlin")
    with invitee.expect_download() as download:
        invitee.get_by_role("link", name="Add to calendar (.ics)").click()
    assert download.value.suggested_filename == "meeting.ics"
    assert f"DTSTART:{datetime.fromtimestamp(start, UTC):%Y%m%dT%H%M%SZ}" in download.value.path().read_text()

    console.allow("status of 410")
    second = new_context(production_server).new_page()
    frames = steps.frames_of(second)
    response = second.goto(url)
    assert response is not None
    assert response.status == 410
    steps.expect_dead(second, "This link has already been used.")
    expect(second.locator(".ticket__text")).to_contain_text("Each person needs a link of their own")
    assert not steps.FREE_TIME.search("\n".join(frames))
    expect(second.locator("first-paint")).to_have_count(0)
    assert not steps.FREE_TIME.search(second.locator("main").inner_html())
    assert steps.FREE_TIME.search("\n".join(live_frames)), "the control: a live link's frames have free times"

    secrets = [cookie["value"] for cookie in host.cookies() if cookie["name"] == "singleuse_session"]
    receipts = [steps.receipt(page) for page in (desk, invitee, second)]
    assert len(secrets) == 1
    steps.assert_log_keeps_secrets(production_server, token, *secrets, *receipts)
