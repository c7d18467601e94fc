"""How long the server takes for the host's pages, with a hundred thousand links and with a hundred.

    uv run --group dev python -m tests.benchmarks.host_pages [--json]

A page is opened as a browser's tab opens it, by the websocket: from the handshake until everything that it shows has
come. Times are medians, on SQLite. ``state_kb`` is what that sends. It wants a quiet machine.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp

from tests.benchmarks.old_desk import old_desk
from tests.harness import server as servers
from tests.harness.people import HostAtHome, ask
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

PAGES = {
    "event types": ("/", "event_types_state.ready"),
    "event type": ("/event-type", "event_type_state.ready"),
    "availability": ("/availability", "availability_state.ready"),
    "links": ("/links", "links_state.ready"),
    "links, used": ("/links?status=used", "links_state.ready"),
    "links, expired": ("/links?status=expired", "links_state.ready"),
    "bookings": ("/bookings", "bookings_state.ready"),
    "overview": ("/overview", "overview_state.ready"),
    "settings": ("/settings", "settings_state.ready"),
}
SEARCH = ("/links?q=nobody%20at%20all", "links_state.ready")
FLOOR = ("/sign-in", "state.is_hydrated")
TOLD = ", at most "


def main(given: Sequence[str] | None = None) -> None:
    """Measure, tell."""
    wanted = _arguments(given)
    with tempfile.TemporaryDirectory(prefix="singleuse-benchmark-") as place:
        few = _measured(Path(place) / "few", 100, wanted.runs)
        many = _measured(Path(place) / "many", wanted.links, wanted.runs)
    for row, small in zip(many["pages"], few["pages"], strict=True):
        row["server_ms_100"] = small["server_ms"]
    print(json.dumps(many, indent=1) if wanted.json else _table(many))


def _measured(folder: Path, links: int, runs: int) -> dict[str, Any]:
    database = old_desk(folder, links=links)
    with servers.apart(folder / "server", **database.settings) as server:
        return asyncio.run(_measure(server, runs))


async def _measure(server: Server, runs: int) -> dict[str, Any]:
    host = HostAtHome.sign_in(server)
    pages = []
    for name, (path, ready) in {"floor": FLOOR, **PAGES}.items():
        opened = [await _open(host, path, ready) for _ in range(runs + 1)][1:]
        took = statistics.median(ms for ms, _ in opened)
        pages.append({"page": name, "server_ms": round(took, 1), "state_kb": round(opened[-1][1], 1)})
    search = statistics.median([(await _open(host, *SEARCH))[0] for _ in range(runs)])
    delays: list[float] = []
    watch = asyncio.create_task(_ping(server, delays))
    live = statistics.median([await _live(host, number) for number in range(runs)])
    bulk = await _bulk(host)
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch
    return {
        "pages": pages,
        "search_ms": round(search, 1),
        "live_ms": round(live, 1),
        "loop_p99_ms": round(statistics.quantiles(delays, n=100)[98], 1),
        "bulk_1000_s": round(bulk, 2),
    }


async def _open(host: HostAtHome, path: str, ready: str) -> tuple[float, float]:
    tab = SocketClient(host.server.url, path, cookie=host.cookie)
    began = time.perf_counter()
    await tab.connect(wait=False)
    await tab.until(lambda tab: tab.value(ready), 60)
    took = 1000 * (time.perf_counter() - began)
    await tab.close()
    return took, sum(map(len, tab.frames)) / 1000


async def _live(host: HostAtHome, number: int) -> float:
    """From the order to confirm a booking, which commits it, until the open board shows who booked."""
    link, name = await asyncio.to_thread(host.new_link), f"Newcomer {number}"
    board = SocketClient(host.server.url, "/links", cookie=host.cookie)
    invitee = SocketClient(host.server.url, f"/book/{link}", params={"token": link})
    async with board, invitee:
        await invitee.until(lambda tab: tab.value("booking_state.view") == "choose")
        start = invitee.value("booking_state.choice")["times"][-1]["times"][-1]["value"]
        began = time.perf_counter()
        await invitee.fire("booking_state.book", {"form": {"name": name, "email": "new@example.org", "time": start}})
        await board.until(lambda tab: name in str(tab.value("links_state.rows")), 60)
        return 1000 * (time.perf_counter() - began)


async def _bulk(host: HostAtHome) -> float:
    """A thousand links, and their table."""
    people = "\n".join(f"Person {number},p{number}@example.org,note" for number in range(1000))
    form = {"event_type": host.event_type_id(), "people": people, "expires": "default"}
    async with SocketClient(host.server.url, "/many-links", cookie=host.cookie) as tab:
        form["form_key"] = tab.value("many_links_state.form_key")
        began = time.perf_counter()
        await tab.fire("many_links_state.make", {"form": form})
        await tab.until(lambda tab: tab.value("many_links_state.made")["table"], 10)
        path = tab.value("many_links_state.made")["table"]
        table = await asyncio.to_thread(ask, f"{host.server.api_url}{path}", cookie=host.cookie)
        took = time.perf_counter() - began
        assert table.body.count("/book/") == 1000
        return took


async def _ping(server: Server, delays: list[float]) -> None:
    """How long an answer takes that waits for nothing but its turn."""
    async with aiohttp.ClientSession() as session:
        while True:
            began = time.perf_counter()
            async with session.get(f"{server.api_url}/ping") as answer:
                await answer.read()
            delays.append(1000 * (time.perf_counter() - began))
            await asyncio.sleep(0.005)


def _table(report: dict[str, Any]) -> str:
    lines = [
        f"{row['page']:16}{row['server_ms']:8} ms{row['server_ms_100']:8} ms with 100{row['state_kb']:8} kB"
        for row in report["pages"]
    ]
    marks = []
    for row in report["pages"]:
        name, ms, few = row["page"], row["server_ms"], row["server_ms_100"]
        marks += [
            (f"{name}: {ms} ms{TOLD}60", ms <= 60),
            (f"{name}: {row['state_kb']} kB{TOLD}80", row["state_kb"] <= 80),
            (f"{name}: {ms} ms with many and {few} ms with few", ms <= max(1.5 * few, few + 10)),
        ]
    for key, most in {"search_ms": 150, "live_ms": 400, "loop_p99_ms": 50, "bulk_1000_s": 3}.items():
        marks.append((f"{key} {report[key]}{TOLD}{most}", report[key] <= most))
    return "\n".join([*lines, "", *(f"{'✓' if holds else '✗'} {promise}" for promise, holds in marks)])


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="figures instead of a table")
    parser.add_argument("--links", type=int, default=100_000, help="and as many bookings")
    parser.add_argument("--runs", type=int, default=15, help="of each page")
    return parser.parse_args(given)


if __name__ == "__main__":
    main()
