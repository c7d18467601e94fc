"""Many open pages of one host: what each costs the server, and how soon all of them hear of a booking."""

import asyncio
import re
import statistics
import time
from pathlib import Path

from tests.harness import server as servers
from tests.harness.people import HostAtHome
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

AT_ONCE = 20
WARM_UP = 20


def many_open_pages(folder: Path, count: int) -> dict[str, float]:
    """``open`` pages, ``kb_each`` of the server's memory, and after how many milliseconds the half and the last of them
    no longer showed a time that was ``booked`` meanwhile, counted from the confirmation's order."""
    with servers.apart(folder) as server:
        return asyncio.run(_measure(server, count))


async def _measure(server: Server, count: int) -> dict[str, float]:
    host = HostAtHome.set_up(server)
    tabs = [await _opened(server, host.new_link()) for _ in range(WARM_UP)]
    before = _memory_kb(server)
    while len(tabs) < WARM_UP + count:
        links = [host.new_link() for _ in range(min(AT_ONCE, WARM_UP + count - len(tabs)))]
        tabs += await asyncio.gather(*(_opened(server, link) for link in links))
    kb_each = (_memory_kb(server) - before) / count
    booker = await _opened(server, host.new_link())
    start = booker.value("booking_state.choice")["times"][-1]["times"][-1]["value"]
    form = {"name": "Ada", "email": "ada@example.org", "time": start}
    await asyncio.sleep(1)
    began = time.perf_counter()

    async def hears(tab: SocketClient) -> float:
        await tab.until(lambda tab: start not in str(tab.value("booking_state.choice")["times"]), 60)
        return time.perf_counter() - began

    hearing = [asyncio.create_task(hears(tab)) for tab in tabs]
    await booker.fire("booking_state.book", {"form": form})
    await booker.until(lambda tab: tab.value("booking_state.view") == "booked", 60)
    booked = time.perf_counter() - began
    heard = await asyncio.gather(*hearing)
    await asyncio.gather(*(tab.close() for tab in [*tabs, booker]))
    return {
        "open": count,
        "kb_each": round(kb_each, 1),
        "booked_ms": round(1000 * booked, 1),
        "half_heard_ms": round(1000 * statistics.median(heard), 1),
        "all_heard_ms": round(1000 * max(heard), 1),
    }


async def _opened(server: Server, link: str) -> SocketClient:
    tab = SocketClient(server.url, f"/book/{link}", params={"token": link})
    await tab.connect(seconds=120)
    return await tab.until(lambda tab: tab.value("booking_state.view") == "choose", 120)


def _memory_kb(server: Server) -> int:
    """Of the largest of the server's processes: the one that the pages live in."""
    port = server.url.rpartition(":")[2]
    sizes = [0]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"\0{port}\0" in process.joinpath("cmdline").read_text():
                said = re.search(r"VmRSS:\s+(\d+)", process.joinpath("status").read_text())
                sizes.append(int(said[1]) if said else 0)
        except OSError:  # it has just ended
            continue
    return max(sizes)
