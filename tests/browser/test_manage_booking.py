"""What an invitee can do with a booking: find it from any old address, move it, cancel it, and be told when not."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console
from tests.harness.people import HostAtHome, ask
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

DAY = 86_400


@pytest.fixture
def path(host: HostAtHome) -> str:
    """The page of a booking in the next month."""
    return steps.booked_to_manage(host)


@pytest.fixture
def other(new_context: NewContext, server: Server) -> Page:
    """Somebody else's browser."""
    return new_context(server).new_page()


def stamp(page: Page, text: str) -> None:
    expect(page.locator(".stamp")).to_have_text(text)


def newest(server: Server) -> tuple[int, int, str | None, str]:
    """Start, sequence, who cancelled, and why, of the newest booking."""
    [row] = steps.look(
        server, "SELECT start, sequence, cancelled_by, cancel_reason FROM booking ORDER BY id DESC LIMIT 1"
    )
    return row


def start_at(server: Server, start: int) -> None:
    """The newest booking and the time that it holds begin then."""
    booking = "(SELECT max(id) FROM booking)"
    steps.change(server, f'UPDATE booking SET start = ?, "end" = ? WHERE id = {booking}', start, start + 1800)


def open_choice(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_role("button", name="Reschedule").click()
    expect(page.locator(".calendar")).to_be_visible()


def choose_another_time(page: Page) -> int:
    """The first time of the first free day."""
    page.locator(".day--free").first.click()
    expect(page.locator("[data-step=time]")).to_be_visible()
    return steps.choose_time(page, 0)


def test_the_confirmation_leads_to_it_and_a_receipt_does_not(page: Page, host: HostAtHome, console: Console) -> None:
    console.allow("status of 410")
    steps.book(page, host.new_link())
    day = page.locator("#confirmation").inner_text()
    manage = page.get_by_role("link", name="Change or cancel this booking")
    address = manage.get_attribute("href") or ""
    assert re.fullmatch(re.escape(host.server.url) + "/manage/[a-z2-7]{26}", address)
    page.reload()
    steps.expect_booked(page)
    expect(manage).to_have_count(0)
    page.goto(address)
    expect(page.locator("#confirmation")).to_have_text(day)
    expect(page).to_have_title("Your booking")


def test_another_time_moves_the_same_booking_and_spends_nothing(
    page: Page, host: HostAtHome, path: str, server: Server
) -> None:
    before, sequence, *_ = newest(server)
    statuses = host.statuses()
    frames = steps.frames_of(page)
    page.goto(path)
    stamp(page, "Booked")
    ticket = page.locator("#confirmation, .ticket__time")
    was = ticket.all_inner_texts()
    assert not [frame for frame in frames if "times free" in frame], "no time was sent before it was asked for"
    page.get_by_role("button", name="Reschedule").click()
    expect(page.locator(".ticket__stub")).to_contain_text("Now ")
    start = choose_another_time(page)
    page.get_by_role("button", name="Move booking").click()
    stamp(page, "Booked")
    expect(page.locator("#confirmation")).to_be_focused()
    assert ticket.all_inner_texts() != was
    expect(steps.said(page, "Booked. ")).to_be_attached()
    assert newest(server)[:2] == (start, sequence + 1)
    assert start != before
    assert host.statuses() == statuses


@pytest.mark.thorough
def test_who_keeps_the_time_keeps_it(page: Page, path: str, server: Server) -> None:
    before = newest(server)
    open_choice(page, path)
    choose_another_time(page)
    page.get_by_role("button", name="Keep the time as it is").click()
    stamp(page, "Booked")
    expect(page.locator(".calendar")).to_have_count(0)
    expect(page.locator("#confirmation")).to_be_focused()
    assert newest(server) == before
    page.get_by_role("button", name="Reschedule").press("Enter")
    expect(page.locator("#content")).to_be_focused()
    expect(page.locator("[data-step=day]")).to_be_visible()
    expect(page.locator("label.time input:checked")).to_have_count(0)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Keep the time as it is")).to_be_focused()
    page.keyboard.press("Enter")
    stamp(page, "Booked")


def test_cancelling_asks_for_a_reason_and_tells_both(page: Page, path: str, server: Server) -> None:
    page.goto(path)
    page.get_by_role("button", name="Cancel booking").click()
    expect(page.get_by_label("Reason")).to_be_focused()
    page.get_by_label("Reason").fill("The train is late.")
    page.get_by_role("button", name="Cancel this booking").click()
    stamp(page, "Cancelled")
    expect(page.locator("#confirmation")).to_be_focused()
    expect(page.get_by_role("button", name="Reschedule")).to_have_count(0)
    expect(page.get_by_role("button", name="Cancel booking")).to_have_count(0)
    assert newest(server)[1:] == (1, "invitee", "The train is late.")
    owed = steps.look(server, "SELECT count(*) FROM outbox_message WHERE kind = 'cancelled'")
    assert owed[0][0] >= 2
    page.reload()
    stamp(page, "Cancelled")
    expect(page).to_have_title("Cancelled")


@pytest.mark.thorough
def test_a_reason_that_is_too_long_is_told_at_its_field_and_stays(page: Page, path: str, server: Server) -> None:
    page.goto(path)
    page.get_by_role("button", name="Cancel booking").click()
    page.get_by_label("Reason").fill("x" * 501)
    page.get_by_role("button", name="Cancel this booking").click()
    steps.expect_error_at(page, "reason", "Shorten the reason to at most 500 characters.")
    expect(page.get_by_label("Reason")).to_have_value("x" * 501)
    assert newest(server)[2] is None
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_label("Reason")).to_have_count(0)


