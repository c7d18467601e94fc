"""One click makes a link and puts it on the clipboard, or says plainly that it did not."""

from typing import Any

import reflex as rx

from singleuse_app.components.words import t
from singleuse_app.wording import noted

COPIED = noted("Copied")
COPIED_LABEL = noted("Copied · works once")
COPIED_MESSAGE = noted("Copied. This link works once.")
FAILURE_MESSAGE = noted("The link could not be made, and nothing was copied. Check the connection and try again.")
FIELD_LABEL = noted("Copy this link from here. It works once.")
COPIED_REUSABLE_MESSAGE = noted("Copied. This link may book more than once.")
FIELD_REUSABLE_LABEL = noted("Copy this link from here. It may book more than once.")


class CopyLinkButton(rx.Component):
    """The React component in `copy_link.jsx`.

    It is ours because no event of Reflex's can do this: a browser lets a page write to the clipboard only while a click
    is being handled, and a handler's answer comes later. The promise of the link is handed to the browser instead.
    """

    library = rx.asset("copy_link.jsx", shared=True).importable_path
    tag = "CopyLinkButton"

    label: rx.Var[str]
    path: rx.Var[str]
    copied_label: rx.Var[str]
    copied_message: rx.Var[str]
    failure_message: rx.Var[str]
    field_label: rx.Var[str]
    message: rx.Var[str]
    with_options: rx.Var[bool]
    type: rx.Var[str]

    # The link exists, whether the clipboard took it or not.
    on_done: rx.EventHandler[rx.event.no_args_event_spec]  # ty: ignore[invalid-type-form]: Reflex reads the spec


def copy_link_button(
    label: rx.Var[str] | str,
    path: rx.Var[str] | str,
    *,
    copied_label: rx.Var[str] | None = None,
    copied_message: rx.Var[str] | None = None,
    failure_message: rx.Var[str] | None = None,
    field_label: rx.Var[str] | None = None,
    message: rx.Var[str] | str = "",
    with_options: bool = False,
    books_once: rx.Var[bool] | bool = True,
    type: str = "button",
    class_name: rx.Var[str] | str = "",
    **props: Any,
) -> rx.Component:
    """A button that POSTs to `path` on the backend and copies the link it answers with.

    The backend answers 2xx `{"url": …}`, or anything else with `{"message": …}`, words for a person. Nothing reaches
    the clipboard unless the link exists; if the clipboard refuses, the link stands in a field, selected. One click is
    one request. With a `message` that is what is copied, with the link for its `{url}`.
    Only of a link that `books_once` it is said that it works once.
    `with_options` sends the fields of the form around the button along, and shows what is wrong at them. `class_name`
    and `props` go to the `<button>`, which stands in a `div.copy-link` with its outcome.

        copy_link_button("Copy single-use link", f"/api/event-types/{row['id']}/single-use-links", class_name="primary")
    """
    done = rx.cond(books_once, t(COPIED_MESSAGE), t(COPIED_REUSABLE_MESSAGE))
    by_hand = rx.cond(books_once, t(FIELD_LABEL), t(FIELD_REUSABLE_LABEL))
    return CopyLinkButton.create(
        label=label,
        path=path,
        copied_label=rx.cond(books_once, t(COPIED_LABEL), t(COPIED)) if copied_label is None else copied_label,
        copied_message=done if copied_message is None else copied_message,
        failure_message=t(FAILURE_MESSAGE) if failure_message is None else failure_message,
        field_label=by_hand if field_label is None else field_label,
        message=message,
        with_options=with_options,
        type=type,
        class_name=class_name,
        **props,
    )
