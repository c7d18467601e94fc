"""What there is to attack, and with what. All of it is taken from the app itself: its handlers and routes, their
arguments, the fields of its forms, the vars of its states. What is added there is attacked without being named here."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from inspect import signature
from typing import Any, NamedTuple

from reflex_base.registry import RegistrationContext
from starlette.routing import Mount, Route

from singleuse_app.api.routes import http_app
from singleuse_app.app import app  # the pages register their handlers
from tests.harness.project import ROOT
from tests.harness.socket_client import FIELD
from tests.security.victim import Victim

EVIL = "https://evil.example"
VARIANTS = 3
"""How many plausible sets of arguments each handler is called with."""

STEMS = {
    "event_type": "evt",
    "link": "lnk",
    "schedule": "sch",
    "booking": "bkg",
    "message": "msg",
    "request": "req",
    "batch": "bat",
    "device": "dev",
    "invitation": "inv",
    "feed": "cal",
    "calendar": "cal",
    "question": "question",
}
"""What an argument, a field or a page is about, by how its name begins or ends."""

MONTH_AHEAD = (datetime.now(UTC) + timedelta(45)).replace(hour=12, minute=0, second=0, microsecond=0)
PLAUSIBLE: dict[str, tuple[Any, ...]] = {
    "key": ("lnk", "bat", "cal"),
    "source": ("sch", "evt"),
    "time": (str(int(MONTH_AHEAD.timestamp())),),
    "start": (str(int(MONTH_AHEAD.timestamp())),),
    "day": (MONTH_AHEAD.date().isoformat(),),
    "month": (MONTH_AHEAD.date().isoformat()[:7],),
    "date": (MONTH_AHEAD.date().isoformat(),),
    "on": (True, False, "on"),
    "archived": (True, False),
    "come": (True, False),
    "again": ("on", ""),
    "places": (1, -1),
    "turns": (1, -1),
    "row": (0, 1),
    "step": (1, -1),
    "minutes": ("30", 30),
    "sequence": ("0", "1", "2"),
    "terms": ("1", "2"),
    "attempt": ("1",),
    "duration": ("30",),
    "count": ("2",),
    "days": ("30",),
    "email": ("eve@evil.example",),
    "guests": ("mallory@evil.example",),
    "people": ("Mallory, mallory@evil.example",),
    "password": ("wrong horse battery",),
    "zone": ("Asia/Tokyo",),
    "locale": ("de", "en"),
    "weekday": ("1",),
    "hours": ("9-17",),
    "url": (f"{EVIL}/after",),
    "address": (f"{EVIL}/calendar.ics", "eve@evil.example"),
    "colour": ("blue",),
    "kind": ("text", "video", "phone"),
    "window": ("days", "open"),
    "code": ("123456", "try_again"),
    "choice": ("no-such-choice",),
}
"""Plausible values by how the name of an argument or a field ends; an id's prefix stands for ids of the victim's."""


def handlers() -> dict[str, list[str]]:
    """All handlers that are registered, by the state that has them; what a state begins with comes first."""
    found: dict[str, list[str]] = {}
    for name in sorted(RegistrationContext.get().event_handlers):
        found.setdefault(name.rpartition(".")[0], []).append(name)
    return {state: sorted(names, key=lambda name: not name.endswith(".open")) for state, names in found.items()}


def own_handlers() -> dict[str, list[str]]:
    """The app's own handlers, without those by which the framework would set a var."""
    own = {state: [name for name in names if not name.endswith(".setvar")] for state, names in handlers().items()}
    return {state: names for state, names in own.items() if names and ".singleuse_app___" in state}


@cache
def form_fields() -> tuple[str, ...]:
    """Every name by which the app looks something up in what came in, and every name that one of its fields has."""
    found: set[object] = set()
    for file in (ROOT / "singleuse_app").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                given = node.args[:1] if called == "get" else node.args if "field" in called else []
                given += [each.value for each in node.keywords if each.arg == "name"]
                found |= {each.value for each in given if isinstance(each, ast.Constant)}
    return tuple(sorted(name for name in found if isinstance(name, str) and re.fullmatch("[a-z0-9_-]{1,40}", name)))


