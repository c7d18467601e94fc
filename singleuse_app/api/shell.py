"""The pages behind secret addresses, each with the status that it deserves. Nobody's visit changes anything."""

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from singleuse_app import clock
from singleuse_app.api.refusals import status_of
from singleuse_app.messages import TITLES
from singleuse_app.operations import links, manage_booking
from singleuse_app.operations.manage_booking import AsInvitee
from singleuse_app.scheduling.errors import NotFound, Refusal

PageHtml = Callable[[], str | None]

HEAD = '<meta name="robots" content="noindex, nofollow"><meta name="referrer" content="no-referrer">'


async def booking_page(request: Request, page_html: PageHtml) -> Response:
    """GET and HEAD of ``/book/<token>``: 200, 404 or 410, the same built page each time, and nothing of a calendar."""
    status, title = 200, "Book a time"
    try:
        refusal = await asyncio.to_thread(links.status_of_token, request.path_params["token"], now=clock.now())
    except Refusal as not_found:
        refusal = not_found
    if refusal is not None:
        status, title = status_of(refusal), TITLES.get(refusal.code, title)
    return await _page(page_html, title, status)


async def manage_page(request: Request, page_html: PageHtml) -> Response:
    """GET and HEAD of ``/manage/<token>``: 200 or 404, the same built page each time. Looking changes nothing."""
    status, title = 200, "Your booking"
    who = AsInvitee(request.path_params["token"])
    try:
        await asyncio.to_thread(manage_booking.open_booking, who=who)
    except Refusal as refusal:
        status = status_of(refusal)
        title = TITLES.get("booking_not_found", title) if isinstance(refusal, NotFound) else title
    return await _page(page_html, title, status)


async def _page(page_html: PageHtml, title: str, status: int) -> Response:
    html = await asyncio.to_thread(page_html)
    if html is None:
        return PlainTextResponse(f"{title}. This page is served on the other port.", status)
    return HTMLResponse(html.replace("</head>", f"<title>{title}</title>{HEAD}</head>", 1), status)
