"""A booking as an iCalendar file (RFC 5545)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from icalendar import Calendar, Event, vCalAddress

from singleuse_app.scheduling.bookings import BookingConfirmation, Invitee


def calendar_file(*bookings: BookingConfirmation, now: datetime) -> bytes:
    """A VEVENT each, as calendars take them in: METHOD PUBLISH (RFC 5546, section 3.2.1), times in UTC, CRLF lines."""
    calendar = _calendar(bookings, now)
    calendar.add("method", "PUBLISH")
    return calendar.to_ical()


def calendar_feed(name: str, bookings: Sequence[BookingConfirmation], *, now: datetime) -> bytes:
    """A calendar that programs read again and again; ``name`` is what they call it, and a quarter of an hour is how
    often they may come (RFC 7986, sections 5.1 and 5.7). A booking that is not in it any more is gone."""
    calendar = _calendar(bookings, now)
    for property_name in ("name", "x-wr-calname"):
        calendar.add(property_name, name)
    calendar.add("refresh-interval", timedelta(minutes=15), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    return calendar.to_ical()


def answers_in_words(invitee: Invitee) -> str:
    """Each question with its answer, for a description."""
    return "\n\n".join(f"{answer.question}\n{answer.answer}" for answer in invitee.answers)


def _calendar(bookings: Sequence[BookingConfirmation], now: datetime) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Singleuse//Singleuse//EN")
    calendar.add("version", "2.0")
    for booking in bookings:
        calendar.add_component(_event(booking, now))
    return calendar


def _event(booking: BookingConfirmation, now: datetime) -> Event:
    event = Event()
    event.add("uid", booking.uid)
    event.add("sequence", booking.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", booking.start)
    event.add("dtend", booking.end)
    event.add("summary", f"{booking.terms.event_name}: {booking.host_name} and {booking.invitee.name}")
    event.add("status", "CANCELLED" if booking.cancelled else "CONFIRMED")
    if booking.terms.location:
        event.add("location", booking.terms.location)
    if booking.terms.room:
        event.add("url", booking.terms.room)  # RFC 5545, section 3.8.4.6: where there is more, here the room itself
    event.add("organizer", _address(booking.host_name, booking.host_email), encode=False)
    event.add("attendee", _address(booking.invitee.name, booking.invitee.email), encode=False)
    for guest in booking.invitee.guests:
        event.add("attendee", _address(guest, guest), encode=False)
    if booking.invitee.answers:
        event.add("description", answers_in_words(booking.invitee))
    return event


def _address(name: str, email: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    address.params["cn"] = name
    return address
