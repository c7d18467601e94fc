"""A link's status as a word and a shape, never as a colour alone."""

import reflex as rx

from singleuse_app.components.glyphs import ticket_glyph

WORDS = {"active": "Active", "used": "Used", "expired": "Expired", "revoked": "Revoked", "off": "Off"}


def status_badge(status: rx.Var | str) -> rx.Component:
    """The ticket sign with its word: whole, punched, faded, torn, outline."""
    if isinstance(status, str):
        return _badge(status)
    return rx.fragment(rx.match(status, *[(known, _badge(known)) for known in WORDS], rx.fragment()))


def _badge(status: str) -> rx.Component:
    return rx.el.span(ticket_glyph(status), WORDS[status], class_name=f"status status--{status}")