def test_both_tabs_follow_the_booking(page: Page, other: Page, path: str, server: Server) -> None:
    open_choice(page, path)
    other.goto(path)
    other.get_by_role("button", name="Cancel booking").click()
    other.get_by_role("button", name="Cancel this booking").click()
    stamp(other, "Cancelled")
    stamp(page, "Cancelled")
    expect(page.locator(".calendar")).to_have_count(0)


@pytest.mark.thorough
def test_a_time_that_somebody_else_takes_leaves_the_choice(
    page: Page, other: Page, host: HostAtHome, path: str
) -> None:
    open_choice(page, path)
    chosen = choose_another_time(page)
    steps.open_link(other, host.new_link())
    other.locator(".day--free").first.click()
    steps.choose_time(other, 0)
    steps.fill_form(other)
    steps.confirm(other)
    steps.expect_booked(other)
    expect(page.locator("#gone")).to_contain_text("is not free any more")
    expect(page.locator(f"input[name=time][value='{chosen}']")).to_have_count(0)


def test_what_was_begun_outlives_a_server_that_goes_and_comes_back(
    fresh_server: Server, new_context: NewContext, console: Console
) -> None:
    console.allow("ERR_", "WebSocket", "refused")
    path = steps.booked_to_manage(HostAtHome.set_up(fresh_server))
    page = new_context(fresh_server).new_page()
    for begun, act, done in (
        ("Reschedule", "Move booking", "Booked"),
        ("Cancel booking", "Cancel this booking", "Cancelled"),
    ):
        if begun == "Reschedule":
            open_choice(page, path)
            choose_another_time(page)
        else:
            page.get_by_role("button", name=begun).click()
            page.get_by_label("Reason").fill("Ill")
        fresh_server.kill()
        expect(page.get_by_text("Reconnecting…")).to_be_visible()
        fresh_server.start()
        expect(page.get_by_text("Reconnecting…")).to_be_hidden(timeout=30_000)
        if begun == "Cancel booking":
            expect(page.get_by_label("Reason")).to_have_value("Ill")
        page.get_by_role("button", name=act).click()
        stamp(page, done)
        expect(page.get_by_role("button", name=act)).to_be_hidden()
    assert newest(fresh_server)[1:] == (2, "invitee", "Ill")


def test_after_the_cut_off_it_says_until_when_it_was_possible(page: Page, path: str, server: Server) -> None:
    steps.change(server, "UPDATE event_type SET cancel_cutoff_minutes = 1440, reschedule_cutoff_minutes = 2880")
    try:
        page.goto(path)
        expect(page.locator(".notice")).to_contain_text("You can cancel until 24 hours before the start.")
        start_at(server, int(time.time()) + DAY + 3600)
        page.reload()
        expect(page.locator(".notice")).to_contain_text("until 48 hours before the start. Write to your host instead.")
        expect(page.get_by_role("button", name="Reschedule")).to_have_count(0)
        expect(page.get_by_role("button", name="Cancel booking")).to_be_visible()
        start_at(server, int(time.time()) + 3600)
        page.get_by_role("button", name="Cancel booking").click()
        page.get_by_role("button", name="Cancel this booking").click()
        expect(page.locator(".form-error")).to_contain_text("It is too late to cancel here")
        assert newest(server)[2] is None
    finally:
        steps.change(server, "UPDATE event_type SET cancel_cutoff_minutes = 0, reschedule_cutoff_minutes = 0")


@pytest.mark.thorough
def test_a_meeting_that_is_over_says_so(page: Page, path: str, server: Server) -> None:
    start_at(server, int(time.time()) - 2 * DAY)
    page.goto(path)
    expect(page.locator(".notice")).to_contain_text("has begun or is over")
    expect(page.get_by_role("button", name=re.compile("Reschedule|Cancel"))).to_have_count(0)


def test_an_address_that_leads_nowhere_says_so_with_its_status(
    page: Page, host: HostAtHome, path: str, server: Server, console: Console
) -> None:
    console.allow("status of 404")
    for token in ("a" * 26, host.new_link()):
        response = page.goto(f"/manage/{token}")
        assert response is not None
        assert response.status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text("This booking does not exist.")
    answer = ask(f"{server.url}{path}")
    assert answer.status == 200
    assert '<meta name="robots" content="noindex, nofollow">' in answer.body
    assert steps.NAME not in answer.body
    assert newest(server)[2] is None


@pytest.mark.thorough
def test_no_link_opens_a_booking_and_no_booking_a_link(page: Page, path: str, console: Console) -> None:
    console.allow("status of 404")
    page.goto(path.replace("/manage/", "/book/"))
    steps.expect_dead(page, "This link does not exist.")
