"""A search field, and what else narrows a page, whose values stand in the page's address."""

from typing import Any

import reflex as rx

from singleuse_app.components.shortcuts import SEARCH


class Finder(rx.Component):
    """The React component in `finder.jsx`: a form. The field called ``q`` leads on while somebody types, any other at
    once."""

    library = rx.asset("finder.jsx", shared=True).importable_path
    tag = "Finder"


def finder(label: rx.Var, placeholder: rx.Var, *others: rx.Component) -> rx.Component:
    """The search field ``q``, and beside it others that are named after what they are called in the address."""
    search = rx.el.input(
        type="search",
        id="search",
        name="q",
        placeholder=placeholder,
        max_length=100,
        custom_attrs={"aria-label": label, **SEARCH},
    )
    return Finder.create(rx.el.div(search, class_name="field"), *others, class_name="board__tools")


def narrowing_select(label: rx.Var, name: str, value: Any, options: Any) -> rx.Component:
    """One of some choices, pairs of value and words; which one is chosen the State says, from the address."""
    if isinstance(options, rx.Var):
        drawn = [rx.foreach(options, lambda option: rx.el.option(option[1], value=option[0], key=option[0]))]
    else:
        drawn = [rx.el.option(text, value=key) for key, text in options]
    label_it: dict[str, Any] = {"aria-label": label}
    chosen = rx.el.select(*drawn, name=name, value=value, on_change=rx.noop(), custom_attrs=label_it)
    return rx.el.div(chosen, class_name="field")
