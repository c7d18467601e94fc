"""A page with nothing on it yet: either nothing is there, or it has not arrived."""

import reflex as rx

from singleuse_app.components.glyphs import ticket_glyph


def empty_state(title: rx.Var | str, text: rx.Var | str = "", action: rx.Component | None = None) -> rx.Component:
    """One heading, one sentence that teaches, one action."""
    return rx.el.div(
        ticket_glyph("unknown"),
        rx.el.h2(title),
        rx.cond(text, rx.el.p(text), rx.fragment()),
        action or rx.fragment(),
        class_name="empty",
    )


def skeleton(lines: int = 3, kind: str = "card") -> rx.Component:
    """The real layout without its words. ``kind`` is card, row, ticket or calendar."""
    cells = 42 if kind == "calendar" else lines
    return rx.el.div(
        *[rx.el.span() for _ in range(cells)],
        class_name=f"skeleton skeleton--{kind}",
        custom_attrs={"aria-hidden": "true"},
    )
