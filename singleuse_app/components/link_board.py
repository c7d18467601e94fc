"""The board of links: its rows, and the ways to more of them."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from singleuse_app.components.empty import empty_state
from singleuse_app.components.link_details import details_view
from singleuse_app.components.paging import pages_view
from singleuse_app.components.status import status_badge
from singleuse_app.components.waiting_link import waiting_link_actions
from singleuse_app.components.words import t
from singleuse_app.wording import noted

COLUMNS = (
    noted("Status"),
    noted("For"),
    noted("Event type"),
    noted("Made"),
    noted("Expires"),
    noted("Opened"),
    noted("Booked"),
)


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
    books_once: bool
    copy_path: str
    revoke_label: str
    details_label: str


def board_view(state: Any) -> rx.Component:
    """The rows of a page, and the ways to its neighbours."""
    return rx.cond(
        state.rows,
        rx.fragment(
            _table(state),
            pages_view(state),
        ),
        rx.cond(
            state.leaves_out,
            empty_state(
                t("No such link"),
                t("Nothing fits what is chosen above."),
                rx.el.a(t("Show all"), href="/links", class_name="button"),
            ),
            empty_state(
                t("No links yet"),
                t("A single-use link books once. Make the first one on Event types."),
                rx.el.a(t("Go to event types"), href="/", class_name="button"),
            ),
        ),
    )


def _table(state: Any) -> rx.Component:
    names = [rx.el.th(t(name), scope="col", role="columnheader") for name in COLUMNS]
    actions = rx.el.th(rx.el.span(t("Actions"), class_name="visually-hidden"), scope="col", role="columnheader")
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
            _cell(t("Status"), status_badge(row.status)),
            _cell(t("For"), row.recipient),
            _cell(t("Event type"), row.event_name),
            _cell(t("Made"), row.made),
            _cell(t("Expires"), row.expires),
            _cell(t("Opened"), row.opened),
            _cell(t("Booked"), rx.cond(row.is_asked_for, rx.fragment(row.booked, " ", _asked_again()), row.booked)),
            rx.el.td(
                rx.el.div(
                    rx.cond(
                        row.is_active,
                        waiting_link_actions(row, state.revoke),
                        rx.fragment(),
                    ),
                    rx.el.button(
                        t("Details"),
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
                    rx.cond(state.details.id == row.id, details_view(state.details, state), rx.fragment()),
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
    return rx.el.span(t("Asked for again"), class_name="board__asked")


def _cell(label: rx.Var, content: rx.Component | rx.Var | str) -> rx.Component:
    return rx.el.td(content, role="cell", custom_attrs={"data-label": label})
