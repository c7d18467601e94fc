"""What the command does with links: makes many, or takes all of them back."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlmodel import Session, and_, col, or_, select, update

from singleuse_app import db
from singleuse_app.ids import EVENT_TYPE, public_id
from singleuse_app.models import EventLog, EventType, Host, Link
from singleuse_app.operations.history import Happened
from singleuse_app.operations.host_invitations import take_back_invitations
from singleuse_app.operations.hosts import hold
from singleuse_app.operations.links import TAKEN_BACK_FOR_GOOD, UNDO_WITHIN, HandedOutLink, add_link, first_expiry
from singleuse_app.operations.password_resets import forget_resets
from singleuse_app.scheduling.errors import CommandRefused, InvalidInput
from singleuse_app.scheduling.link_lists import MAX_LINKS
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.scheduling.links import UNLIMITED_USES


@db.retrying
def create_links(
    *, event_type: str, host_email: str | None, count: int, max_uses: int, expires_on: date | None, now: datetime
) -> list[HandedOutLink]:
    """New links of one event type, which is named by its name or its id, and by its host where several have one.

    All of them or none: raises ``CommandRefused`` where that is not one event type, or it is off, and ``InvalidInput``
    for a number of uses or a last day that make no sense.
    """
    if not 1 <= count <= MAX_LINKS:
        raise CommandRefused("links_count", most=MAX_LINKS)
    if not 1 <= max_uses <= UNLIMITED_USES:
        raise InvalidInput({"max_uses": "uses_out_of_range"})
    with db.writing() as session:
        found = _event_type(session, event_type, host_email)
        expires_at = first_expiry(session, found, LinkOptions(expires_on=expires_on), now)
        return [add_link(session, found, max_uses=max_uses, expires_at=expires_at, now=now) for _ in range(count)]


@db.repeatable
def revoke_all_links(*, now: datetime) -> int:
    """Take back every link that could still be booked with, of every host, all invitations, and all ways to another
    password. Says how many links."""
    with db.writing() as session:
        for host_id in session.exec(select(Host.id).order_by(col(Host.id))).all():
            hold(session, host_id)
        take_back_invitations(session, now=now)  # which a restored PostgreSQL has anew, too
        forget_resets(session)
        return revoke_all(session, now=now)


def revoke_all(session: Session, *, now: datetime) -> int:
    """As :func:`revoke_all_links`, in the caller's transaction. Links that are off go too: they may be switched on.

    It is for good, also for links that their host revoked lately and could still give back.
    """
    open_links = (
        col(Link.uses) < col(Link.max_uses),
        col(Link.revoked_at).is_(None),
        or_(col(Link.expires_at).is_(None), col(Link.expires_at) > now),
    )
    lately = (col(Link.revoked_at) >= now - UNDO_WITHIN, col(Link.address).is_(None), ~TAKEN_BACK_FOR_GOOD)
    rows = session.exec(
        select(Link.id, Link.host_id, Link.event_type_id).where(or_(and_(*open_links), and_(*lately)))
    ).all()
    revoked = session.exec(update(Link).where(*open_links).values(revoked_at=now)).rowcount
    lines = [
        EventLog(at=now, kind=Happened.LINK_TAKEN_BACK, host_id=host_id, event_type_id=event_type_id, link_id=key)
        for key, host_id, event_type_id in rows
    ]
    if lines:
        db.insert(session, *lines)
    return revoked


def _event_type(session: Session, name: str, host_email: str | None) -> EventType:
    if host_email and not session.exec(select(Host.id).where(Host.email == host_email.strip().lower())).first():
        raise CommandRefused("host_unknown", email=host_email)
    known = session.exec(
        select(EventType, Host)
        .join(Host, col(Host.id) == EventType.host_id)
        .where(col(EventType.archived_at).is_(None), Host.email == host_email.strip().lower() if host_email else True)
        .order_by(col(EventType.id))
    ).all()
    choices = [
        (event_type, f"{public_id(EVENT_TYPE, event_type.id)} ({event_type.name}, {host.email})")
        for event_type, host in known
    ]
    named = [
        (event_type, choice)
        for event_type, choice in choices
        if name == public_id(EVENT_TYPE, event_type.id) or name.strip().casefold() == event_type.name.casefold()
    ]
    if not named:
        raise CommandRefused("event_type_unknown", name=name, choices=_listed(choice for _, choice in choices))
    if len(named) > 1:
        raise CommandRefused("event_type_ambiguous", name=name, choices=_listed(choice for _, choice in named))
    [(event_type, _)] = named
    if not event_type.offered:
        raise CommandRefused("event_type_off", name=event_type.name)
    return event_type


def _listed(choices: Iterable[str]) -> str:
    return "".join(f"\n  {choice}" for choice in choices) or "none"
