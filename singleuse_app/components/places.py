"""Where a meeting happens, as its host says it: the kind, and the one field that this kind needs."""

from collections.abc import Callable, Mapping
from typing import Any

import reflex as rx

from singleuse_app.components.fields import select_field
from singleuse_app.components.words import t
from singleuse_app.scheduling.locations import HOST_SAYS, LocationKind
from singleuse_app.wording import noted

KINDS = {
    LocationKind.TEXT: noted("In your own words, or nowhere"),
    LocationKind.IN_PERSON: noted("In person, at an address"),
    LocationKind.HOST_CALLS: noted("You call the invitee"),
    LocationKind.INVITEE_CALLS: noted("The invitee calls you"),
    LocationKind.VIDEO: noted("In a video call"),
    LocationKind.INVITEE_CHOOSES: noted("Where the invitee says"),
}
_FIELDS: dict[LocationKind, tuple[str, str, dict[str, Any]]] = {
    LocationKind.TEXT: (noted("Place"), noted("Invitees read it before they choose."), {}),
    LocationKind.IN_PERSON: (noted("Address"), noted("Invitees read it before they choose."), {"required": True}),
    LocationKind.INVITEE_CALLS: (
        noted("Your phone number"),
        noted("With its country code. Invitees read it before they choose."),
        {"type": "tel", "required": True},
    ),
    LocationKind.VIDEO: (
        noted("Address of the video call"),
        noted("Only those who have booked are shown it."),
        {"type": "url", "required": True},
    ),
}
_WORDS = {
    LocationKind.HOST_CALLS: noted("Invitees are asked for their phone number. You find it with the booking."),
    LocationKind.INVITEE_CHOOSES: noted("Invitees are asked where to meet. You find it with the booking."),
}


def place_fields(
    field: Callable[..., rx.Component], *, otherwise: Mapping[str, rx.Var] | None = None, **props: Any
) -> rx.Component:
    """``field`` draws a field from its label, name and hint; ``otherwise`` are choices before the kinds, and ``props``
    go to that choice.

    All fields are there and one is shown, so nothing that was typed into another is lost, and none moves the page: what
    is shown in its place is as high.
    """
    drawn = [
        *(
            (kind, field(t(label), HOST_SAYS[kind], hint=t(hint), **more))
            for kind, (label, hint, more) in _FIELDS.items()
        ),
        *((kind, rx.el.p(t(words), class_name="small soft")) for kind, words in _WORDS.items()),
    ]
    choices: list[tuple[str, rx.Var | str]] = [
        *(otherwise or {}).items(),
        *((kind, t(words)) for kind, words in KINDS.items()),
    ]
    return rx.el.div(
        select_field(t("Where"), "location_kind", choices, required=True, class_name="place-kind", **props),
        *[
            rx.el.div(content, class_name=f"place__part place__part--{kind.replace(' ', '-')}")
            for kind, content in drawn
        ],
        class_name="place",
    )
