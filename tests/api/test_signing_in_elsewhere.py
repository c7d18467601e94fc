"""Signing in with an account at an identity provider, over HTTP, with a provider that plays by the rules."""

import asyncio
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.harness import identity_provider as elsewhere
from tests.harness import server as servers
from tests.harness.identity_provider import Browser, refusal_in
from tests.harness.people import EMAIL, HostAtHome, ask
from tests.harness.second_factor import switch_on


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with elsewhere.mock() as running:
        yield running


@pytest.fixture(scope="module")
def host(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostAtHome]:
    folder = tmp_path_factory.mktemp("elsewhere")
    with servers.backend(folder, **elsewhere.settings_for(acme=issuer)) as running:
        yield HostAtHome.set_up(running)


def test_the_button_leads_to_the_provider_with_all_that_binds_the_answer(host: HostAtHome, issuer: str) -> None:
    browser = Browser(host.server)
    answer = browser.visit(f"{host.server.api_url}/api/oidc/acme/start")
    there, asked = urlsplit(answer.headers["location"]), parse_qs(urlsplit(answer.headers["location"]).query)
    assert f"{there.scheme}://{there.netloc}" == issuer
    assert asked["redirect_uri"] == [f"{host.server.url}/api/oidc/acme/callback"]
    assert (asked["response_type"], asked["scope"]) == (["code"], ["openid email"])
    assert asked["code_challenge_method"] == ["S256"]
    bound = [asked[name][0] for name in ("state", "nonce", "code_challenge")]
    assert len(set(bound)) == 3
    assert all(len(each) == 43 for each in bound)
    [cookie] = answer.headers.get_list("set-cookie")
    assert all(flag in cookie.lower() for flag in ("httponly", "samesite=lax", "path=/", "max-age=600"))
    secret = cookie.partition("=")[2].partition(";")[0]
    assert secret not in answer.headers["location"]
    assert secret not in str(host.server.rows("SELECT * FROM provider_attempt"))


def test_a_host_whose_address_is_verified_there_is_signed_in_and_linked(host: HostAtHome, issuer: str) -> None:
    elsewhere.introduce(issuer, "grace-1", email=EMAIL.upper(), email_verified=True)
    browser = Browser(host.server)
    answer = browser.sign_in("acme", sub="grace-1")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{host.server.url}/")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    said = {cookie.partition("=")[0]: cookie.lower() for cookie in answer.headers.get_list("set-cookie")}
    assert "max-age=0" in said["singleuse_elsewhere"]
    assert all(flag in said["singleuse_session"] for flag in ("httponly", "samesite=lax", "path=/"))
    assert "singleuse_browser" in said
    assert browser.is_signed_in()
    assert host.server.rows("SELECT issuer, subject FROM linked_account") == [(issuer, "grace-1")]


def test_somebody_who_is_linked_is_known_by_their_account_whatever_their_address(host: HostAtHome, issuer: str) -> None:
    elsewhere.introduce(issuer, "grace-1", email="another@example.org", email_verified=False)
    browser = Browser(host.server)
    assert refusal_in(browser.sign_in("acme", sub="grace-1")) == ""
    assert browser.is_signed_in()


