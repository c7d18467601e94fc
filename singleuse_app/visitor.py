"""What an invitee's browser keeps: receipts, a time zone, and the time it had chosen.

Anybody can send anything here, so every reader checks what it takes.
"""

import re
import secrets
from datetime import UTC, datetime

import reflex as rx
from reflex.event import Event

from singleuse_app.formats import Conventions
from singleuse_app.scheduling.bookings import known_time_zone
from singleuse_app.scheduling.zone_search import present_name
from singleuse_app.wording import conventions_in, known_locale, preferred, speak_to

CANCELLING = "cancel"


class Browser(rx.State):
    """The browser's own storage. ``before_app.js`` mints the receipt before any booking, and finds the zone and the
    language."""

    receipt: str = rx.LocalStorage("", name="singleuse_receipt")
    detected_time_zone: str = rx.LocalStorage("", name="singleuse_browser_time_zone")
    time_zone: str = rx.LocalStorage("", name="singleuse_time_zone")
    locale: str = rx.LocalStorage("", name="singleuse_locale")
    spoken: str = rx.SessionStorage("", name="singleuse_language")
    chosen: str = rx.SessionStorage("", name="singleuse_chosen")
    asked: str = rx.LocalStorage("", name="singleuse_asked")
    visit: str = rx.SessionStorage("", name="singleuse_visit")


async def receipt_of(state: rx.State) -> str:
    """This browser's receipt; one for this visit where the browser keeps none."""
    browser = await state.get_state(Browser)
    if not isinstance(browser.receipt, str) or not re.fullmatch("[0-9a-f]{32}", browser.receipt):
        browser.receipt = secrets.token_hex(16)
    return browser.receipt


async def receipt_of_visit(state: rx.State) -> str:
    """This tab's receipt for standard links, of which one browser may book several times: until it is renewed."""
    browser = await state.get_state(Browser)
    if not isinstance(browser.visit, str) or not re.fullmatch("[0-9a-f]{32}", browser.visit):
        browser.visit = secrets.token_hex(16)
    return browser.visit


async def renew_visit(state: rx.State) -> None:
    """From now on this tab is somebody new to every standard link."""
    (await state.get_state(Browser)).visit = secrets.token_hex(16)


async def time_zone_of(state: rx.State, *, detected: bool = False) -> str:
    """The zone that was chosen in this browser, unless only the ``detected`` one counts; else its own, else UTC."""
    browser = await state.get_state(Browser)
    chosen = None if detected else known_time_zone(browser.time_zone)
    return present_name(chosen or known_time_zone(browser.detected_time_zone) or "UTC")


async def conventions_of(state: rx.State) -> Conventions:
    """How this browser's language writes times and days; a plain way where it does not say."""
    tag = (await state.get_state(Browser)).locale
    return conventions_in(tag if isinstance(tag, str) else None)


async def locale_of(state: rx.state.BaseState) -> str:
    """The language that this browser's pages are in, as its reader is used to it."""
    browser = await state.get_state(Browser)
    own = known_locale(browser.locale) if browser.locale else preferred(state.router.headers.accept_language)
    spoken = known_locale(browser.spoken) if browser.spoken else own
    return own if own[:2] == spoken[:2] else spoken


class SpeakTheirLanguage(rx.Middleware):
    """Whatever an event is answered with is said in the language of the page that sent it."""

    async def preprocess(self, app: rx.App, state: rx.state.BaseState, event: Event) -> None:
        """Called before every event, with the state of the tab."""
        speak_to(await locale_of(state))


async def keep_time_zone(state: rx.State, zone: str) -> None:
    """Remember the chosen zone for every link that this browser opens."""
    (await state.get_state(Browser)).time_zone = zone


async def keep_choice(state: rx.State, token: object, start: datetime | None) -> None:
    """Remember in this tab what was chosen on a link, so that a lost connection does not lose it."""
    (await state.get_state(Browser)).chosen = f"{token}:{int(start.timestamp())}" if start else ""


async def choice_of(state: rx.State, token: object) -> datetime | None:
    """What this tab had chosen on that link."""
    kept = (await state.get_state(Browser)).chosen
    link, _, start = kept.partition(":") if isinstance(kept, str) else ("", "", "")
    return instant_of(start) if link == token else None


async def keep_cancelling(state: rx.State, token: object) -> None:
    """Remember in this tab that a booking was about to be cancelled."""
    (await state.get_state(Browser)).chosen = f"{token}:{CANCELLING}"


async def is_cancelling(state: rx.State, token: object) -> bool:
    """Whether it was."""
    return (await state.get_state(Browser)).chosen == f"{token}:{CANCELLING}"


async def keep_asked(state: rx.State, token: object) -> None:
    """Remember that this browser has asked for a new link in place of that one."""
    (await state.get_state(Browser)).asked = str(token)


async def has_asked(state: rx.State, token: object) -> bool:
    """Whether it has."""
    return (await state.get_state(Browser)).asked == token


def instant_of(value: object) -> datetime | None:
    """An instant from epoch seconds in text, as a page's radio buttons carry them; ``None`` for anything else.

    >>> instant_of("1788249600")
    datetime.datetime(2026, 9, 1, 8, 0, tzinfo=datetime.timezone.utc)
    """
    seconds = number_of(value)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def number_of(value: object) -> int | None:
    """A whole number from text; ``None`` for anything else."""
    return int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,11}", value) else None
