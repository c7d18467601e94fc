"""Asking for a new link on the page of a dead one."""

from functools import partial
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, session, visitor
from singleuse_app.components.fields import submit_button, text_field
from singleuse_app.components.words import t
from singleuse_app.messages import words
from singleuse_app.operations import link_requests
from singleuse_app.scheduling.errors import InvalidInput, Refusal

FIELDS = ("name", "email", "message")


class AskingState(rx.State):
    """``step`` is closed, open or asked."""

    step: str = "closed"
    name_error: str = ""
    email_error: str = ""
    message_error: str = ""
    form_error: str = ""
    is_sending: bool = False

    @rx.event
    async def begin(self) -> EventSpec:
        """Open the form."""
        self.step = "open"
        return rx.set_focus("ask-name")

    @rx.event
    async def ask(self, form: Any = None) -> Any:
        """Tell the host. Whoever holds the token of a dead link may ask."""
        form = form if isinstance(form, dict) else {}
        self.name_error = self.email_error = self.message_error = self.form_error = ""
        self.is_sending = True
        yield
        said = {field: form.get(f"ask-{field}") for field in FIELDS}
        try:
            await session.spend(self, "asks", link=self._token())
            await rx.run_in_thread(partial(link_requests.ask_for_link, token=self._token(), now=clock.now(), **said))
            self.step = "asked"
            await visitor.keep_asked(self, self._token())
            yield rx.set_focus("asked")
        except InvalidInput as refusal:
            told = {field: words(code) for field, code in refusal.fields.items()}
            self.name_error, self.email_error, self.message_error = (told.get(field, "") for field in FIELDS)
            yield rx.set_focus(f"ask-{next(iter(told))}")
        except Refusal as refusal:
            self.form_error = words(refusal)
        finally:
            self.is_sending = False

    def _token(self) -> object:
        return getattr(self, "token", None)


async def met_dead_link(state: rx.State, token: object) -> None:
    """A page shows a dead link: its visitor can ask for a new one, or has done so in this browser."""
    asking = await state.get_state(AskingState)
    asking.reset()
    asking.step = "asked" if await visitor.has_asked(state, token) else "closed"


def asking_view() -> rx.Component:
    """A button; the form; or word that it is on its way. For the page of a link that is dead."""
    state = AskingState
    button = rx.el.button(t("Ask for a new link"), type="button", on_click=state.begin, class_name="button")
    asked = rx.el.p(
        t("Whoever sent the link has been told. The answer comes to the e-mail address that you gave."),
        id="asked",
        tab_index=-1,
        role="status",
        class_name="notice asking",
    )
    drawn = rx.match(state.step, ("open", _form()), ("asked", asked), rx.el.div(button, class_name="asking"))
    return rx.fragment(drawn)


def _form() -> rx.Component:
    """What was typed into the booking form stands in it already: see ``data-like`` in ``assets/browser.js``."""
    state = AskingState
    return rx.el.form(
        rx.el.h2(t("Ask for a new link")),
        rx.el.p(state.form_error, class_name="form-error", role="alert"),
        text_field(
            t("Your name"),
            "ask-name",
            autocomplete="name",
            required=True,
            error=state.name_error,
            custom_attrs={"data-like": "#name"},
        ),
        text_field(
            t("E-mail"),
            "ask-email",
            type="email",
            autocomplete="email",
            required=True,
            error=state.email_error,
            custom_attrs={"data-like": "#email"},
        ),
        text_field(
            t("Message"),
            "ask-message",
            type="textarea",
            error=state.message_error,
            hint=t("It goes to whoever sent the link."),
        ),
        submit_button(t("Send"), is_busy=state.is_sending),
        on_submit=state.ask,
        no_validate=True,
        class_name="form asking",
    )
