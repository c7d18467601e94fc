"""Every race, on both databases, between threads and between processes: nothing is sold twice, everybody is told right.

Beside each its control: with the guards off the same race goes wrong. To read the matrix::

    pytest -s -n 0 --profile thorough tests/concurrency/test_races.py
"""

from collections import Counter
from dataclasses import dataclass, field

import pytest

from singleuse_app import db
from singleuse_app.operations.truths import violations
from tests.concurrency.contenders import DONE, Outcome
from tests.concurrency.crews import Crew, shuffled
from tests.concurrency.judge import Verdict, judge
from tests.concurrency.races import RACES, Race
from tests.concurrency.scene import Scene
from tests.harness.databases import Database
from tests.harness.unguarded import drop_guards

TRIALS = {False: 3, True: 100}
TRIALS_WITHOUT_LOCK = {False: 2, True: 20}
TRIES_TO_GO_WRONG = 10


@dataclass
class Tally:
    """What came of the trials of one cell of the matrix."""

    winners: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    complaints: Counter[str] = field(default_factory=Counter)
    traces: list[str] = field(default_factory=list)

    def add(self, outcomes: list[Outcome], verdict: Verdict) -> None:
        """One more trial."""
        happened = sorted(verdict.happened.items())
        self.winners[" + ".join(f"{count} {kind}" for kind, count in happened) or "nobody"] += 1
        self.refusals.update(outcome.said for outcome in outcomes if outcome.said != DONE)
        self.complaints.update(verdict.complaints)
        self.traces += [outcome.trace for outcome in outcomes if outcome.trace and verdict.complaints]

    def damage(self) -> list[str]:
        """What went wrong beyond a refusal to be tried again."""
        return [complaint for complaint in self.complaints if not complaint.endswith(("TryAgain", "Conflict"))]

    def __str__(self) -> str:
        won = ", ".join(f"{count}× ({winners})" for winners, count in sorted(self.winners.items()))
        refused = ", ".join(f"{count} {name}" for name, count in self.refusals.most_common()) or "none"
        return f"winners {won} · refused {refused}"


def run(race: Race, crew: Crew, condition: str, trial: int, tally: Tally) -> None:
    """One trial, judged by itself."""
    scene = Scene()
    contenders = shuffled(race.prepare(scene, crew.size), (race.name, trial))
    scene.write()
    outcomes = crew.race(contenders, condition)
    verdict = judge(scene, list(zip(contenders, outcomes, strict=True)))
    if race.winners and (count := verdict.happened.total()) not in race.winners:
        verdict.complaints.append(f"{count} winners")
    tally.add(outcomes, verdict)


def lies() -> list[str]:
    """What is not true of the tables any more."""
    with db.reading() as session:
        return list(violations(session))


def cell(request: pytest.FixtureRequest, race: Race, database: Database) -> str:
    """Which cell of the matrix this is."""
    return f"{race.name} · {database.kind} · {request.node.callspec.params['crew']}"


@pytest.mark.parametrize("race", RACES, ids=str)
def test_a_race_ends_as_if_one_came_after_the_other(
    race: Race, crew: Crew, database: Database, is_thorough: bool, request: pytest.FixtureRequest
) -> None:
    tally, trials = Tally(), TRIALS[is_thorough]
    for trial in range(trials):
        run(race, crew, "slow" if trial % 2 else "as it is", trial, tally)
    print(f"\n{cell(request, race, database)} · {trials} trials · {tally}")
    assert not tally.complaints, tally.traces
    assert lies() == []


@pytest.mark.parametrize("race", RACES, ids=str)
def test_control_with_the_guards_off_the_race_goes_wrong(
    race: Race, crew: Crew, database: Database, request: pytest.FixtureRequest
) -> None:
    with db.writing() as session:
        drop_guards(session.connection())
    tally = Tally()
    for trial in range(TRIES_TO_GO_WRONG):
        run(race, crew, "guards off", trial, tally)
        if tally.damage():
            break
    said, untrue = "; ".join(tally.damage()), "; ".join(lies()) or "nothing"
    print(f"\n{cell(request, race, database)} · control, trial {trial + 1} · {tally} · {said} · untrue: {untrue}")
    assert tally.damage()


@pytest.mark.parametrize("condition", [pytest.param("locks off", marks=pytest.mark.thorough), "manners off"])
@pytest.mark.parametrize("race", [race for race in RACES if race.schema_alone], ids=str)
@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_without_the_lock_the_schema_still_sells_nothing_twice(
    race: Race, crew: Crew, database: Database, *, condition: str, is_thorough: bool, request: pytest.FixtureRequest
) -> None:
    tally, trials = Tally(), TRIALS_WITHOUT_LOCK[is_thorough]
    for trial in range(trials):
        run(race, crew, condition, trial, tally)
    print(f"\n{cell(request, race, database)} · {condition}, {trials} trials · {tally}")
    assert not tally.complaints, tally.traces
    assert lies() == []
