"""A host says when they can be booked: hours by keyboard, a preview before saving, every refusal at its field."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.browser.test_keyboard import press, tab_to
from tests.harness.browser import axe, fits
from tests.harness.people import HostAtHome
from tests.harness.server import Server

SCREENS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "wide, dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
    "phone, dark": {
        "viewport": {"width": 360, "height": 740},
        "color_scheme": "dark",
        "has_touch": True,
        "is_mobile": True,
    },
}


@pytest.fixture
def at_home(fresh_server: Server) -> HostAtHome:
    """A host of their own, who works from Monday to Friday, 9 to 17 in Berlin."""
    return HostAtHome.set_up(fresh_server)


def open_page(new_context: NewContext, host: HostAtHome, **screen: Any) -> Page:
    page = steps.open_as_host(new_context(host.server, **screen), host, "/availability")
    expect(hours(page, "Monday")).to_be_visible()
    return page


def hours(page: Page, day: str) -> Locator:
    return page.get_by_label(day, exact=True)


def strips(page: Page, day: str) -> Locator:
    return page.get_by_label("Preview").get_by_role("listitem").filter(has_text=re.compile(f"^{day}"))


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def saved(page: Page) -> None:
    save(page)
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()


def ask_why(page: Page, day: str, time: str) -> Locator:
    page.locator("[name=why_date]").fill(day)
    page.locator("[name=why_time]").fill(time)
    page.get_by_role("button", name="Explain").click()
    return page.locator(".why")


def offered(page: Page) -> set[str]:
    """The times of the day that an invitee looks at."""
    return set(page.locator("label.time").all_inner_texts())


def test_hours_are_changed_by_keyboard_and_preview_and_invitee_follow(
    at_home: HostAtHome, new_context: NewContext
) -> None:
    invitee = new_context(at_home.server, timezone_id="Europe/Berlin").new_page()
    steps.open_link(invitee, at_home.new_link())
    steps.choose_first_time(invitee)
    assert "16:30" in offered(invitee)
    page = open_page(new_context, at_home)
    tab_to(page, ".hours-row input")
    expect(hours(page, "Monday")).to_be_focused()
    press(page, "ControlOrMeta+a")
    page.keyboard.type("9-12, 1pm-3:30pm")
    for strip in strips(page, "Monday").all()[1:]:
        expect(strip).to_contain_text("09:00–12:00, 13:00–15:30")
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    tab_to(page, ".hours-row summary")
    press(page, "Enter", "Tab")
    expect(page.get_by_role("button", name="Monday to Friday").first).to_be_focused()
    press(page, "Enter")
    expect(hours(page, "Friday")).to_have_value("9-12, 1pm-3:30pm")
    expect(hours(page, "Saturday")).to_have_value("")
    copied = "The hours of Monday are on Tuesday, Wednesday, Thursday, Friday too."
    expect(steps.said(page, copied)).to_be_attached()
    press(page, "Escape")
    assert "16:30" in offered(invitee)
    tab_to(page, "#save-schedule")
    press(page, "Enter")
    expect(steps.said(page, "Saved: Working hours.")).to_be_attached()
    expect(page.locator("#save-schedule")).to_be_focused()
    expect(invitee.locator("label.time").filter(has_text="16:30")).to_have_count(0)
    expect(invitee.locator("label.time").filter(has_text="15:00")).to_have_count(1)
    page.reload()
    expect(hours(page, "Tuesday")).to_have_value("09:00–12:00, 13:00–15:30")
    expect(hours(page, "Saturday")).to_have_attribute("placeholder", "Unavailable")


@pytest.mark.thorough
def test_what_cannot_be_read_is_told_at_its_field_and_nothing_is_lost(
    at_home: HostAtHome, new_context: NewContext
) -> None:
    page = open_page(new_context, at_home)
    page.get_by_label("Name of the schedule").fill("Office")
    hours(page, "Tuesday").fill("17-9")
    hours(page, "Wednesday").fill("9-12, 11-17")
    hours(page, "Thursday").fill("10-12")
    expect(strips(page, "Tuesday").first).to_contain_text("hours that cannot be read yet")
    page.get_by_role("button", name="Add a date").click()
    date = page.locator(".date-rows [type=date]")
    expect(date).to_be_focused()
    page.locator(".date-rows").get_by_label("Hours").fill("mornings")
    save(page)
    expect(hours(page, "Tuesday")).to_be_focused()
    expect(hours(page, "Tuesday")).to_have_accessible_description(re.compile("Choose an end that is later"))
    expect(hours(page, "Wednesday")).to_have_accessible_description(re.compile("Two of these overlap"))
    expect(date).to_have_accessible_description("Choose a date between 2000 and 2099.")
    hours(page, "Wednesday").focus()
    expect(hours(page, "Tuesday")).to_have_attribute("aria-invalid", "true")  # until it is right
    hours(page, "Tuesday").fill("9-17")
    expect(hours(page, "Tuesday")).to_have_attribute("aria-invalid", "false")
    hours(page, "Wednesday").fill("")
    date.fill("2030-01-02")
    save(page)
    wrong = page.locator(".date-rows").get_by_label("Hours")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_value("mornings")
    wrong.fill("9-12")
    saved(page)
    page.reload()
    expect(page.get_by_label("Name of the schedule")).to_have_value("Office")
    assert [hours(page, day).input_value() for day in ("Tuesday", "Wednesday", "Thursday")] == [
        "09:00–17:00",
        "",
        "10:00–12:00",
    ]
    expect(date).to_have_value("2030-01-02")
    expect(wrong).to_have_value("09:00–12:00")
    page.get_by_role("button", name="Remove Wednesday 2 January 2030").click()
    expect(page.get_by_role("button", name="Add a date")).to_be_focused()
    saved(page)
    page.reload()
    expect(hours(page, "Monday")).to_be_visible()
    expect(date).to_have_count(0)


@pytest.mark.thorough
def test_an_override_on_the_day_of_a_clock_change(at_home: HostAtHome, new_context: NewContext) -> None:
    page = open_page(new_context, at_home)
    page.get_by_role("button", name="Add a date").click()
    page.locator(".date-rows [type=date]").fill("2027-03-28")
    page.locator(".date-rows").get_by_label("Hours").fill("1:00-4:00")
    for _ in range(120):
        if strips(page, "Sunday 28 March").count():
            break
        before = page.locator(".strips").inner_text()
        page.get_by_role("button", name="Two weeks later").click()
        expect(page.locator(".strips")).not_to_have_text(before, use_inner_text=True)
    expect(strips(page, "Sunday 28 March")).to_contain_text("01:00–02:00, 03:00–04:00")
    expect(strips(page, "Sunday 28 March")).to_contain_text("The clocks are put forward.")
    expect(ask_why(page, "2027-03-28", "03:00")).to_contain_text("It is outside the weekly hours.")
    saved(page)
    steps.change(at_home.server, "UPDATE event_type SET booking_window = 'open', minimum_notice_minutes = 0")
    expect(ask_why(page, "2027-03-28", "03:00")).to_contain_text("it is offered")
    expect(ask_why(page, "2027-03-28", "02:30")).to_contain_text("The clocks skip that time on that day.")
    expect(ask_why(page, "2027-03-28", "04:30")).to_contain_text("It is outside the hours of that date.")


@pytest.mark.thorough
def test_holidays_and_what_recurs(at_home: HostAtHome, new_context: NewContext) -> None:
    page = open_page(new_context, at_home)
    page.get_by_label("Country").select_option(label="Germany")
    page.get_by_label("Region").select_option(label="Berlin")
    page.get_by_role("button", name="Add a recurrence").click()
    expect(page.get_by_label("How often")).to_be_focused()
    page.get_by_label("How often").select_option(label="First in a month")
    page.get_by_label("Day", exact=True).select_option(label="Saturday")
    page.get_by_label("From", exact=True).fill("2026-10-01")
    page.locator(".date-rows").get_by_label("Hours").fill("10-14")
    expect(page.locator(".date-rows__words")).to_have_text(
        "The first Saturday of the month, from Thursday 1 October 2026"
    )
    opened = page.locator(".strips li").filter(has_text=re.compile("^Saturday.*10:00–14:00"))
    while not opened.count():
        before = page.locator(".strips").inner_text()
        page.get_by_role("button", name="Two weeks later").click()
        expect(page.locator(".strips")).not_to_have_text(before, use_inner_text=True)
    saved(page)
    page.reload()
    expect(page.get_by_label("Region")).to_have_value("BE")
    expect(page.get_by_label("How often")).to_have_value("first")
    expect(ask_why(page, "2030-03-08", "10:00")).to_contain_text("It is a public holiday")  # in Berlin alone
    page.get_by_label("Country").select_option(label="France")
    expect(page.get_by_label("Region")).to_have_value("")
    saved(page)
    expect(ask_why(page, "2030-03-08", "10:00")).not_to_contain_text("public holiday")


@pytest.mark.thorough
def test_schedules_are_added_renamed_and_removed_unless_they_are_used(
    at_home: HostAtHome, new_context: NewContext
) -> None:
    page = open_page(new_context, at_home)
    hours(page, "Monday").fill("8-9")
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    page.get_by_role("button", name="Add a schedule").click()
    expect(page.get_by_label("Name of the schedule")).to_have_value("New schedule")
    expect(page.get_by_label("Name of the schedule")).to_be_focused()
    expect(page.get_by_text("No event type uses it.")).to_be_visible()
    expect(hours(page, "Monday")).to_have_value("09:00–17:00")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Evenings")
    hours(page, "Monday").fill("18-20")
    saved(page)
    page.get_by_role("button", name="Working hours").click()
    expect(hours(page, "Monday")).to_have_value("8-9")  # what was not saved
    expect(page.get_by_text("Used by 30 minute meeting.")).to_be_visible()
    page.reload()
    expect(hours(page, "Monday")).to_have_value("8-9")
    page.get_by_role("button", name="Discard changes").click()
    expect(hours(page, "Monday")).to_have_value("09:00–17:00")
    page.get_by_role("button", name="Remove schedule").click()
    page.get_by_role("button", name="Yes, remove it").click()
    expect(page.get_by_role("alert").filter(has_text="30 minute meeting")).to_contain_text("Choose another one")
    page.get_by_role("button", name="Evenings").click()
    expect(hours(page, "Monday")).to_have_value("18:00–20:00")
    page.get_by_role("button", name="Remove schedule").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("button", name="Remove schedule")).to_be_focused()
    page.get_by_role("button", name="Remove schedule").click()
    page.get_by_role("button", name="Yes, remove it").click()
    expect(page.locator(".chip")).to_have_count(1)
    expect(hours(page, "Monday")).to_have_value("09:00–17:00")


@pytest.mark.thorough
def test_another_tab_is_followed_but_never_over_what_is_typed(at_home: HostAtHome, new_context: NewContext) -> None:
    first, second = (open_page(new_context, at_home) for _ in range(2))
    hours(first, "Monday").fill("8-9")
    saved(first)
    expect(hours(second, "Monday")).to_have_value("08:00–09:00")
    hours(second, "Tuesday").fill("10-11")
    expect(second.get_by_text("Not saved yet.")).to_be_visible()
    hours(first, "Monday").fill("7-8")
    saved(first)
    expect(second.get_by_text("This schedule was changed elsewhere.")).to_be_visible()
    expect(hours(second, "Tuesday")).to_have_value("10-11")
    expect(hours(second, "Monday")).to_have_value("08:00–09:00")
    second.get_by_role("button", name="Discard changes").click()
    expect(hours(second, "Monday")).to_have_value("07:00–08:00")
    expect(hours(second, "Tuesday")).to_have_value("09:00–17:00")
    expect(second.get_by_text("This schedule was changed elsewhere.")).to_have_count(0)


@pytest.mark.thorough
@pytest.mark.parametrize("screen", SCREENS)
def test_nobody_is_barred(at_home: HostAtHome, new_context: NewContext, screen: str) -> None:
    page = open_page(new_context, at_home, reduced_motion="reduce", **SCREENS[screen])
    axe(page)
    fits(page)
    page.get_by_label("Name of the schedule").fill("Wolfeschlegelsteinhausenbergerdorff")
    hours(page, "Tuesday").fill("some time in the morning, and later again when the children sleep")
    hours(page, "Wednesday").fill("8-9, 9:15-10, 10:15-11, 11:15-12, 13-14, 14:15-15")
    page.get_by_label("Country").select_option(label="Germany")
    page.get_by_label("Region").select_option(label="Berlin")
    page.get_by_role("button", name="Add a date").click()
    expect(page.locator(".date-rows [type=date]")).to_be_focused()
    page.get_by_role("button", name="Add a recurrence").click()
    expect(page.get_by_label("How often")).to_be_focused()
    save(page)
    expect(hours(page, "Tuesday")).to_be_focused()
    page.get_by_role("button", name="Remove schedule").click()
    page.get_by_role("button", name="Explain").click()
    expect(page.locator("[name=why_date]")).to_be_focused()
    ask_why(page, "2026-12-26", "10:00")
    expect(page.locator(".why")).to_be_visible()
    page.get_by_label("Copy the hours of Monday to other days").click()
    axe(page)
    fits(page)
