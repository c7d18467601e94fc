"""A host signs in with an account elsewhere: a button, the provider's own form, and home; and looks after it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness import identity_provider as elsewhere
from tests.harness import server as servers
from tests.harness.browser import axe_in_both_themes, fits
from tests.harness.languages import english_on, german
from tests.harness.people import EMAIL, HostAtHome

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with elsewhere.mock() as running:
        yield running


@pytest.fixture(scope="module")
def host(compiled: Path, tmp_path_factory: pytest.TempPathFactory, issuer: str) -> Iterator[HostAtHome]:
    with servers.built(tmp_path_factory.mktemp("server"), **elsewhere.settings_for(acme=issuer)) as running:
        yield HostAtHome.set_up(running)


def visitor(host: HostAtHome, new_context: NewContext, **options: str) -> Page:
    """Somebody whose browser finds what the provider's form is dressed in, without a network."""
    context = new_context(host.server, **options)
    context.route("https://cdn.jsdelivr.net/**", lambda route: route.fulfill(content_type="text/css", body=""))
    return context.new_page()


def be_there(page: Page, subject: str) -> None:
    """Fill the provider's form in."""
    page.locator("input[name=sub]").fill(subject)
    page.get_by_role("button", name="Authorize", exact=True).click()


def test_a_host_signs_in_by_a_button_and_unlinks_the_account_again(
    host: HostAtHome, issuer: str, new_context: NewContext
) -> None:
    elsewhere.introduce(issuer, "grace", email=EMAIL, email_verified=True)
    page = visitor(host, new_context)
    page.goto("/sign-in")
    button = page.get_by_role("link", name="Sign in with Acme Accounts")
    expect(button).to_be_visible()
    axe_in_both_themes(page)
    fits(page)
    page.get_by_role("link", name="Forgot your password?").focus()
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(issuer)))
    be_there(page, "grace")
    expect(page.get_by_role("heading", name="Event types")).to_be_visible()
    assert page.evaluate("document.referrer") == ""
    assert "code=" not in page.url

    page.goto("/settings")
    part = page.get_by_role("region").or_(page.locator("section")).filter(has_text="Accounts that sign you in").last
    expect(part).to_contain_text("Acme Accounts")
    expect(part).to_contain_text("linked on")
    axe_in_both_themes(page)
    fits(page)
    page.get_by_role("button", name=re.compile("Unlink Acme Accounts")).click()
    expect(steps.said(page, "That account does not sign you in any more.")).to_be_attached()
    expect(part).to_contain_text("None yet")
    assert host.server.rows("SELECT * FROM linked_account") == []


def test_whom_nobody_knows_here_reads_why_in_their_language(
    host: HostAtHome, issuer: str, new_context: NewContext
) -> None:
    elsewhere.introduce(issuer, "eve", email="eve@example.org", email_verified=True)
    page = visitor(host, new_context, locale="de-DE")
    page.goto("/sign-in")
    page.get_by_role("link", name=german("Sign in with {provider}", provider="Acme Accounts")).click()
    be_there(page, "eve")
    expect(page.get_by_role("alert").filter(has_text="Niemand bietet hier Termine")).to_be_visible()
    assert english_on(page) == []
    axe_in_both_themes(page)
    fits(page)


def test_what_an_address_says_is_never_repeated(host: HostAtHome, new_context: NewContext) -> None:
    page = new_context(host.server).new_page()
    for address in ("refused=<b>pay here</b>&with=acme", "refused=link_used&with=acme"):
        page.goto(f"/sign-in?{address}")
        expect(page.get_by_text("Acme Accounts did not answer as it should.")).to_be_visible()
        assert "pay here" not in page.inner_text("body")
    page.goto("/sign-in?refused=too_many_sign_ins&with=acme&minutes=7")
    expect(page.get_by_text("Try again in 7 minutes")).to_be_visible()
    page.goto("/sign-in?refused=provider_away&with=pay-here")
    expect(page.get_by_role("link", name="Sign in with Acme Accounts")).to_be_visible()
    expect(page.locator(".notice--warning")).to_have_count(0)
