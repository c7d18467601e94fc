"""What a host says of an event type: new values for it, and how a form tells them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from singleuse_app.scheduling.bookings import MAX_NAME_LENGTH, parse_text
from singleuse_app.scheduling.errors import InvalidInput
from singleuse_app.scheduling.locations import LocationKind, parse_location
from singleuse_app.scheduling.questions import (
    CHOICES,
    Kind,
    Question,
    parse_message,
    parse_questions,
    parse_redirect_url,
)
from singleuse_app.scheduling.slot_rules import MAX_BOOKING_WINDOW_DAYS, MAX_CAP
from singleuse_app.scheduling.spans import parse_minutes
from singleuse_app.scheduling.texts import lines, one_line, parse_day

DAY_MINUTES = 1440
LONGEST_MEETING = timedelta(minutes=DAY_MINUTES)
YEAR_MINUTES = 525_600
MAX_OTHER_DURATIONS = 10
MAX_DESCRIPTION_LENGTH = 4_000
MAX_LINK_DAYS = 730
MAX_REMINDERS = 5
MAX_REMINDER_MINUTES = 30 * DAY_MINUTES


class BookingWindow(StrEnum):
    """How far ahead an event type can be booked: so many days, between two dates, or without an end."""

    DAYS = "days"
    DATES = "dates"
    OPEN = "open"


class Colour(StrEnum):
    """The edge of an event type's card."""

    STONE = "stone"
    SEA = "sea"
    MOSS = "moss"
    CLAY = "clay"
    PLUM = "plum"
    SUN = "sun"


@dataclass(frozen=True, slots=True)
class Edit:
    """New values for an event type; ``None`` keeps what is there. Times are whole minutes.

    ``location`` is what ``location_kind`` needs (``locations.py``).
    ``reminders`` are how long before a meeting everybody is reminded.
    A cap of 0 takes it away, and so does a ``link_expiry_days`` of 0, after which new links expire by default.
    """

    name: str | None = None
    description: str | None = None
    colour: Colour | None = None
    location_kind: LocationKind | None = None
    location: str | None = None
    duration_minutes: int | None = None
    other_durations: tuple[int, ...] | None = None
    start_time_increment_minutes: int | None = None
    before_buffer_minutes: int | None = None
    after_buffer_minutes: int | None = None
    minimum_notice_minutes: int | None = None
    booking_window: BookingWindow | None = None
    booking_window_days: int | None = None
    first_date: date | None = None
    last_date: date | None = None
    max_per_day: int | None = None
    max_per_week: int | None = None
    max_per_month: int | None = None
    one_booking_each: bool | None = None
    cancel_cutoff_minutes: int | None = None
    reschedule_cutoff_minutes: int | None = None
    reopens_on_cancel: bool | None = None
    link_expiry_days: int | None = None
    reminders: tuple[int, ...] | None = None
    questions: tuple[Question, ...] | None = None
    guests_allowed: bool | None = None
    confirmation_message: str | None = None
    redirect_url: str | None = None


def parse_edit(form: Mapping[str, object], question_ids: Iterable[str] = ()) -> Edit:
    """All values of an event type from a form's texts, by the names of ``Edit``'s fields.

    Spans may have units (``parse_minutes``), ``other_durations`` are several with commas between. A question stands in
    ``q-<id>-label``, ``-kind``, ``-required`` and ``-options``, which has an option on each line. A box that is not
    ticked is not there.

    Raises ``InvalidInput`` with a code for each field that cannot be taken; a code's limits are in the messages.

    >>> parse_edit({"name": "Talk", "duration_minutes": "1 hour", "booking_window": "open"}).duration_minutes
    60
    """
    wrong: dict[str, str] = {}
    span = _spans(form, wrong)
    number = _numbers(form, wrong)
    duration = span("duration_minutes", 1, DAY_MINUTES, "span_out_of_day")
    window = form.get("booking_window")
    window = BookingWindow(window) if window in list(BookingWindow) else BookingWindow.DAYS
    colour = form.get("colour")
    location = parse_location(form, wrong)
    edit = Edit(
        name=parse_text(form.get("name"), "name", MAX_NAME_LENGTH, wrong),
        description=_text(form, "description", MAX_DESCRIPTION_LENGTH, "description_too_long", wrong),
        colour=Colour(colour) if colour in list(Colour) else Colour.STONE,
        location_kind=location.kind,
        location=location.text,
        duration_minutes=duration,
        other_durations=_durations(form.get("other_durations"), wrong),
        start_time_increment_minutes=span("start_time_increment_minutes", 0, DAY_MINUTES, "span_out_of_day")
        or duration,
        before_buffer_minutes=span("before_buffer_minutes", 0, DAY_MINUTES, "span_out_of_day"),
        after_buffer_minutes=span("after_buffer_minutes", 0, DAY_MINUTES, "span_out_of_day"),
        minimum_notice_minutes=span("minimum_notice_minutes", 0, YEAR_MINUTES, "span_out_of_year"),
        booking_window=window,
        booking_window_days=number(
            "booking_window_days", 0, MAX_BOOKING_WINDOW_DAYS, "window_days_out_of_range", required=True
        )
        if window is BookingWindow.DAYS
        else None,
        **(_dates(form, wrong) if window is BookingWindow.DATES else {}),
        max_per_day=number("max_per_day", 1, MAX_CAP, "cap_malformed"),
        max_per_week=number("max_per_week", 1, MAX_CAP, "cap_malformed"),
        max_per_month=number("max_per_month", 1, MAX_CAP, "cap_malformed"),
        one_booking_each=bool(form.get("one_booking_each")),
        cancel_cutoff_minutes=span("cancel_cutoff_minutes", 0, YEAR_MINUTES, "span_out_of_year"),
        reschedule_cutoff_minutes=span("reschedule_cutoff_minutes", 0, YEAR_MINUTES, "span_out_of_year"),
        reopens_on_cancel=bool(form.get("reopens_on_cancel")),
        link_expiry_days=number("link_expiry_days", 1, MAX_LINK_DAYS, "link_days_out_of_range"),
        reminders=_reminders(form.get("reminders"), wrong),
        questions=_questions(form, question_ids, wrong),
        guests_allowed=bool(form.get("guests_allowed")),
        confirmation_message=parse_message(form.get("confirmation_message"), wrong),
        redirect_url=parse_redirect_url(form.get("redirect_url"), wrong),
    )
    if wrong.get("name") == "name_missing":
        wrong["name"] = "event_name_missing"
    if wrong:
        raise InvalidInput(wrong)
    return edit


