"""A dialog over the page."""

from typing import Any

import reflex as rx

from singleuse_app.components.words import t


class DialogButton(rx.Component):
    """The React component in `dialog.jsx`: only a script can open a `<dialog>` over everything else."""

    library = rx.asset("dialog.jsx", shared=True).importable_path
    tag = "DialogButton"

    label: rx.Var[str]
    title: rx.Var[str]
    close_label: rx.Var[str]


def dialog_button(
    label: rx.Var[str] | str, *content: rx.Component, title: rx.Var[str] | str, class_name: str = "button", **props: Any
) -> rx.Component:
    """A button, and the dialog that it opens: titled, closed by Escape or its own button, the focus given back.

    dialog_button("Copy with options…", form, title="A link for one person")
    """
    return DialogButton.create(
        *content, label=label, title=title, close_label=t("Close"), class_name=class_name, **props
    )
