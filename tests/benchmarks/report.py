"""What was measured, as figures for programs and as a table with marks for people."""

from collections.abc import Iterator, Sequence
from typing import TypedDict

PART_OF_FLOOR = 0.2
PER_S_ALONE = 400
PART_WITH_A_PAST = 0.85
PATIENCE_MS = 3_000

HEAD = ("database", "clients", "hosts", "rows", "per s", "p50 ms", "p99 ms", "floor per s", "of floor")


class Figures(TypedDict):
    """One case. ``rows`` are links and past bookings; ``floor_per_s`` is what the database can do at all."""

    database: str
    clients: int
    hosts: int
    rows: int
    per_s: float
    p50_ms: float
    p99_ms: float
    floor_per_s: float


class Contention(TypedDict):
    """All clients at once on one link: how many got it, and how long the answers took."""

    database: str
    clients: int
    winners: int
    p99_ms: float
    last_ms: float


class Report(TypedDict):
    """Everything that was measured."""

    cases: list[Figures]
    contention: list[Contention]


def table(report: Report) -> str:
    """For people."""
    lines = [_row(*HEAD), *(_row(*case.values(), round(_of_floor(case), 2)) for case in report["cases"])]
    lines += [
        f"{row['database']:12}{row['clients']:>8} clients at once on one link: {row['winners']} got it; answers within"
        f" {row['p99_ms']:.0f} ms for 99 %, {row['last_ms']:.0f} ms for all"
        for row in report["contention"]
    ]
    marks = [f"{'✓' if holds else '✗'} {promise}" for holds, promise in promises(report)]
    return "\n".join([*lines, "", *marks])


def promises(report: Report) -> Iterator[tuple[bool, str]]:
    """What is promised of the figures, and whether it holds."""
    cases = report["cases"]
    for case in cases:
        name = f"{case['database']}, {case['clients']} clients, {case['hosts']} hosts"
        promised = case["hosts"] > 1 and (case["database"] == "postgresql" or case["clients"] == 1)
        if not case["rows"] and promised:
            part = _of_floor(case)
            yield part >= PART_OF_FLOOR, f"{name}: {part:.2f} of the floor, at least {PART_OF_FLOOR}"
        if case["rows"] and (without := _same(cases, case, rows=0)):
            part = case["per_s"] / without["per_s"]
            yield part >= PART_WITH_A_PAST, f"{name}: {part:.2f} with the past, at least {PART_WITH_A_PAST}"
    for case in cases:
        if case["database"] == "sqlite" and case["clients"] == 1 and case["hosts"] > 1 and not case["rows"]:
            yield case["per_s"] >= PER_S_ALONE, f"sqlite, 1 client: {case['per_s']:.0f}/s, at least {PER_S_ALONE}"
            if many := _same(cases, case, clients=32):
                yield many["per_s"] >= case["per_s"], f"sqlite, 32 clients: {many['per_s']:.0f}/s, not less than with 1"
    for row in report["contention"]:
        yield row["winners"] == 1, f"{row['database']}: {row['winners']} of {row['clients']} clients got the link, one"
        yield (
            row["last_ms"] <= PATIENCE_MS,
            f"{row['database']}: all answered in {row['last_ms']:.0f} ms, {PATIENCE_MS}",
        )


def _same(cases: Sequence[Figures], case: Figures, **but: int) -> Figures | None:
    """The case that is as this one but for those numbers."""
    keys = ("database", "clients", "hosts", "rows")
    wanted = {**case, **but}
    return next((other for other in cases if all(other[key] == wanted[key] for key in keys)), None)


def _row(*cells: object) -> str:
    """Beneath each other, numbers to the right."""
    return f"{cells[0]:<10}" + "".join(f"{cell:>13,}" if isinstance(cell, int) else f"{cell:>13}" for cell in cells[1:])


def _of_floor(case: Figures) -> float:
    return case["per_s"] / case["floor_per_s"]