def test_another_account_with_the_same_address_is_not_let_in(host: HostAtHome, issuer: str) -> None:
    elsewhere.introduce(issuer, "grace-2", email=EMAIL, email_verified=True)
    browser = Browser(host.server)
    assert refusal_in(browser.sign_in("acme", sub="grace-2")) == "provider_other_account"
    assert not browser.is_signed_in()


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"email": EMAIL, "email_verified": False}, "provider_email_unverified"),
        ({"email": EMAIL, "email_verified": "true"}, "provider_email_unverified"),
        ({"email": EMAIL, "email_verified": 1}, "provider_email_unverified"),
        ({"email": EMAIL}, "provider_email_unverified"),
        ({"email_verified": True}, "provider_no_host"),
        ({"email": [EMAIL], "email_verified": True}, "provider_no_host"),
        ({"email": "nobody@example.org", "email_verified": True}, "provider_no_host"),
        ({"email": f"{EMAIL} ", "email_verified": True}, "provider_no_host"),
        ({"email": f"{EMAIL}\0", "email_verified": True}, "provider_no_host"),
        ({}, "provider_email_unverified"),
    ],
    ids=[
        "unverified",
        "as a text",
        "as a number",
        "unsaid",
        "no address",
        "a list",
        "a stranger",
        "a blank",
        "a NUL",
        "nothing",
    ],
)
def test_whose_address_is_not_verified_or_no_hosts_is_told_so_and_becomes_none(
    host: HostAtHome, issuer: str, claims: dict[str, object], code: str
) -> None:
    elsewhere.introduce(issuer, "somebody", **claims)
    before = host.server.rows("SELECT count(*) FROM host")
    browser = Browser(host.server)
    answer = browser.sign_in("acme", sub="somebody")
    assert refusal_in(answer) == code
    assert EMAIL not in answer.headers["location"]
    assert not browser.is_signed_in()
    assert host.server.rows("SELECT count(*) FROM host") == before
    assert not host.server.rows("SELECT 1 FROM linked_account WHERE subject = 'somebody'")


def test_who_declines_there_is_led_back(host: HostAtHome) -> None:
    browser = Browser(host.server)
    url = browser.begin("acme")
    declined = browser.at_provider(url, action="deny")
    state = parse_qs(urlsplit(url).query)["state"][0]  # which the mock forgets, and RFC 6749, 4.1.2.1, demands
    joint = "&" if "?" in declined else "?"
    assert refusal_in(browser.visit(f"{declined}{joint}state={state}")) == "provider_declined"


def test_a_provider_that_nobody_has_set_up_is_no_address(host: HostAtHome) -> None:
    for step in ("start", "callback"):
        answer = ask(f"{host.server.api_url}/api/oidc/other/{step}")
        assert (answer.status, answer.json()["code"]) == (404, "not_found")


def test_nothing_of_the_way_there_and_back_is_in_the_log_or_in_the_database(host: HostAtHome, issuer: str) -> None:
    elsewhere.introduce(issuer, "grace-1", email=EMAIL, email_verified=True)
    browser = Browser(host.server)
    url = browser.begin("acme")
    back = browser.at_provider(url, sub="grace-1")
    given = {**parse_qs(urlsplit(url).query), **parse_qs(urlsplit(back).query)}
    secrets = {given[name][0] for name in ("state", "nonce", "code")} | {browser.cookies["singleuse_elsewhere"]}
    kept = str(host.server.rows("SELECT * FROM provider_attempt"))
    assert refusal_in(browser.visit(back)) == ""
    assert len(secrets) == 4
    assert not [secret for secret in secrets if secret in host.server.log() or secret in kept]


@pytest.mark.thorough
def test_over_tls_the_cookie_is_tied_to_this_very_host(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tls")
    settings = elsewhere.settings_for(acme=issuer) | {"PUBLIC_URL": "https://book.example.org"}
    with servers.backend(folder, **settings) as running:
        answer = Browser(running).visit(f"{running.api_url}/api/oidc/acme/start")
    assert answer.headers["set-cookie"].startswith("__Host-singleuse_elsewhere=")
    assert "; Secure" in answer.headers["set-cookie"]
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["redirect_uri"] == ["https://book.example.org/api/oidc/acme/callback"]


def test_whoever_signs_in_with_two_factors_is_asked_for_a_code_here_too(host: HostAtHome, issuer: str) -> None:
    _, codes = asyncio.run(switch_on(HostAtHome.sign_in(host.server)))
    elsewhere.introduce(issuer, "grace-1", email=EMAIL, email_verified=True)
    browser = Browser(host.server)
    answer = browser.sign_in("acme", sub="grace-1")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{host.server.url}/sign-in/code")
    assert not browser.is_signed_in()
    step = f"singleuse_step={browser.cookies['singleuse_step']}"
    code = {"recovery_code": codes[0]}
    given = ask(f"{host.server.api_url}/api/sign-in/code", code, origin=host.server.url, cookie=step)
    assert (given.status, given.json()) == (200, {"next": "/"})
