"""What an invitee may type, and what a booking promises."""

from dataclasses import dataclass
from datetime import datetime

from email_validator import EmailNotValidError, validate_email

from singleuse_app.scheduling.availability import known_time_zones
from singleuse_app.scheduling.errors import InvalidInput

MAX_NAME_LENGTH = 100
MAX_EMAIL_LENGTH = 254  # RFC 5321, section 4.5.3.1.3


@dataclass(frozen=True, slots=True)
class Invitee:
    """Who books: a name and an address that passed :func:`parse_invitee`, and the zone of their browser."""

    name: str
    email: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What the page offered and the booking keeps: a snapshot with the version of the event type it came from."""

    version: int
    event_name: str
    duration_minutes: int
    location: str


@dataclass(frozen=True, slots=True)
class BookingConfirmation:
    """What the one who booked is told, at once and whenever they come back with their receipt.

    ``taken`` is false where the same receipt had booked something else before: the existing booking stands and the
    new choice was not taken.
    """

    booking_id: str
    uid: str
    sequence: int
    start: datetime
    end: datetime
    host_name: str
    host_email: str
    host_time_zone: str
    invitee: Invitee
    terms: Terms
    cancelled: bool
    taken: bool = True


def parse_invitee(name: object, email: object, time_zone: object) -> Invitee:
    """What came in from a form or the wire, as an invitee.

    Raises ``InvalidInput`` with a code for ``name`` and ``email`` where they are empty, too long or malformed; an
    unknown time zone is read as UTC, for it never changes what is booked.

    >>> parse_invitee(" Ada Lovelace ", "ada@example.org", "Europe/London").name
    'Ada Lovelace'
    """
    wrong: dict[str, str] = {}
    clean_name = parse_text(name, "name", MAX_NAME_LENGTH, wrong)
    clean_email = parse_email(email, wrong)
    if wrong:
        raise InvalidInput(wrong)
    return Invitee(clean_name, clean_email, known_time_zone(time_zone) or "UTC")


def parse_text(value: object, field: str, limit: int, wrong: dict[str, str]) -> str:
    """One line of text without control characters; an empty or overlong one leaves a code in ``wrong``."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    text = "".join(character for character in text if character.isprintable())
    if not text:
        wrong[field] = f"{field}_missing"
    elif len(text) > limit:
        wrong[field] = f"{field}_too_long"
    return text


def parse_email(value: object, wrong: dict[str, str]) -> str:
    """An address by RFC 5322 as mail servers really take it, its domain in lower case; no network is asked."""
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        wrong["email"] = "email_missing"
    elif len(text) > MAX_EMAIL_LENGTH:
        wrong["email"] = "email_too_long"
    else:
        try:
            return validate_email(text, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError:
            wrong["email"] = "email_malformed"
    return text


def known_time_zone(value: object) -> str | None:
    """``value`` if it is the name of an IANA time zone, else ``None``."""
    return value if isinstance(value, str) and value in known_time_zones() else None
