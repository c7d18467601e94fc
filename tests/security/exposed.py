"""Counter-proofs: the same app with one of its guards off. What an attack finds and spoils here is what that guard
prevents."""

import re
from dataclasses import replace
from typing import Any

import reflex as rx

from singleuse_app import app as composition
from singleuse_app import session
from singleuse_app.api import gate, routes
from singleuse_app.operations import hosts
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.settings import settings

EVIL = "https://evil.example"


def anybody_is_the_host() -> Any:
    """Nobody asks who is asking: everybody is the first host."""

    def first_host(_cookie: str) -> SignedInHost:
        return min(hosts.list_hosts(), key=lambda host: host.id)

    session.host_of_cookie = first_host
    return composition.app()


def sessions_never_end() -> Any:
    """Whoever signs out is signed in still: a session that is over is its host's."""
    look = hosts.signed_in_host

    def whoever_it_was(secret: str, **now: Any) -> SignedInHost | None:
        return look(secret, **now) or min(hosts.list_hosts(), key=lambda host: host.id)

    hosts.signed_in_host = whoever_it_was
    return composition.app()


def tokens_are_enough() -> Any:
    """Whoever presents a client token gets what the framework keeps under it."""

    async def let_through(*_: object, **__: object) -> rx.state.StateUpdate | None:
        return None

    session.BindStateToConnection.preprocess = let_through  # ty: ignore[invalid-assignment]
    return composition.app()


def any_site_may_ask() -> Any:
    """No page of another site is told apart from the app's own."""
    assert composition.app.sio is not None
    composition.app.sio.eio.cors_allowed_origins = "*"
    return composition.app()


def any_form_may_be_sent() -> Any:
    """The same for what is posted."""
    known = settings()
    routes.settings = lambda: replace(known, origins=(*known.origins, EVIL))
    return composition.app()


def half_letters_pass() -> Any:
    """What JSON calls text and nothing else does comes in as it is."""
    gate.HALF_A_LETTER = re.compile("(?!)")
    return composition.app()
