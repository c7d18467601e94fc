"""Standard links: an event type's public address, which its host switches on and off. They start switched off."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from singleuse_app import db
from singleuse_app.ids import EVENT_TYPE, LINK, parse_id, public_id
from singleuse_app.models import EventType, Host, Link
from singleuse_app.operations.event_types import get_own
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.operations.links import add_link
from singleuse_app.scheduling.errors import LinkOff
from singleuse_app.scheduling.links import UNLIMITED_USES
from singleuse_app.scheduling.slugs import standard_address


@dataclass(frozen=True, slots=True)
class StandardLink:
    """A standard link that is on, for its host. ``address`` is what follows the origin."""

    id: str
    address: str


@db.repeatable
def switch_standard_link(*, host_id: UUID, event_type_id: object, on: bool, now: datetime) -> None:
    """Let anybody who knows its address book an event type, as often as there is time; or nobody any more.

    It is one row for ever, at one address: off is revoked, on again is not. Twice is as good as once. Raises
    ``NotFound`` for another host's event type, ``LinkOff`` where one that is off itself should be switched on.
    """
    with db.writing() as session:
        hold(session, host_id)
        event_type = get_own(session, host_id, parse_id(EVENT_TYPE, event_type_id))
        if on and not event_type.offered:
            raise LinkOff
        link = _standard_link_of(session, event_type)
        if link is None:
            if on:
                address = standard_address(session.get_one(Host, host_id).slug, event_type.slug)
                add_link(session, event_type, max_uses=UNLIMITED_USES, expires_at=None, address=address, now=now)
            return
        if on == (link.revoked_at is None):
            return
        link.revoked_at = None if on else now
        session.add(link)
        happened = Happened.LINK_CHANGED if on else Happened.LINK_REVOKED
        record(session, happened, now=now, host_id=host_id, event_type_id=event_type.id, link_id=link.id)


def list_standard_links(*, host_id: UUID) -> dict[str, StandardLink]:
    """A host's standard links that are on, by the public id of their event type."""
    with db.reading() as session:
        rows = session.exec(
            select(Link.event_type_id, Link.id, Link.address).where(
                col(Link.event_type_id).in_(select(EventType.id).where(EventType.host_id == host_id)),
                col(Link.address).is_not(None),
                col(Link.revoked_at).is_(None),
            )
        ).all()
        return {
            public_id(EVENT_TYPE, event_type_id): StandardLink(public_id(LINK, key), address or "")
            for event_type_id, key, address in rows
        }


def _standard_link_of(session: Session, event_type: EventType) -> Link | None:
    return session.exec(
        select(Link).where(Link.event_type_id == event_type.id, col(Link.address).is_not(None))
    ).one_or_none()
