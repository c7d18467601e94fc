"""The benchmark runs, checks what it sold, and says what it should. How fast anything is, no test asserts."""

import json
from pathlib import Path

import pytest

from tests.benchmarks import bookings


def test_the_figures_come_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--rows", "64", "--rounds", "1", "--bookings", "4", "--contenders", "8", "--clients", "1", "2"]
    bookings.main(["--json", "--databases", "sqlite", *sizes, "--folder", str(tmp_path)])
    printed = json.loads(capsys.readouterr().out)
    cases = {(case["clients"], case["hosts"], case["rows"]) for case in printed["cases"]}
    assert cases == {(clients, hosts, rows) for clients in (1, 2) for hosts in (1, 32) for rows in (0, 64)}
    for case in printed["cases"]:
        assert case["database"] == "sqlite"
        assert case.keys() >= {"per_s", "p50_ms", "p99_ms", "floor_per_s"}
    [contention] = printed["contention"]
    assert (contention["database"], contention["clients"], contention["winners"]) == ("sqlite", 8, 1)
    assert contention.keys() >= {"p99_ms"}
    assert not list(tmp_path.iterdir())
