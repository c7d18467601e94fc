"""A browser, and pages that may not complain: a console error that the test did not allow fails it."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.harness import chromium
from tests.harness.browser import Console, photograph
from tests.harness.people import HostAtHome
from tests.harness.server import Server

NewContext = Callable[..., BrowserContext]

SERVERS = frozenset({"server", "fresh_server", "production_server", "development_server"})

_opened = pytest.StashKey[tuple[list[BrowserContext], Path]]()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of this folder.

    It ends with the folder, not with the session: Playwright keeps an event loop running in this thread, and
    asynchronous tests need the thread to be free of one.
    """
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        running = chromium.launch(playwright.chromium)
        yield running
        running.close()


@pytest.fixture
def console() -> Console:
    """What the test's pages complained about: ``console.allow("status of 409")`` before a refusal that is meant."""
    return Console()


@pytest.fixture
def new_context(
    browser: Browser, console: Console, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[NewContext]:
    """Makes browser contexts (persons with a browser of their own): ``new_context(server, timezone_id="Asia/Tokyo")``.

    Takes what Playwright's ``new_context`` takes; unless told otherwise a person reads British English in UTC, in a
    light window of 1280 × 800. With a server, paths given to ``goto`` are its pages.
    """
    for name in SERVERS & {*request.fixturenames}:
        request.getfixturevalue(name)  # now, so that it ends after the pages that talk to it
    opened: list[BrowserContext] = []
    request.node.stash[_opened] = (opened, tmp_path / "pages")

    def make(server: Server | None = None, **options: Any) -> BrowserContext:
        settings: dict[str, Any] = {
            "locale": "en-GB",
            "timezone_id": "UTC",
            "color_scheme": "light",
            "viewport": {"width": 1280, "height": 800},
        }
        context = browser.new_context(**{**settings, **({"base_url": server.url} if server else {}), **options})
        context.set_default_timeout(10_000)
        console.watch(context)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()
    if complaints := console.unexpected():
        pytest.fail("the console says:\n" + "\n".join(complaints), pytrace=False)


@pytest.fixture(scope="module")
def host(server: Server) -> HostAtHome:
    """The first host of this file's server, signed in."""
    return HostAtHome.set_up(server)


@pytest.fixture
def context(new_context: NewContext, server: Server) -> BrowserContext:
    """One person in front of this file's server."""
    return new_context(server)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """That person's first tab, still empty."""
    return context.new_page()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keeps a picture of each open page of a failed test beside its other temporary files."""
    report = yield
    if report.failed and report.when == "call":
        contexts, folder = item.stash.get(_opened, ([], Path()))
        pages = [page for context in contexts for page in context.pages]
        report.sections.append(("pages", "\n".join(photograph(pages, folder))))
    return report
