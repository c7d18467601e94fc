"""What people do with the app, one function for each thing that somebody would say they did."""

import asyncio
import re
import sqlite3
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Response, WebSocket, expect

from tests.harness.people import HostAtHome
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

COPY = "Copy single-use link"
COPIED = "Copied. This link works once."
CONFIRM = "Confirm booking"
NAME, EMAIL = "Ada Lovelace", "ada@example.org"

FREE_TIME = re.compile(r"\b\d{4}-\d\d-\d\d\b|\b[12]\d{9}\b|times? free|\b\d\d:\d\d\b")
"""What any free time looks like on its way to a page: a day, an instant, "6 times free", a time of day."""


# The host


def sign_in(context: BrowserContext, host: HostAtHome) -> None:
    """Gives a browser the host's session."""
    name, _, value = host.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": host.server.url, "httpOnly": True, "sameSite": "Lax"}])


def open_as_host(context: BrowserContext, host: HostAtHome, path: str = "/") -> Page:
    """A tab of the signed-in host."""
    sign_in(context, host)
    page = context.new_page()
    page.goto(path)
    expect(page.locator(".header__host")).to_have_text("Grace Host")
    return page


def copy_button(page: Page) -> Locator:
    """The button of the first event type."""
    return page.locator(".event-card__actions .copy-link button").first


def copy_link(page: Page) -> str:
    """One click; the URL that is on the clipboard then."""
    page.get_by_role("button", name=COPY, exact=True).first.click()
    expect(said(page, COPIED)).to_be_attached()
    return clipboard(page)


def clipboard(page: Page) -> str:
    """What is on the clipboard. The page's context must be allowed to read it."""
    return page.evaluate("navigator.clipboard.readText()")


def put_on_clipboard(page: Page, text: str) -> None:
    """Copies something else."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)


def said(page: Page, words: str) -> Locator:
    """What is announced politely."""
    return page.get_by_role("status").filter(has_text=words)


# The invitee


def open_link(page: Page, token: str) -> Response:
    """Opens a link with which a time can be chosen."""
    response = page.goto(f"/book/{token}")
    expect(page.locator(".book[data-step] .days, .calendar")).to_be_visible()
    assert response is not None
    return response


def choose_first_time(page: Page, number: int = 0) -> int:
    """Turns to the next month, so that no time runs out while the test runs; takes a time of its first free day.

    Returns the instant in epoch seconds.
    """
    month = page.locator(".calendar__month").inner_text()
    page.get_by_role("button", name="Next month").click()
    expect(page.locator(".calendar__month")).not_to_have_text(month)
    day = page.locator(".day--free").first
    title = (day.get_attribute("aria-label") or "").rpartition(",")[0]
    day.click()
    expect(page.locator(".times__legend")).to_have_text(title)
    return choose_time(page, number)


def choose_time(page: Page, number: int) -> int:
    """Takes a time of the day that is shown."""
    label = page.locator("label.time").nth(number)
    start = int(label.locator("input").get_attribute("value") or "")
    text = label.inner_text()
    label.click()
    expect(form_title(page)).to_contain_text(text)
    return start


def form_title(page: Page) -> Locator:
    """The heading of the form: the chosen time, once there is one."""
    return page.locator(".book__form h2")


def fill_form(page: Page, name: str = NAME, email: str = EMAIL) -> None:
    """Types name and e-mail address."""
    page.get_by_label("Your name").fill(name)
    page.get_by_label("E-mail").fill(email)


def confirm(page: Page) -> None:
    """Presses the button."""
    page.get_by_role("button", name=CONFIRM, exact=True).click()


def book(page: Page, token: str, number: int = 0, name: str = NAME, email: str = EMAIL) -> int:
    """All of it. Returns the instant in epoch seconds."""
    open_link(page, token)
    start = choose_first_time(page, number)
    fill_form(page, name, email)
    confirm(page)
    expect_booked(page)
    return start


def book_in_german(page: Page, token: str, number: int = 0) -> None:
    """The same where the browser speaks German."""
    page.goto(f"/book/{token}")
    month = page.locator(".calendar__month")
    expect(month).not_to_be_empty()
    before = month.inner_text()
    page.get_by_role("button", name="Nächster Monat").click()
    expect(month).not_to_have_text(before)
    page.locator(".day--free").first.click()
    expect(page.locator("label.time").first).to_have_text(re.compile(r"^\d\d:\d\d$"))
    page.locator("label.time").nth(number).click()
    page.get_by_label("Ihr Name").fill(NAME)
    page.get_by_label("E-Mail").fill(EMAIL)
    page.get_by_role("button", name="Buchung bestätigen").click()
    expect(page.locator(".stamp")).to_have_text("Gebucht")


def expect_booked(page: Page) -> None:
    """The confirmation is shown, and nothing to choose from."""
    expect(page.locator("#confirmation")).to_be_visible()
    expect(page.locator(".stamp")).to_have_text("Booked")
    expect(page.locator(".day--free, label.time")).to_have_count(0)


def expect_dead(page: Page, sentence: str) -> None:
    """The page says what became of the link, and shows no free time."""
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence)
    expect(page.locator(".day--free, label.time")).to_have_count(0)
    expect(page.get_by_role("button", name=CONFIRM)).to_be_hidden()


def expect_error_at(page: Page, field: str, words: str, *, focused: bool = True) -> None:
    """The message stands at the field, is tied to it for a screen reader, and the field has the focus."""
    control = page.locator(f"[name={field}]")
    expect(control).to_have_attribute("aria-invalid", "true")
    expect(control).to_have_accessible_description(re.compile(re.escape(words)))
    expect(page.locator(f"#{field}-error")).to_have_text(words)
    if focused:
        expect(control).to_be_focused()


# What is behind


def frames_of(page: Page) -> list[str]:
    """Every text that the page's websockets will receive from now on."""
    received: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: received.append(frame if isinstance(frame, str) else ""))

    page.on("websocket", listen)
    return received


