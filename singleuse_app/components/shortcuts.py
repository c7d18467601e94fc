"""Keys for what a host does all day: copy, new, search. Listed under ``?``."""

from typing import Any

import reflex as rx

import singleuse_app.components.dialog  # noqa: F401 - brings `dialog.jsx`
from singleuse_app.components.words import t
from singleuse_app.wording import noted

COPY: dict[str, Any] = {"data-shortcut": "copy"}
NEW: dict[str, Any] = {"data-shortcut": "new"}
SEARCH: dict[str, Any] = {"data-shortcut": "search"}
"""``custom_attrs`` of what a key presses or puts the focus into."""

KEYS = [
    {
        "key": "c",
        "does": "copy",
        "elsewhere": "/",
        "words": noted("Copy a single-use link (of the card in focus)"),
    },
    {"key": "n", "does": "new", "elsewhere": "/", "words": noted("New: an event type, or links for many")},
    {"key": "/", "does": "search", "elsewhere": "/links", "words": noted("Search")},
    {"key": "?", "does": "help", "elsewhere": "", "words": noted("Show these keys")},
]
"""``elsewhere`` is the page that the key leads to where there is nothing for it to press."""


class Shortcuts(rx.Component):
    """The React component in `shortcuts.jsx`, which borrows from `dialog.jsx`."""

    library = rx.asset("shortcuts.jsx", shared=True).importable_path
    tag = "Shortcuts"

    label: rx.Var[str]
    title: rx.Var[str]
    close_label: rx.Var[str]
    switch_label: rx.Var[str]
    keys: rx.Var[list[dict[str, str]]]


def shortcuts() -> rx.Component:
    """The button that lists the keys, and the keys themselves."""
    return Shortcuts.create(
        label=t("Keyboard shortcuts"),
        title=t("Keyboard shortcuts"),
        close_label=t("Close"),
        switch_label=t("Shortcuts are on"),
        keys=[{**key, "words": t(key["words"])} for key in KEYS],
        class_name="button button--quiet",
    )
