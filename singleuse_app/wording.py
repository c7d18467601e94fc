"""What people read, in their language: gettext catalogues, and dates as the language writes them.

The English of the code is the message; ``locales/de.po`` has its German. ``python -m tests.catalogues`` brings it up to
date with the code.

A mail is written in the words of a :class:`Wording`. A page is answered in those of its reader: whoever finds out who
that is says so once (:func:`speak_to`), and what is said from then on in the same task is said to them.
"""

import gettext
import io
import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_skeleton, format_time, get_day_names, get_timezone_location
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from singleuse_app.scheduling.zones import offset_words

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""The languages that there are, by their tag (BCP 47), each in its own words."""

_TAG = re.compile(r"[A-Za-z]{2}(-[A-Za-z0-9]{2,8}){0,3}")
LOCALES = Path(__file__).parent / "locales"
INVITEE, HOST = "on pages of invitees", "on pages of hosts"
"""What messages are marked with in the catalogues that are said in the browser."""

PLAIN_ENGLISH = "en-GB"
"""How English writes dates where nobody says which English."""

_NO_FACTS: Mapping[str, object] = MappingProxyType({})


def known_locale(tag: object) -> str:
    """The language tag if it is one of a language that there is; else ``en``.

    >>> known_locale("de-AT"), known_locale("fr"), known_locale("de-AT; drop"), known_locale(None)
    ('de-AT', 'en', 'en', 'en')
    """
    return _known_locale(tag) if isinstance(tag, str) and _TAG.fullmatch(tag) else "en"


@lru_cache(maxsize=256)
def _known_locale(tag: str) -> str:
    if tag[:2].lower() not in LANGUAGES:
        return "en"
    try:
        return str(Locale.parse(tag, sep="-")).replace("_", "-")
    except (ValueError, UnknownLocaleError):
        return "en"


@dataclass(frozen=True, slots=True)
class Conventions:
    """How a reader is used to see times and days. ``first_weekday`` counts from Monday, 0."""

    twelve_hours: bool = False
    month_first: bool = False
    first_weekday: int = 0


PLAIN = Conventions()


@lru_cache(maxsize=256)
def conventions_in(tag: object) -> Conventions:
    """How people of a language and territory write times and days, whether or not there are words in their language.

    >>> conventions_in("en-US"), conventions_in("de-AT") == conventions_in("xx") == conventions_in(None)
    (Conventions(twelve_hours=True, month_first=True, first_weekday=6), True)
    >>> conventions_in("zh-TW") == conventions_in("zh-Hant-TW") != conventions_in("zh-CN")
    True
    """
    if not isinstance(tag, str) or not _TAG.fullmatch(tag):
        return PLAIN
    whole = get_global("likely_subtags").get(tag.replace("-", "_"), tag).replace("_", "-")
    shorter = ("-".join(whole.split("-")[:parts]) for parts in (3, 2, 1))
    said = next((how for part in (tag, *shorter) if (how := _conventions().get(part))), None)
    if said is None:
        return PLAIN
    hours, first, weekday = said.split()
    return Conventions(hours == "12", first == "month", int(weekday))


@dataclass(frozen=True, slots=True)
class Wording:
    """How one reader is written to: their locale, and the half-day clock where they are used to one."""

    locale: Locale
    catalogue: gettext.NullTranslations
    twelve_hours: bool | None = None

    @property
    def language(self) -> str:
        """The tag of the language, as HTML and mail say it."""
        return str(self.locale).replace("_", "-")

    @property
    def is_english(self) -> bool:
        """Whether the messages of the code are their own words."""
        return self.locale.language == "en"

    def say(self, message: str, /, **facts: object) -> str:
        """A message in the reader's language, with its facts."""
        return self.catalogue.gettext(message).format_map(facts)

    def count(self, one: str, many: str, number: int, /, **facts: object) -> str:
        """A message about a number of things, which it names as ``{number}``."""
        return self.catalogue.ngettext(one, many, number).format_map({"number": number, **facts})

    @property
    def countries(self) -> Mapping[str, str]:
        """The countries by their two letters (ISO 3166)."""
        return self.locale.territories

    def all_of(self, things: list[str]) -> str:
        """Several things as a sentence lists them."""
        return format_list(things, locale=self.locale)

    def day(self, at: datetime, zone: str) -> str:
        """The day of an instant in a zone, with its weekday and year."""
        return format_date(at.astimezone(ZoneInfo(zone)), "full", locale=self.locale)

    def near_date(self, day: date) -> str:
        """A day of the calendar, with its weekday, of a year that goes without saying."""
        weekday = format_date(day, "EEEE", locale=self.locale)
        return f"{weekday}, {format_skeleton('MMMMd', day, locale=self.locale)}"

    def month(self, day: date) -> str:
        """The month of a day, with its year."""
        return format_skeleton("yMMMM", day, locale=self.locale)

    @property
    def weekdays(self) -> list[tuple[str, str]]:
        """The days of a week, from Monday: in full, and in short."""
        whole, short = (get_day_names(width, "stand-alone", self.locale) for width in ("wide", "abbreviated"))
        return [(whole[day], short[day]) for day in range(7)]

    def short_date(self, day: date) -> str:
        """A day of the calendar without its weekday."""
        return format_date(day, "long", locale=self.locale)

    def date(self, day: date) -> str:
        """A day of the calendar, with its weekday and year."""
        return format_date(day, "full", locale=self.locale)

    def clock(self, start: datetime, end: datetime, zone: str) -> str:
        """A stretch on the wall clock of a zone; its end with a date where that is another day."""
        here = ZoneInfo(zone)
        first, last = start.astimezone(here), end.astimezone(here)
        words = f"{self._time(first)}–{self._time(last)}"
        return words if first.date() == last.date() else f"{words} ({self.day(end, zone)})"

    def zone(self, zone: str, at: datetime) -> str:
        """A zone by its city, with its offset at that instant."""
        return "UTC" if zone in ("UTC", "Etc/UTC") else f"{self.city(zone)} ({offset_words(zone, at)})"

    def city(self, zone: str) -> str:
        """The place that a zone is called after."""
        return get_timezone_location(ZoneInfo(zone), locale=self.locale, return_city=True)

    def when(self, start: datetime, end: datetime, zone: str) -> str:
        """A meeting's time in full: day, clock and zone."""
        return f"{self.day(start, zone)}, {self.clock(start, end, zone)}, {self.zone(zone, start)}"

    def moment(self, at: datetime, zone: str) -> str:
        """An instant in full: day, clock and zone."""
        return f"{self.day(at, zone)}, {self._time(at.astimezone(ZoneInfo(zone)))}, {self.zone(zone, at)}"

    def _time(self, local: datetime) -> str:
        pattern = {None: "short", True: "h:mm a", False: "HH:mm"}[self.twelve_hours]
        return format_time(local, pattern, locale=self.locale)


