"""Every handler × JSON that no page would send: nothing breaks, nothing is told of the inside, nothing piles up."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from reflex_base.registry import RegistrationContext

from tests.harness import server as servers
from tests.harness.server import Server
from tests.harness.socket_client import EVENT, FIELD
from tests.security import victim as victims
from tests.security.attackers import Rows, Thief
from tests.security.surface import form_fields, handlers, vars_of
from tests.security.victim import Victim

FEW, MANY = 2, 21
"""Events for each handler from each of three people; thoroughly that makes more than ten thousand."""

LARGEST = 60_000
"""Characters. What is larger ends the connection, which is another test's."""

MOST_GROWTH = 60_000
"""kB that the server may take more at the end of its second half than at the end of its first."""

INSIDE = ("Traceback", 'File "', "site-packages", "sqlalchemy", "sqlite3", "Contact the website administrator")
"""What no page is ever sent."""

STRANGE = ("\ud800", "\udfff\ud800", "\x00", "\u202e", "x" * 5_000, "9" * 400, "1e999", "-0", "٣", "\U0001f469\u200d")
NUMBERS = (0, -1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**300, 1e308, -0.0, float("nan"), float("inf"))


def nested(depth: int, *, as_object: bool) -> Any:
    made: Any = "x"
    for _ in range(depth):
        made = {"a": made} if as_object else [made]
    return made


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(NUMBERS),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(STRANGE),
    st.dates().map(str),
    st.integers(0, 2**33).map(str),
)
SHAPES = (
    None,
    True,
    [],
    {},
    ["\ud800"],
    {"\ud800": "\ud800"},
    nested(300, as_object=True),
    nested(300, as_object=False),
)
DEEP = st.builds(nested, st.sampled_from((2, 50, 300)), as_object=st.booleans())
JSON = st.one_of(LEAVES, DEEP, st.lists(LEAVES, max_size=4), st.dictionaries(st.text(max_size=8), LEAVES, max_size=4))
FORMS = st.dictionaries(st.sampled_from(form_fields()), JSON, max_size=12) | JSON
ALL_VARS = tuple(f"{state}.{var}{FIELD}" for state in handlers() for var in vars_of(state))
VARS = st.dictionaries(st.sampled_from(ALL_VARS), JSON, max_size=6) | JSON
FUZZED = tuple(name for names in handlers().values() for name in names if not name.endswith(".setvar"))
BATCHES = len(FUZZED) // 20
"""Batches of events, which are sent in one go: so many that each has twenty, of as many pages as can be."""


def arguments(name: str) -> list[str]:
    """What a handler takes."""
    return list(signature(RegistrationContext.get().event_handlers[name].handler.fn).parameters)[1:]


