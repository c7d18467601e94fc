"""Above the board of links: chips, search, a list that was made at once, and the way back from a revoke."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from singleuse_app.components.finder import finder, narrowing_select
from singleuse_app.components.paging import chips_view
from singleuse_app.components.words import t
from singleuse_app.wording import noted

ORDERS = (
    ("newest", noted("Newest first")),
    ("oldest", noted("Oldest first")),
    ("expiry", noted("Expiring soonest")),
    ("name", noted("By name")),
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
        chips_view(state.chips, t("Links by status")),
        finder(
            t("Search links"),
            t("Search names, addresses, notes"),
            narrowing_select(t("Event type"), "type", state.event_type, state.event_types),
            rx.cond(
                state.batches.length() > 1,
                narrowing_select(t("List"), "batch", state.batch.id, state.batches),
                rx.fragment(),
            ),
            narrowing_select(t("Order"), "sort", state.order, [(order, t(words)) for order, words in ORDERS]),
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
                rx.el.a(t("Send by mail"), href=batch.send_href, class_name="button button--small"),
                rx.el.elements.a(t("Download the table"), href=batch.table, class_name="button button--small"),
                rx.el.elements.a(
                    t("Print QR codes"), href=batch.sheet, target="_blank", class_name="button button--small"
                ),
                rx.el.button(
                    t("Revoke all that are open"),
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
                    t("Undo"),
                    type="button",
                    on_click=state.undo(key),
                    auto_focus=True,
                    class_name="button button--small",
                    custom_attrs={"aria-label": t("Undo: let it book again")},
                ),
                class_name="notice",
                key=key,
            ),
            rx.fragment(),
        ),
        role="status",
    )
