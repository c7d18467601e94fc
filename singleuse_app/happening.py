"""What happened to whatever is a host's, in the settings: read from the event log, a page at a time."""

from functools import partial

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, session
from singleuse_app.components.activity import ActivityLine, activity_view
from singleuse_app.formats import moment_words
from singleuse_app.link_words import LOG
from singleuse_app.operations.activity import Happening, list_activity
from singleuse_app.operations.history import Happened
from singleuse_app.wording import noted, say

WORDS = {
    **LOG,
    Happened.LINK_CREATED: noted("Link made"),
    Happened.LINK_SENT: noted("Link sent by mail"),
    Happened.LINK_OPENED: noted("Link opened for the first time"),
    Happened.LINK_REVOKED: noted("Link revoked"),
    Happened.LINK_TAKEN_BACK: noted("Link taken back for good, by the command"),
    Happened.LINK_RESTORED: noted("Link given back"),
    Happened.LINK_CHANGED: noted("Link changed"),
    Happened.LINK_REOPENED: noted("Link opened again by a cancellation"),
    Happened.LINK_REQUESTED: noted("New link asked for"),
    Happened.HOST_SET_UP: noted("Account made"),
    Happened.EVENT_TYPE_CHANGED: noted("Event type changed"),
    Happened.HOURS_CHANGED: noted("Hours changed"),
    Happened.PROFILE_CHANGED: noted("Profile or sign-in changed"),
    Happened.HOST_INVITED: noted("Another host invited"),
    Happened.HOST_LEFT: noted("Account deleted"),
    Happened.SIGNED_OUT: noted("Signed out"),
    Happened.TWO_FACTOR_ON: noted("Two-factor sign-in is on"),
    Happened.TWO_FACTOR_OFF: noted("Two-factor sign-in is off"),
    Happened.RECOVERY_CODES_MADE: noted("You have new recovery codes"),
    Happened.RECOVERY_CODE_USED: noted("A recovery code was used"),
    Happened.CALENDAR_CHANGED: noted("Calendars changed"),
    Happened.CALENDAR_CHECKED: noted("Calendar asked for news"),
    Happened.CALENDAR_READ: noted("Calendar had news"),
}
"""Each thing that happens, in words."""


class HappeningState(rx.State):
    """The lines that are shown. ``_last`` is the number of the last of them."""

    lines: list[ActivityLine] = []
    is_shown: bool = False
    has_more: bool = False
    is_first: bool = True

    _last: int | None = None

    @rx.event
    async def show(self) -> EventSpec | None:
        """The newest."""
        return await self._read(before=None)

    @rx.event
    async def older(self) -> EventSpec | None:
        """Those before the ones that are shown."""
        return await self._read(before=self._last)

    async def _read(self, *, before: int | None) -> EventSpec | None:
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        found, self.has_more = await rx.run_in_thread(partial(list_activity, host_id=host.id, before=before))
        now = clock.now()
        self.lines = [
            ActivityLine(
                key=str(each.number),
                when=moment_words(each.at, host.time_zone, now=now, how=host.how),
                what=say(WORDS[each.kind]),
                about=_about(each),
            )
            for each in found
        ]
        self._last = found[-1].number if found else None
        self.is_shown, self.is_first = True, before is None
        return None


def happening_view() -> rx.Component:
    """The part of the settings."""
    return activity_view(HappeningState)


def _about(line: Happening) -> str:
    named = [name for name in (line.invitee or line.recipient, line.event_name) if name]
    return say("something that is no longer here") if line.is_gone and not named else ", ".join(named)
