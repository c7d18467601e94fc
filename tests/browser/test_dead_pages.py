"""A link that opens nothing says so kindly, in words and in its status, and gives away no free time."""

import json
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console, axe
from tests.harness.people import HostAtHome, ask
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient
from tests.security.surface import handlers

NEW_ONE = "Ask whoever sent it for a new one."
STATE = "reflex___state____state.singleuse_app___pages___booking____booking_state"
HANDLERS = {
    "open": {},
    "refresh": {},
    "choose_day": {"day": "2027-01-04"},
    "choose_time": {"start": "1798790400"},
    "choose_duration": {"minutes": "30"},
    "turn_to": {"month": "2027-01-01"},
    "jump": {"start": "1798790400"},
    "previous_month": {},
    "next_month": {},
    "change_zone": {},
    "search_zone": {"text": "Kathmandu"},
    "choose_zone": {"zone": "Asia/Kathmandu"},
    "back": {},
    "use_suggestion": {},
    "keep_address": {},
    "send_code": {},
    "book": {"form": {"name": steps.NAME, "email": steps.EMAIL, "time": "1798790400"}},
    "book_another": {},
    "begin_correcting": {},
    "correct": {"form": {"correct-email": steps.EMAIL}},
    "stop_correcting": {},
}


@dataclass(frozen=True)
class Death:
    """What the page says of a link that died, what to do about it, and the status."""

    status: int
    sentence: str
    advice: str


DEATHS = {
    "used": Death(410, "This link has already been used.", "Each person needs a link of their own"),
    "expired": Death(410, "This link has expired.", NEW_ONE),
    "revoked": Death(410, "This link was taken back by its host.", NEW_ONE),
    "unknown": Death(404, "This link does not exist.", "Check that the whole address was copied"),
    "off": Death(410, "This link cannot be booked with at the moment.", "Ask whoever sent it"),
}
"""Off comes last: after it no link of this server can be made or used."""


@pytest.fixture(scope="module")
def tokens(host: HostAtHome) -> dict[str, str]:
    """A dead link of each kind."""
    return {kind: steps.dead_link(host, kind) for kind in DEATHS}


def test_control_a_link_that_works_sends_free_times(fresh_backend: Server) -> None:
    host = HostAtHome.set_up(fresh_backend)
    frames = steps.in_another_thread(lambda: steps.book_quickly(fresh_backend, host.new_link()))
    assert steps.FREE_TIME.search("\n".join(frames))


@pytest.mark.parametrize("kind", DEATHS)
def test_the_page_says_what_happened_and_what_to_do(
    page: Page, tokens: dict[str, str], kind: str, console: Console
) -> None:
    console.allow("status of 4(10|04)")
    frames = steps.frames_of(page)
    response = page.goto(f"/book/{tokens[kind]}")
    assert response is not None
    assert response.status == DEATHS[kind].status
    steps.expect_dead(page, DEATHS[kind].sentence)
    expect(page.locator(".ticket__text")).to_contain_text(DEATHS[kind].advice)
    assert not steps.FREE_TIME.search("\n".join(frames))


def test_the_tab_is_named_after_what_happened(page: Page, tokens: dict[str, str], console: Console) -> None:
    console.allow("status of 410")
    page.goto(f"/book/{tokens['used']}")
    steps.expect_dead(page, DEATHS["used"].sentence)
    expect(page).to_have_title("This link has been used", timeout=2_000)


@pytest.mark.parametrize("kind", DEATHS)
def test_the_answer_carries_its_status_and_is_neither_stored_nor_indexed_nor_told_to_others(
    server: Server, tokens: dict[str, str], kind: str
) -> None:
    for method in ("GET", "HEAD"):
        answer = ask(f"{server.url}/book/{tokens[kind]}", method=method)
        assert answer.status == DEATHS[kind].status
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert not steps.FREE_TIME.search(answer.body)
        assert (method == "HEAD") == (not answer.body)


def test_every_handler_of_the_page_is_tried() -> None:
    assert {f"{STATE}.{name}" for name in HANDLERS} == {name for name in handlers()[STATE] if "setvar" not in name}


@pytest.mark.parametrize("kind", DEATHS)
def test_no_handler_sends_a_free_time_or_books(server: Server, tokens: dict[str, str], kind: str) -> None:
    before = steps.bookings(server)
    token = tokens[kind]

    async def try_everything() -> list[str]:
        async with SocketClient(server.url, f"/book/{token}", params={"token": token}) as tab:
            await tab.until(lambda tab: tab.value("booking_state.view") == "dead")
            for _ in range(2):
                for handler, payload in HANDLERS.items():
                    await tab.fire(f"{STATE}.{handler}", payload)
            await tab.fire("notice.tell", {"code": "try_again"})  # answered last
            await tab.until(lambda tab: tab.value("notice.text") != "")
            assert tab.value("booking_state.dead")["kind"] == kind
            return tab.frames

    frames = "\n".join(steps.in_another_thread(try_everything))
    assert not steps.FREE_TIME.search(frames)
    assert json.dumps("choose") not in frames
    assert steps.bookings(server) == before


def test_a_booking_that_was_cancelled_says_so_to_whoever_made_it(
    fresh_server: Server, new_context: NewContext, console: Console
) -> None:
    """On a server of its own, for others here switch the event type off."""
    console.allow("status of 410")
    page = new_context(fresh_server).new_page()
    steps.book(page, HostAtHome.set_up(fresh_server).new_link())
    [(key,)] = steps.look(fresh_server, "SELECT id FROM booking ORDER BY id DESC LIMIT 1")
    steps.change(fresh_server, "UPDATE booking SET cancelled_at = 1, cancelled_by = 'host' WHERE id = ?", key)
    page.reload()
    expect(page.locator(".stamp")).to_have_text("Cancelled")
    expect(page).to_have_title("Cancelled")
    expect(page.locator(".notice:visible")).to_contain_text("This booking was cancelled. Ask its host for a new link")
    expect(page.locator("#announcer")).to_contain_text("Cancelled. ")
    expect(page.get_by_role("link", name="Add to calendar")).to_have_count(0)
    axe(page)
