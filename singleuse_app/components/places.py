"""Where a meeting happens, as its host says it: the kind, and the one field that this kind needs."""

from collections.abc import Callable, Mapping
from typing import Any

import reflex as rx

from singleuse_app.components.fields import select_field
from singleuse_app.scheduling.locations import HOST_SAYS, LocationKind

KINDS = {
    LocationKind.TEXT: "In your own words, or nowhere",
    LocationKind.IN_PERSON: "In person, at an address",
    LocationKind.HOST_CALLS: "You call the invitee",
    LocationKind.INVITEE_CALLS: "The invitee calls you",
    LocationKind.VIDEO: "In a video call",
    LocationKind.INVITEE_CHOOSES: "Where the invitee says",
}
_FIELDS: dict[LocationKind, tuple[str, str, dict[str, Any]]] = {
    LocationKind.TEXT: ("Place", "Invitees read it before they choose.", {}),
    LocationKind.IN_PERSON: ("Address", "Invitees read it before they choose.", {"required": True}),
    LocationKind.INVITEE_CALLS: (
        "Your phone number",
        "With its country code. Invitees read it before they choose.",
        {"type": "tel", "required": True},
    ),
    LocationKind.VIDEO: (
        "Address of the video call",
        "Only those who have booked are shown it.",
        {"type": "url", "required": True},
    ),
}
_WORDS = {
    LocationKind.HOST_CALLS: "Invitees are asked for their phone number. You find it with the booking.",
    LocationKind.INVITEE_CHOOSES: "Invitees are asked where to meet. You find it with the booking.",
}


def place_fields(
    field: Callable[..., rx.Component], *, otherwise: Mapping[str, str] | None = None, **props: Any
) -> rx.Component:
    """``field`` draws a field from its label, name and hint; ``otherwise`` are choices before the kinds, and ``props``
    go to that choice.

    All fields are there and one is shown, so nothing that was typed into another is lost, and none moves the page: what
    is shown in its place is as high.
    """
    drawn = [
        *((kind, field(label, HOST_SAYS[kind], hint=hint, **more)) for kind, (label, hint, more) in _FIELDS.items()),
        *((kind, rx.el.p(words, class_name="small soft")) for kind, words in _WORDS.items()),
    ]
    choices = list({**(otherwise or {}), **KINDS}.items())
    return rx.el.div(
        select_field("Where", "location_kind", choices, required=True, class_name="place-kind", **props),
        *[
            rx.el.div(content, class_name=f"place__part place__part--{kind.replace(' ', '-')}")
            for kind, content in drawn
        ],
        class_name="place",
    )
