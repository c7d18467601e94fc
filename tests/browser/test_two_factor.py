"""Two-factor sign-in, without a pointer: switched on, signed in with a code and with a recovery code, switched off."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.browser.test_keyboard import press, tab_to
from tests.harness.authenticator import Authenticator
from tests.harness.browser import Console, axe_in_both_themes, fits
from tests.harness.people import EMAIL, PASSWORD, HostAtHome
from tests.harness.second_factor import switch_on
from tests.harness.server import Server

pytestmark = pytest.mark.thorough


def type_into(page: Page, name: str, text: str) -> None:
    tab_to(page, f"[name={name}]")
    press(page, "ControlOrMeta+a")
    page.keyboard.type(text)


def give_password(page: Page) -> None:
    """Sign in as far as the second step."""
    page.goto("/sign-in")
    expect(page.get_by_label("Password")).to_be_visible()
    type_into(page, "email", EMAIL)
    type_into(page, "password", PASSWORD)
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    expect(page.get_by_label("Code", exact=True)).to_be_focused()


def looks_right(page: Page) -> None:
    axe_in_both_themes(page)
    fits(page)


def test_a_second_factor_is_set_up_used_and_put_away_with_the_keyboard_alone(
    fresh_server: Server, new_context: NewContext, console: Console
) -> None:
    console.allow("status of 422")
    host = HostAtHome.set_up(fresh_server)
    page = steps.open_as_host(new_context(fresh_server), host, "/settings")
    expect(page.get_by_role("heading", name="Two-factor sign-in")).to_be_visible()
    page.get_by_role("button", name="Set it up").focus()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Two-factor sign-in")).to_be_focused()
    image = page.get_by_role("img", name="QR code of the key below")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.complete && image.naturalWidth > 0")
    app = Authenticator("", page.locator(".secret-key").inner_text().replace(" ", ""))
    looks_right(page)

    type_into(page, "two_factor_code", "12345")
    type_into(page, "two_factor_password", PASSWORD)
    press(page, "Enter")
    steps.expect_error_at(
        page,
        "two_factor_code",
        "Type the six digits that your app shows now.",
    )
    looks_right(page)
    press(page, "ControlOrMeta+a")
    page.keyboard.type(app.code(datetime.now(UTC)))
    press(page, "Enter")
    expect(steps.said(page, "Two-factor sign-in is on.")).to_be_attached()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    codes = page.locator(".recovery-codes li").all_inner_texts()
    expect(page.locator(".secret-key")).to_have_count(0)
    looks_right(page)
    tab_to(page, ".recovery-codes + p > button")
    press(page, "Enter")
    expect(page.get_by_text("Recovery codes left: 10.")).to_be_visible()
    expect(page.get_by_text(codes[0])).to_have_count(0)
    looks_right(page)

    stranger = new_context(fresh_server).new_page()
    stranger.goto("/sign-in/code")
    expect(stranger).to_have_url(re.compile("/sign-in$"))
    give_password(stranger)
    looks_right(stranger)
    stranger.keyboard.type("12345")
    press(stranger, "Enter")
    steps.expect_error_at(
        stranger, "code", "Type the six digits that your app shows now, or the letters of a recovery code."
    )
    looks_right(stranger)
    press(stranger, "ControlOrMeta+a")
    stranger.keyboard.type(app.code(datetime.now(UTC) + timedelta(seconds=30)))
    press(stranger, "Enter")
    expect(stranger.locator(".header__host")).to_have_text("Grace Host")

    without_phone = new_context(fresh_server).new_page()
    give_password(without_phone)
    tab_to(without_phone, "summary")
    press(without_phone, "Enter")
    type_into(without_phone, "recovery_code", "aaaa-aaaa-aaaa-aaaa")
    press(without_phone, "Enter")
    steps.expect_error_at(without_phone, "recovery_code", "That is none of the recovery codes that you have left.")
    looks_right(without_phone)
    press(without_phone, "ControlOrMeta+a")
    without_phone.keyboard.type(codes[0].upper())
    press(without_phone, "Enter")
    expect(without_phone.locator(".header__host")).to_have_text("Grace Host")
    expect(page.get_by_text("Recovery codes left: 9.")).to_be_visible()

    page.get_by_text("Switch it off…").focus()
    press(page, "Enter")
    type_into(page, "ending_code", codes[1])
    type_into(page, "ending_password", PASSWORD)
    looks_right(page)
    press(page, "Enter")
    expect(steps.said(page, "Two-factor sign-in is off.")).to_be_attached()
    expect(page.get_by_role("button", name="Set it up")).to_be_visible()


def test_who_begins_again_is_asked_for_the_password(fresh_server: Server, new_context: NewContext) -> None:
    host = HostAtHome.set_up(fresh_server)
    steps.in_another_thread(lambda: switch_on(host))
    page = new_context(fresh_server).new_page()
    give_password(page)
    page.get_by_role("button", name="Begin again").click()
    expect(page.get_by_label("Password")).to_be_visible()
    page.goto("/sign-in/code")
    expect(page).to_have_url(re.compile("/sign-in$"))
