"""Who is signed in: the cookie, the guard that every host handler calls first, and what a websocket is bound to."""

import hashlib
from functools import partial

import reflex as rx
from reflex.event import Event, EventSpec
from starlette.requests import cookie_parser

from singleuse_app import clock, limits
from singleuse_app.operations import hosts
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.scheduling.errors import NotSignedIn
from singleuse_app.settings import is_loopback, settings
from singleuse_app.wording import speak_to

SIGN_IN = "/sign-in"
SECOND_STEP = "/sign-in/code"
SET_UP = "/set-up"


def cookie_name() -> str:
    """The session cookie's name; over TLS with the prefix that ties it to this very host (RFC 6265bis, 4.1.3.2)."""
    return "__Host-singleuse_session" if settings().is_https else "singleuse_session"


def secret_in(cookie_header: str) -> str | None:
    """The session's secret in a Cookie header, if there is one."""
    return cookie_parser(cookie_header).get(cookie_name()) or None


def step_cookie_name() -> str:
    """The name of the cookie of a browser in which a password was given and a code is asked for."""
    return "__Host-singleuse_step" if settings().is_https else "singleuse_step"


def step_in(cookie_header: str) -> str:
    """Its secret in a Cookie header; empty where there is none."""
    return cookie_parser(cookie_header).get(step_cookie_name(), "")


def host_of_cookie(cookie_header: str) -> SignedInHost:
    """The host whose session a Cookie header carries; raises ``NotSignedIn``. It reads the database."""
    secret = secret_in(cookie_header)
    host = hosts.signed_in_host(secret, now=clock.now()) if secret else None
    if host is None:
        raise NotSignedIn
    return host


async def host_of(state: rx.State) -> SignedInHost | None:
    """Who is asking. The first line of every host handler; ``None`` means: answer with :func:`elsewhere`.

    Whoever it is, what is said from then on is said in their language.
    """
    host = await who_looks(state)
    if host is not None:
        speak_to(host.locale)
    return host


async def who_looks(state: rx.State) -> SignedInHost | None:
    """The host whose browser this is, on a page of others."""
    try:
        return await rx.run_in_thread(partial(host_of_cookie, state.router.headers.cookie))
    except NotSignedIn:
        return None


async def spend(state: rx.State, name: str, **by: object) -> None:
    """Count a try by where this page's visitor comes from, and by what is named beside it: ``link`` by the limit
    ``<name>_of_link``. Raises ``TooMany``."""
    await limits.spend_here(name, state.router.session.client_ip)
    for what, key in by.items():
        await limits.spend(f"{name}_of_{what}", key)


async def elsewhere(state: rx.State) -> EventSpec:
    """Forget what the page held, and lead to the page for somebody who is not signed in."""
    state.reset()
    return rx.redirect(SIGN_IN if await rx.run_in_thread(hosts.is_set_up) else SET_UP)


def is_at_this_computer(peer: str | None, headers: dict[str, str]) -> bool:
    """Whether a request was made at this computer: loopback peer, loopback Host, and nobody forwarded it.

    ``headers`` have lower-case names. A proxy in front would make every peer loopback, so any trace of one refuses.
    """
    forwarded = {"forwarded", "via", "x-real-ip"} & headers.keys() or any(
        name.startswith("x-forwarded-") for name in headers
    )
    name = headers.get("host", "").rsplit(":", 1)[0].strip("[]")
    return is_loopback(peer) and is_loopback(name) and not forwarded and settings().opens_here_only


class Binding(rx.State):
    """What a browser tab's state is bound to: the connection that loaded it, and the cookie it came with."""

    _bound_to: str = ""


class BindStateToConnection(rx.Middleware):
    """A client token stands for nobody: whoever presents one starts with an empty state.

    The framework keeps a tab's state under a token that the browser sends in the clear. Loading a page empties that
    state and binds it to this connection and its cookie; any other event from elsewhere is dropped.
    """

    async def preprocess(self, app: rx.App, state: rx.state.BaseState, event: Event) -> rx.state.StateUpdate | None:
        """Called before every event, with the whole state of the tab."""
        root = state._get_root_state()
        bound = await root.get_state(Binding)
        router = state.router
        connection = f"{router.session.session_id}\n{secret_in(router.headers.cookie)}"
        here = hashlib.sha256(connection.encode()).hexdigest()
        if event.name.endswith((".hydrate", ".hydrate_and_load")):
            if bound._bound_to:  # else nothing has ever been kept in it, and a first visit waits for no emptying
                root.reset()
            bound._bound_to = here
            return None
        return None if bound._bound_to == here else rx.state.StateUpdate()


class HostPage(rx.State, mixin=True):
    """What the state of every host page holds. ``ready`` is false until the first read."""

    ready: bool = False
    host_name: str = ""


class LivePage(rx.State, mixin=True):
    """A host page that follows a topic: whatever is published there, it reads again."""

    @rx.event
    async def refresh(self) -> EventSpec | None:
        """Read again. What is typed and not saved yet stays."""
        if (host := await host_of(self)) is None:
            return await elsewhere(self)
        await self._show(host)
        return None

    async def _show(self, host: SignedInHost) -> None:
        """Read all that the page shows, and draw it."""
        raise NotImplementedError
