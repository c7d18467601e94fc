"""How long the slot engine takes, beside the least that its answer costs.

    uv run --group dev python -m tests.benchmarks.slots [--json]

Monday to Friday from nine to five in Berlin, half an hour each, every quarter of an hour. A warm figure is the median
of runs in one process; before each a new list of busy times is made, and each makes all of its slots. A cold one is the
median of first calls in processes of their own, without the import of the module. The floor makes the same slots from
their starts, which it is given as whole numbers, and nothing else; where hardly any slot is left, those of an empty
calendar.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from typing import TypedDict

from singleuse_app.scheduling.availability import AvailabilitySchedule, WeeklyHours
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.slot_rules import SlotRules
from singleuse_app.scheduling.slots import Slot, available_slots, slots_at

NOW = datetime(2026, 9, 1, tzinfo=UTC)
DAY, MEETING = timedelta(days=1), timedelta(minutes=30)
CASES = ((60, 0), (60, 100), (60, 1000), (60, 10_000), (365, 1000), (1, 3))
"""Days that are asked for, and busy times in them. The last is one day out of a year's rules."""

HARDLY_ANY = 50


class Figures(TypedDict):
    """One case, in milliseconds."""

    days: int
    busy: int
    slots: int
    warm_ms: float
    cold_ms: float
    floor_ms: float


def rules() -> tuple[SlotRules, AvailabilitySchedule]:
    """The event type, and its hours."""
    hours = tuple(WeeklyHours(weekday, 9 * 60, 17 * 60) for weekday in range(5))
    event_type = SlotRules(duration=MEETING, start_time_increment=timedelta(minutes=15), booking_window_days=365)
    return event_type, AvailabilitySchedule("Europe/Berlin", hours)


def busy_times(days: int, count: int, seed: int) -> list[Interval]:
    """So many half hours anywhere in the days, in no order."""
    random = Random(seed)
    minutes = (random.randrange(days * 1440) for _ in range(count))
    return [Interval(start, start + MEETING) for start in (NOW + timedelta(minutes=minute) for minute in minutes)]


def asked(days: int, count: int, seed: int) -> Callable[[], list[Slot]]:
    """One question to the engine, ready to be asked."""
    event_type, schedule = rules()
    busy, within = busy_times(days, count, seed), Interval(NOW, NOW + days * DAY)
    return lambda: available_slots(event_type, schedule, busy, now=NOW, within=within)


def measure(days: int, count: int, *, runs: int, processes: int) -> Figures:
    """All figures of one case. Floor and engine take turns, so that whatever else the computer does meets both."""
    warm, floor, found = [], [], []
    asked(days, count, 0)()
    for seed in range(runs):
        question = asked(days, count, seed)
        seconds, slots = _timed(question)
        warm.append(seconds)
        found.append(len(slots))
        known = [int(slot.start.timestamp()) for slot in (slots if len(slots) > HARDLY_ANY else asked(days, 0, 0)())]
        floor.append(_timed(lambda known=known: slots_at(known, MEETING))[0])
    return {
        "days": days,
        "busy": count,
        "slots": round(median(found)),
        "warm_ms": round(median(warm) * 1000, 3),
        "cold_ms": round(median(_cold(days, count, seed) for seed in range(processes)), 3),
        "floor_ms": round(median(floor) * 1000, 3),
    }


def main(given: Sequence[str] | None = None) -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="figures instead of a table")
    parser.add_argument("--runs", type=int, default=60, help="warm runs of each case")
    parser.add_argument("--processes", type=int, default=7, help="fresh processes for each case")
    parser.add_argument("--first-call", type=int, nargs=3, metavar=("DAYS", "BUSY", "SEED"), help=argparse.SUPPRESS)
    wanted = parser.parse_args(given)
    if wanted.first_call:
        print(_timed(asked(*wanted.first_call))[0] * 1000)
        return
    cases = [measure(*case, runs=wanted.runs, processes=wanted.processes) for case in CASES]
    print(json.dumps({"cases": cases}, indent=1) if wanted.json else _table(cases))


def _timed(call: Callable[[], list[Slot]]) -> tuple[float, list[Slot]]:
    began = time.perf_counter()
    slots = call()
    return time.perf_counter() - began, slots


def _cold(days: int, count: int, seed: int) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.slots", "--first-call", str(days), str(count), str(seed)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _table(cases: list[Figures]) -> str:
    lines = [f"{'days':>5} {'busy':>7} {'slots':>7} {'warm ms':>9} {'cold ms':>9} {'floor ms':>9} {'of floor':>9}"]
    lines += [
        f"{case['days']:>5} {case['busy']:>7,} {case['slots']:>7,} {case['warm_ms']:>9} {case['cold_ms']:>9} "
        f"{case['floor_ms']:>9} {case['warm_ms'] / case['floor_ms']:>8.1f}x"
        for case in cases
    ]
    by_size = {(case["days"], case["busy"]): case for case in cases}
    sixty, ten_thousand, year, day = (by_size[key] for key in ((60, 1000), (60, 10_000), (365, 1000), (1, 3)))
    goals = (
        ("60 days, 1,000 busy: at most 4 times the floor", sixty["warm_ms"] / sixty["floor_ms"], 4),
        ("60 days, 1,000 busy: at most 3 ms", sixty["warm_ms"], 3),
        ("60 days, 1,000 busy, first call: at most 15 ms", sixty["cold_ms"], 15),
        ("60 days, 10,000 busy: at most 20 ms", ten_thousand["warm_ms"], 20),
        ("365 days: at most 5 times the 60 days", year["warm_ms"] / sixty["warm_ms"], 5),
        ("one day: at most 0.2 ms", day["warm_ms"], 0.2),
    )
    lines += ["", *(f"{'✓' if got <= most else '✗'} {name}: {got:.3g}" for name, got, most in goals)]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
