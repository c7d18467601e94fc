"""/sign-in/code: the second step of signing in, for a host who does so with two factors, sent by fetch."""

from functools import partial

import reflex as rx

from singleuse_app import clock, session
from singleuse_app.components.fetch_form import api_button, fetch_form
from singleuse_app.components.fields import text_field
from singleuse_app.components.frame import plain_frame
from singleuse_app.components.words import t
from singleuse_app.operations import second_step
from singleuse_app.scheduling.errors import SecondStepGone

ROUTE = "/sign-in/code"
TITLE = t("Code · Singleuse")


class SignInCodeState(rx.State):
    """Nothing to hold: the form is the browser's own, and who may send it is in its cookie."""

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Lead whoever is signed in, or has no code to give, to where they belong."""
        if await session.host_of(self):
            return rx.redirect("/")
        secret = session.step_in(self.router.headers.cookie)
        try:
            await rx.run_in_thread(partial(second_step.look_at_step, secret=secret, now=clock.now()))
        except SecondStepGone:
            return rx.redirect(session.SIGN_IN)
        return None


def page() -> rx.Component:
    """The card with the form."""
    return plain_frame(
        rx.el.h1(t("Your code")),
        rx.el.p(t("The password is right. Now type the code that your authenticator app shows."), class_name="soft"),
        fetch_form(
            text_field(
                t("Code"),
                "code",
                autocomplete="one-time-code",
                required=True,
                hint=t("Six digits. The app shows others every half minute."),
                input_mode="numeric",
                auto_focus=True,
            ),
            rx.el.details(
                rx.el.summary(t("Use a recovery code")),
                text_field(
                    t("Recovery code"),
                    "recovery_code",
                    required=True,
                    hint=t("One of those that you kept. Each works once."),
                    spell_check=False,
                    auto_capitalize="none",
                ),
                class_name="guests",
            ),
            rx.el.button(t("Sign in"), type="submit", class_name="button button--primary"),
            action="/api/sign-in/code",
        ),
        api_button(t("Begin again"), "/api/sign-out", class_name="button button--small"),
    )
