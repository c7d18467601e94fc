"""Token buckets, on a clock of their own."""

from singleuse_app.buckets import MANY, Buckets


class Clock:
    """Seconds, which pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_what_is_in_it_and_then_as_fast_as_it_fills() -> None:
    clock = Clock()
    buckets = Buckets(rate=2, most=5, clock=clock)
    assert [buckets.take("ada") for _ in range(6)] == [0, 0, 0, 0, 0, 0.5]
    assert buckets.take("bob") == 0, "each key has its own"
    clock.now = 0.5
    assert [buckets.take("ada") for _ in range(2)] == [0, 0.5], "who was refused has paid nothing"
    clock.now = 1000
    assert [buckets.take("ada") for _ in range(6)][-1] == 0.5, "it never holds more"


def test_who_owes_waits_for_all_who_came_before() -> None:
    clock = Clock()
    buckets = Buckets(rate=2, most=1, clock=clock)
    assert [buckets.owe("ada") for _ in range(4)] == [0, 0.5, 1, 1.5]
    clock.now = 2
    assert buckets.owe("ada") == 0


def test_buckets_that_are_full_again_are_not_kept() -> None:
    clock = Clock()
    buckets = Buckets(rate=1, most=2, clock=clock)
    for number in range(5 * MANY):
        clock.now += 0.1
        buckets.take(str(number))
    assert len(buckets._kept) <= 2 * MANY
