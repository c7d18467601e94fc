"""Sending what is owed: one round claims, writes, sends and settles, and leaves nothing half done.

Between the claim and the settling no transaction is open, so a mail server that hangs holds up no booking.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from singleuse_app import db
from singleuse_app.models import Host, OutboxMessage
from singleuse_app.notifications import letters, outbox
from singleuse_app.notifications.letters import Letter
from singleuse_app.notifications.mail import Address, Mail
from singleuse_app.notifications.outbox import Owed
from singleuse_app.notifications.smtp import Deferred, Post, Refused, ServerTrouble, kept_file, sender_of
from singleuse_app.operations import linked_accounts, password_resets, two_factor
from singleuse_app.operations.address_codes import write_code
from singleuse_app.operations.booking_letters import ABOUT, fan_out, write_about_booking
from singleuse_app.operations.booking_messages import REMINDER_DUE
from singleuse_app.operations.digests import DIGEST, owe_next, write_digest
from singleuse_app.operations.history import Happened
from singleuse_app.operations.host_letters import host_left, link_requested
from singleuse_app.operations.link_mails import write_link
from singleuse_app.operations.mail_limits import count_by, is_too_much
from singleuse_app.scheduling.addresses import wire_email
from singleuse_app.settings import settings

AT_ONCE = 20
TOO_MUCH = "Too much was sent to this address, or through this link, within a day."
ROUND = timedelta(seconds=60)
"""After so long a round gives back what it has not tried yet, well before its lease ends."""

OFF_AT_FIRST = frozenset({f"{DIGEST}:host"})
"""What a host has to switch on."""

WRITERS = {
    **dict.fromkeys(ABOUT, write_about_booking),
    Happened.LINK_REQUESTED: link_requested,
    Happened.LINK_SENT: write_link,
    Happened.CODE_ASKED: write_code,
    DIGEST: write_digest,
    Happened.HOST_LEFT: host_left,
    password_resets.ASKED: password_resets.write_reset,
    password_resets.CHANGED: password_resets.write_changed,
    **dict.fromkeys(two_factor.NEWS, two_factor.write_news),
    linked_accounts.LINKED: linked_accounts.write_linked,
}

logger = logging.getLogger(__name__)


def deliver_due(post: Post, *, clock: Callable[[], datetime]) -> list[Owed]:
    """Send some of the messages that are due, by ``post``; which were claimed. Where the server is in trouble all of
    them wait. Raises ``TryAgain`` where the database does not answer; then what was claimed waits for its lease."""
    began = clock()
    claimed = outbox.claim_due(now=began, at_most=AT_ONCE)
    trouble = ""
    for owed in claimed:
        if trouble:
            outbox.postponed(owed, said=trouble, now=clock())
        elif clock() - began > ROUND:
            outbox.given_back(owed)
        else:
            trouble = _deliver(owed, post, clock)
    return claimed


def _deliver(owed: Owed, post: Post, clock: Callable[[], datetime]) -> str:
    """Send one message; what is wrong with the server, if anything is."""
    try:
        mail = write(owed, now=clock())
        if mail is None:
            outbox.dropped(owed, now=clock())
        elif is_too_much(counted := count_by(owed, mail.to.email), now=clock()):
            outbox.dropped(owed, said=TOO_MUCH, now=clock())
        else:
            said = post.send(mail)
            if not outbox.sent(owed, said=said, kept=post.kept, **asdict(counted), now=clock()) and post.kept:
                _forget_if_erased(owed)
    except Refused as no:
        outbox.refused(owed, said=no.said, now=clock())
    except Deferred as no:
        outbox.postponed(owed, said=no.said, now=clock())
    except ServerTrouble as trouble:
        outbox.postponed(owed, said=trouble.said, now=clock())
        logger.warning("Mail cannot be sent at the moment.")
        return trouble.said or "?"
    except (KeyError, ValueError, TypeError, AttributeError, LookupError):
        logger.exception("A message of kind %s could not be written.", owed.kind)
        outbox.postponed(owed, said="Singleuse could not write this message.", now=clock())
    return ""


def _forget_if_erased(owed: Owed) -> None:
    """Whom a mail is about may be erased while it is written: then nobody else knows of the file."""
    with db.reading() as session:
        erased = session.get(OutboxMessage, owed.id) is None
    if erased:
        kept_file(owed.due_at, owed.id).unlink(missing_ok=True)


def write(owed: Owed, *, now: datetime) -> Mail | None:
    """The mail that a message stands for, with what is true now; ``None`` where it is not to be sent (any more)."""
    if owed.kind == REMINDER_DUE:
        _fan_out(owed, now)
        return None
    if owed.kind == DIGEST:
        _owe_next_digest(owed, now)
    with db.reading() as session:
        host = session.get(Host, owed.host_id) if owed.host_id else None
        if host is not None and not is_wanted(host, owed):
            return None
        letter = WRITERS[owed.kind](session, owed, now=now)
    return in_an_envelope(letter, owed.id, owed.due_at) if letter else None


def in_an_envelope(letter: Letter, key: UUID, date: datetime) -> Mail:
    """The mail that a letter goes out as; ``key`` makes it the same one each time."""
    sender = sender_of(settings(), letter.sender_name)
    return Mail(
        message_id=f"{key.hex}@{sender.email.rpartition('@')[2]}",
        date=date,
        sender=sender,
        to=_on_the_wire(letter.to),
        reply_to=_on_the_wire(letter.reply_to) if letter.reply_to else None,
        subject=letter.subject,
        text=letters.as_text(letter),
        html=letters.as_html(letter),
        language=letter.wording.language,
        thread=letter.thread,
        calendar=letter.calendar,
        method=letter.method,
    )


def is_wanted(host: Host, owed: Owed) -> bool:
    """Whether a host wants messages of this kind to go to this side."""
    side = "host" if owed.recipient.split(":")[0] == "host" else "others"
    return has_chosen(host, f"{owed.kind}:{side}")


def has_chosen(host: Host, name: str) -> bool:
    """Whether that kind of message goes to that side, as its host chose or as it is at first.

    >>> has_chosen(Host(), "booked:host"), has_chosen(Host(), "digest:host")
    (True, False)
    """
    return host.mail_choices.get(name, name not in OFF_AT_FIRST)


def _on_the_wire(address: Address) -> Address:
    return Address(address.name, wire_email(address.email))


@db.repeatable
def _owe_next_digest(owed: Owed, now: datetime) -> None:
    with db.writing() as session:
        host = session.get(Host, owed.host_id)
        if host is not None and is_wanted(host, owed) and outbox.is_mine(session, owed):
            owe_next(session, host, now=now)


@db.repeatable
def _fan_out(owed: Owed, now: datetime) -> None:
    with db.writing() as session:
        if outbox.is_mine(session, owed):
            fan_out(session, owed, now=now)
            outbox.drop_in(session, owed, now=now)
