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
DEEP = st.builds(nested, st.sampled_from((2, 50, 300)), as_object=st.booleans())
JSON = st.one_of(LEAVES, DEEP, st.lists(LEAVES, max_size=4), st.dictionaries(st.text(max_size=8), LEAVES, max_size=4))
FORMS = st.dictionaries(st.sampled_from(form_fields()), JSON, max_size=12) | JSON
ALL_VARS = tuple(f"{state}.{var}{FIELD}" for state in handlers() for var in vars_of(state))
VARS = st.dictionaries(st.sampled_from(ALL_VARS), JSON, max_size=6) | JSON
FUZZED = tuple(name for names in handlers().values() for name in names if not name.endswith(".setvar"))
BATCHES = len(FUZZED) // 20
"""Batches of events, which are sent in one go: so many that each has twenty, of as many pages as can be."""


@st.composite
def events(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """An event for a handler: some of its arguments, sometimes too many, sometimes no arguments at all."""
    known = list(signature(RegistrationContext.get().event_handlers[name].handler.fn).parameters)[1:]
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


@st.composite
def one_for_each(draw: st.DrawFn, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """An event for each of these handlers, in any order."""
    return draw(st.permutations([draw(events(name)) for name in names]))


@pytest.mark.parametrize("person", ["nobody", "invitee", "host"])
def test_nothing_that_anybody_sends_breaks_anything(crowd: Crowd, person: str, is_thorough: bool) -> None:
    tab = crowd.open(person)
    may_see = crowd.victim.found_in("\n".join(tab.frames))
    before, began = crowd.sent, len(crowd.server.log())
    rows = Rows(crowd.server.database, but="")
    most = MANY if is_thorough else FEW

    def send(sent: list[dict[str, Any]]) -> None:
        crowd.send(sent)
        crowd.rss.append(crowd.resident())
        frames = "\n".join(tab.frames)
        tab.frames.clear()
        assert not [word for word in INSIDE if word in frames]
        if person != "host":
            assert crowd.victim.found_in(frames) <= may_see
            assert rows.changes() == []
        assert traces(crowd.server.log()[began:]) == []

    often = settings(
        max_examples=most,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    try:
        for batch in range(BATCHES):
            often(given(one_for_each(FUZZED[batch::BATCHES]))(send))()
    finally:
        rows.close()
        with suppress(ConnectionError):
            crowd.close()
    print(f"{person}: {crowd.sent - before} events, {len(crowd.hit)} of {len(FUZZED)} handlers, {crowd.rss[-1]} kB")
    crowd.open("host")
    crowd.close()


def test_nothing_piles_up(crowd: Crowd, is_thorough: bool) -> None:
    half = len(crowd.rss) // 2
    print(f"{crowd.sent} events; kB: {crowd.rss[:: max(1, len(crowd.rss) // 10)]}")
    assert set(crowd.hit) == set(FUZZED)
    if is_thorough:
        assert crowd.sent >= 10_000
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
