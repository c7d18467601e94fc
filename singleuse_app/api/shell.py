"""The pages behind secret addresses, and of no address, each with the status that it deserves. Nobody's visit changes
anything."""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from singleuse_app import clock, limits, session
from singleuse_app.api.built import Built, source_of
from singleuse_app.api.first_paint import Page, dead_page, nothing_page, offer_page, served, waiting_page
from singleuse_app.api.headers import content_security_policy
from singleuse_app.api.refusals import retry_after, status_of
from singleuse_app.messages import TITLES, words
from singleuse_app.operations import found_links, manage_booking
from singleuse_app.operations.manage_booking import AsInvitee
from singleuse_app.scheduling.errors import LinkRefusal, NotFound, NotSignedIn, Refusal, TooMany, TryAgain
from singleuse_app.scheduling.slugs import standard_address
from singleuse_app.wording import HOST, INVITEE, noted, preferred, reader, say, speaking_to, spoken_by_pages

WITH_TOKENS = {"invitation": noted("Invitation · Singleuse"), "reset-password": noted("New password · Singleuse")}
"""What the pages of hosts are called that have no document of their own."""

OF_NO_HOST = ("/book/", "/with/", "/manage/", "/assets/", "/external/", "/_event", "/ping")
"""Addresses at which it does not matter who is signed in, or at which nothing is said."""


async def booking_page(request: Request, built: Built) -> Response:
    """GET and HEAD of ``/book/<token>``: 200, 404 or 410; what the link offers while it is active, and no time."""
    return await _link_page(request, built, request.path_params["token"], route="book/:token")


async def standard_page(request: Request, built: Built) -> Response:
    """GET and HEAD of ``/with/<host>/<event type>``: as any link's, and 404 for all that its host does not publish."""
    return await _link_page(request, built, standard_address(**request.path_params), route="with/:host/:event_type")


async def _link_page(request: Request, built: Built, token: str, *, route: str) -> Response:
    status = 200
    try:
        await _count(request, token)
        offer = await asyncio.to_thread(found_links.look_at_link, token=token, now=clock.now())
        page = offer_page(offer)
    except TooMany as refusal:
        return await _too_many(built, refusal, route=route)
    except Refusal as refusal:
        status = status_of(refusal)
        page = (
            dead_page(refusal)
            if isinstance(refusal, LinkRefusal)
            else waiting_page(say("Book a time"), "script_to_choose")
        )
    return await _answer(built, page, status, route=route)


async def manage_page(request: Request, built: Built) -> Response:
    """GET and HEAD of ``/manage/<token>``: 200 or 404, and nothing of the booking, for mail scanners look at it too."""
    status, page = 200, waiting_page(say("Your booking"), "script_to_manage")
    who = AsInvitee(request.path_params["token"])
    try:
        await _count(request)
        await asyncio.to_thread(manage_booking.open_booking, who=who)
    except TooMany as refusal:
        return await _too_many(built, refusal, route="manage/:token")
    except Refusal as refusal:
        status = status_of(refusal)
        if isinstance(refusal, NotFound):
            page = _of_nothing(say(TITLES["booking_not_found"]), words("booking_not_found"))
    return await _answer(built, page, status, route="manage/:token")


async def _count(request: Request, token: str = "") -> None:
    """Count that an address was looked up: by who looks, and by the link, if it is not there for everybody."""
    await limits.spend_here("look_ups", request.client.host if request.client else "")
    if token and "/" not in token:
        await limits.spend("look_ups_of_link", token)


async def _too_many(built: Built, refusal: TooMany, *, route: str) -> Response:
    answer = await _answer(built, _of_nothing(say("Too many at once"), words(refusal)), status_of(refusal), route=route)
    answer.headers.update(retry_after(refusal))
    return answer


class BuiltPages:
    """ASGI middleware around the built pages, which are English: who reads another language gets a document in that,
    which the app draws the same page in; and an address that is none of them gets one that says so."""

    def __init__(self, app: ASGIApp, built: Built) -> None:
        self.app = app
        self.built = built

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        instead: Response | None = None
        if scope["type"] == "http" and not reader().is_english and (page := await self._in_their_language(scope)):
            await GZipMiddleware(page)(scope, receive, send)
            return

        async def send_page(message: Message) -> None:
            nonlocal instead
            if _is_unknown_page(message):
                page = _of_nothing(say("Not found"), words("page_not_found"))
                instead = await _answer(self.built, page, 404, route="*")
            if instead is None:
                await send(message)

        await self.app(scope, receive, send_page)
        if instead is not None:
            await instead(scope, receive, send)

    async def _in_their_language(self, scope: Scope) -> Response | None:
        build = await asyncio.to_thread(self.built)
        if build is None or scope["method"] not in {"GET", "HEAD"}:
            return None
        address = scope["path"].rstrip("/") or "/"
        first, _, token = address[1:].partition("/")
        title, route = build.titles.get(address), address[1:]
        if title is None and first in WITH_TOKENS and token and "/" not in token:
            title, route = WITH_TOKENS[first], f"{first}/:token"
        if title is None:
            return None
        page = waiting_page(say(title), "script_to_host", of_hosts=True)
        return await _answer(self.built, page, 200, route=route, pages=HOST)


def _is_unknown_page(message: Message) -> bool:
    if message["type"] != "http.response.start" or message["status"] != 404:
        return False
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")


def _of_nothing(title: str, text: str) -> Page:
    sentence, _, advice = text.partition(". ")
    return nothing_page(title, f"{sentence}.", advice)


class SpeakTheirLanguage:
    """ASGI middleware: whatever a request is answered with is said in the language that its browser prefers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = Headers(scope=scope).get("accept-language", "") if scope["type"] == "http" else ""
        with speaking_to(preferred(accepted)):
            await self.app(scope, receive, send)


class SpeakToHosts:
    """ASGI middleware: where it matters who is signed in, it is said in the language of that host. It asks the
    database, so it stands behind the gate."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        locale = reader().language
        if scope["type"] == "http" and not scope["path"].startswith(OF_NO_HOST):
            cookie = Headers(scope=scope).get("cookie", "")
            if session.secret_in(cookie):
                with suppress(NotSignedIn, TryAgain):
                    locale = (await asyncio.to_thread(session.host_of_cookie, cookie)).locale
        with speaking_to(locale):
            await self.app(scope, receive, send)


async def _answer(built: Built, page: Page, status: int, *, route: str, pages: str = INVITEE) -> Response:
    build = await asyncio.to_thread(built)
    if build is None:
        return PlainTextResponse(f"{page.title}. This page is served on the other port.", status)
    told = reader()
    script = spoken_by_pages(told.locale.language, pages)
    document = served(build.shell, page, build.chunks.get(route, ()), language=told.locale.language, script=script)
    scripts = [source_of(script)] if script else []
    headers = {
        "Content-Language": told.locale.language,
        "Content-Security-Policy": content_security_policy(build.inline, *scripts),  # nothing of the other documents
        "Vary": "Accept-Language, Cookie",
    }
    return HTMLResponse(document, status, headers)
