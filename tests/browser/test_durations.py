"""A meeting of several durations: the invitee chooses one, and gets the times at which that one fits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.harness import server as servers
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def server(compiled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An app whose one event type takes a quarter of an hour, half an hour or two hours."""
    with servers.built(tmp_path_factory.mktemp("durations")) as running:
        HostAtHome.set_up(running)
        steps.change(running, "UPDATE event_type SET other_durations = '[15, 120]'")
        yield running


@pytest.fixture(scope="module")
def host(server: Server) -> HostAtHome:
    return HostAtHome.sign_in(server)


def test_the_chosen_one_decides_which_times_fit_and_is_booked(page: Page, host: HostAtHome, server: Server) -> None:
    steps.open_link(page, host.new_link())
    choice = page.get_by_role("group", name="How long?")
    expect(choice.get_by_role("radio")).to_have_count(3)
    expect(choice.get_by_role("radio", name="30 minutes")).to_be_checked()
    steps.choose_first_time(page)
    fits = page.locator("label.time").count()
    choice.get_by_role("radio", name="2 hours").check()
    expect(page.locator(".ticket__facts").first).to_contain_text("2 hours")
    expect(page.locator("label.time")).to_have_count(fits - 3)
    expect(steps.said(page, "2 hours. ")).to_be_attached()
    start = int(page.locator("input[name=time]:checked").first.get_attribute("value") or "")
    steps.fill_form(page)
    steps.confirm(page)
    steps.expect_booked(page)
    assert steps.look(server, 'SELECT start, "end" - start FROM booking ORDER BY id DESC LIMIT 1') == [(start, 7200)]


def test_where_the_chosen_time_is_too_late_for_another_nobody_is_said_to_have_taken_it(
    page: Page, host: HostAtHome
) -> None:
    steps.open_link(page, host.new_link())
    steps.choose_first_time(page, -1)
    page.get_by_role("group", name="How long?").get_by_role("radio", name="2 hours").check()
    expect(page.locator("#gone")).to_contain_text("is not free any more")
    expect(steps.said(page, "is not free any more")).to_be_attached()


@pytest.mark.thorough
def test_one_that_is_withdrawn_meanwhile_books_nothing_and_keeps_the_form(
    page: Page, host: HostAtHome, server: Server
) -> None:
    steps.open_link(page, host.new_link())
    page.get_by_role("group", name="How long?").get_by_role("radio", name="15 minutes").check()
    expect(page.locator(".ticket__facts").first).to_contain_text("15 minutes")
    steps.choose_first_time(page)
    steps.fill_form(page)
    before = len(steps.bookings(server))
    steps.change(server, "UPDATE event_type SET other_durations = '[120]'")
    steps.confirm(page)
    expect(page.locator(".book__form .form-error")).to_contain_text("The host has just changed this meeting")
    expect(page.get_by_label("Your name")).to_have_value(steps.NAME)
    expect(page.get_by_role("group", name="How long?").get_by_role("radio", name="30 minutes")).to_be_attached()
    assert len(steps.bookings(server)) == before
    steps.change(server, "UPDATE event_type SET other_durations = '[15, 120]'")
