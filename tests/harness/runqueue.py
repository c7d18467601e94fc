"""How long a process stood ready and got no processor, by the scheduler's own count (Linux, ``/proc/*/schedstat``).

On a machine that does other things besides, this is what a wait owes to them and not to the process.
"""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

NANOSECONDS = 1e9


@dataclass
class Wait:
    """``seconds`` on the clock, of which the threads that were watched stood ready for ``kept`` and did not run."""

    seconds: float = 0.0
    kept: float = 0.0

    @property
    def own(self) -> float:
        """What remains if nobody else had been on the machine."""
        return max(0.0, self.seconds - self.kept)


def busiest_thread(process: int) -> Path:
    """The thread of a process and of those that it started which has computed most: of a server, its loop."""
    family = {process}
    parents = dict(_parents())
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    threads = [thread for pid in family for thread in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    return max(threads, key=lambda thread: _read(thread)[0])


@contextmanager
def watched(*threads: Path) -> Generator[Wait]:
    """How long the block takes, and for how long in it one of ``threads`` or this one was kept waiting."""
    mine = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
    all_of_them = (*threads, mine)
    found, began, before = Wait(), time.monotonic(), sum(_read(thread)[1] for thread in all_of_them)
    yield found
    found.seconds = time.monotonic() - began
    found.kept = sum(_read(thread)[1] for thread in all_of_them) - before


def _read(thread: Path) -> tuple[float, float]:
    """Seconds that it ran, and that it stood ready."""
    with suppress(OSError):
        ran, ready, _ = thread.read_text().split()
        return int(ran) / NANOSECONDS, int(ready) / NANOSECONDS
    return 0.0, 0.0


def _parents() -> Generator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            yield int(entry.name), int((entry / "stat").read_text().rpartition(")")[2].split()[1])
