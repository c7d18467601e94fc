"""A process that books is killed with SIGKILL, at random moments, and leaves nothing half done.

This shows atomicity: nothing that a dead process had begun is seen by anybody, and all that it had confirmed is there.
The system that the process ran on goes on, and with it all that was written to it. That a commit also survives a power
cut rests on the databases' own promise (WAL with ``synchronous=FULL``, ``fsync``) and on disks that keep theirs.
"""

from random import Random
from statistics import median

import pytest

from singleuse_app import db
from tests.crashes.checks import bookings_there, broken_promises, lies, wait_for_backends
from tests.crashes.conftest import Place, Times
from tests.crashes.nursery import Nursery, Report
from tests.crashes.office import ACKNOWLEDGED

ROUNDS = {"sqlite": 200, "postgresql": 120}
LINES = 150
"""A child is killed when it has told that many lines at most: some fifteen bookings, with what became of them."""


def kill(nursery: Nursery, place: Place, job: str, seed: int) -> Report:
    """Let a child work and kill it; return when the database has noticed."""
    db.close()
    random = Random(seed)
    moment = int(LINES * random.random()), random.uniform(0.0, 0.01)
    [report] = nursery.raise_up(job, place.database, kill=moment, seed=seed, office=place.office.facts())
    assert report.status == -9
    wait_for_backends(place.databases, place.database)
    return report


def test_a_killed_process_leaves_nothing_half_done_and_keeps_its_word(
    nursery: Nursery, place: Place, times: Times
) -> None:
    kind = place.database.kind
    reports: list[Report] = []
    unheard = 0
    for seed in range(times(ROUNDS[kind])):
        before = bookings_there()
        reports.append(report := kill(nursery, place, "busy", seed))
        assert report.told("failed") == []
        assert lies() == {}
        assert broken_promises(report.told(*ACKNOWLEDGED)) == []
        unheard += bookings_there() - before - len(report.told("booked"))
    assert broken_promises(line for report in reports for line in report.told(*ACKNOWLEDGED)) == []
    booked = [len(report.told("booked")) for report in reports]
    inside = sum(bool(report.phases() & {"open", "committing"}) for report in reports)
    committing = sum("committing" in report.phases() for report in reports)
    print(
        f"\n{kind}: {len(reports)} kills, {inside} with a transaction open, {committing} while committing; "
        f"confirmed before the kill: {min(booked)} to {max(booked)} bookings, median {median(booked):.0f}, "
        f"{sum(booked)} in all, {sum(len(report.told('moved')) for report in reports)} moved, "
        f"{sum(len(report.told('cancelled')) for report in reports)} cancelled; {unheard} committed and not yet told; "
        f"0 truths broken, 0 confirmations lost"
    )
    assert inside > len(reports) // 2
    assert min(booked) < median(booked) < max(booked), "the moments are spread"


@pytest.mark.parametrize("job", ["split", "hasty"])
def test_control_work_in_two_transactions_and_word_given_too_early_are_found_out(
    nursery: Nursery, place: Place, job: str
) -> None:
    """Some of it the processes themselves find out while they live; what counts is what they leave behind."""
    for kills in range(1, 101):
        report = kill(nursery, place, job, seed=kills)
        found = lies() if job == "split" else broken_promises(report.told("booked"))
        if found:
            break
    print(f"\n{place.database.kind}, {job}: found out after {kills} kills: {found}")
    assert found
    if job == "split":
        assert "a link counts its live bookings" in found
