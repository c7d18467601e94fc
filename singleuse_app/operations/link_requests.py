"""Asking for a new link where the old one is dead, and answering with one."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, or_, select

from singleuse_app import db
from singleuse_app.ids import LINK, LINK_REQUEST, new_id, parse_id, public_id
from singleuse_app.models import EventType, Link, LinkRequest
from singleuse_app.notifications import outbox
from singleuse_app.operations.found_links import find_by_token, hold_by_token
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.operations.links import HandedOutLink, add_link, options_of, token_of
from singleuse_app.scheduling.bookings import MAX_NAME_LENGTH, Party, parse_email, parse_optional_text, parse_text
from singleuse_app.scheduling.errors import AskedAlready, InvalidInput, LinkOff, LinkWorks, NotFound
from singleuse_app.scheduling.links import LinkStatus, link_status

MAX_WAITING_PER_LINK = 3
MAX_WAITING_PER_HOST = 50
MAX_MESSAGE_LENGTH = 500
SHOWN_AFTER_ANSWER = timedelta(days=1)
"""So long an answered request stays in sight: its new link may have to be copied once more."""


@dataclass(frozen=True, slots=True)
class LinkRequestRow:
    """One request as its host sees it: who asks, what for, and what became of the old link."""

    id: str
    name: str
    email: str
    message: str
    event_name: str
    old_status: LinkStatus
    created_at: datetime
    is_answered: bool


@db.repeatable
def ask_for_link(*, token: object, name: object, email: object, message: object, now: datetime) -> None:
    """Tell the host of a dead link who would like a new one. The same address asking again is as good as once.

    Raises ``InvalidInput`` for the fields, ``LinkNotFound``, ``LinkWorks`` where the link can be booked with after
    all, and ``AskedAlready`` where enough people wait for this link or this host.
    """
    wrong: dict[str, str] = {}
    clean_name = parse_text(name, "name", MAX_NAME_LENGTH, wrong)
    clean_email = parse_email(email, wrong)
    clean_message = parse_optional_text(message, "message", MAX_MESSAGE_LENGTH, wrong)
    if wrong:
        raise InvalidInput(wrong)
    with db.writing() as session:
        find_by_token(session, token)  # a standard link that is off is as good as none
        link_id, host = hold_by_token(session, token)
        link = session.get_one(Link, link_id)
        if link_status(link.facts(session.get_one(EventType, link.event_type_id)), now=now) is LinkStatus.ACTIVE:
            raise LinkWorks
        waiting = _waiting(session, host.id)
        if any(one.link_id == link_id and one.email == clean_email for one in waiting):
            return
        if (
            len(waiting) >= MAX_WAITING_PER_HOST
            or sum(one.link_id == link_id for one in waiting) >= MAX_WAITING_PER_LINK
        ):
            raise AskedAlready
        request = LinkRequest(
            id=new_id(),
            host_id=host.id,
            link_id=link_id,
            name=clean_name,
            email=clean_email,
            message=clean_message,
            created_at=now,
        )
        session.add(request)
        record(
            session,
            Happened.LINK_REQUESTED,
            now=now,
            host_id=host.id,
            event_type_id=link.event_type_id,
            link_id=link_id,
        )
        outbox.enqueue(
            session,
            Happened.LINK_REQUESTED,
            host_id=host.id,
            recipients=(Party.HOST,),
            subject_id=request.id,
            sequence=0,
            now=now,
        )


def list_link_requests(*, host_id: UUID, now: datetime) -> list[LinkRequestRow]:
    """Who waits for an answer, the oldest first; then who has had one lately."""
    with db.reading() as session:
        rows = session.exec(
            select(LinkRequest, Link, EventType)
            .join(Link, col(Link.id) == LinkRequest.link_id)
            .join(EventType, col(EventType.id) == Link.event_type_id)
            .where(
                LinkRequest.host_id == host_id,
                col(LinkRequest.dismissed_at).is_(None),
                or_(col(LinkRequest.answered_at).is_(None), col(LinkRequest.answered_at) > now - SHOWN_AFTER_ANSWER),
            )
            .order_by(col(LinkRequest.answered_at).is_not(None), col(LinkRequest.created_at))
            .limit(2 * MAX_WAITING_PER_HOST)
        ).all()
        return [
            LinkRequestRow(
                id=public_id(LINK_REQUEST, request.id),
                name=request.name,
                email=request.email,
                message=request.message,
                event_name=event_type.name,
                old_status=link_status(link.facts(event_type), now=now),
                created_at=request.created_at,
                is_answered=request.answered_at is not None,
            )
            for request, link, event_type in rows
        ]


@db.repeatable
def answer_link_request(*, host_id: UUID, request_id: object, now: datetime) -> HandedOutLink:
    """A new single-use link with the options of the old one. Asked for twice, it is the same link.

    Raises ``NotFound`` for another host's or one that was dismissed, ``LinkOff`` where the event type is off.
    """
    with db.writing() as session:
        hold(session, host_id)
        request = _own(session, host_id, request_id)
        if request.dismissed_at is not None:
            raise NotFound
        if request.new_link_id is not None:
            return token_of(session.get_one(Link, request.new_link_id))
        old = session.get_one(Link, request.link_id)
        event_type = session.get_one(EventType, old.event_type_id)
        if not event_type.offered:
            raise LinkOff("event_type_off", name=event_type.name)
        made = add_link(
            session,
            event_type,
            max_uses=1,
            expires_at=old.expires_at if old.expires_at and old.expires_at > now else None,
            now=now,
            options=replace(options_of(old), recipient_name=request.name, recipient_email=request.email),
        )
        request.answered_at, request.new_link_id = now, parse_id(LINK, made.id)
        session.add(request)
        return made


@db.repeatable
def dismiss_link_request(*, host_id: UUID, request_id: object, now: datetime) -> None:
    """Put a request away. Nobody is told; a link that answered it stays good."""
    with db.writing() as session:
        hold(session, host_id)
        request = _own(session, host_id, request_id)
        if request.dismissed_at is None:
            request.dismissed_at = now
            session.add(request)
            record(session, Happened.LINK_REQUEST_DISMISSED, now=now, host_id=host_id, link_id=request.link_id)


def _waiting(session: Session, host_id: UUID) -> list[LinkRequest]:
    return list(
        session.exec(
            select(LinkRequest).where(
                LinkRequest.host_id == host_id,
                col(LinkRequest.answered_at).is_(None),
                col(LinkRequest.dismissed_at).is_(None),
            )
        ).all()
    )


def _own(session: Session, host_id: UUID, request_id: object) -> LinkRequest:
    request = session.get(LinkRequest, parse_id(LINK_REQUEST, request_id))
    if request is None or request.host_id != host_id:
        raise NotFound
    return request
