"""Accounts elsewhere that one signs in with: buttons on the sign-in page, and a list in the settings."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from singleuse_app.components.words import t


@dataclass(frozen=True)
class ProviderLine:
    """One identity provider, ready to be drawn. ``address`` is where the way to it begins."""

    name: str
    address: str


@dataclass(frozen=True)
class LinkedLine:
    """One linked account, ready to be drawn."""

    id: str
    provider: str
    told: str


def provider_buttons(providers: Any) -> rx.Component:
    """A button for each provider, below the form; nothing where there is none."""
    return rx.cond(
        providers,
        rx.el.ul(
            rx.foreach(
                providers,
                lambda each: rx.el.li(
                    # The plain element: the way leads to the server and on to elsewhere, not to another page.
                    rx.el.elements.a(
                        t("Sign in with {provider}", provider=each.name), href=each.address, class_name="button"
                    ),
                    key=each.address,
                ),
            ),
            class_name="providers",
        ),
        rx.fragment(),
    )


def linked_accounts_view(state: Any) -> rx.Component:
    """What one signs in with besides the password, and a button to end that."""
    return rx.el.section(
        rx.el.h2(t("Accounts that sign you in")),
        rx.cond(
            state.linked,
            rx.el.ul(rx.foreach(state.linked, lambda each: _linked(each, state)), class_name="devices"),
            rx.el.p(
                t(
                    "None yet. At your next sign-in choose one of the buttons below the form: that account is linked "
                    "if its verified e-mail address is yours here."
                )
            ),
        ),
        class_name="form__part",
    )


def _linked(each: rx.vars.ObjectVar[LinkedLine], state: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.el.strong(each.provider), rx.el.span(" ", each.told, class_name="soft small")),
        rx.el.button(
            t("Unlink"),
            type="button",
            on_click=state.unlink_account(each.id),
            class_name="button button--small",
            custom_attrs={"aria-label": t("Unlink {provider}, {told}", provider=each.provider, told=each.told)},
        ),
        key=each.id,
    )
