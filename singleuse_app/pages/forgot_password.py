"""/forgot-password: a host asks for the way to another password. Who is a host is nobody's business."""

import reflex as rx

from singleuse_app.components.fetch_form import fetch_form
from singleuse_app.components.fields import text_field
from singleuse_app.components.frame import plain_frame
from singleuse_app.components.words import t
from singleuse_app.settings import settings

ROUTE = "/forgot-password"
TITLE = t("Forgot your password? · Singleuse")


class ForgotPasswordState(rx.State):
    """Whether the form, what came of it, or what to do where no mail is sent."""

    view: str = "loading"

    @rx.event
    async def open(self) -> None:
        """Show the form, or that it was sent."""
        asked = "asked" if self.router.url.query_parameters.get("asked") else "form"
        self.view = asked if settings().smtp else "unmailed"


def page() -> rx.Component:
    """The card."""
    return plain_frame(
        rx.fragment(
            rx.match(
                ForgotPasswordState.view,
                ("form", _form()),
                ("asked", _asked()),
                ("unmailed", _no_mail()),
                rx.el.h1(t("Forgot your password?")),
            )
        ),
        rx.el.p(rx.el.a(t("Back to the sign-in"), href="/sign-in"), class_name="small"),
    )


def _form() -> rx.Component:
    return rx.fragment(
        rx.el.h1(t("Forgot your password?")),
        rx.el.p(t("You get a mail with the way to a new one."), class_name="soft"),
        fetch_form(
            text_field(t("E-mail"), "email", type="email", autocomplete="username", required=True),
            rx.el.button(t("Send the mail"), type="submit", class_name="button button--primary"),
            action="/api/forgot-password",
        ),
    )


def _asked() -> rx.Component:
    return rx.fragment(
        rx.el.h1(t("Look into your mail")),
        rx.el.p(
            t(
                "If you are a host here, the way to a new password is in it within a minute. It works once, for half "
                "an hour."
            )
        ),
        rx.el.p(
            t("Nothing there? Look into the spam folder, and try the address that you sign in with."), class_name="soft"
        ),
        rx.el.p(rx.el.elements.a(t("Try another address"), href=ROUTE, class_name="button")),
    )


def _no_mail() -> rx.Component:
    return rx.fragment(
        rx.el.h1(t("Forgot your password?")),
        rx.el.p(t("This Singleuse sends no mail. Whoever runs it can give you a new password, with the command")),
        rx.el.pre("singleuse hosts reset-password EMAIL", tab_index=0),
    )
