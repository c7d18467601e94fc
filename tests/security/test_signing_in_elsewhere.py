"""An identity provider that lies, answers that are another's, forged ID tokens: nobody is signed in by any of it.

Each attack has its control beside it: an app that believes everything lets it in.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from singleuse_app import limits, tokens
from singleuse_app.api.routes import http_app
from tests.harness import identity_provider as elsewhere
from tests.harness import server as servers
from tests.harness.identity_provider import Browser, FalseProvider, Sign, refusal_in
from tests.harness.people import EMAIL, HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def providers() -> Iterator[dict[str, FalseProvider]]:
    """Two of them, both of which the app trusts."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(elsewhere.lying()) for name in ("acme", "other")}


@pytest.fixture(scope="module")
def guarded(providers: dict[str, FalseProvider], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    issuers = {name: provider.issuer for name, provider in providers.items()}
    with servers.backend(tmp_path_factory.mktemp("guarded"), **elsewhere.settings_for(**issuers)) as running:
        HostAtHome.set_up(running)
        yield running


@pytest.fixture(scope="module")
def trusting(providers: dict[str, FalseProvider], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    issuers = {name: provider.issuer for name, provider in providers.items()}
    said = elsewhere.settings_for(**issuers)
    with servers.control("tests.security.trusting:app", tmp_path_factory.mktemp("trusting"), **said) as running:
        HostAtHome.set_up(running)
        yield running


@pytest.fixture
def acme(providers: dict[str, FalseProvider]) -> FalseProvider:
    for provider in providers.values():
        provider.be_honest()
    return providers["acme"]


Attack = Callable[[Server, FalseProvider], tuple[Browser, httpx.Response]]


def lets_in(attack: Attack, server: Server, provider: FalseProvider) -> str:
    """Whether an attack gets a session: nothing if so, else the code of the refusal. Nobody is linked before it."""
    with closing(sqlite3.connect(server.database)) as database, database:
        database.execute("DELETE FROM linked_account")
    browser, answer = attack(server, provider)
    code = refusal_in(answer)
    assert browser.is_signed_in() == (not code)
    assert ("singleuse_session" in answer.headers.get("set-cookie", "")) == (not code)
    return code


def straight(server: Server, provider: FalseProvider) -> tuple[Browser, httpx.Response]:
    browser = Browser(server)
    return browser, browser.sign_in("acme")


def test_control_an_honest_answer_signs_in(guarded: Server, acme: FalseProvider) -> None:
    assert lets_in(straight, guarded, acme) == ""
    assert acme.asked[-3:] == ["GET /authorize", "POST /token", "GET /jwks"]


FORGED: dict[str, tuple[dict[str, Any], str]] = {
    "wrong nonce": ({"nonce": "another"}, ""),
    "no nonce": ({"nonce": None}, ""),
    "wrong audience": ({"aud": "another-client"}, ""),
    "no audience": ({"aud": None}, ""),
    "several audiences for another": ({"aud": ["another-client", elsewhere.CLIENT_ID], "azp": "another-client"}, ""),
    "several audiences for nobody": ({"aud": ["another-client", elsewhere.CLIENT_ID]}, ""),
    "wrong issuer": ({"iss": "https://accounts.google.com"}, ""),
    "nearly the issuer": ({"iss": "/"}, ""),
    "expired": ({"exp": int(time.time()) - 120, "iat": int(time.time()) - 600}, ""),
    "no expiry": ({"exp": None}, ""),
    "expiry as a text": ({"exp": "9999999999"}, ""),
    "from the future": ({"iat": int(time.time()) + 3600}, ""),
    "no subject": ({"sub": ""}, ""),
    "signed by nobody": ({}, "unsigned_token"),
    "signed with the client secret": ({}, "token_by_shared_secret"),
    "signed with the public key as a secret": ({}, "token_by_public_key"),
    "signed with a foreign key": ({}, "token_by_foreign_key"),
    "signed with a key of its own": ({}, "token_with_its_own_key"),
    "signed with an unknown key": ({}, "token_of_unknown_key"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_id_token_signs_nobody_in(guarded: Server, trusting: Server, acme: FalseProvider, name: str) -> None:
    claims, how = FORGED[name]
    acme.claims = {key: acme.issuer + value if value == "/" else value for key, value in claims.items()}
    acme.sign = _signing(acme, how)
    assert lets_in(straight, guarded, acme) == "provider_unverified"
    assert "ID token of the identity provider acme was refused" in guarded.log()
    assert lets_in(straight, trusting, acme) == "", "the control lets it in"


def _signing(provider: FalseProvider, how: str) -> Sign | None:
    return getattr(provider, how) if how else None


@pytest.mark.parametrize("said", [False, None, "true", "True", 1, ["true"]], ids=repr)
def test_an_address_that_is_not_verified_signs_nobody_in(
    guarded: Server, trusting: Server, acme: FalseProvider, said: object
) -> None:
    acme.be_honest(email_verified=said)
    assert lets_in(straight, guarded, acme) == "provider_email_unverified"
    assert lets_in(straight, trusting, acme) == ""


def test_a_wrong_state_signs_nobody_in_and_ends_nothing(guarded: Server, trusting: Server, acme: FalseProvider) -> None:
    def attack(server: Server, provider: FalseProvider) -> tuple[Browser, httpx.Response]:
        browser = Browser(server)
        right = browser.at_provider(browser.begin("acme"))
        answer = browser.visit(_changed(right, state="of-somebody-else"))
        if refusal_in(answer):
            for left_out in ("state", "code"):
                assert refusal_in(Browser(server).visit(_changed(right, **{left_out: None})))
            assert refusal_in(browser.visit(f"{right}&state=of-somebody-else"))
            assert refusal_in(browser.visit(f"{right}&iss=https://evil.example"))
            honest = Browser(server)
            honest.cookies = browser.cookies
            assert refusal_in(honest.visit(right)) == "", "what was begun goes on"
        return browser, answer

    _, answer = attack(guarded, acme)
    assert refusal_in(answer) == "provider_begun_elsewhere"
    assert lets_in(attack, trusting, acme) == ""


def test_an_answer_signs_in_once(guarded: Server, trusting: Server, acme: FalseProvider) -> None:
    """Not even where the provider takes a code twice, and a thief has all of the browser's cookies of before."""

    def attack(server: Server, provider: FalseProvider) -> tuple[Browser, httpx.Response]:
        browser, thief = Browser(server), Browser(server)
        url = browser.at_provider(browser.begin("acme"))
        thief.cookies = httpx.Cookies(browser.cookies)
        kept = dict(provider.codes)
        assert refusal_in(browser.visit(url)) == ""
        provider.codes |= kept
        return thief, thief.visit(url)

    assert lets_in(attack, guarded, acme) == "provider_begun_elsewhere"
    assert lets_in(attack, trusting, acme) == ""


def test_an_answer_in_another_browser_signs_nobody_in(guarded: Server, trusting: Server, acme: FalseProvider) -> None:
    """A link that signs a victim in to the account of whoever made it (login CSRF); with a sign-in begun, and without.

    The verifier of the victim's own sign-in would not fit the attacker's code, so for the control the provider has
    none to compare with.
    """

    def attack(server: Server, provider: FalseProvider) -> tuple[Browser, httpx.Response]:
        attacker, victim = Browser(server), Browser(server)
        url = attacker.at_provider(attacker.begin("acme"))
        if server is guarded:
            assert refusal_in(Browser(server).visit(url)) == "provider_begun_elsewhere"
        own = httpx.QueryParams(urlsplit(victim.begin("acme")).query)
        for begun in provider.codes.values():
            begun["code_challenge"] = own["code_challenge"]
        return victim, victim.visit(url)

    assert lets_in(attack, guarded, acme) == "provider_begun_elsewhere"
    assert lets_in(attack, trusting, acme) == ""


def test_a_stolen_code_is_of_no_use_to_another_browser(guarded: Server, acme: FalseProvider) -> None:
    """With a state that is right for the thief: the code verifier is not (RFC 7636)."""
    victim, thief = Browser(guarded), Browser(guarded)
    code = httpx.QueryParams(urlsplit(victim.at_provider(victim.begin("acme"))).query)["code"]
    own = thief.at_provider(thief.begin("acme"))
    assert refusal_in(thief.visit(_changed(own, code=code))) == "provider_away"
    assert not thief.is_signed_in()
    assert "does not take the code" in guarded.log()


@pytest.mark.parametrize("named", ["other", "https://evil.example", "", None])
def test_an_answer_that_is_another_providers_signs_nobody_in(
    guarded: Server, trusting: Server, acme: FalseProvider, providers: dict[str, FalseProvider], named: str | None
) -> None:
    """By what it says itself (RFC 9207); this provider says it always."""
    acme.answer = {"iss": providers["other"].issuer if named == "other" else named}
    assert lets_in(straight, guarded, acme) == "provider_unverified"
    assert "POST /token" not in acme.asked
    assert lets_in(straight, trusting, acme) == ""


def test_an_answer_at_another_providers_address_signs_nobody_in(
    guarded: Server, acme: FalseProvider, providers: dict[str, FalseProvider]
) -> None:
    """Each has a redirect URI of its own: a code of one is never handed to the other, whatever the browser is told."""
    browser = Browser(guarded)
    url = browser.at_provider(browser.begin("acme")).replace("/oidc/acme/", "/oidc/other/")
    assert refusal_in(browser.visit(url)) == "provider_begun_elsewhere"
    assert not browser.is_signed_in()
    assert "POST /token" not in providers["other"].asked + acme.asked


def test_a_provider_may_send_the_address_apart(guarded: Server, acme: FalseProvider) -> None:
    """At its user info endpoint, which must speak of the same person."""
    acme.be_honest(sub="grace-there", email=None, email_verified=None)
    acme.userinfo = {"sub": "another", "email": EMAIL, "email_verified": True}
    assert lets_in(straight, guarded, acme) == "provider_unverified"
    acme.userinfo = {"email": EMAIL, "email_verified": "true"}
    assert lets_in(straight, guarded, acme) == "provider_email_unverified"
    acme.userinfo = {"email": EMAIL, "email_verified": True}
    assert lets_in(straight, guarded, acme) == ""


async def test_going_there_and_coming_back_are_tries_to_sign_in(
    acme: FalseProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From one address so many in ten minutes, whatever comes of them; from another one they go on."""
    said = elsewhere.settings_for(acme=acme.issuer) | {"SECRET_KEY_FILE": str(tmp_path / "key"), "LIMITS_FACTOR": "1"}
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    tokens.forget()
    limits._limiter.cache_clear()

    async def ask(step: str, address: str = "203.0.113.7") -> str:
        transport = httpx.ASGITransport(http_app(lambda: None), client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as browser:
            answer = await browser.get(f"/api/oidc/acme/{step}")
        return answer.headers["location"].partition("?")[2]

    most = limits.LIMITS["sign_in_from_here"].most
    for _ in range(most):
        assert "refused=provider_begun_elsewhere" in await ask("callback")
    for step in ("callback", "start"):
        refused = await ask(step)
        assert "refused=too_many_sign_ins&with=acme&minutes=" in refused
        assert 0 < int(refused.rpartition("=")[2]) <= 10
    assert "refused=provider_begun_elsewhere" in await ask("callback", "198.51.100.7")
    tokens.forget()
    limits._limiter.cache_clear()


def _changed(url: str, **parameters: str | None) -> str:
    there = urlsplit(url)
    given = {**httpx.QueryParams(there.query), **parameters}
    return there._replace(query=urlencode({key: value for key, value in given.items() if value is not None})).geturl()
