"""Links sent by mail: one to its recipient, or those of a whole list, each with the same words and its own link."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, func, select

from singleuse_app import db, tokens
from singleuse_app.ids import LINK_BATCH, parse_id
from singleuse_app.models import EventType, Host, Link, LinkBatch, OutboxMessage
from singleuse_app.notifications import letters
from singleuse_app.notifications.letters import Action, Letter
from singleuse_app.notifications.mail import Address
from singleuse_app.notifications.outbox import Owed, enqueue
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.host_letters import wording_of
from singleuse_app.operations.hosts import hold
from singleuse_app.operations.links import last_day, own_link, token_of
from singleuse_app.scheduling.errors import InvalidInput, NotFound, Refusal
from singleuse_app.scheduling.mail_merge import merge, parse_template
from singleuse_app.settings import settings

MOST_A_DAY = 2000
"""So many links a host sends within a day."""

RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody whose link can be sent. ``expires`` is its last day in words, empty where it has none."""

    link_id: UUID
    name: str
    email: str
    event_name: str
    expires: str
    only_recipient: bool
    by_code: bool
    was_sent: bool


@dataclass(frozen=True, slots=True)
class LinksToSend:
    """What can be sent of what was asked for, and what it says unless the host has other words. ``no_address`` and
    ``dead`` are how many links have nobody's address, or cannot be booked with any more."""

    name: str
    addressees: tuple[Addressee, ...]
    no_address: int
    dead: int
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail as one person would have it, with a link that opens nothing."""

    to: str
    subject: str
    text: str


def need_mail_server() -> None:
    """Raises a ``Refusal`` where no mail can be sent: before a link is made only to be sent."""
    if settings().smtp is None:
        raise Refusal("no_mail_for_links")


def look_at_links_to_send(
    *, host_id: UUID, link_id: object = None, batch_id: object = None, now: datetime
) -> LinksToSend:
    """A link, or all of a list. Raises ``NotFound`` for what is not this host's."""
    with db.reading() as session:
        return _look(session, host_id, link_id, batch_id, now)


def preview_mail(*, host_id: UUID, addressee: Addressee, subject: object, text: object) -> Preview:
    """What that person would be sent. Raises ``NotFound``."""
    with db.reading() as session:
        host = session.get(Host, host_id)
    if host is None:
        raise NotFound
    letter = _letter(host, addressee, str(subject), str(text), tokens.link_url("…"))
    return Preview(f"{addressee.name} <{addressee.email}>".strip(), letter.subject, letters.as_text(letter))


@db.retrying
def send_links(
    *,
    host_id: UUID,
    link_id: object = None,
    batch_id: object = None,
    subject: object,
    text: object,
    again: bool = False,
    now: datetime,
) -> int:
    """Owe each recipient a mail with their link; says how many. To whom it was sent before it goes only ``again``, so
    that pressing twice sends once.

    Raises ``NotFound``, ``InvalidInput`` for the words, and a ``Refusal`` where there is no mail server, nobody to send
    to, or too much was sent today.
    """
    wrong: dict[str, str] = {}
    clean_subject, clean_text = parse_template(subject, text, wrong)
    if wrong:
        raise InvalidInput(wrong)
    need_mail_server()
    with db.writing() as session:
        hold(session, host_id)
        found = _look(session, host_id, link_id, batch_id, now)
        chosen = [each for each in found.addressees if again or not each.was_sent]
        if not chosen:
            raise Refusal("nobody_to_mail")
        if _sent_today(session, host_id, now) + len(chosen) > MOST_A_DAY:
            raise Refusal("too_many_mails", most=MOST_A_DAY)
        before = _times_sent(session, [each.link_id for each in chosen])
        for each in chosen:
            enqueue(
                session,
                Happened.LINK_SENT,
                host_id=host_id,
                recipients=[RECIPIENT],
                subject_id=each.link_id,
                sequence=before.get(each.link_id, 0),
                payload={"subject": clean_subject, "text": clean_text},
                now=now,
            )
            record(session, Happened.LINK_SENT, now=now, host_id=host_id, link_id=each.link_id)
        return len(chosen)


