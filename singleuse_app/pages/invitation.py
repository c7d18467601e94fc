"""/invitation/<token>: who was invited becomes a host, once."""

from functools import partial

import reflex as rx

from singleuse_app import clock, session
from singleuse_app.components.account_form import account_fields
from singleuse_app.components.empty import skeleton
from singleuse_app.components.fetch_form import fetch_form
from singleuse_app.components.frame import plain_frame
from singleuse_app.components.words import t
from singleuse_app.messages import WORDS
from singleuse_app.operations import host_invitations
from singleuse_app.scheduling.errors import InvitationGone

ROUTE = "/invitation/[token]"
TITLE = t("Invitation · Singleuse")


class InvitationState(rx.State):
    """Who invites; or that nobody does, any more."""

    view: str = "loading"
    inviting: str = ""
    invitation: str = ""

    @rx.event
    async def open(self) -> None:
        """Show the form while the invitation can be accepted."""
        await session.spend(self, "look_ups")
        token = getattr(self, "token", None)
        self.reset()
        try:
            look = partial(host_invitations.look_at_invitation, token=token, now=clock.now())
            self.inviting = await rx.run_in_thread(look)
            self.invitation, self.view = str(token), "open"
        except InvitationGone:
            self.view = "gone"


def page() -> rx.Component:
    """The card with the form, or with what to do instead."""
    state = InvitationState
    said = t(WORDS["invitation_gone"]).split(". ")
    return plain_frame(
        rx.fragment(
            rx.match(
                state.view,
                ("open", _form()),
                ("gone", rx.fragment(rx.el.h1(f"{said[0]}."), rx.el.p(said[1], class_name="soft"))),
                rx.fragment(rx.el.h1(t("Your invitation")), skeleton(5)),
            )
        )
    )


def _form() -> rx.Component:
    state = InvitationState
    return rx.fragment(
        rx.el.h1(t("Become a host")),
        rx.el.p(t("{name} invites you. What you make here is yours alone.", name=state.inviting), class_name="soft"),
        fetch_form(
            rx.el.input(type="hidden", name="token", value=state.invitation, read_only=True),
            *account_fields(),
            action="/api/accept-invitation",
        ),
    )
