"""Finding a time zone by what people know of it: a city, a country, an abbreviation, an offset."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from zoneinfo import ZoneInfo


def find_zones(
    query: str, *, at: datetime, limit: int, known_as: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """The names of at most ``limit`` zones of which every word of ``query`` says something, the likeliest first.

    A word is the beginning of a word of the zone's name or of its countries' (ISO 3166), or an abbreviation or an
    offset that it has at that instant. ``known_as`` has more words for a zone. Nothing asked, nothing found.

    >>> from datetime import UTC
    >>> find_zones("nepal", at=datetime(2026, 9, 1, tzinfo=UTC), limit=5)
    ['Asia/Kathmandu']
    """
    wanted = plain(query.replace("/", " ").replace("_", " ")).split()
    found: list[tuple[int, str]] = []
    for name in place_names() if wanted else ():
        city, others = _words_of(name)
        others = [*others, *plain(known_as[name]).split()] if name in known_as else others
        clock = {*_clock_words(name, at)}
        if all(word in clock or any(own.startswith(word) for own in (*city, *others)) for word in wanted):
            found.append((0 if city[0].startswith(wanted[0]) else 1, name))
    return [name for _, name in sorted(found)[:limit]]


@cache
def place_names() -> tuple[str, ...]:
    """The zones of all countries, in order and without the names that they had formerly, and UTC."""
    return (*sorted(_countries()), "UTC")


def countries_of(zone: str) -> tuple[str, ...]:
    """The countries in which a zone is used, in English.

    >>> countries_of("Europe/Vienna")
    ('Austria',)
    """
    return _countries().get(zone, ())


def present_name(zone: str) -> str:
    """The name that a zone has now; browsers know some by a former one.

    >>> present_name("Asia/Katmandu"), present_name("Europe/Berlin")
    ('Asia/Kathmandu', 'Europe/Berlin')
    """
    return zone if zone in _countries() else _former_names().get(zone, zone)


@cache
def _former_names() -> dict[str, str]:
    """What the IANA database calls links, where they lead to the zone of a country."""
    lines = (files("tzdata") / "zoneinfo" / "tzdata.zi").read_text(encoding="utf-8").splitlines()
    links = (line.split() for line in lines if line.startswith("L "))
    return {name: zone for _, zone, name in links if zone in _countries()}


def country_codes_of(zone: str) -> tuple[str, ...]:
    """The same by their two letters.

    >>> country_codes_of("Europe/Vienna")
    ('AT',)
    """
    return _codes().get(zone, ())


@cache
def country_names() -> dict[str, str]:
    """The countries in English, by their two letters (ISO 3166)."""
    return {code: name for code, name, *_ in _lines("iso3166.tab")}


@cache
def _countries() -> dict[str, tuple[str, ...]]:
    return {zone: tuple(country_names()[code] for code in codes) for zone, codes in _codes().items()}


@cache
def _codes() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, _place, zone, *_ in _lines("zone.tab"):
        found[zone] = (*found.get(zone, ()), code)
    return found


def _lines(table: str) -> list[list[str]]:
    text = (files("tzdata") / "zoneinfo" / table).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _words_of(zone: str) -> tuple[list[str], list[str]]:
    """The words of the city, and those of all else that names a zone."""
    *areas, city = plain(zone.replace("_", " ")).split("/")
    return [city, *city.split()], " ".join((*areas, *map(plain, countries_of(zone)))).split()


def _clock_words(zone: str, at: datetime) -> tuple[str, ...]:
    local = at.astimezone(ZoneInfo(zone))
    sign, hours, minutes = f"{local:%z}"[0], int(f"{local:%z}"[1:3]), f"{local:%z}"[3:5]
    offset = f"{sign}{hours}" if minutes == "00" else f"{sign}{hours}:{minutes}"
    return plain(f"{local:%Z}"), offset, f"utc{offset}", f"gmt{offset}"


def plain(text: str) -> str:
    """Text without capitals and accents, as people search for it."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
