"""Processes that send mail are killed with SIGKILL at random moments: nothing is lost, and a repeat is known for one.

Two send at once. A message that was handed in by a process that died before it could note it goes out again when the
lease is over, with the same Message-ID.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

from singleuse_app import db
from singleuse_app.notifications.outbox import LEASE
from singleuse_app.scheduling.errors import SlotUnavailable
from tests.crashes.checks import wait_for_backends
from tests.crashes.conftest import Place, Times
from tests.crashes.nursery import Nursery, Report
from tests.crashes.office import meet
from tests.factories import NOW, rows
from tests.harness.smtp_server import Mailbox, running

ROUNDS = 50
"""Two processes are killed in each."""

MEETINGS = 3
"""So many are made before each kill."""

LINES = 40
"""A round ends when its two processes have told that many lines at most: some dozen transactions."""


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with running(tmp_path / "mails") as taking:
        yield taking


def send(
    nursery: Nursery, place: Place, mailbox: Mailbox, at: datetime, *, job: str = "deliver", kill: Random | None = None
) -> list[Report]:
    """Let two processes send what is due, and end both at some moment if they are to be killed."""
    db.close()
    moment = (int(LINES * kill.random()), kill.uniform(0.0, 0.01)) if kill else None
    facts = {"port": mailbox.port, "at": int(at.timestamp()), "seed": 0}
    reports = nursery.raise_up(job, place.database, children=2, kill=moment, **facts)
    assert [report.told("failed") for report in reports] == [[], []]
    wait_for_backends(place.databases, place.database)
    return reports


def meet_quietly(random: Random, place: Place) -> None:
    with suppress(SlotUnavailable):  # the time was taken, as may happen
        meet(lambda *_, **__: None, random, place.office.desks[0])


def message_ids(mailbox: Mailbox) -> Counter[str]:
    return Counter(taken.mail["Message-ID"].partition("@")[0].strip("<") for taken in mailbox.taken())


def settled() -> tuple[set[str], int]:
    """The messages that were sent, and how many wait that are due."""
    told = rows("SELECT id FROM outbox_message WHERE sent_at IS NOT NULL")
    due = int(NOW.timestamp()) + 3600
    waiting = rows(f"SELECT count(*) FROM outbox_message WHERE next_attempt_at IS NOT NULL AND due_at < {due}")
    return {str(key).replace("-", "") for (key,) in told}, waiting[0][0]


@pytest.mark.thorough
def test_killed_at_random_moments_they_lose_nothing_and_repeats_are_known_for_what_they_are(
    nursery: Nursery, place: Place, mailbox: Mailbox, times: Times
) -> None:
    random, at, killed = Random(7), NOW, 0
    rounds = times(ROUNDS)
    for _ in range(rounds):
        for _ in range(MEETINGS):
            meet_quietly(random, place)
        killed += sum(report.status == -9 for report in send(nursery, place, mailbox, at, kill=random))
        at += LEASE
    send(nursery, place, mailbox, at)
    sent, waiting = settled()
    taken = message_ids(mailbox)
    repeats = sum(taken.values()) - len(taken)
    print(
        f"\n{place.database.kind}: {killed} processes killed, {len(sent)} messages sent, {repeats} of them again, "
        f"{len(sent - taken.keys())} lost"
    )
    assert waiting == 0
    assert taken.keys() == sent
    assert killed > rounds
    by_id: dict[str, set[tuple[str, str]]] = {}
    for each in mailbox.taken():
        by_id.setdefault(each.mail["Message-ID"], set()).add((each.recipient, each.mail["Subject"]))
    assert {len(mails) for mails in by_id.values()} == {1}


def test_two_processes_send_each_message_once(nursery: Nursery, place: Place, mailbox: Mailbox, times: Times) -> None:
    sent_twice = drained(nursery, place, mailbox, times, job="deliver")
    assert sent_twice == 0


def test_control_without_leases_two_processes_send_some_twice(
    nursery: Nursery, place: Place, mailbox: Mailbox, times: Times
) -> None:
    assert drained(nursery, place, mailbox, times, job="deliver unleased") > 0


def drained(nursery: Nursery, place: Place, mailbox: Mailbox, times: Times, *, job: str) -> int:
    """Send everything with two processes; how many mails were none the first of their message."""
    random = Random(3)
    for _ in range(max(20, times(100))):
        meet_quietly(random, place)
    reports = send(nursery, place, mailbox, NOW, job=job)
    assert all(report.told("delivered") for report in reports)  # both had something to do
    sent, waiting = settled()
    assert waiting == 0
    taken = message_ids(mailbox)
    assert taken.keys() == sent
    return sum(taken.values()) - len(taken)
