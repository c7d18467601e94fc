"""The HTTP side: forms that set or end a session, links for the clipboard, calendar files, and a link's own page."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from singleuse_app import clock, limits, session, tokens
from singleuse_app.api import (
    booking_files,
    letting_in,
    link_files,
    my_data,
    provider_sign_in,
    refusals,
    shell,
    signing_in,
)
from singleuse_app.api.built import Built
from singleuse_app.operations import (
    host_bookings,
    host_invitations,
    hosts,
    link_requests,
    links,
    password_resets,
    second_step,
)
from singleuse_app.operations.sessions import HalfWay, NewSession
from singleuse_app.scheduling.errors import (
    ForeignOrigin,
    InvalidInput,
    Refusal,
    SetUpRefused,
    UnreadableRequest,
)
from singleuse_app.scheduling.link_options import parse_link_options
from singleuse_app.settings import settings
from singleuse_app.wording import reader

FORGOTTEN_TAKES = 0.5
"""Seconds: longer than it takes to write that somebody is owed a mail."""

PACKED = [Middleware(GZipMiddleware)]
"""Around pages that hold no secret but their own address, and nothing that a stranger could choose."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def http_app(built: Built) -> Starlette:
    """All routes. ``built`` gives the pages, ``None`` where they are served elsewhere."""
    return Starlette(
        routes=[
            Mount(
                "/api",
                routes=[
                    Route("/set-up", _from_own_pages(set_up), methods=["POST"]),
                    Route("/sign-in", _from_own_pages(sign_in), methods=["POST"]),
                    Route("/sign-in/code", _from_own_pages(give_code), methods=["POST"]),
                    Route("/accept-invitation", _from_own_pages(accept_invitation), methods=["POST"]),
                    Route("/host-invitations", _from_own_pages(invite_host), methods=["POST"]),
                    Route("/forgot-password", _from_own_pages(forgot_password), methods=["POST"]),
                    Route("/reset-password", _from_own_pages(reset_password), methods=["POST"]),
                    Route("/oidc/{provider}/start", provider_sign_in.start, methods=["GET"]),
                    Route("/oidc/{provider}/callback", provider_sign_in.come_back, methods=["GET"]),
                    Route("/sign-out", _from_own_pages(sign_out), methods=["POST"]),
                    Route(
                        "/event-types/{event_type_id}/single-use-links",
                        _from_own_pages(create_single_use_link),
                        methods=["POST"],
                    ),
                    Route("/links/{link_id}/copy", _hand_out(links.copy_link, 200), methods=["POST"]),
                    Route("/links/{link_id}/reissue", _hand_out(links.reissue_link, 201), methods=["POST"]),
                    Route("/links/{link_id}/qr.svg", link_files.link_qr, methods=["GET"]),
                    Route("/link-batches/{batch_id}/links.csv", link_files.batch_table, methods=["GET"]),
                    Route("/link-batches/{batch_id}/sheet", link_files.batch_sheet, methods=["GET"]),
                    Route(
                        "/link-requests/{request_id}/answer",
                        _hand_out(link_requests.answer_link_request, 201),
                        methods=["POST"],
                    ),
                    Route(
                        "/bookings/{booking_id}/new-link", _hand_out(host_bookings.send_new_link, 201), methods=["POST"]
                    ),
                    Route("/bookings/{booking_id}/{proof}.ics", booking_files.booking_file, methods=["GET"]),
                    Route("/bookings-feed", _from_own_pages(booking_files.feed_address), methods=["POST"]),
                    Route("/bookings-feed/reset", _from_own_pages(booking_files.new_feed_address), methods=["POST"]),
                    Route("/calendars/{token}.ics", booking_files.bookings_feed, methods=["GET"]),
                    Route("/my-data.json", my_data.my_data, methods=["GET"]),
                    Route("/invitee-data/{sealed}.json", my_data.invitee_data, methods=["GET"]),
                    Route("/bookings.csv", booking_files.bookings_table, methods=["GET"]),
                    Route("/bookings.ics", booking_files.bookings_calendar, methods=["GET"]),
                ],
            ),
            Route("/book/{token}", partial(shell.booking_page, built=built), methods=["GET"], middleware=PACKED),
            Route(
                "/with/{host}/{event_type}",
                partial(shell.standard_page, built=built),
                methods=["GET"],
                middleware=PACKED,
            ),
            Route("/manage/{token}", partial(shell.manage_page, built=built), methods=["GET"], middleware=PACKED),
        ],
        exception_handlers={Refusal: refusals.answer, HTTPException: refusals.answer_unrouted},
    )


async def set_up(request: Request) -> Response:
    """Make the first host and sign them in: at this computer, or with the code that the terminal shows."""
    form = await _form(request)
    peer = request.client.host if request.client else None
    if await asyncio.to_thread(hosts.is_set_up):
        raise SetUpRefused("set_up_done")
    if not session.is_at_this_computer(peer, dict(request.headers)):
        code = form.get("code", "")
        if not code.strip():
            raise SetUpRefused
        await limits.spend_here("set_up_code", signing_in.address_of(request))
        if not tokens.is_set_up_code(code.strip().upper()):
            raise InvalidInput({"code": "code_wrong"})
    given = {name: form.get(name) for name in ("name", "email", "password", "time_zone")}
    return await _sign_in(request, partial(hosts.set_up, **given, locale=reader().language))


