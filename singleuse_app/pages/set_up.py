"""/set-up: the first minute. It makes the first host, and is gone afterwards."""

import reflex as rx

from singleuse_app import session
from singleuse_app.components.account_form import account_fields
from singleuse_app.components.empty import skeleton
from singleuse_app.components.fetch_form import fetch_form
from singleuse_app.components.fields import text_field
from singleuse_app.components.frame import plain_frame
from singleuse_app.components.words import t
from singleuse_app.operations import hosts

ROUTE = "/set-up"
TITLE = t("Set up · Singleuse")


class SetUpState(rx.State):
    """Whether the form can be used, and whether the code on the terminal is asked for."""

    ready: bool = False
    code_needed: bool = False

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Show the form while there is no host; afterwards lead away."""
        if await rx.run_in_thread(hosts.is_set_up):
            return rx.redirect("/" if await session.host_of(self) else session.SIGN_IN)
        headers = dict(self.router_data.get("headers", {}))
        self.code_needed = not session.is_at_this_computer(headers.pop("asgi-scope-client", None), headers)
        self.ready = True
        return None


def page() -> rx.Component:
    """The card with the form."""
    return plain_frame(rx.cond(SetUpState.ready, _form(), rx.fragment(rx.el.h1(t("Set up Singleuse")), skeleton(5))))


def _form() -> rx.Component:
    return rx.fragment(
        rx.el.h1(t("Set up Singleuse")),
        rx.el.p(t("A minute from now you can copy your first single-use link."), class_name="soft"),
        fetch_form(
            rx.cond(
                SetUpState.code_needed,
                text_field(
                    t("Set-up code"),
                    "code",
                    required=True,
                    hint=t("The terminal in which Singleuse was started shows it."),
                ),
                rx.fragment(),
            ),
            *account_fields(),
            action="/api/set-up",
        ),
    )
