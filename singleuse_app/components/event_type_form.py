"""The form of an event type: what is offered, when, what is asked, and what happens afterwards."""

from collections.abc import Callable
from functools import partial
from typing import Any

import reflex as rx

from singleuse_app.components.event_type_values import QuestionRow
from singleuse_app.components.fields import select_field, text_field
from singleuse_app.components.places import place_fields
from singleuse_app.components.words import t
from singleuse_app.scheduling.event_types import BookingWindow, Colour
from singleuse_app.scheduling.questions import CHOICES, Kind
from singleuse_app.wording import noted

KINDS = {
    Kind.TEXT: noted("Short text"),
    Kind.LONG_TEXT: noted("Long text"),
    Kind.CHOICE_ONE: noted("One of several"),
    Kind.CHOICE_MANY: noted("Several of several"),
    Kind.PHONE: noted("Phone number"),
    Kind.NUMBER: noted("Number"),
}

COLOURS = {
    Colour.STONE: noted("Stone"),
    Colour.SEA: noted("Sea"),
    Colour.MOSS: noted("Moss"),
    Colour.CLAY: noted("Clay"),
    Colour.PLUM: noted("Plum"),
    Colour.SUN: noted("Sun"),
}


def event_type_fields(state: Any) -> list[rx.Component]:
    """All fields. ``state`` has ``values``, ``errors`` by name, ``schedules``, ``questions``, and handlers for them."""

    def field(label: rx.Var, name: str, hint: rx.Var | str = "", *, shown: bool = False, **props: Any) -> rx.Component:
        if shown:  # in the preview
            props["on_change"] = lambda text: state.draft(name, text).debounce(200)
            props["on_blur"] = lambda text: state.draft(name, text)  # the next field's typing may overtake the above
        return text_field(
            label, name, hint=hint, error=state.errors[name], default_value=getattr(state.values, name), **props
        )

    return [
        _part(
            t("What is offered"),
            field(t("Name"), "name", required=True, shown=True),
            field(
                t("Description"),
                "description",
                t("Invitees read it before they choose. **Bold**, *italic*, - lists, [links](https://…) work."),
                type="textarea",
                shown=True,
            ),
            place_fields(
                partial(field, shown=True),
                default_value=state.values.location_kind,
                on_change=lambda kind: state.draft("location_kind", kind),
            ),
            _colours(state),
        ),
        _part(
            t("When"),
            field(t("Duration"), "duration_minutes", t("Like 30 minutes or 1 hour."), required=True, shown=True),
            field(
                t("Other durations"),
                "other_durations",
                t("For invitees to choose from, like 15, 45, 1 hour."),
                shown=True,
            ),
            select_field(
                t("Hours"), "schedule_id", state.schedules, required=True, default_value=state.values.schedule_id
            ),
            field(t("Start times every"), "start_time_increment_minutes", t("Like 15 minutes; else every duration.")),
            field(t("Minimum notice"), "minimum_notice_minutes", t("How soon is too soon, like 4 hours or 2 days.")),
            _window(state, field),
        ),
        _more(
            t("Buffers and limits"),
            field(t("Before a meeting, keep free"), "before_buffer_minutes"),
            field(t("After a meeting, keep free"), "after_buffer_minutes"),
            field(t("Meetings a day, at most"), "max_per_day", input_mode="numeric"),
            field(t("Meetings a week, at most"), "max_per_week", input_mode="numeric"),
            field(t("Meetings a month, at most"), "max_per_month", input_mode="numeric"),
            _check(t("One upcoming booking per e-mail address"), "one_booking_each", state.values.one_booking_each),
        ),
        _more(
            t("What invitees are asked"),
            rx.el.p(t("Name and e-mail address, always."), class_name="small soft"),
            _check(t("Guests may be added"), "guests_allowed", state.values.guests_allowed),
            rx.el.ol(
                rx.foreach(state.questions, lambda row: _question(row, state.remove_question, state.move_question)),
                class_name="question-rows",
            ),
            rx.el.button(t("Add a question"), type="button", on_click=state.add_question, class_name="button"),
        ),
        _more(
            t("After the booking"),
            field(t("Message on the confirmation"), "confirmation_message", type="textarea"),
            field(t("Reminders by mail"), "reminders", t("Before the meeting, like 1 day, 1 hour. Empty: none.")),
            field(t("Web address to go on to"), "redirect_url", t("Shown before it is followed."), type="url"),
        ),
        _more(
            t("Links and changes"),
            field(t("New links expire after days"), "link_expiry_days", t("Empty: they do not."), input_mode="numeric"),
            field(
                t("Cancelling is possible until"),
                "cancel_cutoff_minutes",
                t("Before the start. Empty: until it starts."),
            ),
            field(
                t("Moving is possible until"),
                "reschedule_cutoff_minutes",
                t("Before the start. Empty: until it starts."),
            ),
            _check(
                t("A link opens again, once, when its invitee cancels"),
                "reopens_on_cancel",
                state.values.reopens_on_cancel,
            ),
        ),
    ]


