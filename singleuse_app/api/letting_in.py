"""What a browser is given once it was let in, by a password, a code or an account elsewhere: the cookies."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from singleuse_app import session
from singleuse_app.api.signing_in import remember_browser
from singleuse_app.operations import hosts
from singleuse_app.operations.sessions import HalfWay, NewSession
from singleuse_app.settings import settings


def former_session(request: Request) -> str:
    """The secret of the session that the browser has had, which ends when another begins; empty where it had none."""
    return session.secret_in(request.headers.get("cookie", "")) or ""


async def let_in(
    request: Request, found: NewSession | HalfWay, answer: Callable[[str], Response], *, now: datetime
) -> Response:
    """The session that an operation has begun, in a browser that is known from now on; where a code is asked for first,
    the way there. ``answer`` makes the response that leads to a path."""
    if isinstance(found, HalfWay):
        response = answer(session.SECOND_STEP)
        _set_cookie(response, session.step_cookie_name(), found)
        return response
    host = await asyncio.to_thread(hosts.signed_in_host, found.secret, now=now)
    response = answer("/")
    if host is not None:
        remember_browser(response, host.email)
    _set_cookie(response, session.cookie_name(), found)
    if session.step_in(request.headers.get("cookie", "")):
        drop_cookie(response, session.step_cookie_name())
    return response


def drop_cookie(response: Response, name: str) -> None:
    """Let a browser forget one of these."""
    response.delete_cookie(name, path="/", secure=settings().is_https, httponly=True, samesite="lax")


def _set_cookie(response: Response, name: str, found: NewSession | HalfWay) -> None:
    response.set_cookie(
        name,
        found.secret,
        expires=found.expires_at,
        path="/",
        secure=settings().is_https,
        httponly=True,
        samesite="lax",
    )
