"""How much the invitee's page costs, and how soon it is of use, beside the least that Reflex can serve.

    uv run --group dev python -m tests.benchmarks.booking_page [--json]

Both are built by ``reflex run --env prod`` in this run. A first visit has an empty cache. Times are medians of visits
that take turns; ``slow`` is slow 4G with a computer four times slower. It wants a quiet machine.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from singleuse_app.components import choice
from singleuse_app.operations import bookings
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.scheduling.links import UNLIMITED_USES
from singleuse_app.scheduling.months import View
from tests.benchmarks.blank import WORDS, blank_page
from tests.benchmarks.open_pages import many_open_pages
from tests.benchmarks.visits import Visit, first_visit, middle
from tests.browser import steps
from tests.factories import ADA, NOW, change_event_type, free_starts, make_desk, make_link
from tests.harness import chromium
from tests.harness import server as servers
from tests.harness.databases import Databases, opened
from tests.harness.people import HostAtHome

Report = dict[str, dict[str, float]]

BLANK = {"usable": ("#words", WORDS)}
PAGE = {"painted": ("h1", "30 minute meeting"), "usable": (".book label.time", "")}
MONTH = View("Europe/Berlin", date(2026, 10, 1))
CONFIRMED = """() => new Promise(resolve => {
  const began = performance.now();
  new MutationObserver((_, watch) => {
    if (!document.querySelector("#confirmation")) return;
    watch.disconnect();
    resolve(performance.now() - began);
  }).observe(document.body, { childList: true, subtree: true });
  [...document.querySelectorAll("button")].find(button => button.textContent === "Confirm booking").click();
})"""


def main(given: Sequence[str] | None = None) -> None:
    """Measure, check, tell."""
    wanted = _arguments(given)
    with tempfile.TemporaryDirectory(prefix="singleuse-benchmark-") as place:
        folder = Path(place)
        report = _pages(folder, wanted.visits)
        report["server"] = _server(folder / "server")
        report["sessions"] = many_open_pages(folder / "sessions", wanted.sessions)
        report["alive"] = many_open_pages(folder / "alive", wanted.alive)
    print(json.dumps(report, indent=1) if wanted.json else _table(report))


def _pages(folder: Path, visits: int) -> Report:
    with (
        blank_page(folder / "blank") as blank,
        servers.production(folder / "page") as server,
        sync_playwright() as playwright,
    ):
        host = HostAtHome.set_up(server)
        browser = chromium.launch(playwright.chromium)
        found: dict[tuple[str, bool], list[Visit]] = {}
        confirmed: list[float] = []
        for number in range(visits + 1):  # the first one warms up
            for slow in (False, True):
                with first_visit(browser, blank.url, BLANK, slow=slow) as (visit, _):
                    found.setdefault(("blank", slow), []).append(visit)
                with first_visit(browser, f"{server.url}/book/{host.new_link()}", PAGE, slow=slow) as (visit, page):
                    found.setdefault(("page", slow), []).append(visit)
                    if not slow:
                        confirmed.append(_confirmed_ms(page))
            _tell(f"visit {number} of {visits}")
        browser.close()
    wire = {name: found[name, False][-1] for name in ("blank", "page")}

    def seen(name: str, what: str, *, slow: bool) -> float:
        return middle([visit.seen[what] for visit in found[name, slow][1:]])

    return {
        "blank": {
            "kb": round(wire["blank"].bytes / 1000, 1),
            "requests": wire["blank"].requests,
            "usable_ms": seen("blank", "usable", slow=False),
            "usable_slow_ms": seen("blank", "usable", slow=True),
        },
        "page": {
            "kb": round(wire["page"].bytes / 1000, 1),
            "requests": wire["page"].requests,
            "painted_slow_ms": seen("page", "painted", slow=True),
            "usable_ms": seen("page", "usable", slow=False),
            "usable_slow_ms": seen("page", "usable", slow=True),
            "confirm_ms": middle(confirmed[1:]),
        },
    }


def _confirmed_ms(page: Page) -> float:
    """From the press until the confirmation stands there."""
    page.locator(".day--free").last.click()
    page.locator("label.time").last.click()
    steps.fill_form(page)
    return page.evaluate(CONFIRMED)


def _server(folder: Path) -> dict[str, float]:
    """What the server needs to read a month and to arrange it, with no booking in it and with a thousand."""
    folder.mkdir()
    with opened(Databases(folder).empty()):
        return _months()


def _months() -> dict[str, float]:
    desk = make_desk()
    change_event_type(desk, duration_minutes=10, start_time_increment_minutes=10)
    standard = make_link(desk, max_uses=UNLIMITED_USES)
    link = make_link(desk)

    def month_ms() -> float:
        took: list[float] = []
        for number in range(60):
            choice.free_days.cache_clear()  # one page alone, which finds nothing drawn
            choice._drawn.cache_clear()
            now, began = NOW + timedelta(seconds=number), time.perf_counter()
            found = bookings.open_link(token=link.token, receipt="a" * 32, view=MONTH, now=now)
            assert isinstance(found, OpenLink)
            first = found.times.starts[0]
            choice.choice_of(found.times, choice.Viewer(MONTH.time_zone), day=first.date(), chosen=None, now=now)
            took.append(1000 * (time.perf_counter() - began))
        return round(statistics.median(took), 2)

    empty = month_ms()
    starts = [start for start in free_starts(standard) if (start.year, start.month) == (2026, 10)]
    starts = [start for number, start in enumerate(starts) if number % 19 != 0][:1000]
    for number, start in enumerate(starts):
        bookings.book_slot(
            token=standard.token, start=start, invitee=ADA, receipt=f"{number:032x}", terms_version=1, now=NOW
        )
    return {"month_0_ms": empty, f"month_{len(starts)}_ms": month_ms()}


def _table(report: Report) -> str:
    lines = [
        f"{part:9}" + "  ".join(f"{name} {value:g}" for name, value in row.items()) for part, row in report.items()
    ]
    blank, page, server = report["blank"], report["page"], report["server"]
    promises = [
        (f"bytes {page['kb'] / blank['kb']:.2f} × the blank page's, at most 1.25", page["kb"] <= 1.25 * blank["kb"]),
        *(
            (f"{name} {page[name] / blank[name]:.2f} × the blank page's, at most 1.3", page[name] <= 1.3 * blank[name])
            for name in ("usable_ms", "usable_slow_ms")
        ),
        (f"slow: the name after {page['painted_slow_ms']:.0f} ms, 1200", page["painted_slow_ms"] <= 1200),
        (f"slow: the times after {page['usable_slow_ms']:.0f} ms, 2800", page["usable_slow_ms"] <= 2800),
        (f"confirmed after {page['confirm_ms']:.0f} ms, 150", page["confirm_ms"] <= 150),
        (f"a month with bookings in {max(server.values()):g} ms, 15", max(server.values()) <= 15),
        (f"{report['sessions']['kb_each']:g} kB for an open page, 300", report["sessions"]["kb_each"] <= 300),
        (
            f"{report['alive']['open']:.0f} pages heard after {report['alive']['all_heard_ms']:.0f} ms, 1000",
            report["alive"]["all_heard_ms"] <= 1000,
        ),
    ]
    return "\n".join([*lines, "", *(f"{'✓' if holds else '✗'} {promise}" for promise, holds in promises)])


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="figures instead of a table")
    parser.add_argument("--visits", type=int, default=9, help="of each page at each speed")
    parser.add_argument("--sessions", type=int, default=500, help="open pages whose memory is measured")
    parser.add_argument("--alive", type=int, default=200, help="open pages that hear of a booking")
    return parser.parse_args(given)


if __name__ == "__main__":
    main()
