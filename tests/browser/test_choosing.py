"""Choosing a time: a month as a grid, any zone, any locale, and months without a free time."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.people import HostAtHome
from tests.harness.server import Server


@pytest.fixture(scope="module")
def host(server: Server) -> HostAtHome:
    return HostAtHome.set_up(server)


@pytest.fixture
def link(host: HostAtHome) -> str:
    return host.new_link()


def focused(page: Page) -> str:
    """The date of the day that has the focus."""
    return page.evaluate("document.activeElement.dataset.iso ?? ''")


def days_after(iso: str, days: int) -> str:
    return (date.fromisoformat(iso) + timedelta(days=days)).isoformat()


def test_the_month_is_a_grid_of_days_for_the_keyboard_and_the_screen_reader(page: Page, link: str) -> None:
    steps.open_link(page, link)
    first_month = page.locator(".calendar__month").inner_text()
    page.get_by_role("button", name="Next month").click()
    expect(page.locator(".calendar__month")).not_to_have_text(first_month)
    grid = page.get_by_role("grid")
    expect(grid).to_have_accessible_name(page.locator(".calendar__month").inner_text())
    expect(grid.locator("th")).to_have_count(7)
    chosen = grid.locator("[aria-selected=true]")
    expect(chosen).to_have_count(1)
    expect(chosen.get_by_role("button")).to_have_accessible_name(re.compile(r"^\w+day \d+ \w+, (\w+|\d+) times? free$"))
    assert grid.locator("button[tabindex='0']").count() == 1, "one stop for the Tab key"
    chosen.get_by_role("button").focus()
    first = focused(page)
    page.keyboard.press("ArrowDown")
    expect(page.locator(f".day[data-iso='{days_after(first, 7)}']")).to_be_focused()
    page.keyboard.press("ArrowRight")
    assert focused(page) == days_after(first, 8)
    page.keyboard.press("Home")
    assert datetime.fromisoformat(focused(page)).weekday() == 0
    page.keyboard.press("End")
    sunday = focused(page)
    assert datetime.fromisoformat(sunday).weekday() == 6
    expect(page.locator(".day:focus")).to_have_accessible_name(re.compile(", no times free$"))
    expect(page.locator(".day:focus")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Enter")
    expect(chosen.locator("button")).to_have_attribute("data-iso", first)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    expect(chosen.locator("button")).to_have_attribute("data-iso", days_after(sunday, -2))
    expect(page.locator(".day:focus")).to_have_attribute("data-iso", days_after(sunday, -2))
    month = page.locator(".calendar__month").inner_text()
    page.keyboard.press("PageUp")  # back: that there is yet another month depends on today
    expect(page.locator(".calendar__month")).to_have_text(first_month)
    assert focused(page)[:7] < sunday[:7]
    expect(page.locator(".day:focus")).to_have_accessible_name(re.compile("free$"))
    page.keyboard.press("PageDown")
    expect(page.locator(".calendar__month")).to_have_text(month)
    assert focused(page)[:7] == sunday[:7]
    expect(page.locator(".day:focus")).to_have_accessible_name(re.compile("free$"))
    there = focused(page)
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator(".calendar__month")).to_have_text(first_month)
    assert focused(page)[:7] < there[:7]
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".calendar__month")).to_have_text(month)
    assert focused(page)[:7] == there[:7]


@pytest.mark.thorough
@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"])
def test_every_time_is_shown_in_the_zone_of_the_browser(
    new_context: NewContext, server: Server, link: str, zone: str
) -> None:
    page = new_context(server, timezone_id=zone).new_page()
    steps.open_link(page, link)
    start = steps.choose_first_time(page)
    local = datetime.fromtimestamp(start, ZoneInfo(zone))
    expect(steps.form_title(page)).to_have_text(f"{local:%A} {local.day} {local:%B, %H:%M}")
    city = zone.rpartition("/")[2].replace("_", " ")
    expect(page.locator(".zone-line")).to_contain_text(f"Times in {city} (UTC")
    chosen = page.locator("[aria-selected=true] .day")
    assert chosen.get_attribute("data-iso") == f"{local:%Y-%m-%d}", "though the date is another one at the host's"


@pytest.mark.parametrize(
    ("locale", "first_weekday", "written"),
    [
        ("en-US", "Sun", (r"^\w+day, \w+ \d+$", r"^\d?\d:\d\d [ap]m$")),
        ("en-GB", "Mon", (r"^\w+day \d+ \w+$", r"^\d\d:\d\d$")),
        ("fr-FR", "Mon", (r"^\w+day \d+ \w+$", r"^\d\d:\d\d$")),
    ],
)
def test_clock_week_and_date_are_written_as_the_browsers_language_does(  # noqa: PLR0917
    new_context: NewContext, server: Server, link: str, locale: str, first_weekday: str, written: tuple[str, str]
) -> None:
    page = new_context(server, locale=locale).new_page()
    steps.open_link(page, link)
    steps.choose_first_time(page)
    expect(page.locator(".calendar th").first).to_have_text(first_weekday)
    expect(page.locator(".times__legend")).to_have_text(re.compile(written[0]))
    expect(page.locator("label.time").first).to_have_text(re.compile(written[1]))
    steps.fill_form(page)
    steps.confirm(page)
    booked = r" [ap]m" if locale == "en-US" else r"^\d\d:\d\d–\d\d:\d\d"
    expect(page.locator(".ticket__time")).to_have_text(re.compile(booked))


@pytest.mark.thorough
def test_an_empty_month_leads_to_the_next_free_time(page: Page, fresh_server: Server, new_context: NewContext) -> None:
    host = HostAtHome.set_up(fresh_server)
    steps.change(fresh_server, "UPDATE event_type SET minimum_notice_minutes = 45 * 24 * 60")
    page = new_context(fresh_server).new_page()
    steps.open_link(page, host.new_link())
    month = page.locator(".calendar__month").inner_text()
    page.get_by_role("button", name="Previous month").click()
    expect(page.locator(".book__days .notice p")).to_contain_text("No time is free in ")
    button = page.get_by_role("button", name="Next free time: ")
    day = button.inner_text().removeprefix("Next free time: ").partition(",")[0]
    button.click()
    expect(page.locator(".calendar__month")).to_have_text(month)
    expect(page.locator(".times__legend")).to_have_text(day)
    expect(page.locator("#times")).to_be_focused()


def clock_change(*, forward: bool) -> date:
    """The day of Berlin's next such change that is at least a week away."""
    zone, day = ZoneInfo("Europe/Berlin"), datetime.now(UTC).date() + timedelta(days=7)
    while True:
        midnight, next_one = (datetime.combine(day + timedelta(days=days), clock.min, zone) for days in (0, 1))
        gained = (next_one.utcoffset() or timedelta()) - (midnight.utcoffset() or timedelta())
        if gained and (gained > timedelta()) is forward:
            return day
        day += timedelta(days=1)


