"""What an invitee is shown besides the choice: the meeting on offer, the booking made.

Each is a value that a state can hold, the function that makes it, and the view that draws it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import reflex as rx

from singleuse_app.components.answers import answers_view
from singleuse_app.components.calendar_urls import google_url, office_url, outlook_url
from singleuse_app.components.ticket import stamped_ticket, ticket_head
from singleuse_app.components.words import around, t
from singleuse_app.formats import (
    PLAIN,
    Conventions,
    clock_words,
    date_words,
    day_words,
    duration_words,
    offered_words,
    zone_words,
)
from singleuse_app.markdown import html_of
from singleuse_app.messages import words
from singleuse_app.scheduling.bookings import BookingConfirmation, Terms
from singleuse_app.scheduling.errors import Refusal
from singleuse_app.scheduling.locations import VIDEO_CALL
from singleuse_app.wording import say


@dataclass(frozen=True)
class Duration:
    """One of the durations to choose from."""

    minutes: str
    text: str
    chosen: bool


@dataclass(frozen=True)
class Offer:
    """The meeting that a link offers, the version of its terms, and which attempt on the link it is for.

    ``durations`` are empty where there is nothing to choose. ``description`` is HTML, of ``markdown.html_of``.
    """

    event_name: str = ""
    host_name: str = ""
    duration: str = ""
    location: str = ""
    description: str = ""
    minutes: str = ""
    durations: list[Duration] = field(default_factory=list)
    version: str = ""
    attempt: str = ""
    note: str = ""


@dataclass(frozen=True)
class Booked:
    """A booking as its invitee is told it: both zones, and where its calendar file is."""

    event_name: str = ""
    host_name: str = ""
    day: str = ""
    time: str = ""
    zone: str = ""
    host_time: str = ""
    location: str = ""
    room_url: str = ""
    room_host: str = ""
    invitee: str = ""
    note: str = ""
    file_url: str = ""
    manage_url: str = ""
    is_cancelled: bool = False
    stamp: str = ""
    said: str = ""
    guests: str = ""
    answers: list[tuple[str, str]] = field(default_factory=list)
    message: str = ""
    redirect_url: str = ""
    redirect_host: str = ""
    google_url: str = ""
    outlook_url: str = ""
    office_url: str = ""


def offer_of(
    terms: Terms,
    durations: tuple[int, ...],
    host_name: str,
    description: str,
    *,
    attempt: int,
    books_once: bool,
    until: str = "",
) -> Offer:
    """The offer in words. ``until`` is the last minute in which it can be taken, in words."""
    choices = [
        Duration(str(minutes), duration_words(minutes), minutes == terms.duration_minutes)
        for minutes in sorted(durations)
    ]
    return Offer(
        event_name=terms.event_name,
        host_name=host_name,
        duration=duration_words(terms.duration_minutes),
        location=offered_words(terms.place, host_name),
        description=html_of(description),
        minutes=str(terms.duration_minutes),
        durations=choices if len(choices) > 1 else [],
        version=str(terms.version),
        attempt=str(attempt),
        note=_until_words(books_once, until),
    )


def _until_words(books_once: bool, until: str) -> str:
    if books_once:
        return say("This link books once, until {time}", time=until) if until else say("This link books once")
    return say("Open until {time}", time=until) if until else ""


def booked_of(booking: BookingConfirmation, file_url: str, manage_url: str = "", *, how: Conventions = PLAIN) -> Booked:
    """The booking in words, in the invitee's zone and the host's."""
    zone, host_zone = ZoneInfo(booking.invitee.time_zone), ZoneInfo(booking.host_time_zone)
    start, end = booking.start.astimezone(zone), booking.end.astimezone(zone)
    start_at_host, end_at_host = booking.start.astimezone(host_zone), booking.end.astimezone(host_zone)
    at_host = {"host": booking.host_name, "zone": zone_words(booking.host_time_zone, booking.start)}
    if start.replace(tzinfo=None) == start_at_host.replace(tzinfo=None):
        host_time = say("The same time for {host} in {zone}", **at_host)
    else:
        other_day = f"{day_words(start_at_host.date(), how)}, " if start_at_host.date() != start.date() else ""
        host_clock = f"{other_day}{clock_words(start_at_host, end_at_host, how)}"
        host_time = say("{time} for {host} in {zone}", time=host_clock, **at_host)
    return Booked(
        event_name=booking.terms.event_name,
        host_name=booking.host_name,
        day=date_words(start.date(), how),
        time=clock_words(start, end, how),
        zone=zone_words(booking.invitee.time_zone, booking.start),
        host_time=host_time,
        location=say(VIDEO_CALL) if booking.terms.room else booking.terms.location,
        room_url="" if booking.cancelled else booking.terms.room,
        room_host=urlsplit(booking.terms.room).hostname or "",
        invitee=say("For {name}, {email}", name=booking.invitee.name, email=booking.invitee.email),
        note=_note(booking),
        said=f"“{booking.reason}”" if booking.reason else "",
        file_url=file_url,
        manage_url=manage_url,
        is_cancelled=booking.cancelled,
        stamp=say("Another time?") if booking.asked else say("Cancelled") if booking.cancelled else say("Booked"),
        guests=say("With {names}", names=", ".join(booking.invitee.guests)) if booking.invitee.guests else "",
        answers=[(answer.question, answer.answer) for answer in booking.invitee.answers],
        message=booking.terms.message,
        redirect_url=booking.terms.redirect_url,
        redirect_host=urlsplit(booking.terms.redirect_url).hostname or "",
        google_url=google_url(booking),
        outlook_url=outlook_url(booking),
        office_url=office_url(booking),
    )


def _note(booking: BookingConfirmation) -> str:
    if booking.asked:
        return words(Refusal("another_time_asked", host=booking.host_name))
    return words("booking_cancelled") if booking.cancelled else "" if booking.taken else words("already_booked")


def offer_view(offer: rx.vars.ObjectVar[Offer], title: Callable[..., rx.Component] = rx.el.h1) -> rx.Component:
    """The ticket at the head of the page; elsewhere its ``title`` is no h1."""
    return ticket_head(
        title=title,
        event_name=offer.event_name,
        host_name=offer.host_name,
        duration_text=offer.duration,
        location=offer.location,
        description=offer.description,
        note=offer.note,
    )


def durations_view(offer: rx.vars.ObjectVar[Offer], on_choose: Callable[..., Any]) -> rx.Component:
    """The durations, as radio buttons; nothing where there is nothing to choose."""
    durations: Any = offer.durations
    return rx.cond(
        durations.length() > 0,
        rx.el.fieldset(
            rx.el.legend(t("How long?"), class_name="times__part"),
            rx.el.div(
                rx.foreach(
                    durations,
                    lambda one: rx.el.label(
                        rx.el.input(
                            type="radio",
                            name="how-long",
                            value=one.minutes,
                            default_checked=one.chosen,
                            on_click=on_choose(one.minutes),
                        ),
                        rx.el.span(one.text, class_name="time__face"),
                        class_name="duration",
                        key=one.minutes,
                    ),
                ),
                class_name="durations__row",
            ),
            class_name="durations",
        ),
        rx.fragment(),
    )


def booked_view(
    booked: rx.vars.ObjectVar[Booked], *actions: rx.Component, correct: rx.Component | None = None
) -> rx.Component:
    """The stamped ticket. ``actions`` stand beside what every booking offers, ``correct`` beside the address."""
    return rx.fragment(
        rx.cond(booked.note, rx.el.p(booked.note, class_name="notice"), rx.fragment()),
        rx.cond(booked.said, rx.el.p(booked.host_name, ": ", booked.said, class_name="host-message"), rx.fragment()),
        stamped_ticket(
            # The plain element: the router's link would look for a page at this address.
            rx.cond(
                booked.is_cancelled,
                rx.fragment(),
                rx.fragment(
                    rx.el.elements.a(
                        t("Add to calendar (.ics)"),
                        href=booked.file_url,
                        download="meeting.ics",
                        class_name="button",
                    ),
                    rx.el.p(
                        around(
                            "Or add it to {calendars}.",
                            calendars=rx.fragment(
                                _elsewhere("Google", booked.google_url),
                                ", ",
                                _elsewhere("Outlook.com", booked.outlook_url),
                                " ",
                                t("or"),
                                " ",
                                _elsewhere("Office 365", booked.office_url),
                            ),
                        ),
                        class_name="small",
                    ),
                ),
            ),
            *actions,
            rx.cond(
                booked.manage_url,
                rx.el.p(
                    around(
                        "{link}. Keep this address: it is yours alone.",
                        link=rx.el.elements.a(t("Change or cancel this booking"), href=booked.manage_url),
                    ),
                    class_name="small",
                ),
                rx.fragment(),
            ),
            rx.el.p(booked.invitee, " ", correct or rx.fragment(), class_name="small soft"),
            rx.cond(booked.guests, rx.el.p(booked.guests, class_name="small soft"), rx.fragment()),
            rx.cond(booked.answers, answers_view(booked.answers), rx.fragment()),
            event_name=booked.event_name,
            host_name=booked.host_name,
            day=booked.day,
            time=booked.time,
            zone=booked.zone,
            host_time=booked.host_time,
            location=booked.location,
            room=rx.cond(booked.room_url, _room(booked), rx.fragment()),
            stamp=booked.stamp,
            is_void=booked.is_cancelled,
        ),
        rx.cond(booked.is_cancelled, rx.fragment(), _afterwards(booked)),
    )


def _afterwards(booked: rx.vars.ObjectVar[Booked]) -> rx.Component:
    """What the host says, and where they lead to: by a click, never by itself."""
    return rx.fragment(
        rx.cond(booked.message, rx.el.p(booked.message, class_name="host-message"), rx.fragment()),
        rx.cond(
            booked.redirect_url,
            rx.el.p(
                rx.el.elements.a(
                    t("Continue to {address}", address=booked.redirect_host),
                    href=booked.redirect_url,
                    rel="noopener noreferrer",
                    class_name="button button--primary",
                ),
                class_name="host-redirect",
            ),
            rx.fragment(),
        ),
    )


def _room(booked: rx.vars.ObjectVar[Booked]) -> rx.Component:
    return rx.fragment(": ", _elsewhere(booked.room_host, booked.room_url))


def _elsewhere(name: rx.Var | str, address: rx.Var) -> rx.Component:
    return rx.el.elements.a(name, href=address, rel="noopener noreferrer", target="_blank")
