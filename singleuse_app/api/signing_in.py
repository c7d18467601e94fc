"""How often somebody may try to sign in, so that nobody guesses a password and nobody keeps a host out.

A browser that has signed in to an account before carries a cookie that says so and opens nothing (OWASP, "Slow down
online guessing attacks with device cookies"). It has tries of its own, so whatever strangers do, a host still signs in
there. Any other browser has few tries for one account from one address, more from one address for all accounts, and all
of them together only so many for one account: once those are used up strangers wait, and the words say what works
meanwhile: such a browser, or a new password by mail. Nobody learns from it whether there is such an account.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

from starlette.requests import Request, cookie_parser
from starlette.responses import Response

from singleuse_app import limits, tokens
from singleuse_app.peers import neighbourhood
from singleuse_app.scheduling.errors import TooMany
from singleuse_app.settings import settings

T = TypeVar("T")

LIFETIME = timedelta(days=365)
WAITING = 40
CODES = ("second_code", "second_code_in_a_day")

_hashing = asyncio.Semaphore(2)
_waiting: set[object] = set()


def address_of(request: Request) -> str:
    """Where a request comes from, as the gate has found it."""
    return request.client.host if request.client else ""


def remember_browser(response: Response, email: str) -> None:
    """Let a browser be known to that account from now on."""
    nonce = tokens.new_secret()
    response.set_cookie(
        _cookie_name(),
        f"{nonce}.{tokens.blind(_proved(email, nonce))}",
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        secure=settings().is_https,
        httponly=True,
        samesite="lax",
    )


@asynccontextmanager
async def one_try(request: Request, email: object) -> AsyncGenerator[None]:
    """Around a try to sign in to an account. Raises :class:`TooMany`; a try that succeeds forgives those before it."""
    account = email.strip().lower()[:300] if isinstance(email, str) else ""
    here = address_of(request)
    if nonce := _known_by(request, account):
        name, *by = "sign_in_device", account, nonce
        await limits.spend(name, *by)
    else:
        name, *by = "sign_in_pair", account, neighbourhood(here)
        await limits.spend_here("sign_in_from_here", here)
        await limits.spend(name, *by)
        await limits.spend("sign_in_strangers", account)
    yield
    await limits.forgive(name, *by)


@asynccontextmanager
async def one_code(request: Request, email: str) -> AsyncGenerator[None]:
    """Around a code that somebody gives who knows the password. Raises :class:`TooMany`; one that is right forgives
    those before it.

    Only who knows the password gets here, so no stranger can use the tries up; and a browser that has signed in to
    the account before has its own, so that not even somebody who has learnt the password keeps its host out there.
    """
    by = (email, _known_by(request, email) or "")
    for name in CODES:
        await limits.spend(name, *by)
    yield
    for name in CODES:
        await limits.forgive(name, *by)


async def slowly(act: Callable[[], T]) -> T:
    """What a password takes, in a thread, two at once: however many are tried, the pages of others are served."""
    if len(_waiting) >= WAITING:
        raise TooMany(again=timedelta(seconds=10))
    _waiting.add(own := object())
    try:
        async with _hashing:
            return await asyncio.to_thread(act)
    finally:
        _waiting.discard(own)


def _known_by(request: Request, account: str) -> str | None:
    nonce, _, proof = cookie_parser(request.headers.get("cookie", "")).get(_cookie_name(), "").partition(".")
    return nonce if nonce and tokens.is_blind(proof, _proved(account, nonce)) else None


def _proved(account: str, nonce: str) -> str:
    return f"device\0{account}\0{nonce}"


def _cookie_name() -> str:
    return "__Host-singleuse_browser" if settings().is_https else "singleuse_browser"
