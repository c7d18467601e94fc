"""One upcoming booking for each address: a host says so, and whoever has one is told how to go on."""

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import axe_in_both_themes, fits
from tests.harness.people import HostAtHome

pytestmark = pytest.mark.thorough


def test_an_address_that_has_a_booking_is_told_so_at_its_field_and_nothing_is_lost(
    host: HostAtHome, new_context: NewContext
) -> None:
    desk = steps.open_as_host(new_context(host.server), host, f"/event-type?id={host.event_type_id()}")
    desk.locator("summary", has_text="Buffers and limits").click()
    desk.get_by_label("One upcoming booking per e-mail address").check()
    desk.get_by_role("button", name="Save").click()
    expect(desk.locator(".event-card")).to_have_count(1)
    steps.book(new_context(host.server).new_page(), host.new_link(), email="bell@example.org")
    page = new_context(host.server).new_page()
    steps.open_link(page, host.new_link())
    steps.choose_first_time(page, 1)
    steps.fill_form(page, "Alexander", "Bell@example.org")
    steps.confirm(page)
    steps.expect_error_at(
        page,
        "email",
        "There is an upcoming booking for this address already. The mail about it has the way to move it to another "
        "time.",
    )
    expect(page.get_by_label("Your name")).to_have_value("Alexander")
    expect(page.locator("label.time input:checked")).to_have_count(1)
    assert host.statuses() == ["used", "active"]
    axe_in_both_themes(page)
    fits(page)
    page.get_by_label("E-mail", exact=True).fill("watson@example.org")
    steps.confirm(page)
    steps.expect_booked(page)
    desk.goto(f"/event-type?id={host.event_type_id()}")
    desk.locator("summary", has_text="Buffers and limits").click()
    expect(desk.get_by_label("One upcoming booking per e-mail address")).to_be_checked()
