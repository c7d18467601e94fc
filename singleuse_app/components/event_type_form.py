"""The form of an event type: what is offered, when, what is asked, and what happens afterwards."""

from collections.abc import Callable
from functools import partial
from typing import Any

import reflex as rx

from singleuse_app.components.event_type_values import QuestionRow
from singleuse_app.components.fields import select_field, text_field
from singleuse_app.components.places import place_fields
from singleuse_app.scheduling.event_types import BookingWindow, Colour
from singleuse_app.scheduling.questions import CHOICES, Kind

KINDS = {
    Kind.TEXT: "Short text",
    Kind.LONG_TEXT: "Long text",
    Kind.CHOICE_ONE: "One of several",
    Kind.CHOICE_MANY: "Several of several",
    Kind.PHONE: "Phone number",
    Kind.NUMBER: "Number",
}


def event_type_fields(state: Any) -> list[rx.Component]:
    """All fields. ``state`` has ``values``, ``errors`` by name, ``schedules``, ``questions``, and handlers for them."""

    def field(label: str, name: str, hint: str = "", *, shown: bool = False, **props: Any) -> rx.Component:
        if shown:  # in the preview
            props["on_change"] = lambda text: state.draft(name, text).debounce(200)
            props["on_blur"] = lambda text: state.draft(name, text)  # the next field's typing may overtake the above
        return text_field(
            label, name, hint=hint, error=state.errors[name], default_value=getattr(state.values, name), **props
        )

    return [
        _part(
            "What is offered",
            field("Name", "name", required=True, shown=True),
            field(
                "Description",
                "description",
                "Invitees read it before they choose. **Bold**, *italic*, - lists, [links](https://…) work.",
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
            "When",
            field("Duration", "duration_minutes", "Like 30 minutes or 1 hour.", required=True, shown=True),
            field(
                "Other durations", "other_durations", "For invitees to choose from, like 15, 45, 1 hour.", shown=True
            ),
            select_field(
                "Hours", "schedule_id", state.schedules, required=True, default_value=state.values.schedule_id
            ),
            field("Start times every", "start_time_increment_minutes", "Like 15 minutes; else every duration."),
            field("Minimum notice", "minimum_notice_minutes", "How soon is too soon, like 4 hours or 2 days."),
            _window(state, field),
        ),
        _more(
            "Buffers and limits",
            field("Before a meeting, keep free", "before_buffer_minutes"),
            field("After a meeting, keep free", "after_buffer_minutes"),
            field("Meetings a day, at most", "max_per_day", input_mode="numeric"),
            field("Meetings a week, at most", "max_per_week", input_mode="numeric"),
            field("Meetings a month, at most", "max_per_month", input_mode="numeric"),
            _check("One upcoming booking per e-mail address", "one_booking_each", state.values.one_booking_each),
        ),
        _more(
            "What invitees are asked",
            rx.el.p("Name and e-mail address, always.", class_name="small soft"),
            _check("Guests may be added", "guests_allowed", state.values.guests_allowed),
            rx.el.ol(
                rx.foreach(state.questions, lambda row: _question(row, state.remove_question, state.move_question)),
                class_name="question-rows",
            ),
            rx.el.button("Add a question", type="button", on_click=state.add_question, class_name="button"),
        ),
        _more(
            "After the booking",
            field("Message on the confirmation", "confirmation_message", type="textarea"),
            field("Reminders by mail", "reminders", "Before the meeting, like 1 day, 1 hour. Empty: none."),
            field("Web address to go on to", "redirect_url", "Shown before it is followed.", type="url"),
        ),
        _more(
            "Links and changes",
            field("New links expire after days", "link_expiry_days", "Empty: they do not.", input_mode="numeric"),
            field("Cancelling is possible until", "cancel_cutoff_minutes", "Before the start. Empty: until it starts."),
            field("Moving is possible until", "reschedule_cutoff_minutes", "Before the start. Empty: until it starts."),
            _check(
                "A link opens again, once, when its invitee cancels",
                "reopens_on_cancel",
                state.values.reopens_on_cancel,
            ),
        ),
    ]


def _part(title: str, *content: rx.Component) -> rx.Component:
    return rx.el.section(rx.el.h2(title), *content, class_name="form__part")


def _more(title: str, *content: rx.Component) -> rx.Component:
    return rx.el.details(rx.el.summary(rx.el.h2(title)), *content, class_name="form__part form__more")


def _check(text: str, name: str, checked: Any) -> rx.Component:
    box = rx.el.input(type="checkbox", name=name, default_checked=checked)
    return rx.el.div(rx.el.label(box, text, class_name="field__check"), class_name="field")


def _colours(state: Any) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Colour"),
        rx.el.div(
            *[
                rx.el.label(
                    rx.el.input(
                        type="radio", name="colour", value=colour, default_checked=state.values.colour == colour
                    ),
                    rx.el.span(custom_attrs={"data-colour": colour}, class_name="swatch"),
                    colour.capitalize(),
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
        BookingWindow.DAYS: "So many days ahead",
        BookingWindow.DATES: "Between two dates",
        BookingWindow.OPEN: "Without an end",
    }
    return rx.el.fieldset(
        rx.el.legend("Can be booked"),
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
            field("Days ahead", "booking_window_days", input_mode="numeric", required=True),
            class_name="window window--days",
        ),
        rx.el.div(
            field("First date", "first_date", type="date", required=True),
            field("Last date", "last_date", type="date", required=True),
            class_name="window window--dates",
        ),
        class_name="field",
    )


def _question(
    row: rx.vars.ObjectVar[QuestionRow], on_remove: Callable[..., Any], on_move: Callable[..., Any]
) -> rx.Component:
    return rx.el.li(
        text_field(
            "Question",
            f"q-{row.id}-label",
            required=True,
            error=row.wrong_label,
            default_value=row.label,
            auto_focus=row.is_new,
        ),
        select_field(
            "Answered with",
            f"q-{row.id}-kind",
            list(KINDS.items()),
            required=True,
            default_value=row.kind,
            class_name="question-kind",
            custom_attrs={"data-choices": " ".join(kind.replace(" ", "-") for kind in CHOICES)},
        ),
        rx.el.div(
            text_field(
                "Answers to choose from",
                f"q-{row.id}-options",
                type="textarea",
                hint="One on each line.",
                required=True,
                error=row.wrong_options,
                default_value=row.options,
            ),
            class_name="question-options",
        ),
        rx.el.div(
            rx.el.label(
                rx.el.input(type="checkbox", name=f"q-{row.id}-required", default_checked=row.required),
                "Must be answered",
                class_name="field__check",
            ),
            rx.el.span(class_name="spacer"),
            _row_button("Up", "Move this question up", on_move(row.id, -1)),
            _row_button("Down", "Move this question down", on_move(row.id, 1)),
            _row_button("Remove", "Remove this question", on_remove(row.id)),
            class_name="actions",
        ),
        key=row.id,
    )


def _row_button(text: str, label: str, on_click: Any) -> rx.Component:
    return rx.el.button(
        text,
        type="button",
        on_click=on_click,
        class_name="button button--quiet button--small",
        custom_attrs={"aria-label": label},
    )
