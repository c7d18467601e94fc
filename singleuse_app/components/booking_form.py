"""What an invitee fills in: name, address, guests, and what the event type asks.

The inputs are uncontrolled. What they start with is their default value, which a browser shows until somebody types.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from singleuse_app.components.address_code import code_fields
from singleuse_app.components.fields import text_field
from singleuse_app.components.words import around, t
from singleuse_app.scheduling.questions import Kind, Question


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from."""

    name: str
    text: str
    chosen: bool


@dataclass(frozen=True)
class Asked:
    """One question as a field: ``name`` is ``a1``, ``a2``, … by where it stands, which may change."""

    id: str
    name: str
    label: str
    kind: str
    required: bool
    value: str
    options: list[Option]


@dataclass(frozen=True)
class Form:
    """All that the form asks, and what it starts with. ``asks`` names the field that the meeting's place needs."""

    questions: list[Asked] = field(default_factory=list)
    guests_allowed: bool = False
    asks: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    place: str = ""
    guests: str = ""


def form_of(questions: Sequence[Question], *, guests_allowed: bool, asks: str = "", prefill: Mapping[str, str]) -> Form:
    """The form with what is known of the invitee already."""
    asked = []
    for number, question in enumerate(questions, 1):
        name = f"a{number}"
        value = prefill.get(name, "")
        chosen = [value, *(one.strip() for one in value.split(","))]
        options = [Option(f"{name}-{at}", text, text in chosen) for at, text in enumerate(question.options)]
        asked.append(Asked(question.id, name, question.label, question.kind, question.required, value, options))
    known = {name: prefill.get(name, "") for name in ("name", "email", "phone", "place", "guests")}
    return Form(questions=asked, guests_allowed=guests_allowed, asks=asks, **known)


def form_fields(state: Any) -> list[rx.Component]:
    """The fields of a State that is an ``Answering`` and a ``Proving``."""
    form, errors = state.form, state.errors
    return [
        text_field(
            t("Your name"),
            "name",
            autocomplete="name",
            required=True,
            error=errors["name"],
            default_value=form.name,
        ),
        rx.cond(
            state.proof.masked,
            code_fields(state),
            text_field(
                t("E-mail"),
                "email",
                type="email",
                autocomplete="email",
                required=True,
                error=errors["email"],
                default_value=form.email,
            ),
        ),
        rx.cond(state.suggestion, _suggestion(state), rx.fragment()),
        rx.cond(
            form.asks == "phone",
            text_field(
                t("Your phone number"),
                "phone",
                type="tel",
                autocomplete="tel",
                hint=t("Your host calls you there."),
                required=True,
                error=errors["phone"],
                default_value=form.phone,
            ),
            rx.fragment(),
        ),
        rx.cond(
            form.asks == "place",
            text_field(
                t("Where would you like to meet?"),
                "place",
                required=True,
                error=errors["place"],
                default_value=form.place,
            ),
            rx.fragment(),
        ),
        rx.cond(
            form.guests_allowed,
            rx.el.details(
                rx.el.summary(t("Add guests")),
                text_field(
                    t("Guests’ addresses"),
                    "guests",
                    type="textarea",
                    hint=t("Up to 10 e-mail addresses, one on each line."),
                    error=errors["guests"],
                    default_value=form.guests,
                ),
                open=form.guests != "",
                class_name="guests",
            ),
            rx.fragment(),
        ),
        rx.foreach(form.questions, lambda asked: _question(asked, errors[asked.name])),
    ]


def _suggestion(state: Any) -> rx.Component:
    return rx.el.div(
        rx.el.p(around("Did you mean {address}?", address=rx.el.strong(state.suggestion)), id="suggestion"),
        rx.el.div(
            rx.el.button(
                t("Yes, use it"),
                type="button",
                id="suggestion-yes",
                on_click=state.use_suggestion,
                class_name="button",
            ),
            rx.el.button(t("No, it is right"), type="button", on_click=state.keep_address, class_name="button"),
            class_name="form__actions",
        ),
        role="group",
        custom_attrs={"aria-labelledby": "suggestion"},
        class_name="notice suggestion",
    )


def _question(asked: rx.vars.ObjectVar[Asked], error: rx.Var) -> rx.Component:
    many = rx.el.fieldset(
        rx.el.legend(asked.label, _optional(asked)),
        rx.foreach(
            asked.options,
            lambda option: rx.el.label(
                rx.el.input(
                    type="checkbox",
                    name=option.name,
                    value=option.text,
                    default_checked=option.chosen,
                    custom_attrs=_described(asked, error),
                ),
                option.text,
                class_name="field__check",
                key=option.name,
            ),
        ),
        rx.el.p(error, id=f"{asked.name}-error", class_name="field-error"),
        class_name="field",
    )
    return rx.el.div(rx.cond(asked.kind == Kind.CHOICE_MANY, many, _one_control(asked, error)), key=asked.id)


def _one_control(asked: rx.vars.ObjectVar[Asked], error: rx.Var) -> rx.Component:
    shared: dict[str, Any] = {
        "id": asked.name,
        "name": asked.name,
        "default_value": asked.value,
        "custom_attrs": {**_described(asked, error), "aria-required": rx.cond(asked.required, "true", "false")},
    }
    choose = rx.el.select(
        rx.el.option(t("Choose…"), value=""),
        rx.foreach(asked.options, lambda option: rx.el.option(option.text, value=option.text)),
        **shared,
    )
    control = rx.match(
        asked.kind,
        (Kind.LONG_TEXT, rx.el.textarea(rows="3", **shared)),
        (Kind.CHOICE_ONE, choose),
        (Kind.PHONE, rx.el.input(type="tel", auto_complete="tel", **shared)),
        (Kind.NUMBER, rx.el.input(type="text", input_mode="decimal", auto_complete="off", **shared)),
        rx.el.input(type="text", auto_complete="off", **shared),
    )
    return rx.el.div(
        rx.el.label(asked.label, _optional(asked), html_for=asked.name),
        control,
        rx.el.p(error, id=f"{asked.name}-error", class_name="field-error"),
        class_name="field",
    )


def _optional(asked: rx.vars.ObjectVar[Asked]) -> rx.Component:
    return rx.cond(asked.required, rx.fragment(), rx.el.span(" ", t("(optional)"), class_name="field__optional"))


def _described(asked: rx.vars.ObjectVar[Asked], error: rx.Var) -> dict[str, Any]:
    return {
        "aria-describedby": f"{asked.name}-error",
        "aria-invalid": rx.cond(error, "true", "false"),
        "data-asks": asked.id,
    }
