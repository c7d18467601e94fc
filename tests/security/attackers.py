"""Who attacks, and what came of it: what they read of the victim's, and what they changed that is not their own."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from tests.harness.server import Server
from tests.harness.socket_client import CONNECT, EVENT, FIELD, ROOT_STATE, SocketClient
from tests.security.surface import EVIL, form_fields, handlers, payloads, place_of, requests, value_of
from tests.security.victim import Victim

NOTICE = f"{ROOT_STATE}.singleuse_app___notice____notice"
RECEIPT = {f"{ROOT_STATE}.singleuse_app___visitor____browser.receipt{FIELD}": "0" * 31 + "f"}
"""What an attacker's browser says that it has kept."""


class Attacker(NamedTuple):
    """``cookie`` is what their browser sends; ``origin`` from which site's page. ``steals`` the client token of a tab
    of the victim's that is ``open`` or ``closed``; ``token`` is what they hold of a link; ``host`` whose rows are their
    own to change."""

    name: str
    cookie: str | None = None
    origin: str | None = None
    steals: str = ""
    token: str = ""
    host: str = ""


def attackers(victim: Victim) -> list[Attacker]:
    """Everybody who means ill."""
    own = {"cookie": victim.other_cookie, "host": victim.other_id.hex}
    return [
        Attacker("nobody"),
        Attacker("another host", **own),
        Attacker("spent link's visitor", token=victim.spent),
        Attacker("token of an open tab", steals="open"),
        Attacker("token of an open tab, own cookie", steals="open", **own),
        Attacker("token of a closed tab", steals="closed"),
        Attacker("token of a closed tab, own cookie", steals="closed", **own),
        Attacker("replayed session", cookie=victim.past_cookie),
        Attacker("foreign origin", cookie=victim.cookie, origin=EVIL),
    ]


@dataclass
class Outcome:
    """What came of attacking one handler or route: ``refused`` counts what was turned away at the door, ``failed`` what
    the server was at fault for, ``found`` is what was read of the victim's, ``changed`` what is not as it was."""

    sent: int = 0
    read: int = 0
    refused: int = 0
    failed: int = 0
    found: set[str] = field(default_factory=set)
    changed: list[str] = field(default_factory=list)


class Rows:
    """All rows of the database that are not the attacker's own, and how they changed since the last look.

    Seals are left out: the app seals of its own accord what is in the log, and whatever is new in that is seen there.

    SQLite tells in a moment whether anybody has written at all.
    """

    def __init__(self, file: Path, but: str) -> None:
        self.connection = sqlite3.connect(file)
        self.but = but
        names = self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        self.tables = sorted(name for (name,) in names if not name.startswith("sqlite_") and name != "log_seal")
        self.version = self._version()
        self.seen = self._read()

    def changes(self) -> list[str]:
        """Since the last look: ``table: what it was -> what it is``."""
        if (version := self._version()) == self.version:
            return []
        self.version = version
        before, self.seen = self.seen, self._read()
        return [
            f"{key[0]}: {before.get(key)} -> {self.seen.get(key)}"
            for key in before.keys() | self.seen.keys()
            if before.get(key) != self.seen.get(key)
        ]

    def close(self) -> None:
        """Nothing is looked at any more."""
        self.connection.close()

    def _version(self) -> int:
        return self.connection.execute("PRAGMA data_version").fetchone()[0]

    def _read(self) -> dict[tuple[str, int], dict[str, Any]]:
        rows = {}
        for table in self.tables:
            cursor = self.connection.execute(f'SELECT rowid, * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for values in cursor:
                row = dict(zip(names[1:], values[1:], strict=True))
                if not self.but or self.but not in (row.get("host_id"), row.get("id") if table == "host" else None):
                    rows[table, values[0]] = row
        return rows


async def attack(
    server: Server, victim: Victim, attacker: Attacker, only: Mapping[str, list[str]] | None = None
) -> dict[str, Outcome]:
    """Call every handler, or ``only`` some, as that attacker; what came of each."""
    found: dict[str, Outcome] = {}
    rows = Rows(server.database, attacker.host)
    try:
        for state, names in (only or handlers()).items():
            found |= dict.fromkeys(names) | {name: Outcome() for name in names}
            await _attack_page(Raid(server, victim, attacker, rows), state, {name: found[name] for name in names})
    finally:
        rows.close()
    return found


async def attack_routes(server: Server, victim: Victim, attacker: Attacker) -> dict[str, Outcome]:
    """Ask for every route as that attacker; what came of each. A page of another site reads what it is let read."""
    found: dict[str, Outcome] = {}
    rows = Rows(server.database, attacker.host)
    named = {"Cookie": attacker.cookie, "Origin": attacker.origin or server.url, "Content-Type": "application/json"}
    headers = {name: value for name, value in named.items() if value}
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), headers=headers) as session:
            for variant, asked in enumerate(requests(victim)):
                outcome = found.setdefault(asked.route, Outcome())
                form = {name: str(value_of(name, victim, variant)) for name in form_fields()}
                body = None if asked.method in ("GET", "HEAD", "OPTIONS") else json.dumps(form)
                async with session.request(
                    asked.method, f"{server.url}{asked.path}", data=body, allow_redirects=False
                ) as answer:
                    text = f"{dict(answer.headers)} {await answer.text()}"
                    is_let_read = answer.headers.get("Access-Control-Allow-Origin") in ("*", attacker.origin)
                outcome.sent += 1
                outcome.refused += answer.status >= 400
                outcome.failed += answer.status >= 500
                if not attacker.origin or is_let_read:
                    outcome.read += 1
                    outcome.found |= victim.found_in(text.replace(asked.path, ""))
                outcome.changed += rows.changes()
    finally:
        rows.close()
    return found