async def sign_in(request: Request) -> Response:
    """A session for e-mail and password, always a fresh one."""
    form = await _form(request)
    email = form.get("email")
    async with signing_in.one_try(request, email):
        return await _sign_in(request, partial(hosts.sign_in, email=email, password=form.get("password")))


async def give_code(request: Request) -> Response:
    """A session for the code of a host who signs in with two factors, in the browser that has given the password."""
    form = await _form(request)
    secret = session.step_in(request.headers.get("cookie", ""))
    await limits.spend_here("secret_address", signing_in.address_of(request))
    waiting = await asyncio.to_thread(partial(second_step.look_at_step, secret=secret, now=clock.now()))
    given = {name: form.get(name) for name in ("code", "recovery_code")}
    async with signing_in.one_code(request, waiting.email):
        return await _sign_in(request, partial(second_step.finish_sign_in, secret=secret, **given))


async def forgot_password(request: Request) -> Response:
    """Send a host the way to another password. Whoever asks cannot tell, even by the time it takes, if there is one."""
    form = await _form(request)
    await limits.spend_here("forgot_password", signing_in.address_of(request))
    ask = partial(password_resets.ask_for_reset, email=form.get("email"), now=clock.now())
    await asyncio.gather(asyncio.to_thread(ask), asyncio.sleep(FORGOTTEN_TAKES))
    return JSONResponse({"next": "/forgot-password?asked=yes"})


async def reset_password(request: Request) -> Response:
    """Another password for the host who was sent the token, and a session."""
    form = await _form(request)
    await limits.spend_here("secret_address", signing_in.address_of(request))
    choose = partial(password_resets.reset_password, token=form.get("token"), password=form.get("password"))
    return await _sign_in(request, choose)


async def accept_invitation(request: Request) -> Response:
    """Make another host, for whoever holds an invitation, and sign them in."""
    form = await _form(request)
    await limits.spend_here("secret_address", signing_in.address_of(request))
    given = {name: form.get(name) for name in ("token", "name", "email", "password", "time_zone")}
    return await _sign_in(request, partial(host_invitations.accept_invitation, **given, locale=reader().language))


async def invite_host(request: Request) -> Response:
    """A new invitation for the clipboard of the first host."""

    def invite() -> str:
        host = session.host_of_cookie(request.headers.get("cookie", ""))
        return host_invitations.invite_host(host_id=host.id, now=clock.now())

    return JSONResponse({"url": tokens.invitation_url(await asyncio.to_thread(invite))}, 201)


async def sign_out(request: Request) -> Response:
    """End the session of the cookie, here and in every tab, be it only half begun."""
    if step := session.step_in(request.headers.get("cookie", "")):
        await asyncio.to_thread(second_step.end_step, step)
    if secret := session.secret_in(request.headers.get("cookie", "")):
        await asyncio.to_thread(partial(hosts.sign_out, secret, now=clock.now()))
    response = JSONResponse({"next": session.SIGN_IN})
    letting_in.drop_cookie(response, session.step_cookie_name())
    letting_in.drop_cookie(response, session.cookie_name())
    return response


async def create_single_use_link(request: Request) -> Response:
    """A new single-use link for the clipboard of its host, with the options that the body has, if there is one."""
    form = await _form(request) if request.headers.get("content-type") else {}

    def create() -> links.HandedOutLink:
        host = session.host_of_cookie(request.headers.get("cookie", ""))
        options = parse_link_options(form)
        return links.create_single_use_link(
            host_id=host.id, event_type_id=request.path_params["event_type_id"], options=options, now=clock.now()
        )

    return _handed_out(await asyncio.to_thread(create), status=201)


def _hand_out(make: Callable[..., links.HandedOutLink], status: int) -> Handler:
    """A link for the clipboard of its host: what an operation makes for the id in the address."""

    async def answer(request: Request) -> Response:
        def act() -> links.HandedOutLink:
            host = session.host_of_cookie(request.headers.get("cookie", ""))
            return make(host_id=host.id, **request.path_params, now=clock.now())

        return _handed_out(await asyncio.to_thread(act), status=status)

    return _from_own_pages(answer)


def _from_own_pages(handler: Handler) -> Handler:
    """Refuse a request that another site's page made the browser send (cross-site request forgery)."""

    async def guarded(request: Request) -> Response:
        if request.headers.get("origin") not in settings().origins:
            raise ForeignOrigin
        return await handler(request)

    return guarded


async def _form(request: Request) -> dict[str, str]:
    try:
        form = json.loads(await request.body())  # of which the gate takes only so much
        json.dumps(form, ensure_ascii=False).encode()  # half a letter, as JSON can spell it, is no text
    except (ValueError, RecursionError):
        form = None
    if not isinstance(form, dict) or not all(isinstance(value, str) for value in form.values()):
        raise UnreadableRequest
    return form


async def _sign_in(request: Request, act: Callable[..., NewSession | HalfWay]) -> Response:
    """The answer to whoever an operation signs in. The session that the browser has had ends."""
    now, former = clock.now(), letting_in.former_session(request)
    user_agent = request.headers.get("user-agent", "")
    found = await signing_in.slowly(partial(act, user_agent=user_agent, former=former, now=now))
    return await letting_in.let_in(request, found, lambda path: JSONResponse({"next": path}), now=now)


def _handed_out(link: links.HandedOutLink, *, status: int) -> Response:
    return JSONResponse({"url": tokens.link_url(link.token)}, status)