@st.composite
def events(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """An event for a handler: some of its arguments, sometimes too many, sometimes no arguments at all."""
    known = arguments(name)
    how = draw(st.integers(0, 9))
    if how == 0:
        return {"name": name, "payload": draw(JSON), "router_data": draw(JSON)}
    payload = {each: draw(FORMS if each == "form" else VARS if each == "vars" else JSON) for each in known}
    if how == 1:
        payload[draw(st.text(max_size=8) | st.sampled_from(("self", "state", "token")))] = draw(JSON)
    if how == 2 and payload:
        payload.pop(draw(st.sampled_from(sorted(payload))))
    return {"name": name, "payload": payload}


@dataclass
class Crowd:
    """An app under fuzz, and what has come of it so far."""

    server: Server
    victim: Victim
    loop: asyncio.Runner
    tab: Thief | None = None
    sent: int = 0
    drawn: int = 0
    hit: Counter[str] = field(default_factory=Counter)
    rss: list[int] = field(default_factory=list)

    def open(self, person: str) -> Thief:
        """A page of theirs: of somebody who holds nothing, of who holds a live link, of the host."""
        path, segments, cookie = {
            "nobody": ("/book/no-such-link", {"token": "no-such-link"}, None),
            "invitee": (f"/book/{self.victim.live}", {"token": self.victim.live}, None),
            "host": ("/", {}, self.victim.cookie),
        }[person]
        self.tab = Thief(self.server.url, path, params=segments, cookie=cookie)
        self.loop.run(self.tab.connect())
        self.loop.run(self.tab.settle())
        return self.tab

    def close(self) -> None:
        """Leave the page."""
        if self.tab is not None:
            self.loop.run(self.tab.close())
        self.tab = None

    def send(self, given: list[dict[str, Any]]) -> None:
        """All of it in one go, and then an ordinary event, which is answered."""
        self.loop.run(self._send(given))

    async def _send(self, given: list[dict[str, Any]]) -> None:
        assert self.tab is not None
        assert self.tab._socket is not None
        for event in given:
            located = event if "router_data" in event else self.tab._located(event)
            text = EVENT + json.dumps(["event", located])
            if len(text) < LARGEST:
                await self.tab._socket.send_str(text)
                self.sent += 1
                self.hit[event["name"]] += 1
        await self.tab.settle()

    def resident(self) -> int:
        """kB of memory that the server's processes take."""
        assert self.server._process is not None
        family = {self.server._process.pid}
        for _ in range(3):
            family |= {pid for pid, parent in _parents().items() if parent in family}
        return sum(_resident(pid) for pid in family)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    folder = tmp_path_factory.mktemp("fuzzed")
    victim = victims.plant(folder)
    with servers.backend(folder) as running, asyncio.Runner() as loop:
        made = Crowd(running, victim, loop)
        yield made
        made.close()


PEOPLE = ["nobody", "invitee", "host"]


@dataclass
class Watch:
    """What is looked for after each batch that somebody sent."""

    crowd: Crowd
    person: str

    def __post_init__(self) -> None:
        """The page opens. What it shows at first is what they may see."""
        self.tab = self.crowd.open(self.person)
        self.may_see = self.crowd.victim.found_in("\n".join(self.tab.frames))
        self.began = len(self.crowd.server.log())
        self.rows = Rows(self.crowd.server.database, but="")

    def send(self, sent: list[dict[str, Any]]) -> None:
        """All of it; nothing of the inside is told, nothing changes that is not the sender's, nothing fails."""
        self.crowd.send(sent)
        self.crowd.rss.append(self.crowd.resident())
        frames = "\n".join(self.tab.frames)
        self.tab.frames.clear()
        assert not [word for word in INSIDE if word in frames]
        if self.person != "host":
            assert self.crowd.victim.found_in(frames) <= self.may_see
            assert self.rows.changes() == []
        assert traces(self.crowd.server.log()[self.began :]) == []

    def close(self) -> None:
        """They leave."""
        self.rows.close()
        with suppress(ConnectionError):
            self.crowd.close()


@pytest.mark.parametrize("person", PEOPLE)
def test_nothing_is_too_strange_for_any_argument(crowd: Crowd, person: str, is_thorough: bool) -> None:
    values = (*STRANGE, *NUMBERS, *SHAPES) if is_thorough else ("\ud800",)
    told = [event for name in FUZZED if arguments(name) for value in values for event in events_with(name, value)]
    watch = Watch(crowd, person)
    try:
        for at in range(0, len(told), 20):
            watch.send(told[at : at + 20])
    finally:
        watch.close()


@pytest.mark.thorough
def test_control_half_a_letter_would_end_the_connection(tmp_path: Path) -> None:
    victim = victims.plant(tmp_path)
    with servers.control("tests.security.exposed:half_letters_pass", tmp_path) as running, asyncio.Runner() as loop:
        crowd = Crowd(running, victim, loop)
        watch = Watch(crowd, "host")
        read = next(name for name in FUZZED if name.endswith("mail_state.read"))
        try:
            with pytest.raises((ConnectionError, TimeoutError)):
                watch.send(events_with(read, "\ud800"))
        finally:
            watch.close()


def events_with(name: str, value: Any) -> Iterator[dict[str, Any]]:
    """An event for a handler with that for each argument, and, where it takes a form or vars, in each of them."""
    known = arguments(name)
    yield {"name": name, "payload": dict.fromkeys(known, value)}
    for each, fields in (("form", form_fields()), ("vars", ALL_VARS)):
        if each in known and len(json.dumps(value)) < 100:
            for at in range(0, len(fields), 250):
                yield {"name": name, "payload": {each: dict.fromkeys(fields[at : at + 250], value)}}


@st.composite
def one_for_each(draw: st.DrawFn, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """An event for each of these handlers, in any order."""
    return draw(st.permutations([draw(events(name)) for name in names]))


@pytest.mark.parametrize("person", PEOPLE)
def test_nothing_that_anybody_sends_breaks_anything(crowd: Crowd, person: str, is_thorough: bool) -> None:
    watch, before = Watch(crowd, person), crowd.sent
    often = settings(
        max_examples=MANY if is_thorough else FEW,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    try:
        for batch in range(BATCHES):
            often(given(one_for_each(FUZZED[batch::BATCHES]))(watch.send))()
    finally:
        watch.close()
    crowd.drawn += crowd.sent - before
    print(f"{person}: {crowd.sent - before} events, {len(crowd.hit)} of {len(FUZZED)} handlers, {crowd.rss[-1]} kB")
    crowd.open("host")
    crowd.close()


def test_nothing_piles_up(crowd: Crowd, is_thorough: bool) -> None:
    half = len(crowd.rss) // 2
    print(f"{crowd.sent} events, {crowd.drawn} of them drawn; kB: {crowd.rss[:: max(1, len(crowd.rss) // 10)]}")
    assert set(crowd.hit) == set(FUZZED)
    if is_thorough:
        assert crowd.drawn >= 10_000
        assert max(crowd.rss[half:]) - max(crowd.rss[:half]) < MOST_GROWTH
    assert traces(crowd.server.log()) == []


def traces(log: str) -> list[str]:
    """The last lines of each stack trace."""
    traced = re.findall(r"Traceback .*?\n((?:[ ]{4}.*\n)*)(?=\S|$)", log)
    return [" ".join(trace.split()[-40:]) for trace in traced]


def _parents() -> dict[int, int]:
    found = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            found[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    return found


def _resident(pid: int) -> int:
    with suppress(OSError, StopIteration):
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])
    return 0
