"""The few small drawings, inline, in the colour of the text around them. All are hidden from assistive technology."""

import reflex as rx

WHOLE = (
    "M3 2H14.75A1.25 1.25 0 0 0 17.25 2H21A2 2 0 0 1 23 4V12A2 2 0 0 1 21 14H17.25A1.25 1.25 0 0 0 14.75 14H3"
    "A2 2 0 0 1 1 12V4A2 2 0 0 1 3 2Z"
)
HOLE = "M10.75 8A2.75 2.75 0 1 0 5.25 8A2.75 2.75 0 1 0 10.75 8Z"
PERFORATION = "M16 4.4V11.6"
TORN_BODY = "M3 2H12.5L11 4.4L13 6.4L11.2 8.6L13.2 10.8L12 14H3A2 2 0 0 1 1 12V4A2 2 0 0 1 3 2Z"
TORN_STUB = "M16.5 2.6L21.6 1.2L24 11.8L18.4 13.4L18.6 10.2L16.2 8.2L17.6 5.6Z"

CLOCK = ("M8 2A6 6 0 1 1 8 14A6 6 0 1 1 8 2Z", "M8 5V8L10 9.5")
PLACE = ("M8 14.5C5 11.5 3.5 9 3.5 6.5A4.5 4.5 0 0 1 12.5 6.5C12.5 9 11 11.5 8 14.5Z", "M8 5.2V7.6")


def _line_icon(*paths: str) -> rx.Component:
    return rx.el.svg(
        *[rx.el.path(d=d) for d in paths],
        class_name="icon",
        view_box="0 0 16 16",
        custom_attrs={"aria-hidden": "true", "focusable": "false"},
    )


def ticket_glyph(kind: str = "active") -> rx.Component:
    """The ticket as a sign of 24 × 16: whole, punched, faded, torn or an outline.

    ``kind`` is one of active, used, expired, revoked, off, unknown.
    """
    drawing = {
        "active": [(WHOLE, "glyph__fill"), (PERFORATION, "glyph__perforation")],
        "used": [(WHOLE + HOLE, "glyph__fill")],
        "expired": [(WHOLE, "glyph__faded"), (PERFORATION, "glyph__line")],
        "revoked": [(TORN_BODY, "glyph__fill"), (TORN_STUB, "glyph__fill")],
        "off": [(WHOLE, "glyph__line"), (PERFORATION, "glyph__line")],
        "unknown": [(WHOLE, "glyph__dashed")],
    }[kind]
    return rx.el.svg(
        *[rx.el.path(d=d, class_name=name) for d, name in drawing],
        class_name="glyph",
        view_box="0 0 24 16",
        custom_attrs={"aria-hidden": "true", "focusable": "false"},
    )


def clock_icon() -> rx.Component:
    """A clock face, for a duration."""
    return _line_icon(*CLOCK)


def place_icon() -> rx.Component:
    """A pin, for where it happens."""
    return _line_icon(*PLACE)


def chevron_icon(towards: str) -> rx.Component:
    """An angle that points back, on or down."""
    return _line_icon({"back": "M10 3L5 8L10 13", "on": "M6 3L11 8L6 13", "down": "M3 6L8 11L13 6"}[towards])