@pytest.mark.thorough
@pytest.mark.parametrize("forward", [True, False], ids=["forward", "back"])
def test_in_the_week_of_a_clock_change_no_hour_is_invented_and_none_is_lost(
    fresh_server: Server, new_context: NewContext, forward: bool
) -> None:
    zone, changed = ZoneInfo("Europe/Berlin"), clock_change(forward=forward)
    nights = {"time_zone": zone.key, "weekly_hours": [[day, 0, 300] for day in range(7)], "date_overrides": {}}
    host = HostAtHome.set_up(fresh_server)
    steps.change(fresh_server, "UPDATE availability_schedule SET availability = ?", json.dumps(nights))
    window = "UPDATE event_type SET booking_window = 'dates', first_date = ?, last_date = ?"
    steps.change(fresh_server, window, *(str(changed + timedelta(days=days)) for days in (-1, 1)))
    opens, closes = (datetime.combine(changed, clock(hour), zone).timestamp() for hour in (0, 5))
    starts = list(range(int(opens), int(closes), 1800))
    assert len(starts) == (8 if forward else 12)

    page = new_context(fresh_server, timezone_id="Asia/Kathmandu").new_page()
    steps.open_link(page, host.new_link())
    for days, first in ((-1, 4 if forward else 3), (1, 3 if forward else 4)):
        day = changed + timedelta(days=days)
        if f"{day:%B}" not in page.locator(".calendar__month").inner_text():
            page.get_by_role("button", name="Next month").click()
        page.locator(f"[data-iso='{day}']").click()
        expect(page.locator("label.time").first).to_have_text(f"0{first}:45")

    page = new_context(fresh_server, timezone_id=zone.key).new_page()
    steps.open_link(page, host.new_link())
    page.locator(f"[data-iso='{changed}']").click()
    expect(page.locator(".times__legend")).to_contain_text(f"{changed:%A} {changed.day} ")
    noon = datetime.combine(changed, clock(12), zone)
    now, then = (
        f"UTC{at.astimezone(zone):%z}".replace("+0", "+").removesuffix("00") for at in (datetime.now(UTC), noon)
    )
    told = f"Times in Berlin ({now})" + (f", {then} on this day" if then != now else " ·")
    expect(page.locator(".zone-line")).to_contain_text(told)
    times = page.locator("label.time")
    assert [int(each.get_attribute("value") or "") for each in times.locator("input").all()] == starts
    twos = [text for text in times.all_inner_texts() if text.startswith("02:")]
    assert twos == ([] if forward else ["02:00 CEST", "02:30 CEST", "02:00 CET", "02:30 CET"])
    steps.choose_time(page, 7)
    chosen = f"{changed:%A} {changed.day} {changed:%B}, {'04:30' if forward else '02:30 CET'}"
    expect(steps.form_title(page)).to_have_text(chosen)
    page.reload()
    expect(times.locator("input:checked")).to_have_value(str(starts[7]))
    steps.fill_form(page)
    steps.confirm(page)
    steps.expect_booked(page)
    expect(page.locator(".ticket__time")).to_contain_text("04:30–05:00" if forward else "02:30–03:00")
    assert steps.bookings(fresh_server) == [(starts[7], steps.NAME)]