def _spans(form: Mapping[str, object], wrong: dict[str, str]) -> Callable[[str, int, int, str], int]:
    def span(name: str, least: int, most: int, out_of_range: str) -> int:
        minutes = parse_minutes(form.get(name))
        if minutes is None:
            wrong[name] = "span_malformed"
        elif not least <= minutes <= most:
            wrong[name] = out_of_range
        return minutes or 0

    return span


def _numbers(form: Mapping[str, object], wrong: dict[str, str]) -> Callable[..., int]:
    def number(name: str, least: int, most: int, code: str, *, required: bool = False) -> int:
        text = one_line(form.get(name))
        is_number = text.isascii() and text.isdigit() and len(text) < 6
        if (text or required) and not (is_number and least <= int(text) <= most):
            wrong[name] = code
        return 0 if name in wrong or not text else int(text)

    return number


def _durations(text: object, wrong: dict[str, str]) -> tuple[int, ...]:
    minutes = _several_spans(text)
    if len(minutes) > MAX_OTHER_DURATIONS:
        wrong["other_durations"] = "too_many_durations"
    elif not all(found and found <= DAY_MINUTES for found in minutes):
        wrong["other_durations"] = "durations_malformed"
    return tuple(found for found in minutes if found)


def _reminders(text: object, wrong: dict[str, str]) -> tuple[int, ...]:
    minutes = _several_spans(text)
    if not all(found and found <= MAX_REMINDER_MINUTES for found in minutes):
        wrong["reminders"] = "reminders_malformed"
    elif len(set(minutes)) > MAX_REMINDERS:
        wrong["reminders"] = "too_many_reminders"
    return tuple(sorted({found for found in minutes if found}, reverse=True))


def _several_spans(text: object) -> list[int | None]:
    parts = [part for part in text.split(",") if part.strip()] if isinstance(text, str) else []
    return [parse_minutes(part) for part in parts]


def _dates(form: Mapping[str, object], wrong: dict[str, str]) -> dict[str, date]:
    days = {name: parse_day(form.get(name)) for name in ("first_date", "last_date")}
    wrong |= {name: "date_missing" for name, day in days.items() if day is None}
    found = {name: day for name, day in days.items() if day}
    if len(found) > 1 and found["last_date"] < found["first_date"]:
        wrong["last_date"] = "booking_window_ends_before_start"
    return found


def _questions(form: Mapping[str, object], ids: Iterable[str], wrong: dict[str, str]) -> tuple[Question, ...]:
    questions: list[Question] = []
    for key in ids:
        lines = form.get(f"q-{key}-options")
        document = {
            "id": key,
            "label": form.get(f"q-{key}-label"),
            "kind": form.get(f"q-{key}-kind", Kind.TEXT),
            "required": bool(form.get(f"q-{key}-required")),
            "options": [line for line in lines.splitlines() if line.strip()] if isinstance(lines, str) else [],
        }
        try:
            questions += parse_questions([document])
        except InvalidInput as refusal:
            code = refusal.fields["questions"]
            place = "options" if code == "question_options" and document["kind"] in CHOICES else "label"
            wrong[f"q-{key}-{place}"] = code
    return tuple(questions)


def _text(form: Mapping[str, object], name: str, most: int, too_long: str, wrong: dict[str, str]) -> str:
    text = lines(form.get(name)) if name == "description" else one_line(form.get(name))
    if len(text) > most:
        wrong[name] = too_long
    return text
