"""Public holidays, which the holidays library knows. It is loaded for whoever observes some, and asked once a year."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from singleuse_app.scheduling.errors import InvalidAvailability
from singleuse_app.scheduling.zones import day_number

MAX_WORKED = 366


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """The public holidays of a country (ISO 3166-1 alpha-2), or of a region of it, as days off.

    ``region`` is a subdivision in the holidays library's own code, mostly ISO 3166-2 without the country: ``"BE"``
    is Berlin. ``worked`` are the dates on which the host works all the same, in their usual hours.

    Raises ``InvalidAvailability`` for a country or region that the library does not know.

    >>> PublicHolidays("DE", "BE", worked=frozenset({date(2026, 10, 3)})).names(2026)[day_number(date(2026, 12, 25))]
    'Christmas Day'
    """

    country: str
    region: str | None = None
    worked: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        known = countries().get(self.country)
        if known is None or (self.region is not None and self.region not in known):
            raise InvalidAvailability("holidays_unknown", country=self.country, region=self.region)
        if len(self.worked) > MAX_WORKED:
            raise InvalidAvailability("too_many_entries", most=MAX_WORKED)

    def names(self, year: int) -> Mapping[int, str]:
        """What is celebrated on which day of a year, by :func:`day_number`."""
        return _names(self.country, self.region, year)


@lru_cache(maxsize=1)
def countries() -> Mapping[str, tuple[str, ...]]:
    """The countries whose holidays are known, each with its regions."""
    from holidays import list_supported_countries  # noqa: PLC0415 - a quarter of a second, for those who need it

    return {country: tuple(regions) for country, regions in list_supported_countries(include_aliases=False).items()}


@lru_cache(maxsize=64)
def region_names(country: str) -> Mapping[str, str]:
    """The regions of a country by their codes, as people there call them; none of a country that is not known.

    >>> region_names("GB")["SCT"]
    'Scotland'
    """
    codes = countries().get(country, ())
    if not codes:
        return {}
    from holidays import country_holidays  # noqa: PLC0415

    named = {code: name for name, code in country_holidays(country).subdivisions_aliases.items()}
    return {code: named.get(code, code) for code in codes}


@lru_cache(maxsize=1024)
def _names(country: str, region: str | None, year: int) -> Mapping[int, str]:
    from holidays import country_holidays  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of years for which some religious dates are estimated or left out
        known = country_holidays(country, subdiv=region, years=year, expand=False)
    return {day_number(day): name for day, name in known.items()}
