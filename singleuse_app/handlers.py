"""Which handlers a page may call: this app's own, and of the framework's those without which no page would open."""

import logging
from functools import cache
from inspect import Parameter, signature
from typing import Any

import reflex as rx
from reflex_base.registry import RegistrationContext

from singleuse_app.buckets import Buckets

logger = logging.getLogger(__name__)

_ROOT = "reflex___state____state"
FRAMEWORK_HANDLERS = {
    f"{_ROOT}.hydrate": "a page asks for all that there is to see",
    f"{_ROOT}.hydrate_and_load": "the same, and then runs what it opens with",
    f"{_ROOT}.set_is_hydrated": "said at the end of that; it only tells the page itself that it is ready",
    f"{_ROOT}.reflex___state____on_load_internal_state.on_load_internal": "a page runs what it opens with",
    f"{_ROOT}.reflex___state____on_load_internal_state.set_is_hydrated": "as above",
    f"{_ROOT}.reflex___state____update_vars_internal_state.update_vars_internal": "what the browser keeps has changed "
    "in another tab; only vars that belong to the browser can be changed so",
}
"""Of what the framework lets anybody call, the handlers that a page needs, and for what."""

FRAMEWORK_ARGUMENTS = {"vars": dict, "hashes": list, "value": bool}
"""What these are given. This app's own take anything, and look at it themselves."""


def may_be_called(event: Any) -> bool:
    """Whether what came over a websocket is an event that a page may send.

    Not among them is what sets a var by its name, and what writes whole screens of a stranger's text into the log:
    what goes wrong in a page is told by a message of its own, which the framework counts.
    """
    if not isinstance(event, dict) or not isinstance(name := event.get("name"), str):
        return False
    fits = all(isinstance(event.get(part) or {}, dict) for part in ("payload", "router_data"))
    is_own = ".singleuse_app___" in name and not name.endswith(".setvar")
    known = name in RegistrationContext.get().event_handlers
    if not fits or not known or not (is_own or name in FRAMEWORK_HANDLERS):
        return False
    payload = event.get("payload") or {}
    return _takes(name, payload) and (is_own or all(_fits(name, each, payload[each]) for each in payload))


def _fits(name: str, argument: str, value: Any) -> bool:
    """Whether the framework takes that value for that argument, and finds the vars that it names."""
    if value is None:
        return argument not in _arguments(name)[0]
    known = RegistrationContext.get().base_states
    fits = isinstance(value, FRAMEWORK_ARGUMENTS.get(argument, object))
    return fits and (argument != "vars" or all(var.rpartition(".")[0] in known for var in value))


def _takes(name: str, payload: dict[str, Any]) -> bool:
    """Whether a handler has these arguments, and goes without those that are missing. Else it could only fail."""
    needed, taken = _arguments(name)
    return needed <= payload.keys() <= taken


@cache
def _arguments(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """What a handler must be given, and what it may be given."""
    function = RegistrationContext.get().event_handlers[name].handler.fn
    arguments = list(signature(function).parameters.values())[1:]
    needed = frozenset(each.name for each in arguments if each.default is Parameter.empty)
    return needed, frozenset(each.name for each in arguments)


def answer_pages_alone(app: rx.App) -> None:
    """Drop whatever else comes over a websocket, before anything is kept or logged of it.

    The framework would log all of an event whose handler it does not know, headers included, and keep a promise of its
    end that never comes, for which it then waits whenever it is told to stop.
    """
    namespace = app.event_namespace
    assert namespace is not None
    handle, told = namespace.on_event, Buckets(rate=0.1, most=10)

    async def on_event(sid: str, event: Any = None) -> None:
        if may_be_called(event):
            await handle(sid, {**event, **{part: event.get(part) or {} for part in ("payload", "router_data")}})
        elif not told.take(""):
            name = event.get("name") if isinstance(event, dict) else None
            logger.warning("A page asked for what there is not: %.200s", name)

    namespace.on_event = on_event  # ty: ignore[invalid-assignment]
