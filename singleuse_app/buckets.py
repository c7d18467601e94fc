"""Token buckets: how fast something may go on, and how much of it may come at once."""

import time
from collections.abc import Callable

MANY = 10_000
"""So many buckets are kept before those are looked for that are full again, and so need not be."""


class Buckets:
    """A bucket for each key: it holds ``most``, and gains ``rate`` a second until it is full again."""

    def __init__(self, rate: float, most: float, clock: Callable[[], float] | None = None) -> None:
        self.rate = rate
        self.most = most
        self._clock = clock or time.monotonic
        self._kept: dict[str, tuple[float, float]] = {}
        self._look_at = MANY

    def take(self, key: str, cost: float = 1) -> float:
        """Take ``cost`` out of a bucket, and say 0; where it has less, leave it and say in how many seconds it has."""
        level, now = self._level(key)
        if level < cost:
            return (cost - level) / self.rate
        self._keep(key, level - cost, now)
        return 0.0

    def owe(self, key: str, cost: float = 1) -> float:
        """Take ``cost`` out of a bucket, even what is not in it yet, and say how many seconds to wait for that.

        >>> slow = Buckets(rate=2, most=1, clock=lambda: 0.0)
        >>> slow.owe("ada"), slow.owe("ada"), slow.owe("bob")
        (0.0, 0.5, 0.0)
        """
        level, now = self._level(key)
        self._keep(key, level - cost, now)
        return max(0.0, (cost - level) / self.rate)

    def alone(self) -> "Bucket":
        """One more bucket, that nobody else knows."""
        return Bucket(Buckets(self.rate, self.most, self._clock))

    def _level(self, key: str) -> tuple[float, float]:
        now = self._clock()
        level, then = self._kept.get(key, (self.most, now))
        return min(self.most, level + (now - then) * self.rate), now

    def _keep(self, key: str, level: float, now: float) -> None:
        self._kept[key] = (level, now)
        if len(self._kept) > self._look_at:
            self._kept = {key: kept for key, kept in self._kept.items() if self._level(key)[0] < self.most}
            self._look_at = 2 * len(self._kept) + MANY


class Bucket:
    """A bucket by itself."""

    def __init__(self, kept_in: Buckets) -> None:
        self._kept_in = kept_in

    def owe(self, cost: float = 1) -> float:
        """As :meth:`Buckets.owe`."""
        return self._kept_in.owe("", cost)
