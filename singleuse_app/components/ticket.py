"""A link is a ticket: held, stamped, or dead."""

from collections.abc import Callable

import reflex as rx

from singleuse_app.components.glyphs import clock_icon, place_icon, ticket_glyph
from singleuse_app.components.words import t
from singleuse_app.wording import noted

DEAD_WORDS = {
    "used": noted("Used"),
    "expired": noted("Expired"),
    "revoked": noted("Revoked"),
    "off": noted("Off"),
    "unknown": noted("Not found"),
    "taken": noted("Taken"),
}


def ticket_head(  # noqa: PLR0917 - in the order in which they are read
    event_name: rx.Var | str,
    host_name: rx.Var | str,
    duration_text: rx.Var | str,
    location: rx.Var | str = "",
    description: rx.Var | str = "",
    note: rx.Var | str = "",
    title: Callable[..., rx.Component] = rx.el.h1,
) -> rx.Component:
    """The ticket on the booking page, whose ``title`` is the page's h1. ``description`` is HTML that
    ``markdown.py`` has made; ``note`` stands on the stub: "This link books once"."""
    return rx.el.section(
        rx.el.div(
            rx.el.p(host_name, class_name="ticket__host"),
            title(event_name, class_name="ticket__title"),
            rx.el.ul(
                rx.el.li(clock_icon(), duration_text),
                _place(location),
                class_name="ticket__facts",
            ),
            rx.cond(description, rx.html(description, class_name="ticket__text"), rx.fragment()),
            class_name="ticket__body",
        ),
        rx.cond(
            note,
            rx.el.div(ticket_glyph(), rx.el.p(note), class_name="ticket__stub"),
            rx.fragment(),
        ),
        class_name="ticket ticket--head",
    )


def stamped_ticket(
    *actions: rx.Component,
    event_name: rx.Var | str,
    host_name: rx.Var | str,
    day: rx.Var | str,
    time: rx.Var | str,
    zone: rx.Var | str,
    host_time: rx.Var | str = "",
    location: rx.Var | str = "",
    room: rx.Component | None = None,
    stamp: rx.Var | str,
    is_void: rx.Var | bool = False,
) -> rx.Component:
    """The confirmation: the day large, stamped and punched. ``actions`` stand on the stub, ``room`` behind the place;
    ``is_void`` strikes it out.

    The h1 takes focus (``id="confirmation"``), so that the page can move there after booking.
    """
    return rx.el.section(
        rx.el.div(
            rx.el.p(stamp, class_name="stamp"),
            rx.el.p(t("{event} with {host}", event=event_name, host=host_name), class_name="ticket__host"),
            rx.el.h1(day, id="confirmation", tab_index=-1, class_name="ticket__day"),
            rx.el.p(
                rx.el.span(time, class_name="ticket__clock"),
                " ",
                rx.el.span(zone, class_name="ticket__zone"),
                class_name="ticket__time",
            ),
            rx.cond(host_time, rx.el.p(host_time, class_name="ticket__host-time"), rx.fragment()),
            rx.cond(location, rx.el.ul(_place(location, room), class_name="ticket__facts"), rx.fragment()),
            class_name="ticket__body",
        ),
        rx.el.div(
            _punch(),
            rx.el.div(*actions, class_name="ticket__actions"),
            class_name="ticket__stub",
        ),
        class_name=rx.cond(is_void, "ticket ticket--stamped ticket--void", "ticket ticket--stamped"),
    )


def dead_ticket(
    kind: rx.Var | str,
    sentence: rx.Var | str,
    advice: rx.Var | str = "",
    *actions: rx.Component,
) -> rx.Component:
    """The ticket that opens nothing: one sentence of what happened, one of what to do, at most one action.

    ``kind`` is one of used, expired, revoked, off, unknown, taken.
    """
    return rx.el.section(
        rx.el.div(
            rx.el.h1(sentence, class_name="ticket__title"),
            rx.cond(advice, rx.el.p(advice, class_name="ticket__text"), rx.fragment()),
            *([rx.el.div(*actions, class_name="ticket__actions")] if actions else []),
            class_name="ticket__body",
        ),
        _dead_stub(kind),
        class_name=f"ticket ticket--dead ticket--{kind}",
    )


def _dead_stub(kind: rx.Var | str) -> rx.Component:
    if isinstance(kind, str):
        return rx.el.div(_punch(), rx.el.p(t(DEAD_WORDS[kind])), class_name="ticket__stub")
    words = rx.match(kind, *((each, t(word)) for each, word in DEAD_WORDS.items()), "")
    return rx.el.div(_punch(), rx.el.p(words), class_name="ticket__stub")


def _punch() -> rx.Component:
    return rx.el.span(class_name="punch", custom_attrs={"aria-hidden": "true"})


def _place(location: rx.Var | str, room: rx.Component | None = None) -> rx.Component:
    words = location if room is None else rx.el.span(location, room)
    return rx.cond(location, rx.el.li(place_icon(), words), rx.fragment())
