"""Many clients at once, each a thread, and how long each of their calls took."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Load:
    """``per_s`` calls of all clients together, and the ``seconds`` of each."""

    per_s: float
    seconds: list[float]


def in_turns(calls: Sequence[Call], clients: int) -> Load:
    """Let ``clients`` make these calls, each taking the next one that is left as soon as its last is answered."""
    left, seconds = deque(calls), deque[float]()

    def work(_gate_opened: float) -> None:
        while True:
            try:
                call = left.popleft()
            except IndexError:
                return
            before = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - before)

    lasted = _run([work] * clients)
    return Load(len(calls) / lasted, list(seconds))


def at_once(calls: Sequence[Call]) -> Load:
    """Let as many clients as there are calls make one each. The seconds are those since the moment of all."""
    seconds = deque[float]()

    def work_on(call: Call) -> Callable[[float], None]:
        def work(gate_opened: float) -> None:
            call()
            seconds.append(time.perf_counter() - gate_opened)

        return work

    lasted = _run([work_on(call) for call in calls])
    return Load(len(calls) / lasted, list(seconds))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them do not exceed.

    >>> percentile([0.3, 0.1, 0.2], 0.5)
    0.2
    """
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def _run(workers: Sequence[Callable[[float], None]]) -> float:
    """Start all at the same moment, which each is told; how long it was until the last had ended.

    The first problem that one of them has is raised here.
    """
    opened, problems = [0.0], deque[BaseException]()

    def open_gate() -> None:
        opened[0] = time.perf_counter()

    gate = threading.Barrier(len(workers), action=open_gate)

    def run(worker: Callable[[float], None]) -> None:
        gate.wait()
        try:
            worker(opened[0])
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=run, args=(worker,), daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return time.perf_counter() - opened[0]
