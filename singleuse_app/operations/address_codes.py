"""Codes that prove an address: asking for one, and the mail that brings it.

A link sends a few codes an hour: who has it and does not read that mail guesses in vain, and fills nobody's mailbox.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, func, or_, select, update

from singleuse_app import db, tokens
from singleuse_app.ids import new_id
from singleuse_app.models import AddressCode, EventType, Host, Link
from singleuse_app.notifications.letters import Letter
from singleuse_app.notifications.mail import Address
from singleuse_app.notifications.outbox import Owed, enqueue
from singleuse_app.operations.address_proofs import (
    AN_HOUR,
    browser_on,
    digits_of,
    link_to_prove,
    log_proof,
    newest_code,
    proves,
)
from singleuse_app.operations.found_links import hold_by_token
from singleuse_app.operations.history import Happened
from singleuse_app.operations.link_mails import RECIPIENT
from singleuse_app.operations.mail_limits import Counted, reached
from singleuse_app.scheduling.address_proofs import CODE_LASTS, TRIES
from singleuse_app.scheduling.errors import Refusal, TooManyCodes
from singleuse_app.settings import settings
from singleuse_app.wording import known_locale, wording

PER_HOUR, PER_DAY = 5, 10
"""So many codes go out for one link."""

PAUSE = timedelta(seconds=15)
"""Who asks twice within it has pressed twice, and is sent one code."""

A_DAY = timedelta(days=1)


@db.repeatable
def ask_for_code(*, token: object, receipt: str, locale: object = "", now: datetime) -> None:
    """Owe the link's address a code, for the browser with that receipt. It takes the place of that browser's earlier
    one. Asking spends nothing of the link.

    Raises a ``LinkRefusal``, ``TooManyCodes``, or a ``Refusal`` where no mail can be sent.
    """
    if settings().smtp is None:
        raise Refusal("codes_not_sent")
    with db.writing() as session:
        link_id, host = hold_by_token(session, token)  # one at a time, for the codes are counted
        link = link_to_prove(session, token, now)
        own, newest = browser_on(link_id, receipt), newest_code(session, link_id, receipt)
        if newest and (proves(newest, now) or (now - newest.created_at < PAUSE and newest.tries == 0)):
            return
        _refuse_too_many(session, link, now)
        mine = (col(AddressCode.link_id) == link_id, col(AddressCode.receipt_hash) == own)
        session.exec(update(AddressCode).where(*mine, col(AddressCode.closed_at).is_(None)).values(closed_at=now))
        key = new_id()
        code = AddressCode(
            id=key,
            host_id=host.id,
            link_id=link_id,
            receipt_hash=own,
            kid=tokens.current_kid(),
            nonce=tokens.new_nonce(),
            locale=known_locale(locale),
            created_at=now,
            expires_at=now + CODE_LASTS,
        )
        session.add(code)
        enqueue(
            session,
            Happened.CODE_ASKED,
            host_id=host.id,
            recipients=[RECIPIENT],
            subject_id=key,
            sequence=0,
            is_urgent=True,
            now=now,
        )
        log_proof(session, Happened.CODE_ASKED, link, now)


def write_code(session: Session, owed: Owed, *, now: datetime) -> Letter | None:
    """To the address of a link. Not where the code is good for nothing any more, nor into the folder of kept mails."""
    code = session.get(AddressCode, owed.subject_id)
    if code is None or code.closed_at or code.verified_at or code.tries >= TRIES or code.expires_at <= now:
        return None
    link = session.get_one(Link, code.link_id)
    event_type, host = session.get_one(EventType, link.event_type_id), session.get_one(Host, link.host_id)
    if settings().smtp is None or link.refusal(event_type, now=now):
        return None
    own = wording(code.locale)
    say, title = own.say, own.say("Your code to book with {name}", name=host.name)
    return Letter(
        to=Address(link.recipient_name, link.recipient_email),
        wording=own,
        subject=title,
        title=title,
        paragraphs=(say("Type it on the page on which you asked for it."),),
        facts=((say("Code"), digits_of(code)), (say("Meeting"), event_type.name), (say("Host"), host.name)),
        closing=(
            say("It is good for ten minutes, and only in the browser in which it was asked for."),
            say("Was it not you who asked? Then there is nothing to do: tell nobody the code."),
        ),
        sender_name=host.name,
    )


def without_a_way(session: Session, *, now: datetime) -> list[UUID]:
    """Open links that ask for a code, where there is no mail server to send it through."""
    if settings().smtp is not None:
        return []
    still_open = (
        col(Link.by_code),
        col(Link.uses) < col(Link.max_uses),
        col(Link.revoked_at).is_(None),
        or_(col(Link.expires_at).is_(None), col(Link.expires_at) > now),
    )
    return list(session.exec(select(Link.id).where(*still_open).order_by(col(Link.id))))


def _refuse_too_many(session: Session, link: Link, now: datetime) -> None:
    number = select(func.count(col(AddressCode.id))).where(AddressCode.link_id == link.id)
    for within, most, why in ((AN_HOUR, PER_HOUR, "codes_per_hour"), (A_DAY, PER_DAY, "codes_per_day")):
        if session.exec(number.where(col(AddressCode.created_at) > now - within)).one() >= most:
            raise TooManyCodes(why)
    if reached(session, Counted(tokens.hash_token(link.recipient_email.lower()), link.id), now=now):
        raise TooManyCodes("codes_per_day")
