"""Answering: what an invitee types, read and judged. A mixin of the booking page's State.

What was typed lives in the browser. Here is what the form starts with, and what is to be said about it.
"""

from collections.abc import Mapping
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app.components.booking_form import Form, form_of
from singleuse_app.messages import words
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.scheduling.addresses import meant
from singleuse_app.scheduling.bookings import Invitee, parse_invitee, parse_prefill
from singleuse_app.scheduling.errors import InvalidInput, Refusal
from singleuse_app.scheduling.questions import Kind, Question


class Answering(rx.State, mixin=True):
    """A form. ``refused`` counts the times that it was sent with something wrong: then the first wrong field is
    focused. ``suggestion`` is the address that was probably meant."""

    form: rx.Field[Form] = rx.field(default_factory=Form)
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    refused: int = 0
    suggestion: str = ""

    _questions: tuple[Question, ...] = ()
    _asks: str = ""
    _asks_email: bool = True
    _sure_of: str = ""

    @rx.event
    async def use_suggestion(self) -> list[EventSpec]:
        """Put the address that was meant into its field. Nothing is booked by that."""
        meant_address, self.suggestion = self.suggestion, ""
        if not meant_address:
            return []
        self._sure_of = meant_address
        return [rx.set_value("email", meant_address), rx.set_focus("confirm")]

    @rx.event
    async def keep_address(self) -> EventSpec | None:
        """The address is right as it is. Nothing is booked by that."""
        asked, self.suggestion = self.suggestion, ""
        return rx.set_focus("confirm") if asked else None

    def _ask(self, found: OpenLink, query: Mapping[str, object]) -> None:
        """Draw the form of an offer, with what the link brings and, over that, what its address does."""
        self._questions = found.questions
        prefill = {**found.prefill, **parse_prefill(query)}
        self._asks_email = found.proof is None
        self._asks = found.terms.place.asks
        self.form = form_of(found.questions, guests_allowed=found.guests_allowed, asks=self._asks, prefill=prefill)

    def _invitee_of(self, form: Mapping[str, Any], zone: str) -> Invitee | None:
        """Who filled in the form; ``None`` where something is to be said first, which it is then."""
        self.errors, self.suggestion = {}, ""
        try:
            invitee = parse_invitee(
                form.get("name"),
                form.get("email"),
                zone,
                asks_email=self._asks_email,
                asks=self._asks,
                place=form.get(self._asks),
                guests=form.get("guests"),
                questions=self._questions,
                given=self._answers_in(form),
            )
        except InvalidInput as refusal:
            self._refuse(refusal)
            return None
        suggestion = meant(invitee.email)
        if suggestion and invitee.email != self._sure_of:
            self._sure_of, self.suggestion = invitee.email, suggestion
            return None
        return invitee

    def _refuse(self, refusal: InvalidInput) -> None:
        """Say at each field what is wrong with it."""
        self.errors = {field: words(Refusal(code, **refusal.params)) for field, code in refusal.fields.items()}
        self.refused += 1

    def _answers_in(self, form: Mapping[str, Any]) -> dict[str, object]:
        """A question with several choices has an input for each."""
        given: dict[str, object] = {}
        for number, question in enumerate(self._questions, 1):
            name = f"a{number}"
            boxes = [form[box] for at in range(len(question.options)) if (box := f"{name}-{at}") in form]
            given[name] = boxes if question.kind is Kind.CHOICE_MANY else form.get(name)
        return given
