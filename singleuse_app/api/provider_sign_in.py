"""Signing in with an account elsewhere: to the identity provider, and back with a session.

Both addresses are plain GETs, for the browser comes and goes by them. What keeps anybody from being signed in to
another's account is a cookie: an answer counts in the browser that began the sign-in, once, for ten minutes. Every
refusal leads to the sign-in page, which says it in words.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode

from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse, Response

from singleuse_app import clock, limits, session, tokens
from singleuse_app.api import letting_in, signing_in
from singleuse_app.operations import linked_accounts
from singleuse_app.providers import code_flow
from singleuse_app.scheduling.errors import NotFound, ProviderRefused, Refusal, TooMany
from singleuse_app.settings import Provider, settings


async def start(request: Request) -> Response:
    """Send the browser to the provider."""
    provider, now = _provider(request), clock.now()
    secret = tokens.new_secret()
    try:
        await limits.spend_here("sign_in_from_here", signing_in.address_of(request))
        url = await code_flow.address_to_begin(provider, secret)
        begin = partial(linked_accounts.begin_attempt, provider=provider.key, secret=secret, now=now)
        await asyncio.to_thread(begin)
    except Refusal as refusal:
        return _refused(provider, refusal)
    response = RedirectResponse(url, 303)
    response.set_cookie(
        _cookie_name(),
        secret,
        max_age=int(linked_accounts.ATTEMPT.total_seconds()),
        path="/",
        secure=settings().is_https,
        httponly=True,
        samesite="lax",  # the provider sends the browser back, which "strict" would keep the cookie from
    )
    return response


async def come_back(request: Request) -> Response:
    """Sign in whom the provider has sent back, if they are a host."""
    provider = _provider(request)
    secret = cookie_parser(request.headers.get("cookie", "")).get(_cookie_name(), "")
    answer = _answer(request)
    try:
        await limits.spend_here("sign_in_from_here", signing_in.address_of(request))
        if not secret or not code_flow.is_answer_to(secret, answer.get("state", "")):
            raise ProviderRefused("provider_begun_elsewhere")  # and what this browser did begin goes on
    except Refusal as refusal:
        return _refused(provider, refusal)
    try:
        response = await _sign_in(request, provider, secret, answer)
    except Refusal as refusal:
        response = _refused(provider, refusal)
    response.delete_cookie(_cookie_name(), path="/", secure=settings().is_https, httponly=True, samesite="lax")
    return response


async def _sign_in(request: Request, provider: Provider, secret: str, answer: Mapping[str, str]) -> Response:
    now = clock.now()
    end = partial(linked_accounts.end_attempt, provider=provider.key, secret=secret, now=now)
    await asyncio.to_thread(end)
    account = await code_flow.finish(provider, secret, answer, now=now)
    user_agent = request.headers.get("user-agent", "")
    former = letting_in.former_session(request)
    sign_in = partial(linked_accounts.sign_in_with, account=account, user_agent=user_agent, former=former, now=now)
    found = await asyncio.to_thread(sign_in)

    def lead_to(path: str) -> Response:
        return RedirectResponse(f"{settings().public_origin}{path}", 303)

    return await letting_in.let_in(request, found, lead_to, now=now)


def _provider(request: Request) -> Provider:
    key = request.path_params["provider"]
    found = next((each for each in settings().providers if each.key == key), None)
    if found is None:
        raise NotFound
    return found


def _answer(request: Request) -> dict[str, str]:
    """The parameters of the provider's answer. With one that comes twice it is none (RFC 6749, section 3.1)."""
    given = request.query_params
    return dict(given) if len(dict(given)) == len(given.multi_items()) else {}


def _refused(provider: Provider, refusal: Refusal) -> Response:
    said = {"refused": refusal.code, "with": provider.key}
    again = refusal.params.get("again")
    if isinstance(refusal, TooMany) and isinstance(again, timedelta):
        said["minutes"] = str(-(-again // timedelta(minutes=1)))
    return RedirectResponse(f"{settings().public_origin}{session.SIGN_IN}?{urlencode(said)}", 303)


def _cookie_name() -> str:
    return "__Host-singleuse_elsewhere" if settings().is_https else "singleuse_elsewhere"
