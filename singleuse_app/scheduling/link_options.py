"""What a link has of its own: for whom it is, until when, and where it differs from its event type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from singleuse_app.scheduling.addresses import parse_email
from singleuse_app.scheduling.bookings import MAX_NAME_LENGTH
from singleuse_app.scheduling.errors import InvalidAvailability, InvalidInput
from singleuse_app.scheduling.event_types import DAY_MINUTES, MAX_LINK_DAYS
from singleuse_app.scheduling.hours_text import hours_text, parse_hours
from singleuse_app.scheduling.locations import Location, LocationKind, parse_location
from singleuse_app.scheduling.spans import parse_minutes
from singleuse_app.scheduling.texts import one_line, parse_day

MAX_NOTE_LENGTH = 500
NEVER = 0
BY_DEFAULT, ON_DATE = "default", "date"


@dataclass(frozen=True, slots=True)
class LinkOptions:
    """The options of a link. Nothing said leaves everything as its event type has it.

    recipient_name, recipient_email
        For whom it is: what its form starts with, and what its host reads on the board.
    only_recipient
        Nobody books with it under another address.
    by_code
        Whoever books types a code that was sent there. Where mail can be sent, ``only_recipient`` brings it with it.
    note
        For its host alone.
    expires_on
        Its last day, in the host's zone.
    expires_after_days
        The same, counted from today; ``NEVER`` for none. Neither of the two: as the event type has it.
    duration_minutes, location
        Take the place of the event type's. ``location_kind`` says how ``location`` is meant; by itself, in words.
    first_date, last_date
        The dates that can be booked, within those of the event type.
    hours
        What can be booked of each day, within the event type's hours and in their time zone: ``"09:00–12:00"``.
    prefill
        What the form starts with besides (``parse_prefill``).
    """

    recipient_name: str = ""
    recipient_email: str = ""
    only_recipient: bool = False
    by_code: bool = False
    note: str = ""
    expires_on: date | None = None
    expires_after_days: int | None = None
    duration_minutes: int | None = None
    location_kind: LocationKind | None = None
    location: str | None = None
    first_date: date | None = None
    last_date: date | None = None
    hours: str = ""
    prefill: Mapping[str, object] = field(default_factory=dict)

    @property
    def place(self) -> Location | None:
        """The place that a link has of its own, if any."""
        if self.location_kind is None and self.location is None:
            return None
        return Location(self.location_kind or LocationKind.TEXT, self.location or "")


def parse_link_options(form: Mapping[str, object]) -> LinkOptions:
    """The options out of a form's texts, by the names of the fields above; ``expires`` is ``default``, ``date`` or a
    number of days. What is left empty is not an option.

    Raises ``InvalidInput`` with a code for each field that cannot be taken.

    >>> parse_link_options({"recipient_name": "Ada", "expires": "7"}).expires_after_days
    7
    """
    wrong: dict[str, str] = {}
    email = one_line(form.get("recipient_email"))
    if email:
        found: dict[str, str] = {}
        email = parse_email(email, found)
        wrong |= {f"recipient_{name}": code for name, code in found.items()}
    elif form.get("only_recipient") or form.get("by_code"):
        wrong["recipient_email"] = "email_missing"
    duration = parse_minutes(form.get("duration_minutes"))
    if duration is None:
        wrong["duration_minutes"] = "span_malformed"
    elif duration > DAY_MINUTES:
        wrong["duration_minutes"] = "span_out_of_day"
    place = _location(form, wrong)
    first, last = (_date(form, name, wrong) for name in ("first_date", "last_date"))
    if first and last and last < first:
        wrong["last_date"] = "booking_window_ends_before_start"
    options = LinkOptions(
        recipient_name=_text(form, "recipient_name", MAX_NAME_LENGTH, "name_too_long", wrong),
        recipient_email=email,
        only_recipient=bool(form.get("only_recipient") or form.get("by_code")),
        by_code=bool(form.get("by_code")),
        note=_text(form, "note", MAX_NOTE_LENGTH, "note_too_long", wrong),
        expires_on=_expires_on(form, wrong),
        expires_after_days=_expires_after(form.get("expires"), wrong),
        duration_minutes=duration or None,
        location_kind=place.kind if place else None,
        location=place.text if place else None,
        first_date=first,
        last_date=last,
        hours=parse_link_hours(form.get("hours"), wrong),
    )
    if wrong:
        raise InvalidInput(wrong)
    return options


def parse_link_hours(value: object, wrong: dict[str, str]) -> str:
    """The hours that a link keeps to, as they are kept; nothing for all. A code in ``wrong`` for what is none.

    >>> parse_link_hours("9-12, 2pm to 4pm", {}), parse_link_hours("closed", wrong := {}), wrong
    ('09:00–12:00, 14:00–16:00', '', {'hours': 'link_hours_malformed'})
    """
    text = one_line(value)
    try:
        hours = hours_text(parse_hours(text))
    except InvalidAvailability as refusal:
        wrong["hours"] = "link_hours_malformed" if refusal.code == "hours_malformed" else refusal.code
        return ""
    if text and not hours:
        wrong["hours"] = "link_hours_malformed"
    return hours


def _location(form: Mapping[str, object], wrong: dict[str, str]) -> Location | None:
    """What was typed for a kind that was given up again is no option."""
    if form.get("location_kind") == "":
        return None
    place = parse_location(form, wrong)
    return None if place == Location() else place


def _expires_on(form: Mapping[str, object], wrong: dict[str, str]) -> date | None:
    if form.get("expires") != ON_DATE:
        return None
    day = _date(form, "expires_on", wrong)
    if day is None:
        wrong.setdefault("expires_on", "date_missing")
    return day


def _expires_after(chosen: object, wrong: dict[str, str]) -> int | None:
    if not isinstance(chosen, str) or chosen in {"", BY_DEFAULT, ON_DATE}:
        return None
    if not (chosen.isascii() and chosen.isdigit() and int(chosen[:9]) <= MAX_LINK_DAYS):
        wrong["expires"] = "link_days_out_of_range"
        return None
    return int(chosen[:9])


def _date(form: Mapping[str, object], name: str, wrong: dict[str, str]) -> date | None:
    text = one_line(form.get(name))
    day = parse_day(text)
    if text and day is None:
        wrong[name] = "date_missing"
    return day


def _text(form: Mapping[str, object], name: str, most: int, too_long: str, wrong: dict[str, str]) -> str:
    text = one_line(form.get(name))
    if len(text) > most:
        wrong[name] = too_long
    return text
