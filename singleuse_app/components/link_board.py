"""The board of links: chips, search, the rows, and what a row shows when it is opened."""

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from singleuse_app.components.copy_link import copy_link_button
from singleuse_app.components.empty import empty_state
from singleuse_app.components.fields import text_field
from singleuse_app.components.status import status_badge

ORDERS = (
    ("newest", "Newest first"),
    ("oldest", "Oldest first"),
    ("expiry", "Expiring soonest"),
    ("name", "By name"),
)
COLUMNS = ("Status", "For", "Event type", "Made", "Expires", "Opened", "Booked")


@dataclass(frozen=True)
class Chip:
    """A filter, with how many links it shows."""

    name: str
    count: str
    href: str
    is_current: bool


@dataclass(frozen=True)
class Row:
    """One link, ready to be drawn."""

    id: str
    status: str
    event_name: str
    made: str
    recipient: str
    expires: str
    opened: str
    booked: str
    is_active: bool
    is_asked_for: bool
    is_open: bool
    copy_path: str
    revoke_label: str
    details_label: str


@dataclass(frozen=True)
class Details:
    """Everything about the link whose row is open. ``last_day`` is an ISO date, as a date field has it."""

    id: str = ""
    email: str = ""
    mail_to: str = ""
    only_recipient: bool = False
    note: str = ""
    last_day: str = ""
    opened: str = ""
    qr: str = ""
    qr_label: str = ""
    can_undo: bool = False
    can_last_longer: bool = False
    reissue_path: str = ""
    reissue_label: str = ""
    reissue_words: str = ""
    log: list[tuple[str, str]] = field(default_factory=list)


def filters_view(state: Any) -> rx.Component:
    """Chips with counts; below them the search, the event type and what stands first."""
    return rx.el.div(
        rx.el.nav(
            rx.foreach(state.chips, _draw_chip), class_name="chips", custom_attrs={"aria-label": "Links by status"}
        ),
        rx.el.form(
            rx.el.div(
                rx.el.input(
                    type="search",
                    id="search",
                    name="q",
                    placeholder="Search names, addresses, notes",
                    default_value=state.text,
                    on_change=state.search.debounce(250),
                    max_length=100,
                    key=state.field,
                    custom_attrs={"aria-label": "Search links"},
                ),
                class_name="field",
            ),
            _select("Event type", "type", state.event_type, state.event_types, state),
            _select("Order", "sort", state.order, ORDERS, state),
            role="search",
            on_submit=rx.prevent_default,
            class_name="board__tools",
        ),
        class_name="board",
    )


def board_view(state: Any) -> rx.Component:
    """The rows of a page, and the ways to its neighbours."""
    return rx.cond(
        state.rows,
        rx.fragment(
            _table(state),
            rx.cond(
                (state.newer != "") | (state.older != ""),
                rx.el.nav(
                    _turn("Back", state.newer),
                    rx.el.span(state.range_words, class_name="small soft"),
                    _turn("More", state.older),
                    class_name="board__pages",
                    custom_attrs={"aria-label": "Pages"},
                ),
                rx.fragment(),
            ),
        ),
        rx.cond(
            state.leaves_out,
            empty_state(
                "No such link",
                "Nothing fits what is chosen above.",
                rx.el.a("Show all", href="/links", class_name="button"),
            ),
            empty_state(
                "No links yet",
                "A single-use link books once. Make the first one on Event types.",
                rx.el.a("Go to event types", href="/", class_name="button"),
            ),
        ),
    )


def undo_view(state: Any) -> rx.Component:
    """What has just been revoked, and the way back."""
    key, name = state.just_revoked[0], state.just_revoked[1]
    return rx.el.div(
        rx.cond(
            key != "",
            rx.el.div(
                rx.el.p(name, " is revoked: it books no more."),
                rx.el.button(
                    "Undo",
                    type="button",
                    on_click=state.undo(key),
                    auto_focus=True,
                    class_name="button button--small",
                    custom_attrs={"aria-label": "Undo: let the link book again"},
                ),
                class_name="notice",
                key=key,
            ),
            rx.fragment(),
        ),
        role="status",
    )


def _draw_chip(chip: rx.vars.ObjectVar[Chip]) -> rx.Component:
    return rx.el.a(
        chip.name,
        " ",
        rx.el.span(chip.count),
        href=chip.href,
        class_name="chip",
        custom_attrs={"aria-current": rx.cond(chip.is_current, "true", "false")},
        key=chip.name,
    )


def _select(label: str, name: str, value: Any, options: Any, state: Any) -> rx.Component:
    if isinstance(options, rx.Var):
        drawn = [rx.foreach(options, lambda option: rx.el.option(option[1], value=option[0], key=option[0]))]
    else:
        drawn = [rx.el.option(text, value=key) for key, text in options]
    label_it: dict[str, Any] = {"aria-label": label}
    chosen = rx.el.select(*drawn, name=name, value=value, on_change=state.narrow(name), custom_attrs=label_it)
    return rx.el.div(chosen, class_name="field")


