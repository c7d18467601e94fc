"""First visits of a page in a real browser: what comes over the wire, and when something can be seen."""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page

LATENCY_MS, BYTES_PER_S, SLOWDOWN = 150, 1_600_000 / 8, 4
"""Slow 4G, and a computer with a quarter of this one's speed."""

SEEN = """
  window.seen = {};
  const look = () => {
    for (const [name, [selector, text]] of Object.entries(WANTED)) {
      if (name in seen) continue;
      for (const element of document.querySelectorAll(selector)) {
        if (element.checkVisibility() && element.textContent.includes(text)) {
          seen[name] = 0; // drawn in the frame that comes
          requestAnimationFrame(() => setTimeout(() => { seen[name] = performance.now() }));
          break;
        }
      }
    }
    if (Object.keys(seen).length < Object.keys(WANTED).length) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""


@dataclass
class Visit:
    """``bytes`` over the wire in so many ``requests``, and after how many milliseconds each thing was ``seen``."""

    seen: dict[str, float] = field(default_factory=dict)
    bytes: int = 0
    requests: int = 0


@contextmanager
def first_visit(
    browser: Browser, url: str, wanted: dict[str, tuple[str, str]], *, slow: bool
) -> Iterator[tuple[Visit, Page]]:
    """A visit by a browser that was never here. ``wanted`` are selectors, and text that must stand there, by name."""
    visit = Visit()
    context = browser.new_context(locale="en-GB", timezone_id="Europe/Berlin")
    try:
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
        if slow:
            wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
            conditions = {"downloadThroughput": BYTES_PER_S, "uploadThroughput": BYTES_PER_S}
            wire.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY_MS, **conditions})

        def count(finished: dict[str, float]) -> None:
            visit.bytes += int(finished["encodedDataLength"])
            visit.requests += 1

        wire.on("Network.loadingFinished", count)
        pairs = {name: list(pair) for name, pair in wanted.items()}
        page.add_init_script(f"{{ const WANTED = {pairs!r}; {SEEN} }}")
        page.goto(url)
        page.wait_for_function("count => Object.values(seen).filter(Boolean).length === count", arg=len(wanted))
        page.wait_for_timeout(300)  # what is fetched last
        visit.seen = page.evaluate("seen")
        yield visit, page
    finally:
        context.close()


def middle(values: list[float]) -> float:
    """Their median, to a tenth."""
    return round(statistics.median(values), 1)
