"""/sign-in: e-mail and password, sent by fetch, so that nothing typed is lost."""

import reflex as rx

from singleuse_app import session
from singleuse_app.components.fetch_form import fetch_form
from singleuse_app.components.fields import text_field
from singleuse_app.components.frame import plain_frame
from singleuse_app.components.words import t
from singleuse_app.operations import hosts

ROUTE = "/sign-in"
TITLE = t("Sign in · Singleuse")


class SignInState(rx.State):
    """Nothing to hold: the form is the browser's own."""

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Lead whoever is signed in, or finds an app without a host, to where they belong."""
        if await session.host_of(self):
            return rx.redirect("/")
        return None if await rx.run_in_thread(hosts.is_set_up) else rx.redirect(session.SET_UP)


def page() -> rx.Component:
    """The card with the form."""
    return plain_frame(
        rx.el.h1(t("Sign in")),
        fetch_form(
            text_field(t("E-mail"), "email", type="email", autocomplete="username", required=True),
            text_field(t("Password"), "password", type="password", autocomplete="current-password", required=True),
            rx.el.button(t("Sign in"), type="submit", class_name="button button--primary"),
            rx.el.p(rx.el.a(t("Forgot your password?"), href="/forgot-password"), class_name="small"),
            action="/api/sign-in",
        ),
    )
