"""A weekly word to a host about links that wait: on Mondays at eight, for whoever wants it.

Each one that goes out owes the next. A host who does not want it any more has the one that is owed dropped.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, or_, select

from singleuse_app.models import EventType, Host, Link, OutboxMessage
from singleuse_app.notifications.letters import Action, Letter
from singleuse_app.notifications.mail import Address
from singleuse_app.notifications.outbox import Owed, enqueue
from singleuse_app.operations.host_letters import wording_of
from singleuse_app.operations.links import last_day
from singleuse_app.scheduling.bookings import Party
from singleuse_app.settings import settings

DIGEST = "digest"
"""The kind of message."""

AT = time(8)
SOON = timedelta(days=7)
NAMED = 10
"""So many links are named at most; the rest is a number."""


def next_monday(now: datetime, time_zone: str) -> datetime:
    """The next Monday at eight in a zone, never now.

    >>> from datetime import UTC
    >>> str(next_monday(datetime(2026, 9, 7, 6, tzinfo=UTC), "Europe/Berlin"))
    '2026-09-14 08:00:00+02:00'
    """
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    monday = datetime.combine(today + timedelta(days=-today.weekday() % 7), AT, zone)
    return monday if monday > now else datetime.combine(monday.date() + timedelta(days=7), AT, zone)


def owe_next(session: Session, host: Host, *, now: datetime) -> None:
    """Owe a host the next one, in the caller's transaction, which holds the host. Twice is as good as once."""
    due = next_monday(now, host.time_zone)
    week = due.isocalendar()
    sequence = week.year * 100 + week.week
    owed = select(OutboxMessage.id).where(
        OutboxMessage.subject_id == host.id, OutboxMessage.kind == DIGEST, OutboxMessage.sequence == sequence
    )
    if session.exec(owed).first() is None:
        enqueue(
            session,
            DIGEST,
            host_id=host.id,
            recipients=[Party.HOST],
            subject_id=host.id,
            sequence=sequence,
            due=due,
            now=now,
        )


def write_digest(session: Session, owed: Owed, *, now: datetime) -> Letter | None:
    """To a host: how many links wait, and which end within a week. Not where none waits."""
    host = session.get(Host, owed.host_id)
    if host is None:
        return None
    waiting = (
        col(Link.host_id) == host.id,
        col(Link.address).is_(None),
        col(Link.uses) < col(Link.max_uses),
        col(Link.revoked_at).is_(None),
        or_(col(Link.expires_at).is_(None), col(Link.expires_at) > now),
    )
    count = session.exec(select(func.count(col(Link.id))).where(*waiting)).one()
    if not count:
        return None
    ending = (
        select(Link, EventType.name)
        .join(EventType, col(EventType.id) == Link.event_type_id)
        .where(*waiting, col(Link.expires_at) <= now + SOON)
        .order_by(col(Link.expires_at), col(Link.id))
    )
    found = session.exec(ending.limit(NAMED + 1)).all()
    own = wording_of(host)
    say = own.say
    facts = [
        (link.recipient_name or link.recipient_email or name, f"{name}, {own.date(last)}")
        for link, name in found[:NAMED]
        if (last := last_day(link.expires_at, host.time_zone))
    ]
    if len(found) > NAMED:
        facts.append((say("And more"), say("See them on Links.")))
    title = own.count("{number} link waits to be used", "{number} links wait to be used", count)
    return Letter(
        to=Address(host.name, host.email),
        wording=own,
        subject=title,
        title=title,
        paragraphs=(say("These end within a week:") if facts else say("None of them ends within a week."),),
        facts=tuple(facts),
        actions=(Action(say("Look at them"), f"{settings().public_origin}/links?status=active"),),
        closing=(say("You get this on Mondays. You can switch it off on the Mail page."),),
    )
