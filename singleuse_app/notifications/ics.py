"""A booking as an iCalendar file (RFC 5545)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event, vCalAddress, vUri

from singleuse_app.scheduling.bookings import BookingConfirmation, Invitee
from singleuse_app.scheduling.texts import lines, one_line


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


def invitation(
    booking: BookingConfirmation,
    *,
    method: str,
    note: str = "",
    alarms: Sequence[timedelta] = (),
    now: datetime,
) -> bytes:
    """A booking as calendars take it from a mail (RFC 5546, section 3.2): METHOD ``REQUEST``, also to change what they
    have, or ``CANCEL``. The UID stays for the booking's life and SEQUENCE rises with each change: so they find it.

    The invitee chose the time, so they take part; guests are asked. Nobody is asked to answer: a reply (section 3.2.3)
    would be read by nobody but the host. ``alarms`` are how long before the start calendars remind their owner.
    """
    calendar = _calendar((), now)
    calendar.add("method", method)
    event = _event(booking, now, note)
    if method == "REQUEST":
        for before in alarms:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", event["summary"])
            alarm.add("trigger", -before)
            event.add_component(alarm)
    calendar.add_component(event)
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


def _event(booking: BookingConfirmation, now: datetime, note: str = "") -> Event:
    event = Event()
    event.add("uid", booking.uid)
    event.add("sequence", booking.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", booking.start)
    event.add("dtend", booking.end)
    names = f"{booking.terms.event_name}: {booking.host_name} and {booking.invitee.name}"
    event.add("summary", one_line(names))
    event.add("transp", "OPAQUE")
    event.add("status", "CANCELLED" if booking.cancelled else "CONFIRMED")
    if booking.terms.location:
        event.add("location", one_line(booking.terms.location))
    if booking.terms.room:
        event.add("url", booking.terms.room)  # RFC 5545, section 3.8.4.6: where there is more, here the room itself
        conference = vUri(booking.terms.room)  # RFC 7986, section 5.11
        conference.params.update({"value": "URI", "feature": "VIDEO"})
        event.add("conference", conference, encode=False)
    event.add("organizer", _address(booking.host_name, booking.host_email), encode=False)
    event.add("attendee", _attendee(booking.invitee.name, booking.invitee.email, "ACCEPTED"), encode=False)
    for guest in booking.invitee.guests:
        event.add("attendee", _attendee(guest, guest, "NEEDS-ACTION"), encode=False)
    if description := "\n\n".join(filter(None, [booking.terms.room, answers_in_words(booking.invitee), note])):
        event.add("description", lines(description))
    return event


def _attendee(name: str, email: str, status: str) -> vCalAddress:
    """Who takes part (RFC 5545, section 3.8.4.1), and whether they have said so."""
    address = _address(name, email)
    address.params.update({"cutype": "INDIVIDUAL", "role": "REQ-PARTICIPANT", "partstat": status})
    address.params["rsvp"] = "TRUE" if status == "NEEDS-ACTION" else "FALSE"
    return address


def _address(name: str, email: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    address.params["cn"] = one_line(name).replace('"', "'")  # RFC 5545, section 3.2: no double quote inside
    return address
