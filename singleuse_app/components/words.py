"""What a page says by itself, in its reader's language.

A message compiles to a look-up in ``globalThis.say``, which a document in another language than English brings with it
(``wording.spoken_by_pages``). English brings nothing and is said as it stands, so one build has both.
"""

import json
from typing import Any

import reflex as rx


def t(message: str, **facts: Any) -> rx.vars.StringVar:
    """A message of the catalogues. ``{…}`` in it stands for a fact.

    >>> str(t("Back"))
    '(globalThis.say??String)("Back")'
    """
    expression = f"(globalThis.say??String)({json.dumps(message, ensure_ascii=False)})"
    said = rx.Var(expression, _var_type=str).to(str)
    for name, fact in facts.items():
        said = said.split(f"{{{name}}}").join(fact)  # `replace` would read a "$" in the fact
    return said


def around(message: str, **parts: rx.Component) -> rx.Component:
    """A message with elements in it, like ``around("Did you mean {address}?", address=rx.el.strong(…))``.

    In every language they come in the order in which they are given.
    """
    drawn: list[Any] = []
    rest = t(message)
    for name, element in parts.items():
        pieces = rest.split(f"{{{name}}}")
        drawn += [pieces[0], element]
        rest = pieces[1].to(str)
    return rx.fragment(*drawn, rest)
