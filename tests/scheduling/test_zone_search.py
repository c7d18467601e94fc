"""A time zone is found by what people know of it."""

from datetime import UTC, datetime

import pytest

from singleuse_app.scheduling.zone_search import countries_of, find_zones, place_names, present_name
from singleuse_app.scheduling.zones import known_time_zones

SUMMER, WINTER = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("kathmandu", "Asia/Kathmandu"),
        ("Nepal", "Asia/Kathmandu"),
        ("+5:45", "Asia/Kathmandu"),
        ("utc+5:45", "Asia/Kathmandu"),
        ("st johns", "America/St_Johns"),
        ("America/St_Johns", "America/St_Johns"),
        ("apia", "Pacific/Apia"),
        ("new yo", "America/New_York"),
        ("yor united", "America/New_York"),
        ("SAO PAULO", "America/Sao_Paulo"),
        ("são p", "America/Sao_Paulo"),
        ("cote d'ivoire", "Africa/Abidjan"),
        ("  berlin  germany ", "Europe/Berlin"),
        ("utc", "UTC"),
    ],
)
def test_a_city_a_country_an_abbreviation_or_an_offset_finds_it(query: str, first: str) -> None:
    assert first in find_zones(query, at=SUMMER, limit=3)


def test_an_abbreviation_counts_when_it_is_in_use() -> None:
    assert "Europe/Berlin" in find_zones("cest", at=SUMMER, limit=500)
    assert "Europe/Berlin" not in find_zones("cest", at=WINTER, limit=500)
    assert "Europe/Berlin" in find_zones("germany +1", at=WINTER, limit=500)


@pytest.mark.parametrize("query", ["", "  ", "qwertz", "../..", "\x00", "x" * 1000, "☃", "Factory"])
def test_what_says_nothing_finds_nothing(query: str) -> None:
    assert find_zones(query, at=SUMMER, limit=8) == []


def test_no_more_are_found_than_asked_for() -> None:
    assert len(find_zones("a", at=SUMMER, limit=8)) == 8


def test_every_name_is_a_zone_that_can_be_chosen() -> None:
    assert {*place_names()} <= known_time_zones()
    assert len(place_names()) > 400
    assert countries_of("UTC") == ()


@pytest.mark.parametrize(
    ("former", "now"),
    [("Asia/Calcutta", "Asia/Kolkata"), ("US/Eastern", "America/New_York"), ("Europe/Oslo", "Europe/Oslo"), ("x", "x")],
)
def test_a_former_name_becomes_the_present_one(former: str, now: str) -> None:
    assert present_name(former) == now
