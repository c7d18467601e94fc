"""Above the board of links: chips, search, a list that was made at once, and the way back from a revoke."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from singleuse_app.components.finder import finder, narrowing_select
from singleuse_app.components.paging import chips_view

ORDERS = (
    ("newest", "Newest first"),
    ("oldest", "Oldest first"),
    ("expiry", "Expiring soonest"),
    ("name", "By name"),
)


@dataclass(frozen=True)
class Batch:
    """The list of links that the board is narrowed to."""

    id: str = ""
    name: str = ""
    table: str = ""
    sheet: str = ""
    send_href: str = ""


def filters_view(state: Any) -> rx.Component:
    """Chips with counts; below them the search, the event type and what stands first."""
    return rx.el.div(
        chips_view(state.chips, "Links by status"),
        finder(
            "Search links",
            "Search names, addresses, notes",
            narrowing_select("Event type", "type", state.event_type, state.event_types),
            rx.cond(
                state.batches.length() > 1,
                narrowing_select("List", "batch", state.batch.id, state.batches),
                rx.fragment(),
            ),
            narrowing_select("Order", "sort", state.order, ORDERS),
        ),
        class_name="board",
    )


def batch_view(state: Any) -> rx.Component:
    """What can be done with all links of a list at once, where the board shows one."""
    batch = state.batch
    return rx.cond(
        batch.id,
        rx.el.section(
            rx.el.h2(batch.name),
            rx.el.div(
                rx.el.a("Send by mail", href=batch.send_href, class_name="button button--small"),
                rx.el.elements.a("Download the table", href=batch.table, class_name="button button--small"),
                rx.el.elements.a(
                    "Print QR codes", href=batch.sheet, target="_blank", class_name="button button--small"
                ),
                rx.el.button(
                    "Revoke all that are open",
                    type="button",
                    on_click=state.revoke_batch,
                    class_name="button button--danger button--small",
                ),
                class_name="board__batch",
            ),
            class_name="notice",
        ),
        rx.fragment(),
    )


def undo_view(state: Any) -> rx.Component:
    """What has just been revoked, and the way back."""
    key, name = state.just_revoked[0], state.just_revoked[1]
    return rx.el.div(
        rx.cond(
            key != "",
            rx.el.div(
                rx.el.p(name),
                rx.el.button(
                    "Undo",
                    type="button",
                    on_click=state.undo(key),
                    auto_focus=True,
                    class_name="button button--small",
                    custom_attrs={"aria-label": "Undo: let it book again"},
                ),
                class_name="notice",
                key=key,
            ),
            rx.fragment(),
        ),
        role="status",
    )
