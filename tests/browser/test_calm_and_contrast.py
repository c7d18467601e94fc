"""Who asked for calm sees nothing move, and who chose the colours themselves still sees what is chosen."""

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console
from tests.harness.people import HostAtHome
from tests.harness.server import Server

LISTEN = """
window.moved = [];
for (const kind of ["animationstart", "transitionrun"]) addEventListener(kind, (event) => moved.push(kind), true);
"""
RING = """() => {
  const focused = document.activeElement
  return [focused, focused.nextElementSibling, focused.firstElementChild].some(each => {
    if (!each) return false
    const { outlineStyle, outlineColor, backgroundColor } = getComputedStyle(each)
    return outlineStyle !== 'none' && outlineColor !== backgroundColor
  })
}"""
SHOWS = r"""each => {
  const { borderStyle, borderColor, backgroundColor, filter } = getComputedStyle(each)
  const edge = borderStyle === 'none' ? /rgb\(.*?\)/.exec(filter)?.[0] : borderColor // a torn one's edge is a shadow
  return Boolean(edge) && edge !== backgroundColor && edge !== getComputedStyle(document.body).backgroundColor
}"""
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


@pytest.mark.thorough
def test_what_has_the_focus_is_seen_in_forced_colours(page: Page, host: HostAtHome) -> None:
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    steps.open_link(page, host.new_link())
    steps.choose_first_time(page)
    page.locator(".calendar button").first.focus()
    ringed = []
    while not ringed or ringed[-1] != "confirm":
        page.keyboard.press("Tab")
        assert page.evaluate(RING), page.evaluate("document.activeElement.outerHTML")
        ringed.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert len(ringed) > 5


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["used", "expired", "revoked", "unknown"])
def test_a_dead_ticket_keeps_its_edge_and_its_words_in_forced_colours(
    page: Page, host: HostAtHome, console: Console, kind: str
) -> None:
    console.allow("status of 4(10|04)")
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    page.goto(f"/book/{steps.dead_link(host, kind)}")
    ticket = page.locator(f"div.frame .ticket--{kind}")
    expect(ticket.locator(".ticket__stub p")).to_be_visible()
    assert ticket.evaluate(SHOWS)
