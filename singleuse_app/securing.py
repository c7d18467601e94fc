"""Two-factor sign-in in the settings: set up with an app, recovery codes, and its end. A mixin of their State."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx
import segno
from reflex.event import EventSpec

from singleuse_app import clock, limits, session
from singleuse_app.components.two_factor import ENDING, PLACE, RECOVERY, TWO_FACTOR, SecondFactor
from singleuse_app.formats import date_words
from singleuse_app.operations import two_factor
from singleuse_app.operations.two_factor import Standing
from singleuse_app.scheduling.errors import InvalidInput
from singleuse_app.wording import say

Events = AsyncGenerator[EventSpec | None]


class Securing(rx.State, mixin=True):
    """How the host stands with it; secrets are here only while they are shown. ``saved`` is the part of the settings
    that was saved last."""

    second: rx.Field[SecondFactor] = rx.field(default_factory=SecondFactor)
    saved: str = ""

    @rx.event
    async def begin_two_factor(self) -> EventSpec | None:
        """Show a key for an app."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        begun = await rx.run_in_thread(partial(two_factor.begin_two_factor, host_id=host.id, now=clock.now()))
        self.second = replace(self.second, key=_in_groups(begun.secret), image=_image_of(begun.address), codes=[])
        return rx.set_focus(PLACE)

    @rx.event
    async def put_secrets_away(self) -> EventSpec | None:
        """Show neither key nor recovery codes any more."""
        if await session.host_of(self) is None:
            return await session.elsewhere(self)
        self.second = replace(self.second, key="", image="", codes=[])
        return rx.set_focus(PLACE)

    @rx.event
    async def confirm_two_factor(self, form: Any = None) -> Events:
        """Switch it on, and show recovery codes, once."""
        if (host := await session.host_of(self)) is None:
            yield await session.elsewhere(self)
            return
        act = partial(two_factor.switch_on, host_id=host.id, secret=self._secret())
        async for event in self._with_codes(TWO_FACTOR, act, form, say("Two-factor sign-in is on.")):
            yield event

    @rx.event
    async def renew_recovery_codes(self, form: Any = None) -> Events:
        """Other recovery codes, shown once."""
        if (host := await session.host_of(self)) is None:
            yield await session.elsewhere(self)
            return
        await limits.spend("second_code_in_a_day", host.id)
        act = partial(two_factor.make_recovery_codes, host_id=host.id)
        async for event in self._with_codes(RECOVERY, act, form, say("You have new recovery codes.")):
            yield event

    @rx.event
    async def end_two_factor(self, form: Any = None) -> Events:
        """Switch it off."""
        if (host := await session.host_of(self)) is None:
            yield await session.elsewhere(self)
            return
        await limits.spend("second_code_in_a_day", host.id)
        act = partial(two_factor.switch_off, host_id=host.id)
        async for event in self._with_codes(ENDING, act, form, say("Two-factor sign-in is off.")):
            yield event

    async def _with_codes(self, part: str, act: Callable[..., list[str] | None], form: object, told: str) -> Events:
        """Save as every part is saved, by code and password, and show the recovery codes that come of it."""
        given = form if isinstance(form, dict) else {}
        made: list[str] = []

        def save(*, now: datetime) -> None:
            try:
                made.extend(act(code=given.get(f"{part}_code"), password=given.get(f"{part}_password"), now=now) or [])
            except InvalidInput as refusal:
                raise InvalidInput({f"{part}_{field}": code for field, code in refusal.fields.items()}) from refusal

        async for event in self._save(part, save, told):
            yield event
        if self.saved == part:
            self.second = replace(self.second, key="", image="", codes=made)
            yield rx.set_focus(PLACE)

    def _stands(self, standing: Standing, zone: ZoneInfo) -> None:
        since = date_words(standing.on_since.astimezone(zone).date()) if standing.on_since else ""
        self.second = replace(self.second, since=since, left=standing.codes_left)

    def _save(self, part: str, act: Callable[..., None], told: str) -> Events:
        """Do it, and say at each field what is wrong."""
        raise NotImplementedError

    def _secret(self) -> str:
        """Of the session that this page is in."""
        raise NotImplementedError


def _in_groups(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def _image_of(address: str) -> str:
    """A QR code as the address of an image: black on white in any theme, with the quiet zone that scanners need."""
    return segno.make_qr(address, error="m").svg_data_uri(border=4, light="#fff", omitsize=True)
