"""/reset-password/<token>: a host who has forgotten their password chooses another, once."""

from functools import partial

import reflex as rx

from singleuse_app import clock, session
from singleuse_app.components.empty import skeleton
from singleuse_app.components.fetch_form import fetch_form
from singleuse_app.components.fields import text_field
from singleuse_app.components.frame import plain_frame
from singleuse_app.components.words import around, t
from singleuse_app.messages import WORDS
from singleuse_app.operations import password_resets
from singleuse_app.scheduling.errors import ResetGone

ROUTE = "/reset-password/[token]"
TITLE = t("New password · Singleuse")


class ResetPasswordState(rx.State):
    """Whose password it is, while the address works."""

    view: str = "loading"
    email: str = ""
    secret: str = ""

    @rx.event
    async def open(self) -> None:
        """Show the form while it can be sent. Looking spends nothing: mail scanners look, too."""
        await session.spend(self, "look_ups")
        token = getattr(self, "token", None)
        self.reset()
        try:
            look = partial(password_resets.look_at_reset, token=token, now=clock.now())
            self.email = await rx.run_in_thread(look)
            self.secret, self.view = str(token), "open"
        except ResetGone:
            self.view = "gone"


def page() -> rx.Component:
    """The card with the form, or with what to do instead."""
    said = t(WORDS["reset_gone"]).split(". ")
    return plain_frame(
        rx.fragment(
            rx.match(
                ResetPasswordState.view,
                ("open", _form()),
                (
                    "gone",
                    rx.fragment(
                        rx.el.h1(f"{said[0]}."),
                        rx.el.p(said[1], class_name="soft"),
                        rx.el.p(rx.el.a(t("Ask for a new one"), href="/forgot-password", class_name="button")),
                    ),
                ),
                rx.fragment(rx.el.h1(t("New password")), skeleton(3)),
            )
        )
    )


def _form() -> rx.Component:
    state = ResetPasswordState
    return rx.fragment(
        rx.el.h1(t("New password")),
        rx.el.p(
            around("For {email}. All other devices are signed out.", email=rx.el.strong(state.email)), class_name="soft"
        ),
        fetch_form(
            rx.el.input(type="hidden", name="token", value=state.secret, read_only=True),
            rx.el.input(type="hidden", name="username", value=state.email, auto_complete="username", read_only=True),
            text_field(
                t("New password"),
                "password",
                type="password",
                autocomplete="new-password",
                required=True,
                hint=t("At least 10 characters."),
            ),
            rx.el.button(t("Save and sign in"), type="submit", class_name="button button--primary"),
            action="/api/reset-password",
        ),
    )
