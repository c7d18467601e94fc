"""/sign-in: e-mail and password, sent by fetch, so that nothing typed is lost; or an account elsewhere."""

from datetime import timedelta

import reflex as rx

from singleuse_app import session, tokens
from singleuse_app.components.fetch_form import fetch_form
from singleuse_app.components.fields import text_field
from singleuse_app.components.frame import plain_frame
from singleuse_app.components.linked_accounts import ProviderLine, provider_buttons
from singleuse_app.components.words import t
from singleuse_app.messages import WORDS, words
from singleuse_app.operations import hosts
from singleuse_app.scheduling.errors import ProviderRefused, TooMany
from singleuse_app.settings import settings

ROUTE = "/sign-in"
TITLE = t("Sign in · Singleuse")


class SignInState(rx.State):
    """Who else can sign somebody in, and why one of them did not. The form is the browser's own."""

    providers: list[ProviderLine] = []
    refused: str = ""

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Lead whoever is signed in, or finds an app without a host, to where they belong."""
        if await session.host_of(self):
            return rx.redirect("/")
        if not await rx.run_in_thread(hosts.is_set_up):
            return rx.redirect(session.SET_UP)
        found = settings().providers
        self.providers = [ProviderLine(each.name, tokens.provider_url(each.key, "start")) for each in found]
        said = dict(self.router.url.query_parameters)
        self.refused = next((_refusal(said, each.name) for each in found if each.key == said.get("with")), "")
        return None


def page() -> rx.Component:
    """The card with the form."""
    state = SignInState
    return plain_frame(
        rx.el.h1(t("Sign in")),
        rx.el.div(
            rx.cond(state.refused, rx.el.p(state.refused, class_name="notice notice--warning"), rx.fragment()),
            role="alert",
        ),
        fetch_form(
            text_field(t("E-mail"), "email", type="email", autocomplete="username", required=True),
            text_field(t("Password"), "password", type="password", autocomplete="current-password", required=True),
            rx.el.button(t("Sign in"), type="submit", class_name="button button--primary"),
            rx.el.p(rx.el.a(t("Forgot your password?"), href="/forgot-password"), class_name="small"),
            action="/api/sign-in",
        ),
        provider_buttons(state.providers),
    )


def _refusal(said: dict[str, str], provider: str) -> str:
    """Why a provider did not sign somebody in: the words of a code, never words of the address."""
    code, minutes = said.get("refused", ""), said.get("minutes", "")
    if code == "too_many_sign_ins":
        wait = int(minutes) if minutes.isdecimal() and len(minutes) < 4 else 1
        return words(TooMany(code, again=timedelta(minutes=max(1, wait))))
    if code in ("try_again", "outcome_unknown"):
        return words(code)
    known = code.startswith("provider_") and code in WORDS
    return words(ProviderRefused(code if known else "provider_away", provider=provider)) if code else ""