def write_link(session: Session, owed: Owed, *, now: datetime) -> Letter | None:
    """To the recipient of a link. Not where it can be booked with no more."""
    link = session.get(Link, owed.subject_id)
    event_type = session.get(EventType, link.event_type_id) if link else None
    if link is None or event_type is None or not link.recipient_email or link.refusal(event_type, now=now):
        return None
    host = session.get_one(Host, link.host_id)
    addressee = _addressee(link, event_type, host, was_sent=True)
    url = tokens.link_url(token_of(link).token)
    return _letter(host, addressee, owed.payload["subject"], owed.payload["text"], url)


def _look(session: Session, host_id: UUID, link_id: object, batch_id: object, now: datetime) -> LinksToSend:
    host = session.get(Host, host_id)
    if host is None:
        raise NotFound
    name, found = _found(session, host_id, link_id, batch_id)
    live = [(link, event_type) for link, event_type in found if not link.refusal(event_type, now=now)]
    reachable = [(link, event_type) for link, event_type in live if link.recipient_email]
    sent = _times_sent(session, [link.id for link, _ in reachable])
    own = wording_of(host)
    return LinksToSend(
        name=name,
        addressees=tuple(
            _addressee(link, event_type, host, was_sent=link.id in sent) for link, event_type in reachable
        ),
        no_address=len(live) - len(reachable),
        dead=len(found) - len(live),
        subject=own.say("Choose a time: {event} with {host}", event="{event}", host="{host}"),
        text="\n\n".join([own.say("Hello {name},", name="{name}"), own.say("choose a time that suits you.")]),
    )


def _found(
    session: Session, host_id: UUID, link_id: object, batch_id: object
) -> tuple[str, list[tuple[Link, EventType]]]:
    if not batch_id:
        link, event_type = own_link(session, host_id, link_id, handed_out=True)
        return link.recipient_name or link.recipient_email, [(link, event_type)]
    batch = session.get(LinkBatch, parse_id(LINK_BATCH, batch_id))
    if batch is None or batch.host_id != host_id:
        raise NotFound
    links = (
        select(Link, EventType)
        .join(EventType, col(EventType.id) == Link.event_type_id)
        .where(Link.batch_id == batch.id)
        .order_by(col(Link.id))
    )
    return batch.name, [(link, event_type) for link, event_type in session.exec(links)]


def _times_sent(session: Session, keys: list[UUID]) -> dict[UUID, int]:
    counted = (
        select(OutboxMessage.subject_id, func.count(col(OutboxMessage.id)))
        .where(col(OutboxMessage.subject_id).in_(keys), OutboxMessage.kind == Happened.LINK_SENT)
        .group_by(col(OutboxMessage.subject_id))
    )
    return dict(session.exec(counted).all())


def _sent_today(session: Session, host_id: UUID, now: datetime) -> int:
    sent = select(func.count(col(OutboxMessage.id))).where(
        OutboxMessage.host_id == host_id,
        OutboxMessage.kind == Happened.LINK_SENT,
        col(OutboxMessage.created_at) > now - timedelta(days=1),
    )
    return session.exec(sent).one()


def _addressee(link: Link, event_type: EventType, host: Host, *, was_sent: bool) -> Addressee:
    last = last_day(link.expires_at, host.time_zone)
    return Addressee(
        link_id=link.id,
        name=link.recipient_name,
        email=link.recipient_email,
        event_name=event_type.name,
        expires=wording_of(host).date(last) if last else "",
        only_recipient=link.only_recipient,
        by_code=link.by_code,
        was_sent=was_sent,
    )


def _letter(host: Host, to: Addressee, subject: str, text: str, url: str) -> Letter:
    own = wording_of(host)
    say, facts = own.say, {"name": to.name, "event": to.event_name, "host": host.name}
    told = [(say("Meeting"), to.event_name), (say("Host"), host.name)]
    if to.expires:
        told.append((say("Good until"), to.expires))
    title = merge(subject, facts)
    closing = [say("The link books once. Then it is spent, whoever has it.")]
    if to.by_code:
        closing.append(say("It is for {email}: a code that is sent there is asked for.", email=to.email))
    elif to.only_recipient:
        closing.append(say("It is for {email}: book under that address.", email=to.email))
    return Letter(
        to=Address(to.name, to.email),
        wording=own,
        subject=title,
        title=title,
        paragraphs=tuple(part.strip() for part in merge(text, facts).split("\n\n") if part.strip()),
        facts=tuple(told),
        actions=(Action(say("Choose a time"), url),),
        closing=tuple(closing),
        reply_to=Address(host.name, host.email),
        sender_name=host.name,
    )
