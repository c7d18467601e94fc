"""How often what can be tried may be tried: passwords, codes, links, bookings. One table has all of it.

Counted is by whoever tries, by what they try, or by both, in a window that slides; in this process, or in Redis where
several share their counts (``REDIS_URL``). What is counted by is never kept in the clear, but as a keyed hash. Where
Redis does not answer, each process counts for itself: nobody is let in for that, and nobody kept out.
"""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError

from singleuse_app import tokens
from singleuse_app.peers import neighbourhood
from singleuse_app.scheduling.errors import TooMany
from singleuse_app.settings import settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """``most`` in so many ``minutes``; ``code`` names the words for who comes too often."""

    most: int
    minutes: int
    code: str


LIMITS = {
    # signing in: see api/signing_in.py
    "sign_in_from_here": Limit(30, 10, "too_many_sign_ins"),
    "sign_in_pair": Limit(8, 15, "too_many_sign_ins"),
    "sign_in_device": Limit(20, 15, "too_many_sign_ins"),
    "sign_in_strangers": Limit(60, 60, "too_many_strangers"),
    "second_code": Limit(10, 15, "too_many_passwords"),
    "second_code_in_a_day": Limit(30, 24 * 60, "too_many_passwords"),
    "own_password": Limit(8, 15, "too_many_passwords"),
    "set_up_code": Limit(10, 15, "too_many_codes"),
    "forgot_password": Limit(10, 60, "too_many_requests"),
    "secret_address": Limit(30, 10, "too_many_requests"),
    # invitees
    "look_ups": Limit(240, 1, "too_many_lookups"),
    "look_ups_of_link": Limit(240, 1, "too_many_lookups"),
    "bookings": Limit(30, 10, "too_many_bookings"),
    "bookings_of_link": Limit(30, 10, "too_many_bookings"),
    "asks": Limit(10, 60, "too_many_asks"),
    "asks_of_link": Limit(20, 60, "too_many_asks"),
    "codes": Limit(20, 60, "too_many_requests"),
    "corrections": Limit(10, 60, "too_many_requests"),
    # mail that a host sends by hand
    "test_mails": Limit(10, 60, "too_many_requests"),
}


async def spend(name: str, *by: object) -> None:
    """Count one try of that name, by what is named. Raises :class:`TooMany` where it is one too many."""
    limit = LIMITS[name]
    item = _item(name, settings().limits_factor)
    key = _hidden(by)
    try:
        limiter = _limiter(settings().redis_url)
        is_in_time = await limiter.hit(item, key)
        reset_at = 0.0 if is_in_time else (await limiter.get_window_stats(item, key)).reset_time
    except StorageError:
        logger.warning("Redis does not answer. This process counts for itself.", exc_info=True)
        limiter = _limiter("")
        is_in_time = await limiter.hit(item, key)
        reset_at = 0.0 if is_in_time else (await limiter.get_window_stats(item, key)).reset_time
    if not is_in_time:
        raise TooMany(limit.code, again=timedelta(seconds=max(1.0, reset_at - time.time())))


async def spend_here(name: str, address: str) -> None:
    """As :func:`spend`, by the address that somebody comes from, its neighbourhood counted as one."""
    await spend(name, neighbourhood(address))


async def forgive(name: str, *by: object) -> None:
    """Forget all tries of that name: whoever tried was right in the end."""
    item, key = _item(name, settings().limits_factor), _hidden(by)
    try:
        await _limiter(settings().redis_url).clear(item, key)
    except StorageError:
        await _limiter("").clear(item, key)


@cache
def _item(name: str, factor: float) -> RateLimitItemPerMinute:
    limit = LIMITS[name]
    return RateLimitItemPerMinute(max(1, int(limit.most * factor)), limit.minutes, namespace=name)


@cache
def _limiter(redis_url: str) -> SlidingWindowCounterRateLimiter:
    storage: Storage = MemoryStorage()
    if redis_url:
        url = f"async+{redis_url}".replace("async+unix://", "async+redis+unix://")
        storage = RedisStorage(
            url, wrap_exceptions=True, implementation="redispy", key_prefix="singleuse", socket_timeout=2
        )
    return SlidingWindowCounterRateLimiter(storage)


def _hidden(by: tuple[object, ...]) -> str:
    return tokens.blind("\0".join(map(str, by)))
