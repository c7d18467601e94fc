"""The benchmarks run, check what they sold, and say what they should. How fast anything is, no test asserts."""

import json
from pathlib import Path

import pytest

from tests.benchmarks import booking_page, bookings, host_pages, outbox, slots, tokens


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


def test_the_slots_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    slots.main(["--json", "--runs", "2", "--processes", "1"])
    cases = {(case["days"], case["busy"]): case for case in json.loads(capsys.readouterr().out)["cases"]}
    assert {(60, 0), (60, 100), (60, 1000), (60, 10_000), (365, 1000)} <= cases.keys()
    assert all(case.keys() >= {"slots", "warm_ms", "cold_ms", "floor_ms"} for case in cases.values())
    assert cases[60, 0]["slots"] > cases[60, 1000]["slots"] > cases[60, 10_000]["slots"]
    slots.main(["--runs", "1", "--processes", "1"])
    assert "at most 4 times the floor" in capsys.readouterr().out


@pytest.mark.thorough
def test_the_invitees_page_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    booking_page.main(["--json", "--visits", "1", "--sessions", "20", "--alive", "20"])
    printed = json.loads(capsys.readouterr().out)
    assert printed["blank"].keys() >= {"kb", "usable_ms", "usable_slow_ms"}
    assert printed["page"].keys() >= {"kb", "requests", "painted_slow_ms", "usable_ms", "usable_slow_ms", "confirm_ms"}
    assert printed["server"].keys() == {"month_0_ms", "month_1000_ms"}
    assert printed["sessions"].keys() >= {"open", "kb_each"}
    assert all(value > 0 for row in printed.values() for value in row.values())


@pytest.mark.thorough
def test_the_hosts_pages_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    host_pages.main(["--json", "--links", "200", "--runs", "2"])
    printed = json.loads(capsys.readouterr().out)
    assert {"links", "bookings", "event types"} <= {row["page"] for row in printed["pages"]}
    for row in printed["pages"]:
        assert row.keys() == {"page", "server_ms", "server_ms_100", "state_kb"}
    assert printed.keys() == {"pages", "search_ms", "live_ms", "loop_p99_ms", "bulk_1000_s"}


@pytest.mark.thorough
def test_the_messages_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    outbox.main(["--json", "--messages", "20", "--bookings", "4", "--rounds", "1"])
    printed = json.loads(capsys.readouterr().out)
    assert [(case["workers"], case["duplicates"], case["lost"]) for case in printed["drain"]] == [(1, 0, 0), (2, 0, 0)]
    assert printed["delay_ms"].keys() == {"p50", "p99"}
    assert printed["hang_ratio"] > 0


def test_random_tokens_are_tried(capsys: pytest.CaptureFixture[str], is_thorough: bool) -> None:
    requests = "250" if is_thorough else "0"
    tokens.main(["--json", "--tokens", "200", "--links", "4", "--requests", requests])
    printed = json.loads(capsys.readouterr().out)
    assert {row["what"]: row["tokens"] for row in printed["tried"]}["link"] == 200
    assert [row["opened"] for row in printed["tried"]] == [0] * 5
    assert not printed["wrote"]
    if is_thorough:
        assert not printed["http"]["wrote"]
        assert printed["http"]["statuses"]["404"] >= 240
        assert printed["http"]["statuses"].keys() == {"404", "429"}
