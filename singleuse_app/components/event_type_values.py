"""An event type as texts, for its form."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from singleuse_app.formats import span_words
from singleuse_app.messages import words
from singleuse_app.scheduling.event_types import BookingWindow, Colour, Edit
from singleuse_app.scheduling.locations import HOST_SAYS, LocationKind
from singleuse_app.scheduling.questions import Kind

SPANS = (
    "duration_minutes",
    "start_time_increment_minutes",
    "before_buffer_minutes",
    "after_buffer_minutes",
    "minimum_notice_minutes",
    "cancel_cutoff_minutes",
    "reschedule_cutoff_minutes",
)
NUMBERS = ("booking_window_days", "max_per_day", "max_per_week", "max_per_month", "link_expiry_days")


@dataclass(frozen=True)
class Values:
    """What the fields start with."""

    name: str = ""
    description: str = ""
    colour: str = Colour.STONE
    location_kind: str = LocationKind.TEXT
    location: str = ""
    location_address: str = ""
    location_phone: str = ""
    location_url: str = ""
    schedule_id: str = ""
    duration_minutes: str = ""
    other_durations: str = ""
    start_time_increment_minutes: str = ""
    before_buffer_minutes: str = ""
    after_buffer_minutes: str = ""
    minimum_notice_minutes: str = ""
    booking_window: str = BookingWindow.DAYS
    booking_window_days: str = ""
    first_date: str = ""
    last_date: str = ""
    max_per_day: str = ""
    max_per_week: str = ""
    max_per_month: str = ""
    cancel_cutoff_minutes: str = ""
    reschedule_cutoff_minutes: str = ""
    one_booking_each: bool = False
    reopens_on_cancel: bool = False
    link_expiry_days: str = ""
    reminders: str = ""
    guests_allowed: bool = True
    confirmation_message: str = ""
    redirect_url: str = ""


@dataclass(frozen=True)
class QuestionRow:
    """One question as it is edited, with what is wrong with its words and its options."""

    id: str
    label: str = ""
    kind: str = Kind.TEXT
    required: bool = False
    options: str = ""
    is_new: bool = False
    wrong_label: str = ""
    wrong_options: str = ""


def values_of(edit: Edit, schedule_id: str) -> Values:
    """The values as a form shows them."""
    texts: dict[str, Any] = {name: span_words(getattr(edit, name) or 0) for name in SPANS}
    texts |= {name: str(getattr(edit, name) or "") for name in NUMBERS}
    texts |= {name: day.isoformat() if (day := getattr(edit, name)) else "" for name in ("first_date", "last_date")}
    kind = edit.location_kind or LocationKind.TEXT
    if kind in HOST_SAYS:
        texts[HOST_SAYS[kind]] = edit.location or ""
    return Values(
        name=edit.name or "",
        description=edit.description or "",
        colour=edit.colour or Colour.STONE,
        location_kind=kind,
        schedule_id=schedule_id,
        other_durations=", ".join(span_words(minutes) for minutes in edit.other_durations or ()),
        reminders=", ".join(span_words(minutes) for minutes in edit.reminders or ()),
        booking_window=edit.booking_window or BookingWindow.DAYS,
        one_booking_each=bool(edit.one_booking_each),
        reopens_on_cancel=bool(edit.reopens_on_cancel),
        guests_allowed=edit.guests_allowed is not False,
        confirmation_message=edit.confirmation_message or "",
        redirect_url=edit.redirect_url or "",
        **texts,
    )


def rows_of(edit: Edit) -> list[QuestionRow]:
    """The questions as a form shows them."""
    return [
        QuestionRow(one.id, one.label, one.kind, one.required, "\n".join(one.options)) for one in edit.questions or ()
    ]


def with_errors(row: QuestionRow, errors: Mapping[str, str]) -> QuestionRow:
    """The question with the words of what is wrong with it."""
    label, options = (errors.get(f"q-{row.id}-{part}", "") for part in ("label", "options"))
    return replace(row, wrong_label=words(label) if label else "", wrong_options=words(options) if options else "")