def value_of(name: str, victim: Victim, variant: int) -> Any:
    """A plausible value for an argument or a field of that name."""
    if name == "form":
        return {each: value_of(each, victim, variant) for each in form_fields()}
    stem = name.removeprefix("why_").removesuffix("_id")
    if stem in STEMS and (name.endswith("_id") or stem == "event_type"):
        return _nth(victim.told[STEMS[stem]], variant)
    if name.endswith("_id"):
        return _nth([key for keys in victim.told.values() for key in keys], variant)
    value = _nth(_values_of(name), variant)
    return _nth(victim.told[value], variant) if value in victim.told else value


@cache
def _values_of(name: str) -> tuple[Any, ...]:
    found = (values for end, values in PLAUSIBLE.items() if re.search(f"(^|[_-]){end}$", name))
    return next(found, ("Mallory",))


def payloads(handler: str, victim: Victim) -> Iterator[tuple[str, dict[str, Any]]]:
    """What to send to attack a handler: its name, or one that sets a var directly, and arguments."""
    registered = RegistrationContext.get().event_handlers[handler]
    names = [name for name in signature(registered.handler.fn).parameters if name != "self"]
    state = handler.rpartition(".")[0]
    if handler.endswith(".setvar"):
        yield from ((handler, {"var_name": var, "value": victim.told["evt"][0]}) for var in vars_of(state))
        yield from ((f"{state}.set_{var}", {var: victim.told["evt"][0]}) for var in vars_of(state)[:1])
    elif "vars" in names:
        for each in handlers():
            value = victim.told["evt"][0] if "event" in each else victim.told["bkg"][0]
            yield handler, {"vars": {f"{each}.{var}{FIELD}": value for var in vars_of(each)}}
    elif not names:
        yield handler, {}
    else:
        for variant in range(VARIANTS):
            yield handler, {name: value_of(name, victim, variant) for name in names}


def vars_of(state: str) -> list[str]:
    """The vars of a state, also those that no browser is sent."""
    found = RegistrationContext.get().base_states.get(state)
    return sorted({*found.vars, *found.get_fields()}) if found else []


def place_of(state: str, victim: Victim, token: str) -> tuple[str, dict[str, str]]:
    """The address of the page that has this state, of something of the victim's, and its segments by name."""
    module = state.rpartition("____")[0].rpartition(".")[2].replace("___", ".")
    route = getattr(import_module(module), "ROUTE", "") if ".pages." in module else ""
    route = route if route not in ("", "404") else "/book/[token]"
    noun = module.rpartition(".")[2].replace("move_booking", "booking").replace("availability", "schedule")
    about = victim.told[STEMS.get(noun, "lnk")][0]
    segments = {"token": token or about} if "[token]" in route else {}
    query = {"id": about, "link": victim.told["lnk"][0], "batch": victim.told["bat"][0], "name": "Mallory"}
    address = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{route.replace('[token]', segments.get('token', ''))}?{address}", segments


class Request(NamedTuple):
    """``route`` is the path with names in braces."""

    method: str
    route: str
    path: str


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def routes() -> list[str]:
    """All paths that answer, the framework's own too. Signing out comes last: it ends the attacker's own session."""
    found = {*_paths(http_app(lambda: None).routes), *_paths(app._api.routes if app._api else ())}
    return sorted(found, key=lambda path: ("sign-out" in path, path))


def requests(victim: Victim) -> Iterator[Request]:
    """Each route about everything that its path may name, with every method."""
    for route in routes():
        for variant in range(VARIANTS):
            path = re.sub(r"{(\w+)}", lambda found: _in_path(found[1], route, victim, variant), route)  # noqa: B023
            yield from (Request(method, route, path) for method in METHODS[: None if variant == 0 else 3])


def _in_path(name: str, route: str, victim: Victim, variant: int) -> str:
    if route.startswith("/with/"):
        return victim.told["slug"][name != "host"]
    if name in ("token", "proof"):
        return [*victim.told["hash"], victim.told["bkg"][0], victim.told["lnk"][0]][variant]
    return value_of(name, victim, variant)


def _paths(given: Any, before: str = "") -> Iterator[str]:
    for each in given:
        if isinstance(each, Mount) and each.routes:
            yield from _paths(each.routes, before + each.path)
        elif isinstance(each, Route | Mount):
            yield f"{before}{each.path}"


def _nth(values: Any, variant: int) -> Any:
    return values[variant % len(values)]
