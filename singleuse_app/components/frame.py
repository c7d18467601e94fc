"""What surrounds a page: the host's header, the narrow card, the invitee's plain page."""

import re
from pathlib import Path
from typing import Any

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from singleuse_app.components.fetch_form import api_button
from singleuse_app.components.glyphs import ticket_glyph
from singleuse_app.components.shortcuts import shortcuts
from singleuse_app.components.words import t
from singleuse_app.messages import WORDS
from singleuse_app.wording import noted

NAVIGATION = (
    (noted("Event types"), "/"),
    (noted("Overview"), "/overview"),
    (noted("Availability"), "/availability"),
    (noted("Links"), "/links"),
    (noted("Bookings"), "/bookings"),
    (noted("Settings"), "/settings"),
)


def host_frame(
    *content: rx.Component,
    title: rx.Var | str,
    current: str,
    host_name: rx.Var | str = "",
    actions: rx.Component | None = None,
    navigation: tuple[tuple[str, str], ...] = NAVIGATION,
    is_offline: rx.Var | bool | None = None,
) -> rx.Component:
    """A host's page under the header, with its h1.

    ``current`` is the route that the navigation marks, ``actions`` stands at the right of the title.
    """
    return rx.el.div(
        reconnecting_bar(is_offline),
        _skip_link(),
        rx.el.header(
            rx.el.a(wordmark(), href="/", class_name="header__home"),
            rx.el.nav(
                rx.el.ul(*[rx.el.li(_navigation_link(text, route, current)) for text, route in navigation]),
                class_name="header__nav",
                custom_attrs={"aria-label": t("Main")},
            ),
            rx.el.div(
                shortcuts(),
                rx.el.span(host_name, class_name="header__host"),
                api_button(t("Sign out"), "/api/sign-out", class_name="button button--quiet"),
                class_name="header__account",
            ),
            class_name="header",
        ),
        rx.el.main(
            rx.el.div(
                rx.el.h1(title),
                actions or rx.fragment(),
                class_name="page__head",
            ),
            *content,
            _no_script(),
            id="content",
            tab_index=-1,
            class_name="page",
        ),
        class_name="frame frame--host",
    )


def plain_frame(*content: rx.Component, is_offline: rx.Var | bool | None = None) -> rx.Component:
    """One narrow card in the middle: sign in, set up. The content brings its own h1."""
    return rx.el.div(
        reconnecting_bar(is_offline),
        rx.el.main(
            rx.el.div(wordmark(), class_name="card__mark"),
            rx.el.div(*content, _no_script(), class_name="card"),
            class_name="page page--narrow",
        ),
        class_name="frame",
    )


def invitee_frame(*content: rx.Component, is_offline: rx.Var | bool | None = None) -> rx.Component:
    """The invitee's page: nothing but the ticket and what can be done with it."""
    return rx.el.div(
        reconnecting_bar(is_offline),
        rx.el.main(*content, id="content", tab_index=-1, class_name="page page--invitee"),
        class_name="frame",
    )


def reconnecting_bar(is_offline: rx.Var | bool | None = None) -> rx.Component:
    """A thin bar above everything while the server cannot be reached; it takes no room on the page.

    Without an argument it watches the connection of the page itself.
    """
    offline = has_connection_errors if is_offline is None else is_offline
    return rx.el.div(
        rx.cond(offline, rx.el.p(t("Reconnecting…"), class_name="reconnecting"), rx.fragment()),
        role="status",
    )


def announcer(text: rx.Var | str, id: str = "announcer") -> rx.Component:
    """Says politely, to a screen reader only, what changed elsewhere on the page; there from the start, empty."""
    return rx.el.div(text, id=id, role="status", class_name="visually-hidden", custom_attrs={"aria-live": "polite"})


def wordmark() -> rx.Component:
    """The ticket and the name."""
    return rx.el.span(ticket_glyph(), rx.el.span("Singleuse"), class_name="wordmark")


def served_title(otherwise: rx.Var[str]) -> rx.Var[str]:
    """What the tab is called already, for a page that does not know better yet."""
    return rx.Var(f"(globalThis.document?.title || {otherwise})", _var_type=str)


def _no_script() -> rx.Component:
    return rx.el.noscript(rx.el.p(t(WORDS["script_to_host"]), class_name="notice"))


def _skip_link() -> rx.Component:
    # The plain element: the router's link moves the address, not the focus.
    return rx.el.elements.a(t("Skip to content"), href="#content", class_name="skip-link")


def _navigation_link(text: str, route: str, current: str) -> rx.Component:
    marked: dict[str, Any] = {"aria-current": "page"} if route == current else {}
    return rx.el.a(t(text), href=route, custom_attrs=marked)


def before_the_app() -> rx.Component:
    """The script of `before_app.js`, for the head of every page. It stands there without its comments."""
    text = Path(__file__).with_name("before_app.js").read_text(encoding="utf-8")
    bare = re.sub(r"^ *(//.*\n)?", "", text, flags=re.MULTILINE)
    return rx.el.script(custom_attrs={"dangerouslySetInnerHTML": {"__html": bare}})
