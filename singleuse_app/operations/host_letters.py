"""What mails besides those about bookings say."""

from datetime import datetime, timedelta

from sqlmodel import Session

from singleuse_app.models import EventType, Host, Link, LinkRequest
from singleuse_app.models.table import EPOCH
from singleuse_app.notifications.letters import Action, Letter
from singleuse_app.notifications.mail import Address
from singleuse_app.notifications.outbox import Owed
from singleuse_app.settings import settings
from singleuse_app.wording import Wording, wording


def wording_of(host: Host) -> Wording:
    """How a host is written to."""
    return wording(host.locale, twelve_hours=host.twelve_hours)


def link_requested(session: Session, owed: Owed, *, now: datetime) -> Letter | None:
    """To a host: somebody whose link is dead asks for a new one. Not where that was settled meanwhile."""
    request = session.get(LinkRequest, owed.subject_id)
    if request is None or request.answered_at or request.dismissed_at:
        return None
    host, link = session.get_one(Host, request.host_id), session.get_one(Link, request.link_id)
    own = wording_of(host)
    say, event_name = own.say, session.get_one(EventType, link.event_type_id).name
    facts = [(say("From"), request.name), (say("E-mail"), request.email), (say("Meeting"), event_name)]
    if request.message:
        facts.append((say("Message from {name}", name=request.name), request.message))
    title = say("{name} asks for a new link", name=request.name)
    return Letter(
        to=Address(host.name, host.email),
        wording=own,
        subject=title,
        title=title,
        paragraphs=(say("The link that they had does not work any more. Nothing happens unless you send a new one."),),
        facts=tuple(facts),
        actions=(Action(say("Send a new link"), f"{settings().public_origin}/links"),),
        reply_to=Address(request.name, request.email),
    )


def host_left(session: Session, owed: Owed, *, now: datetime) -> Letter | None:
    """To an invitee: their host has gone, and with them the meeting. All of it stands in the message."""
    facts, own = owed.payload, wording(owed.payload.get("locale", "en"))
    say, start, end = own.say, *(EPOCH + timedelta(seconds=facts[name]) for name in ("start", "end"))
    if start <= now:
        return None
    title = say("Cancelled: your meeting with {name}", name=facts["host_name"])
    return Letter(
        to=Address(facts["invitee_name"], facts["invitee_email"]),
        wording=own,
        subject=f"{title}, {own.day(start, facts['invitee_time_zone'])}",
        title=title,
        paragraphs=(say("{name} does not take bookings here any more.", name=facts["host_name"]),),
        facts=(
            (say("Meeting"), facts["event_name"]),
            (say("Was to be"), own.when(start, end, facts["invitee_time_zone"])),
        ),
        closing=(say("Please remove it from your calendar."),),
        thread=facts["uid"],
    )
