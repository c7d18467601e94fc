"""The viewer's zone as one quiet line, and the search for another."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from singleuse_app.components.words import t
from singleuse_app.formats import Conventions, clock_words, zone_words
from singleuse_app.scheduling.zone_search import countries_of, country_codes_of, find_zones, place_names
from singleuse_app.wording import Wording, reader, say

AT_MOST = 8


@dataclass(frozen=True)
class ZoneOption:
    """One zone to choose: its place, and what its clocks show now."""

    value: str
    place: str
    clock: str


def zone_options_for(query: str, likely: tuple[str, ...], *, now: datetime, how: Conventions) -> list[ZoneOption]:
    """The zones that ``query`` finds; the ``likely`` ones where nothing is asked."""
    names = (
        find_zones(query, at=now, limit=AT_MOST, known_as=_known_as(reader()))
        if query.strip()
        else list(dict.fromkeys((*likely, "UTC")))
    )
    return [_option(name, now, how) for name in names]


def zone_view(zone_line: rx.Var[str], state: Any) -> rx.Component:
    """The line with its button; while it is open, a search field and what it finds, each a button.

    ``state`` has the handlers ``change_zone``, ``search_zone`` and ``choose_zone``, and says what was found.
    """
    is_open = state.is_choosing_zone
    return rx.el.div(
        rx.el.p(
            zone_line,
            " · ",
            rx.el.button(
                t("change"),
                type="button",
                id="change-zone",
                on_click=state.change_zone,
                class_name="button button--link",
                custom_attrs={
                    "aria-label": t("Change the time zone"),
                    "aria-expanded": rx.cond(is_open, "true", "false"),
                },
            ),
            class_name="zone-line",
        ),
        rx.cond(
            is_open,
            rx.el.div(
                rx.el.label(t("City, country or offset"), html_for="zone"),
                rx.el.input(
                    id="zone",
                    type="search",
                    auto_complete="off",
                    auto_focus=True,
                    max_length=100,
                    on_change=state.search_zone.debounce(150),
                    custom_attrs={"aria-describedby": "zones-found"},
                ),
                rx.el.p(state.zones_found, id="zones-found", class_name="small soft", role="status"),
                rx.el.ul(
                    rx.foreach(
                        state.zones,
                        lambda option: rx.el.li(
                            rx.el.button(
                                rx.el.span(option.place),
                                rx.el.span(option.clock, class_name="small soft tabular"),
                                type="button",
                                on_click=state.choose_zone(option.value),
                                class_name="zone",
                            ),
                            key=option.value,
                        ),
                    ),
                    class_name="zones",
                ),
                class_name="field zone-search",
            ),
            rx.fragment(),
        ),
    )


@cache
def _known_as(told: Wording) -> dict[str, str]:
    """What the zones are called in another language than English, in which they are found anyway."""
    if told.is_english:
        return {}
    return {
        name: " ".join((told.city(name), *(told.countries[code] for code in country_codes_of(name))))
        for name in place_names()
        if name != "UTC"
    }


def _option(name: str, now: datetime, how: Conventions) -> ZoneOption:
    city, _, offset = zone_words(name, now).partition(" (")
    told = reader()
    countries = countries_of(name) if told.is_english else [told.countries[code] for code in country_codes_of(name)]
    local = now.astimezone(ZoneInfo(name))
    return ZoneOption(
        value=name,
        place=f"{city}, {countries[0]}" if len(countries) == 1 and countries[0] != city else city,
        clock=say("{time} now", time=clock_words(local, how=how)) + (f" ({offset}" if offset else ""),
    )
