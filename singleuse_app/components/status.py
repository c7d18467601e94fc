"""A link's status as a word and a shape, never as a colour alone."""

import reflex as rx

from singleuse_app.components.glyphs import ticket_glyph
from singleuse_app.components.words import t
from singleuse_app.wording import noted

WORDS = {
    "active": noted("Active"),
    "used": noted("Used"),
    "expired": noted("Expired"),
    "revoked": noted("Revoked"),
    "off": noted("Off"),
}


def status_badge(status: rx.Var | str) -> rx.Component:
    """The ticket sign with its word: whole, punched, faded, torn, outline."""
    if isinstance(status, str):
        return _badge(status)
    return rx.fragment(rx.match(status, *[(known, _badge(known)) for known in WORDS], rx.fragment()))


def _badge(status: str) -> rx.Component:
    return rx.el.span(ticket_glyph(status), t(WORDS[status]), class_name=f"status status--{status}")
