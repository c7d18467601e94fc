"""Pages that change by themselves: a page follows topics, and whatever happens publishes them.

A push carries no data. It makes the page's own argument-free handler run, which reads again behind its own guard: so
nothing can leak through a push, and a missed one is healed by the next.
"""

from collections.abc import Iterable
from typing import Any

import reflex as rx
from reflex.event import Event

_followers: dict[str, dict[str, str]] = {}
"""By client token: the name of the handler to run, by topic."""


def follow(state: rx.State, topics: Iterable[str], handler: Any) -> None:
    """From now on run ``handler`` of this tab whenever one of ``topics`` is published; what it followed before ends."""
    event = Event.from_event_type([handler])[0].name
    _followers[state.router.session.client_token] = dict.fromkeys(topics, event)


def unfollow(state: rx.State) -> None:
    """Follow nothing any more."""
    _followers.pop(state.router.session.client_token, None)


async def publish(app: rx.App, topics: set[str]) -> None:
    """Run the handlers of every open tab that follows one of ``topics``, each once."""
    namespace = app.event_namespace
    online = namespace.token_to_sid if namespace else {}
    for token, followed in list(_followers.items()):
        if token not in online:
            _followers.pop(token, None)
            continue
        for name in {followed[topic] for topic in topics & followed.keys()}:
            await app.event_processor.enqueue(token, Event(name=name))
