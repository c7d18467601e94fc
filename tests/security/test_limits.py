"""Counting tries: what is kept of whom, and where."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from singleuse_app import limits, tokens
from singleuse_app.messages import words
from singleuse_app.scheduling.errors import TooMany
from tests.harness.server import free_port

EMAIL = "grace@example.org"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody has tried anything yet, and the key is this test's own."""
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "singleuse.key"))
    monkeypatch.delenv("LIMITS_FACTOR", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    forget()
    yield
    forget()


def forget() -> None:
    limits._limiter.cache_clear()
    tokens.forget()


async def tries_until_refused(name: str, *by: str) -> int:
    for number in range(1000):
        try:
            await limits.spend(name, *by)
        except TooMany:
            return number
    return 1000


@pytest.mark.parametrize("name", limits.LIMITS)
async def test_every_limit_bites_and_says_when_to_come_again(name: str) -> None:
    limit = limits.LIMITS[name]
    assert limit.most <= await tries_until_refused(name, EMAIL) <= limit.most + 1
    with pytest.raises(TooMany) as refused:
        await limits.spend(name, EMAIL)
    again = refused.value.params["again"]
    assert isinstance(again, timedelta)
    assert timedelta(seconds=1) <= again <= timedelta(minutes=limit.minutes)
    assert "ry again in" in words(refused.value)
    assert "{" not in words(refused.value)
    await limits.spend(name, "somebody else")
    await limits.forgive(name, EMAIL)
    await limits.spend(name, EMAIL)


async def test_nothing_that_is_counted_by_is_kept_in_the_clear() -> None:
    await limits.spend("sign_in_pair", EMAIL, "192.0.2.7")
    await limits.spend_here("look_ups", "2001:db8::1")
    kept = str(vars(limits._limiter("").storage))
    assert "sign_in_pair" in kept
    assert not any(word in kept for word in (EMAIL, "grace", "192.0.2.7", "2001:db8"))


def test_what_is_kept_cannot_be_found_by_trying_all_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tokens.blind("192.0.2.7")
    assert here == tokens.blind("192.0.2.7") != tokens.blind("192.0.2.8")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "another.key"))
    tokens.forget()
    assert tokens.blind("192.0.2.7") != here


async def test_an_operator_may_let_more_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMITS_FACTOR", "2.5")
    assert await tries_until_refused("sign_in_pair", EMAIL) in (20, 21)


async def test_while_redis_is_away_each_process_counts_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    assert await tries_until_refused("sign_in_pair", EMAIL) in (8, 9)
    await limits.forgive("sign_in_pair", EMAIL)
    await limits.spend("sign_in_pair", EMAIL)
