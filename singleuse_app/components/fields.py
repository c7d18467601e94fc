"""Fields with a label, a hint and an error that belong together.

The inputs are uncontrolled: what was typed stays, whatever the page draws anew.
"""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from singleuse_app.components.words import t


def text_field(
    label: rx.Var | str,
    name: str,
    *,
    type: str = "text",
    autocomplete: str = "off",
    error: rx.Var | str = "",
    hint: rx.Var | str = "",
    required: bool = False,
    default_value: rx.Var | str = "",
    **props: Any,
) -> rx.Component:
    """A text input, or a text area for ``type="textarea"``. Further ``props`` go to the input itself.

    text_field("Your email", "email", type="email", autocomplete="email", required=True, error=State.email_error)
    """
    shared = _shared(name, error, hint, required, {"default_value": default_value, **props})
    shared["auto_complete"] = autocomplete
    if type == "textarea":
        shared.setdefault("rows", "3")
        control = rx.el.textarea(**shared)
    else:
        shared["type"] = type
        control = rx.el.input(**shared)
    return _field(label, control, name, error=error, hint=hint, required=required)


def select_field(
    label: rx.Var | str,
    name: str,
    options: Sequence[tuple[str, rx.Var | str]] | rx.Var,
    *,
    error: rx.Var | str = "",
    hint: rx.Var | str = "",
    required: bool = False,
    default_value: rx.Var | str = "",
    **props: Any,
) -> rx.Component:
    """A native select. ``options`` are pairs of value and text, plain or a Var of a list of pairs."""
    if isinstance(options, rx.Var):
        drawn: list[rx.Component] = [rx.foreach(options, lambda option: rx.el.option(option[1], value=option[0]))]
    else:
        drawn = [rx.el.option(text, value=value) for value, text in options]
    shared = _shared(name, error, hint, required, {"default_value": default_value, **props})
    return _field(label, rx.el.select(*drawn, **shared), name, error=error, hint=hint, required=required)


def submit_button(text: rx.Var | str, *, is_busy: rx.Var | bool, **props: Any) -> rx.Component:
    """The button that sends a form, and says while it is under way."""
    busy = {"aria-busy": rx.cond(is_busy, "true", "false")}
    return rx.el.button(text, type="submit", class_name="button button--primary", custom_attrs=busy, **props)


def _field(
    label: rx.Var | str,
    control: rx.Component,
    name: str,
    *,
    error: rx.Var | str,
    hint: rx.Var | str,
    required: bool,
) -> rx.Component:
    optional = rx.fragment() if required else rx.el.span(" ", t("(optional)"), class_name="field__optional")
    return rx.el.div(
        rx.el.label(label, optional, html_for=name),
        rx.el.p(hint, id=f"{name}-hint", class_name="field-hint") if _is_given(hint) else rx.fragment(),
        control,
        rx.el.p(error, id=f"{name}-error", class_name="field-error"),
        class_name="field",
    )


def _shared(
    name: str, error: rx.Var | str, hint: rx.Var | str, required: bool, props: dict[str, Any]
) -> dict[str, Any]:
    """What every control carries: its name, and the hint and error that describe it."""
    attributes: dict[str, Any] = {
        "aria-describedby": " ".join(([f"{name}-hint"] if _is_given(hint) else []) + [f"{name}-error"]),
        "aria-invalid": rx.cond(error, "true", "false"),
    }
    if required:
        attributes["aria-required"] = "true"
    return {"id": name, "name": name, **props, "custom_attrs": {**attributes, **props.get("custom_attrs", {})}}


def _is_given(text: rx.Var | str) -> bool:
    return isinstance(text, rx.Var) or bool(text)