def _part(title: rx.Var, *content: rx.Component) -> rx.Component:
    return rx.el.section(rx.el.h2(title), *content, class_name="form__part")


def _more(title: rx.Var, *content: rx.Component) -> rx.Component:
    return rx.el.details(rx.el.summary(rx.el.h2(title)), *content, class_name="form__part form__more")


def _check(text: rx.Var, name: str, checked: Any) -> rx.Component:
    box = rx.el.input(type="checkbox", name=name, default_checked=checked)
    return rx.el.div(rx.el.label(box, text, class_name="field__check"), class_name="field")


def _colours(state: Any) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(t("Colour")),
        rx.el.div(
            *[
                rx.el.label(
                    rx.el.input(
                        type="radio", name="colour", value=colour, default_checked=state.values.colour == colour
                    ),
                    rx.el.span(custom_attrs={"data-colour": colour}, class_name="swatch"),
                    t(COLOURS[colour]),
                    class_name="field__check",
                )
                for colour in Colour
            ],
            class_name="swatches",
        ),
        class_name="field",
    )


def _window(state: Any, field: Callable[..., rx.Component]) -> rx.Component:
    choices = {
        BookingWindow.DAYS: t("So many days ahead"),
        BookingWindow.DATES: t("Between two dates"),
        BookingWindow.OPEN: t("Without an end"),
    }
    return rx.el.fieldset(
        rx.el.legend(t("Can be booked")),
        *[
            rx.el.label(
                rx.el.input(
                    type="radio", name="booking_window", value=kind, default_checked=state.values.booking_window == kind
                ),
                text,
                class_name="field__check",
            )
            for kind, text in choices.items()
        ],
        rx.el.div(
            field(t("Days ahead"), "booking_window_days", input_mode="numeric", required=True),
            class_name="window window--days",
        ),
        rx.el.div(
            field(t("First date"), "first_date", type="date", required=True),
            field(t("Last date"), "last_date", type="date", required=True),
            class_name="window window--dates",
        ),
        class_name="field",
    )


def _question(
    row: rx.vars.ObjectVar[QuestionRow], on_remove: Callable[..., Any], on_move: Callable[..., Any]
) -> rx.Component:
    return rx.el.li(
        text_field(
            t("Question"),
            f"q-{row.id}-label",
            required=True,
            error=row.wrong_label,
            default_value=row.label,
            auto_focus=row.is_new,
        ),
        select_field(
            t("Answered with"),
            f"q-{row.id}-kind",
            [(kind, t(words)) for kind, words in KINDS.items()],
            required=True,
            default_value=row.kind,
            class_name="question-kind",
            custom_attrs={"data-choices": " ".join(kind.replace(" ", "-") for kind in CHOICES)},
        ),
        rx.el.div(
            text_field(
                t("Answers to choose from"),
                f"q-{row.id}-options",
                type="textarea",
                hint=t("One on each line."),
                required=True,
                error=row.wrong_options,
                default_value=row.options,
            ),
            class_name="question-options",
        ),
        rx.el.div(
            rx.el.label(
                rx.el.input(type="checkbox", name=f"q-{row.id}-required", default_checked=row.required),
                t("Must be answered"),
                class_name="field__check",
            ),
            rx.el.span(class_name="spacer"),
            _row_button(t("Up"), t("Move this question up"), on_move(row.id, -1)),
            _row_button(t("Down"), t("Move this question down"), on_move(row.id, 1)),
            _row_button(t("Remove"), t("Remove this question"), on_remove(row.id)),
            class_name="actions",
        ),
        key=row.id,
    )


def _row_button(text: rx.Var, label: rx.Var, on_click: Any) -> rx.Component:
    return rx.el.button(
        text,
        type="button",
        on_click=on_click,
        class_name="button button--quiet button--small",
        custom_attrs={"aria-label": label},
    )
