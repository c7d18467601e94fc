"""Every handler and every route × everybody who means ill: nothing is changed, and nobody reads a byte of another's.

Handlers and routes are the app's own list, so a new one is attacked at once. Each guard has a control: with it off, the
same attack reads and spoils. ``-s`` shows the tables.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.harness import server as servers
from tests.harness.server import Server
from tests.security import victim as victims
from tests.security.attackers import Attacker, Outcome, attack, attack_routes, attackers
from tests.security.surface import handlers, own_handlers, routes
from tests.security.victim import MARK, Victim

IN_THE_FAST_PROFILE = ("another host", "foreign origin")
NAMES = (
    "nobody",
    "another host",
    "spent link's visitor",
    "token of an open tab",
    "token of an open tab, own cookie",
    "token of a closed tab",
    "token of a closed tab, own cookie",
    "replayed session",
    "foreign origin",
)
VISITORS = ("nobody", "another host", "replayed session", "foreign origin")
"""Who asks over HTTP, where there are no client tokens, and behind a spent link is its dead page alone."""

ALLOWED = {
    ("spent link's visitor", "link_request"): "whoever meets a dead link may ask its host for a new one",
}
"""What an attacker may change, by the word for it in the row."""

Scene = tuple[Server, Victim]
tables: dict[str, dict[str, dict[str, Outcome]]] = {"handlers": {}, "routes": {}}


@contextmanager
def scene(folder: pytest.TempPathFactory, app: str = "singleuse_app.app:app") -> Iterator[Scene]:
    """An app with a victim in it."""
    place = folder.mktemp("attacked")
    victim = victims.plant(place)
    with servers.control(app, place) as running:
        yield running, victim


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory) as made:
        yield made
        for what, table in tables.items():
            show(what, table, made[1])


def who(name: str, victim: Victim) -> Attacker:
    return next(attacker for attacker in attackers(victim) if attacker.name == name)


def thoroughly(names: tuple[str, ...]) -> list:
    marked = {name: () if name in IN_THE_FAST_PROFILE else pytest.mark.thorough for name in names}
    return [pytest.param(name, marks=mark, id=name) for name, mark in marked.items()]


def spoilt(name: str, outcome: Outcome) -> list[str]:
    allowed = tuple(word for attacker, word in ALLOWED if attacker == name)
    return [change for change in outcome.changed if not any(word in change for word in allowed)]


def show(what: str, table: Mapping[str, Mapping[str, Outcome]], victim: Victim) -> None:
    """The table: in each cell what was sent and read, and what was found and changed, if anything."""
    print(f"\n{what} x attackers: sent/read (refused), !found, !changed")
    for row in sorted({row for column in table.values() for row in column}):
        cells = [f"{cell(column[row])}" for column in table.values()]
        print(f"{row.rpartition('singleuse_app___')[2]:70} {' '.join(f'{text:>12}' for text in cells)}")
    for name, column in table.items():
        sent, read, refused = (sum(getattr(each, of) for each in column.values()) for of in ("sent", "read", "refused"))
        leaks, changes = (sum(len(getattr(each, of)) for each in column.values()) for of in ("found", "changed"))
        print(f"{name}: {len(column)} {what}, {sent} sent, {refused} refused, {read} read, {leaks=}, {changes=}")
    print(f"searched for: {len(victim.secrets)} secrets and every mark, of which the database has {len(marks(victim))}")


def cell(outcome: Outcome) -> str:
    bad = "!" * bool(outcome.found) + "!" * bool(outcome.changed)
    return f"{outcome.sent}/{outcome.read}({outcome.refused}){bad}"


def marks(victim: Victim) -> range:
    return range(100, victim.marks)


def test_every_text_of_the_victim_is_marked(attacked: Scene) -> None:
    """A column that is missing here is to be planted in ``victim.py``, or carries no mark for a reason given there."""
    assert victims.unmarked(attacked[0].database) == []


def test_what_the_victim_reads_is_full_of_marks_and_secrets_are_none(attacked: Scene) -> None:
    assert len(marks(attacked[1])) > 40
    assert not any(MARK.search(secret) for secret in attacked[1].secrets if "://" not in secret)


@pytest.mark.parametrize("name", thoroughly(NAMES))
async def test_no_handler_gives_an_attacker_anything(attacked: Scene, name: str) -> None:
    server, victim = attacked
    began = len(server.log())
    found = tables["handlers"][name] = await attack(server, victim, who(name, victim))
    assert len(found) == sum(map(len, handlers().values())) > 100
    assert {handler: each.found for handler, each in found.items() if each.found} == {}
    assert {handler: spoilt(name, each) for handler, each in found.items() if spoilt(name, each)} == {}
    assert all(each.refused if name == "foreign origin" else each.sent for each in found.values())
    assert "Traceback" not in server.log()[began:]


@pytest.mark.parametrize("name", VISITORS)
async def test_no_route_gives_an_attacker_anything(attacked: Scene, name: str) -> None:
    server, victim = attacked
    began = len(server.log())
    found = tables["routes"][name] = await attack_routes(server, victim, who(name, victim))
    assert len(found) == len(routes()) > 20
    assert {route: each.found for route, each in found.items() if each.found} == {}
    assert {route: each.changed for route, each in found.items() if each.changed} == {}
    assert not any(each.failed for each in found.values())
    assert "Traceback" not in server.log()[began:]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("app", "name", "least"),
    [
        ("anybody_is_the_host", "nobody", 50),
        ("sessions_never_end", "replayed session", 50),
        ("tokens_are_enough", "token of a closed tab", 5),
        ("any_site_may_ask", "foreign origin", 50),
    ],
)
async def test_control_without_the_guard_handlers_give_and_take(
    tmp_path_factory: pytest.TempPathFactory, app: str, name: str, least: int
) -> None:
    with scene(tmp_path_factory, f"tests.security.exposed:{app}") as (server, victim):
        found = await attack(server, victim, who(name, victim), own_handlers())
    bitten = [handler for handler, each in found.items() if each.found or each.changed]
    leaks, changes = (sum(len(getattr(each, of)) for each in found.values()) for of in ("found", "changed"))
    print(f"{app}, {name}: {len(bitten)} of {len(found)} handlers give or take, {leaks=}, {changes=}")
    assert len(bitten) >= least
    assert leaks


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("app", "name", "least"),
    [
        ("anybody_is_the_host", "nobody", 10),
        ("sessions_never_end", "replayed session", 10),
        ("any_form_may_be_sent", "foreign origin", 5),
    ],
)
async def test_control_without_the_guard_routes_give_and_take(
    tmp_path_factory: pytest.TempPathFactory, app: str, name: str, least: int
) -> None:
    with scene(tmp_path_factory, f"tests.security.exposed:{app}") as (server, victim):
        found = await attack_routes(server, victim, who(name, victim))
    bitten = [route for route, each in found.items() if each.found or each.changed]
    print(f"{app}, {name}: {len(bitten)} of {len(found)} routes give or take: {bitten}")
    assert len(bitten) >= least