class Raid(NamedTuple):
    """One attacker's."""

    server: Server
    victim: Victim
    attacker: Attacker
    rows: Rows


async def _attack_page(raid: Raid, state: str, outcomes: dict[str, Outcome]) -> None:
    """The page is loaded first, as any is. Whoever has a client token also tries without."""
    server, victim, attacker, rows = raid
    path, segments = place_of(state, victim, attacker.token)
    for greets in (True, False) if attacker.steals else (True,):
        owner = await _tab_to_steal(raid, path, segments) if attacker.steals else None
        how = {"params": segments, "cookie": attacker.cookie, "origin": attacker.origin, "storage": RECEIPT}
        tab = Thief(server.url, path, token=owner.token if owner else None, **how)
        tab.greets = greets
        try:
            await tab.connect(wait=greets)
            for name, outcome in outcomes.items():
                await _attack_handler(tab, name, outcome, victim)
                outcome.changed += rows.changes()
            if not greets:
                await tab.greet()
        except aiohttp.WSServerHandshakeError:
            for name, outcome in outcomes.items():
                outcome.refused += sum(1 for _ in payloads(name, victim))
                outcome.changed += rows.changes()
        finally:
            await tab.close()
            if owner:
                await owner.close()
        last = next(reversed(outcomes.values()))
        _read(tab, last, victim)
        last.changed += rows.changes()


async def _tab_to_steal(raid: Raid, path: str, segments: dict[str, str]) -> "Thief":
    """A tab of the victim's that has shown all of its page, and is open still, or closed by now."""
    owner = Thief(raid.server.url, path, params=segments, cookie=raid.victim.cookie)
    await owner.connect()
    await owner.settle()
    if raid.attacker.steals == "closed":
        await owner.close()
        await asyncio.sleep(0.05)
    return owner


async def _attack_handler(tab: "Thief", name: str, outcome: Outcome, victim: Victim) -> None:
    for event, payload in payloads(name, victim):
        with suppress(ConnectionError):
            await tab.fire(event, payload)
        outcome.sent += 1
    if tab.is_greeted:
        await tab.settle()
    _read(tab, outcome, victim)


def _read(tab: "Thief", outcome: Outcome, victim: Victim) -> None:
    frames = tab.frames[tab.searched :]
    tab.searched = len(tab.frames)
    outcome.read += len(frames)
    outcome.found |= victim.found_in("\n".join(frames))


class Thief(SocketClient):
    """A tab that may begin without loading its page, and that knows when everything it sent has been answered."""

    greets = True
    is_greeted = False
    searched = 0
    _marks = cycle(range(10, 60))

    async def greet(self) -> None:
        """Load the page."""
        await self._emit({"name": f"{ROOT_STATE}.hydrate_and_load", "payload": {"vars": self.storage}})
        self.is_greeted = True
        await self.settle()

    async def settle(self) -> None:
        """Wait until the server has answered all that was sent."""
        began, number = len(self.frames), next(self._marks)
        said = re.compile(rf'{NOTICE}":{{[^}}]*"text{FIELD}":"[^"]*\b{number}\b')
        await self.fire(f"{NOTICE}.tell", {"code": "too_many_sign_ins", "minutes": number})
        await self.until(lambda tab: any(said.search(frame) for frame in tab.frames[began:]), 60)

    async def _shake_hands(self) -> None:
        if self.greets:
            self.is_greeted = True
            await super()._shake_hands()
            return
        assert self._session is not None
        self._socket = await self._session.ws_connect(
            f"{self.url.replace('http', 'ws', 1)}/_event/?token={self.token}&EIO=4&transport=websocket",
            headers=self.headers,
            max_msg_size=0,
        )
        await self._socket.receive_str()
        await self._socket.send_str(f"{CONNECT}{{}}")
        answer = ""
        while not answer.startswith((CONNECT.rstrip(","), EVENT)):
            answer = await self._socket.receive_str()
            self.frames.append(answer)
