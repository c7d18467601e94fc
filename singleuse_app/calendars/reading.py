"""From the text of a calendar to when its owner is busy (RFC 5545), in a process of its own.

A text of a few lines can recur every second for a century. So it is read where time and memory are limited, and where
nothing else is lost: ``python -m singleuse_app.calendars.reading`` takes a task on its standard input and answers on
its standard output, both JSON.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from singleuse_app.calendars.problems import FeedProblem
from singleuse_app.scheduling.intervals import Interval, Span, floor_epoch, from_epoch

SECONDS = 60.0
CPU_SECONDS = 30
MEMORY = 1_000_000_000
"""Bytes of address space. A calendar of ten megabytes takes less than half of it."""

MAX_INTERVALS = 20_000

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Bookings:
    """A host's own bookings, by the UID that they carry in calendars.

    The host's calendar may show them, for they were sent to it. Their time is held, or given back, by this app itself:
    so an event with such a UID is no reason to be busy, as long as it lies where the booking is.
    """

    spans: Mapping[str, Span]


def read(text: bytes, *, zone: str, within: Interval, bookings: Bookings | None = None) -> list[Interval]:
    """When a calendar says that its owner is busy: stretches in order, apart, cut to ``within``.

    ``zone`` is what all-day events and floating times are in, unless the calendar names its own. Raises
    ``FeedProblem`` where the calendar, or any event in it, cannot be read: nothing of it is free by mistake.
    """
    task = {
        "zone": zone,
        "within": [floor_epoch(within.start), floor_epoch(within.end)],
        "bookings": dict(bookings.spans) if bookings else {},
        "text": text.decode("utf-8-sig", errors="replace"),
    }
    command = [sys.executable, "-m", __name__, str(CPU_SECONDS), str(MEMORY)]
    try:
        # Nothing of this process's environment, which holds passwords, is handed on.
        ran = subprocess.run(  # noqa: S603 - this very module
            command,
            input=json.dumps(task).encode(),
            capture_output=True,
            env={},
            cwd=_ROOT,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FeedProblem("feed_too_much") from None
    try:
        answer: dict[str, Any] = json.loads(ran.stdout)
    except ValueError:  # it was stopped, out of time or out of memory; or there is a mistake of ours
        raise FeedProblem("feed_too_much" if ran.returncode < 0 else "feed_unreadable") from None
    if "problem" in answer:
        raise FeedProblem(*answer["problem"])
    return [Interval(from_epoch(start), from_epoch(end)) for start, end in answer["busy"]]


def _limit(cpu_seconds: int, memory: int) -> None:
    """Let this process have so much time and memory and no more, and no time that others need.

    Where a system has no such limits, whoever started it ends it when its time is over.
    """
    try:
        import resource  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return
    os.nice(10)
    limits = {resource.RLIMIT_CPU: cpu_seconds, resource.RLIMIT_AS: memory, resource.RLIMIT_CORE: 0}
    for kind, most in limits.items():
        with suppress(ValueError, OSError):  # the system allows less anyway, or knows no such limit
            resource.setrlimit(kind, (most, most))


def _main() -> None:
    _limit(*map(int, sys.argv[1:]))
    try:
        from singleuse_app.calendars.events import busy_spans  # noqa: PLC0415 - under the limits already

        task = json.load(sys.stdin)
        first, last = task["within"]
        bookings = {uid: (start, end) for uid, (start, end) in task["bookings"].items()}
        spans = busy_spans(task["text"], zone=task["zone"], within=(first, last), bookings=bookings)
        if len(spans) > MAX_INTERVALS:
            raise FeedProblem("feed_too_much")
        print(json.dumps({"busy": spans}))
    except FeedProblem as problem:
        print(json.dumps({"problem": [problem.code, problem.detail]}))
    except MemoryError:
        print(json.dumps({"problem": ["feed_too_much"]}))


if __name__ == "__main__":
    _main()
