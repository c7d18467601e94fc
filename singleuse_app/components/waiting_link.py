"""What can be done with a link that waits, wherever it is listed."""

from typing import Any

import reflex as rx

from singleuse_app.components.copy_link import COPIED, copy_link_button
from singleuse_app.components.words import t


def waiting_link_actions(link: Any, on_revoke: Any) -> rx.Component:
    """Copy it again, or take it back. ``link`` has ``id``, ``books_once``, ``copy_path`` and ``revoke_label``."""
    return rx.fragment(
        copy_link_button(
            t("Copy again"),
            link.copy_path,
            books_once=link.books_once,
            copied_label=t(COPIED),  # no wider than before: in a table of links no row moves
            class_name="button button--quiet button--small",
        ),
        rx.el.button(
            t("Revoke"),
            type="button",
            on_click=on_revoke(link.id),
            class_name="button button--danger button--small",
            custom_attrs={"aria-label": link.revoke_label},
        ),
    )
