"""Copy single-use link: one click, and what is on the clipboard works; or nothing was copied, and the page says so."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console
from tests.harness.people import HostAtHome
from tests.harness.server import Server

SENTINEL = "copied before"
NOT_MADE = "The link could not be made, and nothing was copied. Check the connection and try again."
NO_CLIPBOARD = "Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })"


@pytest.fixture
def context(new_context: NewContext, server: Server) -> BrowserContext:
    return new_context(server, permissions=["clipboard-read", "clipboard-write"])


@pytest.fixture
def desk(context: BrowserContext, host: HostAtHome) -> Page:
    """The event types, with something else on the clipboard."""
    page = steps.open_as_host(context, host)
    steps.put_on_clipboard(page, SENTINEL)
    return page


def expect_nothing_copied(page: Page, words: str) -> None:
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    expect(steps.said(page, steps.COPIED)).to_have_count(0)
    assert steps.clipboard(page) == SENTINEL


def test_one_click_copies_a_link_that_works(
    desk: Page, host: HostAtHome, new_context: NewContext, server: Server
) -> None:
    url = steps.copy_link(desk)
    assert re.fullmatch(rf"{server.url}/book/[a-z2-7]{{26}}", url)
    expect(steps.copy_button(desk)).to_have_text("Copied · works once")
    expect(steps.copy_button(desk)).to_be_focused()
    expect(steps.copy_button(desk)).to_have_text(steps.COPY)
    invitee = new_context(server).new_page()
    steps.book(invitee, url.rpartition("/")[2])


def test_a_browser_that_was_never_asked_about_its_clipboard_copies_or_shows_the_link(
    new_context: NewContext, server: Server, host: HostAtHome, desk: Page
) -> None:
    """Some browsers let a click write to the clipboard unasked, some refuse. What the page says is true in both."""
    page = steps.open_as_host(new_context(server), host)
    steps.copy_button(page).click()
    copied, shown = steps.said(page, steps.COPIED), page.locator(".copy-field")
    expect(copied.or_(shown).first).to_be_attached()
    if shown.count():
        assert shown.input_value().startswith(f"{server.url}/book/")
        assert steps.clipboard(desk) == SENTINEL
    else:
        assert steps.clipboard(desk).startswith(f"{server.url}/book/")


@pytest.mark.thorough
def test_a_server_that_answers_after_eight_seconds_still_copies(desk: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    desk.route("**/single-use-links", hold)
    steps.copy_button(desk).click()
    expect(steps.copy_button(desk)).to_have_attribute("aria-busy", "true")
    desk.wait_for_timeout(8_000)
    assert steps.clipboard(desk) == SENTINEL
    held[0].continue_()
    expect(steps.said(desk, steps.COPIED)).to_be_attached()
    assert "/book/" in steps.clipboard(desk)


def test_a_request_that_gets_lost_copies_nothing_and_the_next_click_works(
    desk: Page, host: HostAtHome, console: Console
) -> None:
    console.allow("ERR_FAILED")
    made = host.link_ids()
    desk.route("**/single-use-links", lambda route: route.abort())
    steps.copy_button(desk).click()
    expect_nothing_copied(desk, NOT_MADE)
    assert host.link_ids() == made
    desk.unroute("**/single-use-links")
    assert "/book/" in steps.copy_link(desk)
    expect(desk.get_by_role("alert").filter(has_text=NOT_MADE)).to_have_count(0)


@pytest.mark.thorough
def test_a_server_that_is_gone_copies_nothing(fresh_server: Server, new_context: NewContext, console: Console) -> None:
    console.allow("ERR_CONNECTION_REFUSED", "WebSocket")
    context = new_context(fresh_server, permissions=["clipboard-read", "clipboard-write"])
    page = steps.open_as_host(context, HostAtHome.set_up(fresh_server))
    steps.put_on_clipboard(page, SENTINEL)
    fresh_server.stop()
    steps.copy_button(page).click()
    expect_nothing_copied(page, NOT_MADE)


def test_without_a_clipboard_the_url_stands_selected_in_a_field(context: BrowserContext, host: HostAtHome) -> None:
    context.add_init_script(NO_CLIPBOARD)  # as over plain http in a local network
    page = steps.open_as_host(context, host)
    steps.copy_button(page).click()
    field = page.get_by_label("Copy this link from here. It works once.")
    expect(field).to_be_focused()
    expect(field).to_have_value(re.compile("/book/[a-z2-7]{26}$"))
    assert page.evaluate("getSelection().toString()") == field.input_value()
    expect(steps.said(page, "Copy this link from here.")).to_be_attached()
    expect(steps.said(page, steps.COPIED)).to_have_count(0)


def test_a_double_click_makes_one_link(desk: Page, host: HostAtHome) -> None:
    made = len(host.link_ids())
    steps.copy_button(desk).dblclick()
    expect(steps.said(desk, steps.COPIED)).to_be_attached()
    assert len(host.link_ids()) == made + 1


@pytest.mark.parametrize("path", ["/", "/links"])
def test_an_unused_link_can_be_copied_again(desk: Page, context: BrowserContext, path: str) -> None:
    url = steps.copy_link(desk)
    again = context.new_page()
    again.goto(path)
    steps.put_on_clipboard(again, SENTINEL)
    button = again.get_by_role("button", name="Copy again").first.element_handle()
    place = button.bounding_box()
    button.click()
    expect(steps.said(again, steps.COPIED)).to_be_attached()
    assert (button.inner_text(), button.bounding_box()) == ("Copied", place), "nothing beside it moves"
    assert steps.clipboard(again) == url


@pytest.mark.thorough
def test_whoever_signs_out_in_another_tab_is_led_to_sign_in_here_too(
    context: BrowserContext, server: Server, console: Console, host: HostAtHome
) -> None:
    desk = steps.open_as_host(context, HostAtHome.sign_in(server))
    other = context.new_page()
    other.goto("/links")
    other.get_by_role("button", name="Sign out").click()
    for page in (other, desk):
        page.wait_for_url(re.compile("/sign-in/?$"))


@pytest.mark.thorough
def test_whoever_is_signed_out_and_has_not_heard_of_it_is_told(
    context: BrowserContext, server: Server, console: Console, host: HostAtHome
) -> None:
    console.allow("status of 401")
    desk = steps.open_as_host(context, HostAtHome.sign_in(server))
    steps.put_on_clipboard(desk, SENTINEL)
    context.clear_cookies()
    steps.copy_button(desk).click()
    expect_nothing_copied(desk, "You have been signed out. Sign in again; then try once more.")


def test_the_page_says_that_links_open_on_this_computer_only(desk: Page) -> None:
    expect(desk.locator(".event-card__actions")).to_contain_text("opens only on this computer")
    expect(desk.locator(".event-card__actions")).to_contain_text("PUBLIC_URL")
