"""Whether a race can be told as a story: one thing after the other, in the order of the log, and everybody told right.

Whoever changed something did so at their line in the log. Whoever was refused, or was told of what was there already,
must have been right at one moment between two lines. Then the tables must be as the story ends.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import col, select

from singleuse_app import db
from singleuse_app.ids import BOOKING, LINK, public_id
from singleuse_app.models import Booking, EventLog, Link
from singleuse_app.operations.history import Happened
from tests.concurrency.contenders import Contender, Outcome
from tests.concurrency.scene import Scene
from tests.concurrency.world import World

Answers = Sequence[tuple[Contender, Outcome]]


@dataclass(frozen=True)
class Line:
    """A line that the race left in the log."""

    kind: Happened
    booking: str


@dataclass(frozen=True)
class Verdict:
    """``happened`` counts the lines that the race left in the log; ``complaints`` is empty where all is well."""

    happened: Counter[str]
    complaints: list[str]


def judge(scene: Scene, answers: Answers) -> Verdict:
    """Tell the story, and what in it cannot have happened one after the other, or is not as it was told."""
    world, before = scene.world, sum(1 + meeting.sequence for meeting in scene.world.meetings.values())
    with db.reading() as session:
        log = session.exec(
            select(EventLog.kind, EventLog.booking_id)
            .where(EventLog.host_id == scene.host_id)
            .order_by(col(EventLog.id))
            .offset(before)
        ).all()
        uses = session.exec(select(Link.id, Link.uses).where(Link.host_id == scene.host_id)).all()
        kept = session.exec(
            select(Booking.id, Booking.start, Booking.end, Booking.sequence, col(Booking.cancelled_at)).where(
                Booking.host_id == scene.host_id
            )
        ).all()
    lines = [Line(Happened(kind), public_id(BOOKING, key) if key else "") for kind, key in log]
    told = [line for line in lines if line.kind is not Happened.LINK_REOPENED]
    found = _complaints_about_the_story(world, answers, told)
    if not found:
        reopened = sum(link.reopened for link in world.links.values())
        agreed = {
            "how often links opened again": len(lines) - len(told) == reopened,
            "the uses of links": {public_id(LINK, key): count for key, count in uses}
            == {key: link.uses for key, link in world.links.items()},
            "the bookings": {
                public_id(BOOKING, key): (start, end, sequence, cancelled is not None)
                for key, start, end, sequence, cancelled in kept
            }
            == {key: (row.start, row.end, row.sequence, row.cancelled) for key, row in world.meetings.items()},
        }
        found = [f"{what} are not as it was told" for what, holds in agreed.items() if not holds]
    return Verdict(Counter(line.kind for line in told), found)


def _complaints_about_the_story(world: World, answers: Answers, lines: Sequence[Line]) -> list[str]:
    """Play it again, line after line."""
    waiting = list(answers)
    unexplained = _still_unexplained(world, waiting)
    for line in lines:
        author = next((one for one in waiting if _wrote(world, *one, line)), None)
        if author is None:
            return [f"nobody can have {line.kind} here"]
        waiting.remove(author)
        world.change(*author)
        unexplained = [one for one in unexplained if one in waiting]
        unexplained = _still_unexplained(world, unexplained)
    return [f"{type(who).__name__} cannot have been told {told.said}" for who, told in unexplained]


def _still_unexplained(world: World, answers: Answers) -> list[tuple[Contender, Outcome]]:
    """Those who would be told something else now, or would change something."""
    return [(who, told) for who, told in answers if world.turn(who) != (replace(told, trace=""), False)]


def _wrote(world: World, who: Contender, told: Outcome, line: Line) -> bool:
    if who.line is not line.kind or told.booking != line.booking:
        return False
    expected, changes = world.turn(who)
    return changes and replace(expected, booking=told.booking) == replace(told, trace="")
