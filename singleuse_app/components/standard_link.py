"""An event type's standard link on its host's card: whether it is on, at which address, and the switch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from singleuse_app import tokens
from singleuse_app.components.copy_link import copy_link_button
from singleuse_app.components.words import t
from singleuse_app.wording import say


@dataclass(frozen=True)
class StandardLine:
    """A standard link in words."""

    event_type_id: str = ""
    is_on: bool = False
    address: str = ""
    copy_path: str = ""
    switch_label: str = ""
    announcement: str = ""


def standard_line(event_type_id: str, event_name: str, *, link_id: str = "", address: str = "") -> StandardLine:
    """The standard link of an event type; without an ``address`` it is off."""
    return StandardLine(
        event_type_id=event_type_id,
        is_on=bool(address),
        address=tokens.link_url(address) if address else "",
        copy_path=f"/api/links/{link_id}/copy",
        switch_label=(
            say("Switch off the standard link of {name}", name=event_name)
            if address
            else say("Switch on the standard link of {name}", name=event_name)
        ),
        announcement=(
            say("The standard link of {name} is on.", name=event_name)
            if address
            else say("The standard link of {name} is off.", name=event_name)
        ),
    )


def standard_link_view(line: Any, on_switch: Callable[..., Any]) -> rx.Component:
    """One quiet line. ``on_switch`` takes the id of the event type, and whether the link is to be on."""
    return rx.el.div(
        rx.el.p(
            rx.cond(
                line.is_on,
                rx.fragment(t("Standard link: on, books any number of times."), " "),
                t("Standard link: off"),
            ),
            rx.cond(line.is_on, rx.el.code(line.address), rx.fragment()),
        ),
        rx.el.div(
            rx.cond(
                line.is_on,
                copy_link_button(
                    t("Copy standard link"),
                    line.copy_path,
                    copied_label=t("Copied"),
                    copied_message=t("Copied. This standard link books any number of times."),
                    failure_message=t("The link was not copied. Check the connection and try again."),
                    field_label=t("Copy this standard link from here."),
                    class_name="button button--quiet button--small",
                ),
                rx.fragment(),
            ),
            rx.el.button(
                rx.cond(line.is_on, t("Switch off"), t("Switch on")),
                type="button",
                on_click=on_switch(line.event_type_id, ~line.is_on),
                class_name="button button--quiet button--small",
                custom_attrs={"aria-label": line.switch_label},
            ),
        ),
        class_name="event-card__standard",
    )
