"""/event-type: one event type to be changed, ``?id=`` says which; without it a new one."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial
from secrets import token_hex
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, session
from singleuse_app.components.empty import skeleton
from singleuse_app.components.event_type_form import event_type_fields
from singleuse_app.components.event_type_values import QuestionRow, Values, rows_of, values_of, with_errors
from singleuse_app.components.fields import submit_button
from singleuse_app.components.frame import announcer, host_frame
from singleuse_app.components.invitee import Offer, offer_view
from singleuse_app.components.words import t
from singleuse_app.formats import any_of_words, offered_words, span_words
from singleuse_app.markdown import html_of
from singleuse_app.messages import words
from singleuse_app.operations import event_type_edits, schedules
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.scheduling.errors import InvalidInput, NotFound, Refusal
from singleuse_app.scheduling.event_types import Edit, parse_edit
from singleuse_app.scheduling.locations import HOST_SAYS, Location, LocationKind
from singleuse_app.scheduling.questions import MAX_QUESTIONS
from singleuse_app.scheduling.spans import parse_minutes
from singleuse_app.wording import say

ROUTE = "/event-type"
HOME = "/"
IN_PREVIEW = ("name", "description", "duration_minutes", "other_durations", "location_kind", *HOST_SAYS.values())


class EventTypeState(session.HostPage, rx.State):
    """The form, and beside it the ticket that invitees see."""

    values: rx.Field[Values] = rx.field(default_factory=Values)
    errors: dict[str, str] = {}
    schedules: list[tuple[str, str]] = []
    questions: list[QuestionRow] = []
    preview: rx.Field[Offer] = rx.field(default_factory=Offer)
    heading: str = ""
    form_error: str = ""
    announcement: str = ""
    refused: int = 0
    opened: int = 0
    is_sending: bool = False

    _id: str = ""
    _draft: dict[str, str] = {}

    @rx.event
    async def open(self) -> EventSpec | None:
        """Show the event type that the address names, or the form of a new one."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        self._id = str(self.router.url.query_parameters.get("id", ""))
        edit, schedule_id = replace(event_type_edits.NEW, name=""), ""
        if self._id:
            look = partial(event_type_edits.open_event_type, host_id=host.id, event_type_id=self._id)
            try:
                found = await rx.run_in_thread(look)
            except NotFound:
                return rx.redirect(HOME)
            edit, schedule_id = found.values, found.schedule_id
        self.heading = edit.name or say("New event type")
        self.schedules = [
            (card.id, card.name) for card in await rx.run_in_thread(partial(schedules.list_schedules, host_id=host.id))
        ]
        self._show(host, edit, schedule_id or self.schedules[0][0])
        return None

    @rx.event
    async def draft(self, name: Any = None, text: Any = None) -> EventSpec | None:
        """Show in the preview what is being typed."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        if isinstance(name, str) and name in self._draft and isinstance(text, str):
            self._draft[name] = text[:5000]
            self._draw(host)
        return None

    @rx.event
    async def add_question(self) -> EventSpec | None:
        """One more question, at the end."""
        if await session.host_of(self) is None:
            return await session.elsewhere(self)
        if len(self.questions) >= MAX_QUESTIONS:
            self.announcement = words("too_many_questions")
            return None
        self.questions = [*self.questions, QuestionRow(token_hex(6), is_new=True)]
        return None

    @rx.event
    async def remove_question(self, question_id: Any = None) -> EventSpec | None:
        """Take a question away. Answers that were given stay with their bookings."""
        if await session.host_of(self) is None:
            return await session.elsewhere(self)
        self.questions = [row for row in self.questions if row.id != question_id]
        self.announcement = say("The question was removed.")
        return None

    @rx.event
    async def move_question(self, question_id: Any = None, places: Any = None) -> EventSpec | None:
        """Move a question up or down."""
        if await session.host_of(self) is None:
            return await session.elsewhere(self)
        rows = list(self.questions)
        at = next((at for at, row in enumerate(rows) if row.id == question_id), None)
        if at is not None and places in (-1, 1):
            to = min(max(at + places, 0), len(rows) - 1)
            rows.insert(to, rows.pop(at))
            self.questions = rows
            self.announcement = say("Question {number} of {all}.", number=to + 1, all=len(rows))
        return None

    @rx.event
    async def save(self, form: Any = None) -> AsyncGenerator[EventSpec | None]:
        """Keep what was typed, all of it or nothing."""
        if (host := await session.host_of(self)) is None:
            yield await session.elsewhere(self)
            return
        form = form if isinstance(form, dict) else {}
        self.form_error, self.is_sending = "", True
        yield None
        try:
            edit = parse_edit(form, [row.id for row in self.questions])
            own: dict[str, Any] = {"host_id": host.id, "schedule_id": form.get("schedule_id"), "now": clock.now()}
            if self._id:
                change = partial(event_type_edits.edit_event_type, event_type_id=self._id, edit=edit, **own)
                await rx.run_in_thread(change)
            else:  # a second press changes what the first one made
                self._id = await rx.run_in_thread(partial(event_type_edits.create_event_type, edit=edit, **own))
            yield rx.redirect(HOME)
        except InvalidInput as refusal:
            self._refuse(refusal)
        except Refusal as refusal:
            self.form_error = words(refusal)
        finally:
            self.is_sending = False

    def _show(self, host: SignedInHost, edit: Edit, schedule_id: str) -> None:
        self.opened += 1  # a form of its own: what another event type's fields held stays behind
        self.values = values_of(edit, schedule_id)
        self.questions = rows_of(edit)
        self.errors = dict.fromkeys(Values.__dataclass_fields__, "")
        self._draft = {name: getattr(self.values, name) for name in IN_PREVIEW}
        self.host_name = host.name
        self._draw(host)
        self.ready = True

    def _draw(self, host: SignedInHost) -> None:
        draft = self._draft
        others = [parse_minutes(part) or 0 for part in draft["other_durations"].split(",")]
        durations = {parse_minutes(draft["duration_minutes"]) or 0, *others} - {0}
        kind = draft["location_kind"]
        kind = LocationKind(kind) if kind in list(LocationKind) else LocationKind.TEXT
        place = Location(kind, draft.get(HOST_SAYS.get(kind, ""), "").strip())
        self.preview = Offer(
            event_name=draft["name"].strip() or say("Name"),
            host_name=host.name,
            duration=any_of_words([span_words(minutes) for minutes in sorted(durations)]),
            location=offered_words(place, host.name),
            description=html_of(draft["description"]),
            note=say("This link books once"),
        )

    def _refuse(self, refusal: InvalidInput) -> None:
        fields = refusal.fields
        self.errors = {name: words(fields[name]) if name in fields else "" for name in self.errors}
        self.questions = [with_errors(row, fields) for row in self.questions]
        self.form_error = "" if fields else words(refusal)
        self.announcement = words("invalid_input")
        self.refused += 1


HEADING = rx.cond(EventTypeState.heading, EventTypeState.heading, t("Event type"))
TITLE = f"{HEADING} · Singleuse"


def page() -> rx.Component:
    """The form, and the preview beside it."""
    state = EventTypeState
    return host_frame(
        announcer(state.announcement),
        rx.cond(state.ready, rx.el.div(_form(), _preview(), class_name="editor"), skeleton(6)),
        title=HEADING,
        current=HOME,
        host_name=state.host_name,
    )


def _form() -> rx.Component:
    state = EventTypeState
    return rx.el.form(
        rx.el.p(state.form_error, class_name="form-error", role="alert"),
        *event_type_fields(state),
        rx.el.div(
            submit_button(t("Save"), is_busy=state.is_sending),
            rx.el.a(t("Back"), href=HOME, class_name="button button--quiet"),
            class_name="form__actions form__end",
        ),
        on_submit=state.save,
        no_validate=True,
        class_name="form form--kept",
        key=f"form-{state.opened}",
        custom_attrs={"data-refused": state.refused},
    )


def _preview() -> rx.Component:
    return rx.el.aside(
        rx.el.p(t("Invitees see"), class_name="small soft"),
        rx.el.div(offer_view(EventTypeState.preview, title=rx.el.p), custom_attrs={"inert": ""}),
        class_name="editor__preview",
        custom_attrs={"aria-label": t("Preview")},
    )