def _turn(text: str, href: Any) -> rx.Component:
    return rx.cond(href != "", rx.el.a(text, href=href, class_name="button button--small"), rx.el.span())


def _table(state: Any) -> rx.Component:
    names = [rx.el.th(name, scope="col", role="columnheader") for name in COLUMNS]
    actions = rx.el.th(rx.el.span("Actions", class_name="visually-hidden"), scope="col", role="columnheader")
    # The roles stay when a phone's style lays the rows out as cards.
    return rx.el.table(
        rx.el.thead(rx.el.tr(*names, actions, role="row"), role="rowgroup"),
        rx.el.tbody(rx.foreach(state.rows, lambda row: _draw_row(row, state)), role="rowgroup"),
        class_name="links-table",
        role="table",
    )


def _draw_row(row: rx.vars.ObjectVar[Row], state: Any) -> rx.Component:
    return rx.fragment(
        rx.el.tr(
            _cell("Status", status_badge(row.status)),
            _cell("For", row.recipient),
            _cell("Event type", row.event_name),
            _cell("Made", row.made),
            _cell("Expires", row.expires),
            _cell("Opened", row.opened),
            _cell("Booked", rx.cond(row.is_asked_for, rx.fragment(row.booked, " ", _asked_again()), row.booked)),
            rx.el.td(
                rx.el.div(
                    rx.cond(
                        row.is_active,
                        rx.fragment(
                            copy_link_button(
                                "Copy again", row.copy_path, class_name="button button--quiet button--small"
                            ),
                            rx.el.button(
                                "Revoke",
                                type="button",
                                on_click=state.revoke(row.id),
                                class_name="button button--danger button--small",
                                custom_attrs={"aria-label": row.revoke_label},
                            ),
                        ),
                        rx.fragment(),
                    ),
                    rx.el.button(
                        "Details",
                        type="button",
                        on_click=state.toggle(row.id),
                        class_name="button button--quiet button--small",
                        custom_attrs={
                            "aria-label": row.details_label,
                            "aria-expanded": rx.cond(row.is_open, "true", "false"),
                        },
                    ),
                    class_name="links-table__actions",
                ),
                role="cell",
            ),
            role="row",
        ),
        rx.cond(
            row.is_open,
            rx.el.tr(
                rx.el.td(
                    rx.cond(state.details.id == row.id, _details(state.details, state), rx.fragment()),
                    col_span=len(COLUMNS) + 1,
                    role="cell",
                ),
                role="row",
                class_name="links-table__open",
            ),
            rx.fragment(),
        ),
        key=row.id,
    )


def _asked_again() -> rx.Component:
    return rx.el.span("Asked for again", class_name="board__asked")


def _cell(label: str, content: rx.Component | rx.Var | str) -> rx.Component:
    return rx.el.td(content, role="cell", custom_attrs={"data-label": label})


def _details(details: Any, state: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.cond(
                details.email,
                rx.el.p(
                    rx.el.elements.a(details.email, href=details.mail_to),
                    rx.cond(details.only_recipient, " · only this address may book", ""),
                ),
                rx.fragment(),
            ),
            rx.el.p(details.opened, class_name="soft"),
            _form(details, state),
            rx.el.div(
                rx.cond(
                    details.can_undo,
                    rx.el.button("Undo revoke", type="button", on_click=state.undo(details.id), class_name="button"),
                    rx.fragment(),
                ),
                copy_link_button(details.reissue_label, details.reissue_path, class_name="button"),
                rx.el.p(details.reissue_words, class_name="small soft"),
                class_name="link-details__actions",
            ),
            class_name="link-details__main",
        ),
        rx.el.div(
            rx.el.h2("What happened"),
            rx.el.ol(
                rx.foreach(details.log, lambda line: rx.el.li(rx.el.span(line[0], class_name="soft"), " ", line[1])),
                class_name="log small",
            ),
        ),
        rx.cond(
            details.qr,
            rx.el.div(
                rx.el.img(src=details.qr, alt=details.qr_label, width="164", height="164", class_name="qr"),
                rx.el.elements.a("Open to print", href=details.qr, target="_blank", class_name="small"),
                class_name="link-details__qr",
            ),
            rx.fragment(),
        ),
        class_name="link-details",
        key=details.id,
    )


def _form(details: Any, state: Any) -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="link_id", value=details.id, read_only=True),
        text_field("Note", "note", hint="Only you read it.", default_value=details.note, error=state.wrong["note"]),
        rx.el.div(
            text_field(
                "Last day",
                "expires_on",
                type="date",
                default_value=details.last_day,
                error=state.wrong["expires_on"],
                key=details.last_day,
            ),
            rx.cond(
                details.can_last_longer,
                rx.el.button("A week longer", type="button", on_click=state.extend(details.id), class_name="button"),
                rx.fragment(),
            ),
            class_name="link-details__expiry",
        ),
        rx.el.button("Save", type="submit", class_name="button"),
        on_submit=state.save,
        no_validate=True,
        class_name="form",
    )
