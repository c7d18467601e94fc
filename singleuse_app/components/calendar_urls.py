"""Addresses that open somebody's calendar with a booking filled in."""

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from singleuse_app.scheduling.bookings import BookingConfirmation

MAX_DETAILS = 1000


def google_url(booking: BookingConfirmation) -> str:
    """Google Calendar's form for a new event."""
    dates = f"{booking.start.astimezone(UTC):%Y%m%dT%H%M%SZ}/{booking.end.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    facts = {"action": "TEMPLATE", "text": _title(booking), "dates": dates, "details": _details(booking)}
    return _address("https://calendar.google.com/calendar/render", {**facts, "location": booking.terms.location})


def outlook_url(booking: BookingConfirmation) -> str:
    """The same on Outlook.com."""
    return _outlook("https://outlook.live.com", booking)


def office_url(booking: BookingConfirmation) -> str:
    """The same on Office 365."""
    return _outlook("https://outlook.office.com", booking)


def _outlook(origin: str, booking: BookingConfirmation) -> str:
    facts = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": _title(booking),
        "startdt": _instant(booking.start),
        "enddt": _instant(booking.end),
        "body": _details(booking),
        "location": booking.terms.location,
    }
    return _address(f"{origin}/calendar/0/deeplink/compose", facts)


def _address(page: str, facts: dict[str, str]) -> str:
    given = {name: text[:MAX_DETAILS] for name, text in facts.items() if text}
    return f"{page}?{urlencode(given, quote_via=quote)}"  # a plus sign would stay one in Outlook


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _title(booking: BookingConfirmation) -> str:
    return f"{booking.terms.event_name}: {booking.host_name} and {booking.invitee.name}"


def _details(booking: BookingConfirmation) -> str:
    return "\n\n".join(f"{answer.question}\n{answer.answer}" for answer in booking.invitee.answers)
