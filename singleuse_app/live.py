"""Pages that change by themselves: a page follows topics, and whatever happens publishes them.

A push carries no data. It makes the page's own argument-free handler run, which reads again behind its own guard: so
nothing can leak through a push, and a missed one is healed by the next.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import reflex as rx
from reflex.event import Event

AT_ONCE = 8
"""How many pages are brought up to date at the same time. What people do meanwhile comes in between."""

PATIENCE = 5.0
"""Seconds after which a page is not waited for any more."""

_followers: dict[str, dict[str, str]] = {}
"""By client token: the name of the handler to run, by topic."""

_ends: dict[str, tuple[datetime, str]] = {}
"""By client token: when what the tab shows ends by itself, and the name of the handler to run then."""


def follow(state: rx.State, topics: Iterable[str], handler: Any) -> None:
    """From now on run ``handler`` of this tab whenever one of ``topics`` is published; what it followed before ends."""
    event = Event.from_event_type([handler])[0].name
    _followers[state.router.session.client_token] = dict.fromkeys(topics, event)


def until(state: rx.State, end: datetime | None, handler: Any) -> None:
    """Run ``handler`` of this tab at that instant too: nothing happens then that anybody could publish."""
    token = state.router.session.client_token
    _ends.pop(token, None)
    if end is not None:
        _ends[token] = (end, Event.from_event_type([handler])[0].name)


def unfollow(state: rx.State) -> None:
    """Follow nothing any more."""
    _followers.pop(state.router.session.client_token, None)
    _ends.pop(state.router.session.client_token, None)


async def tell_ends(app: rx.App, now: datetime) -> None:
    """Run the handlers of every open tab whose instant has come."""
    online = _online(app)
    for token in _ends.keys() - online.keys():
        _ends.pop(token, None)
    due = [(token, name) for token, (end, name) in _ends.items() if end <= now]
    for token, _ in due:
        _ends.pop(token, None)
    await _run(app, due)


async def publish(app: rx.App, topics: set[str]) -> None:
    """Run the handlers of every open tab that follows one of ``topics``, each once."""
    online = _online(app)
    for token in _followers.keys() - online.keys():
        _followers.pop(token, None)
    due = [
        (token, name)
        for token, followed in _followers.items()
        for name in {followed[topic] for topic in topics & followed.keys()}
    ]
    await _run(app, due)


def _online(app: rx.App) -> Mapping[str, str]:
    """The open tabs, by their client tokens."""
    return app.event_namespace.token_to_sid if app.event_namespace else {}


async def _run(app: rx.App, due: Iterable[tuple[str, str]]) -> None:
    """Run these handlers, by client token, a few at a time."""
    under_way: set[asyncio.Future[Any]] = set()
    for token, name in due:
        under_way.add(await app.event_processor.enqueue(token, Event(name=name)))
        if len(under_way) >= AT_ONCE:
            await asyncio.wait(under_way, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            under_way = {page for page in under_way if not page.done()}
