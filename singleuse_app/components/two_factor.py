"""Two-factor sign-in in the settings: off, on its way, on, and recovery codes while they are shown."""

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from singleuse_app.components.fields import text_field
from singleuse_app.components.settings_parts import part_fields, password_field
from singleuse_app.components.words import t

TWO_FACTOR, RECOVERY, ENDING = "two_factor", "recovery", "ending"
PLACE = "two-factor"
"""Where the focus goes when one of them takes the place of another."""


@dataclass(frozen=True)
class SecondFactor:
    """Since when it is on, in words, and how many recovery codes are left; a key for an app, in letters and as an
    image, while it is shown; recovery codes while they are."""

    since: str = ""
    left: int = 0
    key: str = ""
    image: str = ""
    codes: list[str] = field(default_factory=list)


def two_factor_view(state: Any) -> rx.Component:
    """The part of the settings. ``state`` has what ``securing.Securing`` has, and what forms need."""
    second = state.second
    return rx.el.section(
        rx.el.h2(t("Two-factor sign-in"), id=PLACE, tab_index=-1),
        rx.cond(
            second.codes.length() > 0,
            _codes(state),
            rx.cond(second.key, _begun(state), rx.cond(second.since, _on(state), _off(state))),
        ),
        class_name="form__part",
    )


def _off(state: Any) -> rx.Component:
    return rx.fragment(
        rx.el.p(
            t(
                "After your password, signing in then asks for a code that an app on your phone shows. Who has stolen "
                "your password alone does not get in."
            )
        ),
        rx.el.p(rx.el.button(t("Set it up"), type="button", on_click=state.begin_two_factor, class_name="button")),
    )


def _begun(state: Any) -> rx.Component:
    second = state.second
    return rx.fragment(
        rx.el.p(t("Scan this with an authenticator app, or type the key into it. Then enter the code that it shows.")),
        rx.el.img(src=second.image, alt=t("QR code of the key below"), width="176", height="176", class_name="qr"),
        rx.el.p(t("Key"), ": ", rx.el.code(second.key, class_name="secret-key")),
        part_fields(
            TWO_FACTOR,
            _code(TWO_FACTOR, state, t("Code from the app"), "", input_mode="numeric"),
            password_field(f"{TWO_FACTOR}_password", t("Your password"), "current-password", state.errors),
            rx.el.div(
                _button(TWO_FACTOR, state, t("Switch it on"), "button--primary"),
                rx.el.button(t("Not now"), type="button", on_click=state.put_secrets_away, class_name="button"),
                class_name="form__actions",
            ),
            state=state,
            on_submit=state.confirm_two_factor,
        ),
    )


def _codes(state: Any) -> rx.Component:
    return rx.fragment(
        rx.el.p(
            t(
                "These are your recovery codes. Each signs you in once, in the place of a code, if your phone is lost. "
                "Print them or keep them in a password manager: they are not shown again."
            )
        ),
        rx.el.ul(
            rx.foreach(state.second.codes, lambda code: rx.el.li(rx.el.code(code))),
            class_name="recovery-codes",
            custom_attrs={"aria-label": t("Recovery codes")},
        ),
        rx.el.p(
            rx.el.button(t("I have kept them"), type="button", on_click=state.put_secrets_away, class_name="button")
        ),
    )


def _on(state: Any) -> rx.Component:
    second = state.second
    return rx.fragment(
        rx.el.p(t("It is on since {day}.", day=second.since)),
        rx.el.p(
            t("Recovery codes left: {number}.", number=second.left.to_string()),
            rx.cond(second.left < 3, rx.fragment(" ", rx.el.strong(t("Make new ones in time."))), rx.fragment()),
        ),
        _disclosure(
            t("New recovery codes…"),
            RECOVERY,
            t("The former ones stop working."),
            _button(RECOVERY, state, t("Make new recovery codes"), "button--primary"),
            state=state,
            on_submit=state.renew_recovery_codes,
        ),
        _disclosure(
            t("Switch it off…"),
            ENDING,
            t("Your password alone signs you in then."),
            _button(ENDING, state, t("Switch it off"), "button--danger"),
            state=state,
            on_submit=state.end_two_factor,
        ),
    )


def _disclosure(
    title: rx.Var, part: str, told: rx.Var, button: rx.Component, *, state: Any, on_submit: Any
) -> rx.Component:
    return rx.el.details(
        rx.el.summary(title),
        part_fields(
            part,
            rx.el.p(told),
            _code(part, state, t("Code"), t("From the app, or a recovery code.")),
            password_field(f"{part}_password", t("Your password"), "current-password", state.errors),
            button,
            state=state,
            on_submit=on_submit,
        ),
        class_name="guests",
    )


def _code(part: str, state: Any, label: rx.Var, hint: rx.Var | str, **props: Any) -> rx.Component:
    name = f"{part}_code"
    error = state.errors[name]
    return text_field(
        label, name, autocomplete="one-time-code", required=True, hint=hint, error=error, spell_check=False, **props
    )


def _button(part: str, state: Any, text: rx.Var, kind: str) -> rx.Component:
    busy = {"aria-busy": rx.cond(state.is_sending == part, "true", "false")}
    return rx.el.button(text, type="submit", class_name=f"button {kind}", custom_attrs=busy)
