"""What a page must not do in any test: complain in its console, or bar somebody from using it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, WebError

NARROW = {"320 px": (320, 100), "200 %": (640, 100), "200 % of the text alone": (1280, 200)}
"""Width and size of the text at which nothing may need scrolling sideways: WCAG 2.2, 1.4.10 and 1.4.4."""

OVERFLOW = """() => Array.from(document.querySelectorAll('body *'))
  .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(each => each.outerHTML.slice(0, 120))"""

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Console:
    """The errors that a test's pages wrote to their consoles or threw."""

    errors: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def allow(self, *patterns: str) -> None:
        """Expect errors that contain one of these regular expressions, before or after now, in this test."""
        self.allowed += patterns

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page of a context, also to those that it has yet to open."""
        context.on("console", self._on_message)
        context.on("weberror", self._on_error)

    def unexpected(self) -> list[str]:
        """The errors that nobody allowed."""
        return [error for error in self.errors if not any(re.search(pattern, error) for pattern in self.allowed)]

    def _on_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} [{message.location.get('url', '')}]")

    def _on_error(self, problem: WebError) -> None:
        self.errors.append(f"uncaught: {problem.error}")


AT_REST = """Promise.allSettled(document.getAnimations()
    .filter((one) => one.playState === "running" && one.effect?.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished))"""
"""When whatever moves on a page has come to its end; but for what moves for ever."""


def axe(page: Page, *, within: str | None = None, ignoring: tuple[str, ...] = ()) -> None:
    """Asserts that the page as it is now breaks no rule of WCAG 2.2 A and AA, nor of good practice, that axe can check.

    ``within`` is a CSS selector; ``ignoring`` names axe's rules, and deserves a comment that says why.
    """
    options = {
        "runOnly": {"type": "tag", "values": STANDARD},
        "rules": {rule: {"enabled": False} for rule in ignoring},
        "resultTypes": ["violations"],
    }
    page.evaluate(AT_REST)  # half-way between two colours nothing is as it is meant
    results = Axe().run(page, context=within, options=options)
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"


def axe_in_both_themes(page: Page) -> None:
    """As :func:`axe`, on light ground and on dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        axe(page)


def fits(page: Page) -> None:
    """Asserts that the page as it is now needs no scrolling sideways, however narrow and however large the text.

    Leaves the window and the text as they were.
    """
    before = page.viewport_size
    assert before is not None
    for name, (width, text) in {**NARROW, "as it is": (before["width"], 100)}.items():
        page.set_viewport_size({"width": width, "height": before["height"]})
        page.evaluate("percent => { document.documentElement.style.fontSize = `${percent}%` }", text)
        scrolled = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert scrolled <= 0, f"{name}: {scrolled} pixels too wide: {page.evaluate(OVERFLOW)}"


def photograph(pages: list[Page], folder: Path) -> list[str]:
    """Saves what each page shows, as a picture and as HTML, and says where."""
    notes = []
    for number, page in enumerate(pages, 1):
        target = folder / f"page-{number}.png"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=target, full_page=True, timeout=5_000)
            target.with_suffix(".html").write_text(page.content())
            notes.append(f"{page.url} looked like {target}")
        except Exception as problem:  # a page that crashed must not hide why the test failed
            notes.append(f"{page.url}: no picture ({problem})")
    return notes
