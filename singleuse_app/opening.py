"""The first opening of a link, noted for its host's board."""

from contextlib import suppress
from functools import partial

import reflex as rx

from singleuse_app import clock, session
from singleuse_app.operations import links
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.scheduling.errors import TryAgain


async def note_opening(state: rx.State, found: OpenLink) -> None:
    """Note that somebody looks, unless that is known already or it is the host. Nobody waits long for it, or fails."""
    if found.is_opened:
        return
    host = await session.who_looks(state)
    if host is None or host.id != found.host_id:
        with suppress(TryAgain):
            await rx.run_in_thread(partial(links.note_opening, link_id=found.link_id, now=clock.now()))
