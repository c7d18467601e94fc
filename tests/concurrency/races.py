"""The races. Each sets its scene and says who starts: ``size`` contenders at once, eight threads or four processes.

``winners`` are the numbers of those who may change something, where that does not hang on who comes first. Everything
else the judge finds out by itself: it needs no more than the scene.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from singleuse_app.ids import SCHEDULE, public_id
from singleuse_app.scheduling.links import UNLIMITED_USES
from tests.concurrency.contenders import ChangeDuration, ChangeHours, Contender, Expire, Revoke, SwitchOff
from tests.concurrency.scene import Scene, at
from tests.factories import NOW

Prepare = Callable[[Scene, int], Sequence[Contender]]

TOMORROW = NOW + timedelta(days=1)


@dataclass(frozen=True)
class Race:
    """``schema_alone`` says that the schema, or it and the claim of the link, suffice without the host's lock."""

    name: str
    prepare: Prepare
    winners: frozenset[int] | None = None
    schema_alone: bool = False

    def __str__(self) -> str:
        return self.name


RACES: list[Race] = []


def race(name: str, *winners: int, schema_alone: bool = False) -> Callable[[Prepare], Prepare]:
    """Add one to the list."""

    def add(prepare: Prepare) -> Prepare:
        RACES.append(Race(name, prepare, frozenset(winners) or None, schema_alone))
        return prepare

    return add


@race("one link, one slot", 1, schema_alone=True)
def _(scene: Scene, size: int) -> Sequence[Contender]:
    [link] = scene.links(1, scene.event_type())
    return [scene.booker(link, at(0)) for _ in range(size)]


@race("one link, different slots", 1, schema_alone=True)
def _(scene: Scene, size: int) -> Sequence[Contender]:
    [link] = scene.links(1, scene.event_type())
    return [scene.booker(link, at(number)) for number in range(size)]


@race("two links, one slot", 1, schema_alone=True)
def _(scene: Scene, size: int) -> Sequence[Contender]:
    links = scene.links(2, scene.event_type())
    return [scene.booker(links[number % 2], at(0)) for number in range(size)]


