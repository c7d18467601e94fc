"""PostgreSQL is stopped, its backends are terminated, connections break: people are told the truth, and it heals."""

import time
from dataclasses import replace
from random import Random

import pytest

from tests.crashes.conftest import Place, Times
from tests.crashes.crowd import Crowd
from tests.harness.databases import opened
from tests.harness.postgres import Postgres
from tests.harness.proxy import Proxy

pytestmark = pytest.mark.thorough

TERMINATE = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'singleuse'"
LONG = 2.5
"""Seconds for which no operation tries again by itself."""


def test_stopped_immediately_and_started_again(
    fragile_postgres: Postgres, on_fragile_postgres: Place, times: Times
) -> None:
    random, stops, slowest = Random(1), times(20), 0.0
    with Crowd(on_fragile_postgres.office) as crowd:
        for number in range(stops):
            time.sleep(random.uniform(0.05, 0.4))
            fragile_postgres.stop_immediately()
            time.sleep(LONG if number % 5 == 1 else random.uniform(0.0, 0.3))
            fragile_postgres.start()
            slowest = max(slowest, crowd.goes_on())
    crowd.check()
    print(f"\npostgresql stopped in immediate mode {stops} times: {crowd}; all went on, after {slowest:.1f} s at most")
    assert crowd.refusals["try_again"]


def test_its_backends_are_terminated(fragile_postgres: Postgres, on_fragile_postgres: Place, times: Times) -> None:
    random, rounds, terminated = Random(2), times(100), 0
    with Crowd(on_fragile_postgres.office) as crowd:
        for _ in range(rounds):
            time.sleep(random.uniform(0.0, 0.1))
            terminated += fragile_postgres.execute(TERMINATE)[0][0]
        slowest = crowd.goes_on()
    crowd.check()
    print(
        f"\npostgresql's backends terminated {rounds} times, {terminated} of them: {crowd}; "
        f"all went on, after {slowest:.1f} s"
    )
    assert terminated > rounds


def test_the_connections_are_cut(fragile_postgres: Postgres, on_fragile_postgres: Place, times: Times) -> None:
    random, cuts = Random(3), times(100)
    with Proxy(fragile_postgres.port) as proxy:
        url = on_fragile_postgres.database.url.replace(f":{fragile_postgres.port}/", f":{proxy.port}/")
        with opened(replace(on_fragile_postgres.database, url=url)):
            with Crowd(on_fragile_postgres.office) as crowd:
                for _ in range(cuts):
                    time.sleep(random.uniform(0.0, 0.1))
                    proxy.cut()
                crowd.goes_on()
                refused = times(4)
                for number in range(refused):
                    proxy.refuse()
                    proxy.cut()
                    time.sleep(LONG if number == 0 else 1.0)
                    proxy.accept_again()
                    slowest = crowd.goes_on()
            crowd.check()
    print(
        f"\npostgresql's connections cut {cuts} times, {refused} times refused for a while: {crowd}; "
        f"all went on, after {slowest:.1f} s"
    )
