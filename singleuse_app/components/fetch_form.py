"""Forms and buttons that talk to the HTTP API: where a cookie must be set, a websocket cannot."""

from typing import Any

import reflex as rx

from singleuse_app.components.words import t
from singleuse_app.wording import noted

FAILURE_MESSAGE = noted("The server did not answer. Nothing was lost: try again.")


class FetchForm(rx.Component):
    """The React component in `fetch_form.jsx`."""

    library = rx.asset("fetch_form.jsx", shared=True).importable_path
    tag = "FetchForm"

    action: rx.Var[str]
    failure_message: rx.Var[str]


class ApiButton(rx.Component):
    """The React component in `api_button.jsx`, which borrows from `fetch_form.jsx`."""

    library = rx.asset("api_button.jsx", shared=True).importable_path
    tag = "ApiButton"

    label: rx.Var[str]
    action: rx.Var[str]
    failure_message: rx.Var[str]


def fetch_form(
    *children: rx.Component,
    action: rx.Var[str] | str,
    failure_message: rx.Var[str] | None = None,
    class_name: rx.Var[str] | str = "form",
    **props: Any,
) -> rx.Component:
    """A form that POSTs its fields as a JSON object of strings to `action` on the backend, once at a time.

    The backend answers 2xx `{"next": "/…"}`, and the browser goes there with a full page load, or 4xx
    `{"errors": {"email": "Enter …"}, "message": "…"}`. An error appears in the empty element `<name>-error`; `message`,
    and each error without such an element, at the top. The first field in error gets the focus; what was typed stays.

        fetch_form(
            rx.el.label("Email", html_for="email"),
            rx.el.input(id="email", name="email", type="email", auto_complete="username"),
            rx.el.p(id="email-error", class_name="field-error"),
            rx.el.input(type="hidden", name="time_zone", data_browser="time-zone"),
            rx.el.button("Sign in", type="submit", class_name="primary"),
            action="/api/sign-in",
        )

    Fields must be uncontrolled (`default_value`, never `value`). An input or select with `data_browser="time-zone"` is
    filled with the browser's time zone; a select only if it offers that zone. Of several fields of one name the last
    counts.
    """
    return FetchForm.create(
        *children,
        action=action,
        failure_message=t(FAILURE_MESSAGE) if failure_message is None else failure_message,
        class_name=class_name,
        **props,
    )


def api_button(
    label: rx.Var[str] | str,
    action: rx.Var[str] | str,
    failure_message: rx.Var[str] | None = None,
    **props: Any,
) -> rx.Component:
    """A button that POSTs to `action` on the backend and goes where the answer's `next` says.

    A refusal's `message` appears behind it. Not for what a page's own handlers can do: only where a cookie changes.

        api_button("Sign out", "/api/sign-out", class_name="quiet")
    """
    return ApiButton.create(
        label=label,
        action=action,
        failure_message=t(FAILURE_MESSAGE) if failure_message is None else failure_message,
        **props,
    )
