"""Who asked for calm sees nothing move, and who chose the colours themselves still sees what is chosen."""

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.people import HostAtHome
from tests.harness.server import Server

LISTEN = """
window.moved = [];
for (const kind of ["animationstart", "transitionrun"]) addEventListener(kind, (event) => moved.push(kind), true);
"""
LOOK = """each => {
  const { color, backgroundColor, borderColor } = getComputedStyle(each)
  return [color, backgroundColor, borderColor].join()
}"""


@pytest.mark.thorough
@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)], ids=["calm", "control"])
def test_nothing_moves_for_whoever_asked_for_calm(
    new_context: NewContext,
    server: Server,
    host: HostAtHome,
    motion: Literal["reduce", "no-preference"],
    moves: bool,
) -> None:
    page = new_context(server, reduced_motion=motion).new_page()
    page.add_init_script(LISTEN)
    steps.book(page, host.new_link())
    page.wait_for_timeout(300)  # the stamp and the punch are over by then
    assert bool(page.evaluate("moved.length")) is moves


@pytest.mark.thorough
def test_the_chosen_day_and_time_differ_from_the_others_in_forced_colours(page: Page, host: HostAtHome) -> None:
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    steps.open_link(page, host.new_link())
    steps.choose_first_time(page)
    day, time = page.locator(".day--free .day__face"), page.locator("label.time input + span")
    chosen = page.locator("[aria-selected=true] .day__face")
    expect(chosen).to_have_count(1)
    assert chosen.evaluate(LOOK) != day.last.evaluate(LOOK)
    assert time.first.evaluate(LOOK) != time.last.evaluate(LOOK)
