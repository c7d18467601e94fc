"""What a host keeps of one invitee, in the settings: looked for, taken along, erased."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, session, tokens
from singleuse_app.components.invitee_data import INVITEE_EMAIL, InviteeLine, invitee_view
from singleuse_app.messages import words
from singleuse_app.operations import invitee_data
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.invitee_data import Found
from singleuse_app.scheduling.errors import InvalidInput, Refusal
from singleuse_app.wording import count, say


class ErasingState(rx.State):
    """The form, and what was found for the address that was typed last."""

    found: InviteeLine = InviteeLine()
    email_error: str = ""
    refused: int = 0
    drawn: int = 0
    is_sending: bool = False
    announcement: str = ""

    @rx.event
    async def look(self, form: Any = None) -> AsyncGenerator[EventSpec | None]:
        """Find what is kept of somebody, by their address."""
        if (host := await session.host_of(self)) is None:
            yield await session.elsewhere(self)
            return
        email = form.get(INVITEE_EMAIL) if isinstance(form, dict) else None
        self.is_sending, self.email_error, self.found = True, "", InviteeLine()
        yield None
        look = partial(invitee_data.look_for_invitee, host_id=host.id, email=email, now=clock.now())
        try:
            self.found = _line(await rx.run_in_thread(look), host)
            self.announcement = f"{self.found.email}: {self.found.told}"
        except InvalidInput as refusal:
            self.email_error, self.announcement = words(refusal.fields["email"]), words("invalid_input")
            self.refused += 1
        finally:
            self.is_sending = False

    @rx.event
    async def erase(self) -> EventSpec | None:
        """Erase what was found."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        erase = partial(invitee_data.erase_invitee, host_id=host.id, email=self.found.email, now=clock.now())
        try:
            await rx.run_in_thread(erase)
        except InvalidInput:  # nothing was looked for
            return None
        except Refusal as refusal:
            self.found = replace(self.found, upcoming=words(refusal))
            self.announcement = words(refusal)
            return None
        self.found = InviteeLine(email=self.found.email, told=say("Erased. Nothing of them is kept any more."))
        self.announcement = self.found.told
        self.drawn += 1
        return rx.set_focus("content")


def erasing_view() -> rx.Component:
    """The part of the settings."""
    return invitee_view(ErasingState)


def _line(found: Found, host: SignedInHost) -> InviteeLine:
    if found.is_nothing:
        return InviteeLine(email=found.email, told=say("Nothing is kept of this address."))
    told = {
        count("{number} booking", "{number} bookings", found.bookings): found.bookings,
        count("{number} booking as a guest", "{number} bookings as a guest", found.as_guest): found.as_guest,
        count("{number} link", "{number} links", found.links): found.links,
        count("{number} request for a new link", "{number} requests for a new link", found.requests): found.requests,
        count("{number} message", "{number} messages", found.messages): found.messages,
    }
    return InviteeLine(
        email=found.email,
        told=", ".join(each for each, number in told.items() if number),
        url=tokens.invitee_data_url(host.id, found.email),
        upcoming=words("erase_upcoming") if found.upcoming else "",
        is_nothing=False,
    )
