"""What became of a host's messages, and what the host may do about them."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from singleuse_app import db, tokens
from singleuse_app.ids import MESSAGE, new_id, parse_id, public_id
from singleuse_app.models import AddressCode, Booking, Host, Link, OutboxMessage
from singleuse_app.notifications import outbox
from singleuse_app.notifications.letters import Letter
from singleuse_app.notifications.mail import Address
from singleuse_app.notifications.smtp import Post, kept_file
from singleuse_app.operations.booking_messages import REMINDER, REMINDER_DUE
from singleuse_app.operations.deliveries import OFF_AT_FIRST, has_chosen, in_an_envelope
from singleuse_app.operations.digests import DIGEST, owe_next
from singleuse_app.operations.history import Happened
from singleuse_app.operations.host_letters import wording_of
from singleuse_app.operations.hosts import hold
from singleuse_app.operations.link_mails import RECIPIENT
from singleuse_app.scheduling.bookings import Party
from singleuse_app.scheduling.errors import NotFound
from singleuse_app.settings import settings

SHOWN = 50
CHOICES = (
    *(
        f"{kind}:{side}"
        for kind in (Happened.BOOKED, Happened.RESCHEDULED, Happened.CANCELLED, Happened.ANOTHER_TIME_ASKED, REMINDER)
        for side in ("host", "others")
    ),
    f"{Happened.ADDRESS_CORRECTED}:others",
    f"{Happened.LINK_REQUESTED}:host",
    f"{DIGEST}:host",
)
"""What a host can switch off: a kind of message, and to which side."""


class MessageState(StrEnum):
    """What became of a message; ``DROPPED`` is one that was not true or not wanted any more when its time came."""

    WAITS = "waits"
    SENT = "sent"
    KEPT = "kept"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message as its host sees it. ``to`` is a name or an address; ``at`` is when it came to be so, or is tried
    next; ``said`` is what the mail server said last."""

    id: str
    kind: str
    part: str
    to: str
    state: MessageState
    at: datetime
    attempts: int
    said: str


@dataclass(frozen=True, slots=True)
class MailLog:
    """How mail goes, and a host's newest messages. ``server`` is empty where there is none, and mail is kept.
    ``failed`` and ``waiting`` are how many there are in all, of those whose time has come."""

    server: str
    choices: frozenset[str]
    rows: tuple[MessageRow, ...]
    failed: int
    waiting: int


def look_at_mail(*, host_id: UUID, only: MessageState | None = None, now: datetime) -> MailLog:
    """A host's messages, the newest first; those of one state where it is named. Raises ``NotFound``."""
    own, due = col(OutboxMessage.host_id) == host_id, col(OutboxMessage.due_at) <= now
    stands_for_others = col(OutboxMessage.kind) == REMINDER_DUE
    with db.reading() as session:
        host = session.get(Host, host_id)
        if host is None:
            raise NotFound
        found = session.exec(
            select(OutboxMessage)
            .where(own, due, ~stands_for_others, *([_is(only)] if only else []))
            .order_by(col(OutboxMessage.id).desc())
            .limit(SHOWN)
        ).all()
        keys = {row.subject_id for row in found}
        bookings = {row.id: row for row in session.exec(select(Booking).where(col(Booking.id).in_(keys)))}
        links = dict(session.exec(select(Link.id, Link.recipient_email).where(col(Link.id).in_(keys))).all())
        about_codes = select(AddressCode.id, Link.recipient_email).join(Link, col(Link.id) == AddressCode.link_id)
        links |= dict(session.exec(about_codes.where(col(AddressCode.id).in_(keys))).all())
        waiting = select(func.count(col(OutboxMessage.id))).where(own, _is(MessageState.WAITS), due, ~stands_for_others)
        server = settings().smtp
        return MailLog(
            server=server.host if server else "",
            choices=frozenset(name for name in CHOICES if has_chosen(host, name)),
            rows=tuple(_row(row, host, bookings.get(row.subject_id), links.get(row.subject_id, "")) for row in found),
            failed=count_failed(session, host_id),
            waiting=session.exec(waiting).one(),
        )


def count_failed(session: Session, host_id: UUID) -> int:
    """How many of a host's messages could not be delivered, and were given up."""
    failed = select(func.count(col(OutboxMessage.id))).where(OutboxMessage.host_id == host_id, _is(MessageState.FAILED))
    return session.exec(failed).one()