def look(server: Server, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """What an SQL statement finds in the server's database."""
    with closing(sqlite3.connect(server.database, timeout=10)) as database:
        return database.execute(statement, values).fetchall()


def change(server: Server, statement: str, *values: object) -> None:
    """Changes the server's database behind its back: time that passes, mostly."""
    with closing(sqlite3.connect(server.database, timeout=10)) as database, database:
        assert database.execute(statement, values).rowcount == 1


def bookings(server: Server) -> list[tuple[int, str]]:
    """Start and name of every booking, in the order in which they were made."""
    return look(server, "SELECT start, invitee_name FROM booking ORDER BY id")


def dead_link(host: HostAtHome, kind: str) -> str:
    """The token of a link that is used, expired, revoked, off (and with it all other links) or unknown."""
    if kind == "unknown":
        return "a" * 26
    token = host.new_link()
    if kind == "used":
        in_another_thread(lambda: book_quickly(host.server, token))
    elif kind == "off":
        change(host.server, "UPDATE event_type SET off_at = 1")
    else:
        column = {"expired": "expires_at", "revoked": "revoked_at"}[kind]
        newest = "(SELECT max(id) FROM scheduling_link)"
        change(host.server, f"UPDATE scheduling_link SET {column} = 1 WHERE id = {newest}")
    return token


async def book_quickly(server: Server, token: str) -> list[str]:
    """Books without a browser; the frames that came."""
    async with SocketClient(server.url, f"/book/{token}", params={"token": token}) as tab:
        await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
        start = tab.value("booking_state.choice")["times"][-1]["times"][-1]["value"]
        await tab.fire("booking_state.book", {"form": {"name": NAME, "email": EMAIL, "time": start}})
        await tab.until(lambda tab: tab.value("booking_state.view") == "booked")
        return tab.frames


def booked_to_manage(host: HostAtHome) -> str:
    """Somebody books with a new link, without a browser; the path of the page that manages the booking."""

    async def book_and_ask() -> str:
        token = host.new_link()
        async with SocketClient(host.server.url, f"/book/{token}", params={"token": token}) as tab:
            await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
            await tab.fire("booking_state.next_month", {})
            await tab.until(lambda tab: tab.value("booking_state.choice")["has_previous"])
            days = [cell for cell in tab.value("booking_state.choice")["days"] if cell["count"]]
            await tab.fire("booking_state.choose_day", {"day": days[-1]["iso"]})
            await tab.until(lambda tab: tab.value("booking_state.step") == "time")
            start = tab.value("booking_state.choice")["times"][-1]["times"][-1]["value"]
            await tab.fire("booking_state.book", {"form": {"name": NAME, "email": EMAIL, "time": start}})
            await tab.until(lambda tab: tab.value("booking_state.view") == "booked")
            return tab.value("booking_state.booked")["manage_url"].removeprefix(host.server.url)

    return in_another_thread(book_and_ask)


def in_another_thread(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Runs a coroutine to its end. The browser keeps this thread's own loop running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result()


def receipt(page: Page) -> str:
    """What this browser would prove its bookings with."""
    return page.evaluate("localStorage.getItem('singleuse_receipt')")


def assert_log_keeps_secrets(server: Server, *secrets: str) -> None:
    """None of them is in what the server printed."""
    printed = server.log()
    for secret in secrets:
        assert len(secret) > 20
        assert secret not in printed


@contextmanager
def noting_when(condition: Callable[[], object]) -> Iterator[list[float]]:
    """Notes at what time something became true in the database while the block ran."""
    noted: list[float] = []
    is_over = Event()

    def watch() -> None:
        while not noted and not is_over.wait(0.005):
            if condition():
                noted.append(time.time())

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(watch)
        try:
            yield noted
        finally:
            is_over.set()
            watching.result()