@cache
def wording(locale: str, *, twelve_hours: bool | None = None) -> Wording:
    """How a reader of that locale is written to.

    >>> wording("de").say("When")
    'Wann'
    """
    tag = known_locale(locale)
    found = Locale.parse(PLAIN_ENGLISH if tag == "en" else tag, sep="-")
    return Wording(found, _catalogue(found.language), twelve_hours)


@lru_cache(maxsize=256)
def preferred(accept_language: str) -> str:
    """The locale of somebody whose browser says that it accepts these (RFC 9110, 12.5.4), the best first.

    >>> preferred("fr-CH, fr;q=0.9, en;q=0.7, de-CH;q=0.8"), preferred("en-US,en;q=0.9,de;q=0.5"), preferred("fr")
    ('de-CH', 'en-US', 'en')
    """
    found = []
    for part in accept_language[:500].split(","):
        tag, _, weight = (piece.strip() for piece in part.partition(";"))
        quality = re.fullmatch(r"q=([01](?:\.[0-9]{0,3})?)", weight) if weight else None
        if tag[:2].lower() in LANGUAGES:
            found.append((-float(quality[1]) if quality else -1.0, len(found), tag))
    return known_locale(min(found)[2]) if found else "en"


_reader: ContextVar[str] = ContextVar("reader", default="en")


def speak_to(locale: str) -> None:
    """What this task says from now on is said to a reader of that locale."""
    _reader.set(known_locale(locale))


@contextmanager
def speaking_to(locale: str) -> Generator[Wording]:
    """The same for as long as the block runs."""
    before = _reader.set(known_locale(locale))
    try:
        yield reader()
    finally:
        _reader.reset(before)


def reader() -> Wording:
    """How whoever is being answered is written to; in English where nobody is."""
    return wording(_reader.get())


def say(message: str, /, **facts: object) -> str:
    """A message to whoever is being answered.

    >>> with speaking_to("de"): say("When")
    'Wann'
    """
    return reader().say(message, **facts)


def count(one: str, many: str, number: int, /, **facts: object) -> str:
    """A message about a number of things to whoever is being answered."""
    return reader().count(one, many, number, **facts)


def noted(message: str) -> str:
    """The message itself, which the catalogues are to have because it is said elsewhere."""
    return message


@cache
def spoken_by_pages(language: str, pages: str) -> str:
    """The script that lets pages of a kind speak a language, where they look for it (``components/words.py``).

    ``pages`` is what their messages are marked with in the catalogue; a host's say what an invitee's do, too. It is
    nothing for English, which they speak.
    """
    messages = {
        message.id: message.string
        for message in _read(language)
        if message.string and (pages in message.auto_comments or (pages == HOST and INVITEE in message.auto_comments))
    }
    if not messages:
        return ""
    told = json.dumps(messages, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f"globalThis.say=(words=>text=>words[text]??text)({told})"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """The messages of one language; for English the messages themselves."""
    compiled = io.BytesIO()
    write_mo(compiled, _read(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled) if len(_read(language)) else gettext.NullTranslations()


@cache
def _read(language: str) -> Catalog:
    """A catalogue as its file has it; an empty one where there is no file."""
    file = LOCALES / f"{language}.po"
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as lines:
        return read_po(lines, locale=language)


@cache
def _conventions() -> dict[str, str]:
    """Of ``python -m tests.conventions``."""
    said: dict[str, str] = json.loads((LOCALES / "conventions.json").read_text(encoding="utf-8"))
    return {tag: how for how, tags in said.items() for tag in tags.split()}