@db.repeatable
def send_again(*, host_id: UUID, message_id: object, now: datetime) -> None:
    """Try a message that has failed once more, for another day. Twice is as good as once. Raises ``NotFound``."""
    with db.writing() as session:
        hold(session, host_id)
        message = _own(session, host_id, message_id)
        if message.failed_at is not None:
            outbox.again(session, message, now=now)


def read_kept(*, host_id: UUID, message_id: object) -> str:
    """What a mail says that was kept for want of a server: its text, without the addresses that are its
    reader's alone.

    Raises ``NotFound``, also where the file is gone.
    """
    with db.reading() as session:
        message = _own(session, host_id, message_id)
    file = kept_file(message.due_at, message.id)
    try:
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    except FileNotFoundError:
        raise NotFound from None
    body = mail.get_body(("plain",))
    text = body.get_content() if body else ""
    for url in (tokens.manage_url, tokens.password_reset_url):
        text = re.sub(re.escape(url("")) + r"\w+", url("…"), text)
    return text


def send_test(*, host_id: UUID, post: Post, now: datetime) -> str:
    """Send a message to the host's own address at once, and return what the server said to it.

    It may take a minute. Raises ``NotFound``, and ``NotSent`` with the server's words.
    """
    with db.reading() as session:
        host = session.get(Host, host_id)
        if host is None:
            raise NotFound
        own = wording_of(host)
        title = own.say("Mail from Singleuse arrives")
        letter = Letter(
            to=Address(host.name, host.email),
            wording=own,
            subject=title,
            title=title,
            paragraphs=(own.say("You asked for this message on the Mail page. There is nothing to do."),),
        )
    try:
        return post.send(in_an_envelope(letter, new_id(), now))
    finally:
        post.close()


@db.repeatable
def choose_mail(*, host_id: UUID, chosen: Collection[str], now: datetime) -> None:
    """Let these messages be sent from now on, of ``CHOICES``, and no others. Raises ``NotFound``."""
    with db.writing() as session:
        hold(session, host_id)
        host = session.get_one(Host, host_id)
        host.mail_choices = {name: name in chosen for name in CHOICES if (name in chosen) == (name in OFF_AT_FIRST)}
        session.add(host)
        if f"{DIGEST}:host" in chosen:
            owe_next(session, host, now=now)


def _own(session: Session, host_id: UUID, message_id: object) -> OutboxMessage:
    message = session.get(OutboxMessage, parse_id(MESSAGE, message_id))
    if message is None or message.host_id != host_id:
        raise NotFound
    return message


def _is(state: MessageState) -> Any:
    match state:
        case MessageState.WAITS:
            return col(OutboxMessage.next_attempt_at).is_not(None)
        case MessageState.FAILED:
            return col(OutboxMessage.failed_at).is_not(None)
        case MessageState.DROPPED:
            return col(OutboxMessage.dropped_at).is_not(None)
        case MessageState.KEPT:
            return col(OutboxMessage.sent_at).is_not(None) & col(OutboxMessage.kept)
    return col(OutboxMessage.sent_at).is_not(None) & ~col(OutboxMessage.kept)


def _row(row: OutboxMessage, host: Host, booking: Booking | None, recipient: str) -> MessageRow:
    state, at = next((state, at) for state, at in _states(row) if at is not None)
    part, _, number = row.recipient.partition(":")
    return MessageRow(
        id=public_id(MESSAGE, row.id),
        kind=row.kind,
        part=part,
        to=recipient if part == RECIPIENT else _name(part, number, host, booking),
        state=state,
        at=at,
        attempts=row.attempts,
        said=row.server_said,
    )


def _states(row: OutboxMessage) -> tuple[tuple[MessageState, datetime | None], ...]:
    return (
        (MessageState.WAITS, row.next_attempt_at),
        (MessageState.FAILED, row.failed_at),
        (MessageState.DROPPED, row.dropped_at),
        (MessageState.KEPT if row.kept else MessageState.SENT, row.sent_at),
    )


def _name(part: str, number: str, host: Host, booking: Booking | None) -> str:
    if part == Party.HOST:
        return host.email
    if booking is None:
        return ""
    if part == Party.INVITEE:
        return booking.invitee_email
    index = int(number.partition(":")[0])
    return booking.guests[index] if index < len(booking.guests) else ""