@race("two links, overlapping slots, other durations and buffers", schema_alone=True)
def _(scene: Scene, size: int) -> Sequence[Contender]:
    """Half an hour from 10:00, 10:15, 10:30 or 10:45, and an hour with buffers from 10:00 or 11:00."""
    short = scene.links(size // 2, scene.event_type(step=15))
    long = scene.links(size // 2, scene.event_type(minutes=60, step=60, before=15, after=20))
    contenders = [scene.booker(link, at(1 + number % 4 * 0.25)) for number, link in enumerate(short)]
    return contenders + [scene.booker(link, at(1 + number % 2)) for number, link in enumerate(long)]


@race("one address with several links, one upcoming booking each", 1)
def _(scene: Scene, size: int) -> Sequence[Contender]:
    """Other links, other slots: nothing but the address is the same."""
    links = scene.links(size, scene.event_type(one_each=True))
    return [scene.booker(link, at(number * 0.5)) for number, link in enumerate(links)]


@race("standard link against single-use link, one slot", 1, schema_alone=True)
def _(scene: Scene, size: int) -> Sequence[Contender]:
    event_type = scene.event_type()
    [standard] = scene.links(1, event_type, UNLIMITED_USES)
    [single_use] = scene.links(1, event_type)
    return [scene.booker(standard if number % 2 else single_use, at(0)) for number in range(size)]


@race("book against revoke", 1)
def _(scene: Scene, size: int) -> Sequence[Contender]:
    [link] = scene.links(1, scene.event_type())
    hosts = [Revoke(scene.host_id, link[0])] * (size // 4)
    return hosts + [scene.booker(link, at(number)) for number in range(size - len(hosts))]


@race("book against expire")
def _(scene: Scene, size: int) -> Sequence[Contender]:
    """The link has uses for all; they come on the day after the host's date, but the date may come later still."""
    [link] = scene.links(1, scene.event_type(), size)
    expire = Expire(scene.host_id, link[0], NOW.date())
    return [expire] + [scene.booker(link, at(number), TOMORROW) for number in range(size - 1)]


@race("book against switch-off")
def _(scene: Scene, size: int) -> Sequence[Contender]:
    event_type = scene.event_type()
    links = scene.links(size - 1, event_type)
    off = SwitchOff(scene.host_id, event_type)
    return [off] + [scene.booker(link, at(number)) for number, link in enumerate(links)]


@race("book against change of duration")
def _(scene: Scene, size: int) -> Sequence[Contender]:
    event_type = scene.event_type()
    links = scene.links(size - 1, event_type)
    longer = ChangeDuration(scene.host_id, event_type, 45)
    return [longer] + [scene.booker(link, at(number)) for number, link in enumerate(links)]


@race("book against change of hours")
def _(scene: Scene, size: int) -> Sequence[Contender]:
    """All but one want times before noon; from now on the host is there after it."""
    event_type = scene.event_type()
    links = scene.links(size - 1, event_type)
    afternoons = ChangeHours(scene.host_id, public_id(SCHEDULE, scene.schedule_id), 13, 17)
    starts = [at(4), *(at(number * 0.5) for number in range(size - 2))]
    return [afternoons] + [scene.booker(link, start) for link, start in zip(links, starts, strict=True)]


@race("book against reschedule into the same time", 1, schema_alone=True)
def _(scene: Scene, size: int) -> Sequence[Contender]:
    links = scene.links(size, scene.event_type())
    moves = [scene.booked(links[number], at(number)).move(at(6), by_host=number == 0) for number in range(2)]
    return moves + [scene.booker(link, at(6)) for link in links[2:]]


@race("two reschedules into one time", 1, schema_alone=True)
def _(scene: Scene, size: int) -> Sequence[Contender]:
    """Two bookings, each from several tabs."""
    links = scene.links(2, scene.event_type())
    booked = [scene.booked(link, at(number)) for number, link in enumerate(links)]
    return [booked[number % 2].move(at(6), by_host=number % 4 < 2) for number in range(size)]


@race("cancel against reschedule", 1, 2)
def _(scene: Scene, size: int) -> Sequence[Contender]:
    """Of one booking: both sides cancel it, and other tabs want to move it."""
    booking = scene.booked(scene.links(1, scene.event_type())[0], at(0))
    cancels = [booking.cancel(by_host=True), booking.cancel()]
    return cancels + [booking.move(at(2 + number)) for number in range(size - 2)]


@race("two tabs move one booking", 1)
def _(scene: Scene, size: int) -> Sequence[Contender]:
    """To different times."""
    booking = scene.booked(scene.links(1, scene.event_type())[0], at(0))
    return [booking.move(at(number), by_host=number % 2 == 0) for number in range(1, size)] + [booking.move(at(1))]


@race("choosing another time that was asked for, against book and cancel")
def _(scene: Scene, size: int) -> Sequence[Contender]:
    """Its invitee chooses in two tabs and gives it up in a third, the host moves it; others want the same time."""
    first, *others = scene.links(size - 3, scene.event_type(reopens=True))
    booking = scene.asked(scene.booked(first, at(0)))
    own = [booking.move(at(6)), booking.move(at(7)), booking.move(at(6), by_host=True), booking.cancel()]
    return own + [scene.booker(link, at(6)) for link in others]


@race("reopen against book", 1, 2)
def _(scene: Scene, size: int) -> Sequence[Contender]:
    """Its invitee cancels in two tabs, others wait for the link to open again."""
    [link] = scene.links(1, scene.event_type(reopens=True))
    booking = scene.booked(link, at(0))
    return [booking.cancel(), booking.cancel()] + [scene.booker(link, at(number)) for number in range(size - 2)]


@race("the last use of three", 1, schema_alone=True)
def _(scene: Scene, size: int) -> Sequence[Contender]:
    [link] = scene.links(1, scene.event_type(step=15), 3)
    for number in range(2):
        scene.booked(link, at(number))
    return [scene.booker(link, at(2 + number * 0.5)) for number in range(size)]


@race("one receipt in many tabs", 1)
def _(scene: Scene, size: int) -> Sequence[Contender]:
    """On a link with uses for all of them; in one tab another time was chosen."""
    [link] = scene.links(1, scene.event_type(), size)
    booker = scene.booker(link, at(0))
    return [booker] * (size - 1) + [type(booker)(*link, at(2), booker.receipt)]
