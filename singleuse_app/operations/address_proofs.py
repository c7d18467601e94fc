"""Proof of address: who books with a link for one address alone types a code that was sent there.

A code is six digits, good for ten minutes and five tries, in the browser that asked for it. What it proves holds there
for half an hour, so that whoever loses a time to somebody else can choose another.
"""

import hashlib
import re
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select, update

from singleuse_app import db, tokens
from singleuse_app.models import AddressCode, Link
from singleuse_app.operations.found_links import find_by_token
from singleuse_app.operations.history import Happened, record
from singleuse_app.scheduling.address_proofs import PROOF_LASTS, TRIES, Proof, ProofState
from singleuse_app.scheduling.addresses import masked
from singleuse_app.scheduling.errors import InvalidInput, LinkNotFound
from singleuse_app.settings import settings

AN_HOUR = timedelta(hours=1)


@db.repeatable
def prove_address(*, token: object, receipt: str, code: object, now: datetime) -> None:
    """Try a code that this browser was sent. Proven twice is as good as once.

    Raises a ``LinkRefusal``, or ``InvalidInput`` for ``code``: what is no code, or comes too late, costs no try.
    """
    with db.writing() as session:
        link = link_to_prove(session, token, now)
        newest = newest_code(session, link.id, receipt)
        if newest is not None and proves(newest, now):
            return
        digits = re.sub(r"[\s-]", "", code) if isinstance(code, str) else ""
        if newest is None or newest.verified_at:
            raise InvalidInput({"code": "code_not_asked"})
        if not re.fullmatch("[0-9]{6}", digits):
            raise InvalidInput({"code": "code_malformed"})
        if newest.expires_at <= now:
            raise InvalidInput({"code": "code_expired"})
        right = take_a_try(session, newest, digits, now=now)
        left = TRIES - session.exec(select(AddressCode.tries).where(AddressCode.id == newest.id)).one()
        if right:
            log_proof(session, Happened.ADDRESS_PROVEN, link, now)
    if not right:  # not before the commit, or the try would not count
        raise InvalidInput({"code": "code_differs" if left else "code_used_up"}, left=left)


def take_a_try(session: Session, code: AddressCode, digits: str, *, now: datetime) -> bool:
    """Count one try of a code and say whether it was right. However many guess at once, five are counted: the
    conditional UPDATE holds the row until the transaction ends. Raises ``InvalidInput`` where none is left."""
    own = col(AddressCode.id) == code.id
    is_open = (col(AddressCode.closed_at).is_(None), col(AddressCode.verified_at).is_(None))
    left = (col(AddressCode.tries) < TRIES, col(AddressCode.expires_at) > now)
    counted = update(AddressCode).where(own, *is_open, *left).values(tries=AddressCode.tries + 1)
    if session.exec(counted.execution_options(synchronize_session=False)).rowcount != 1:
        raise InvalidInput({"code": "code_used_up"})
    try:
        right = tokens.same(digits_of(code), digits)
    except KeyError:  # another key file: nothing is the code
        return False
    if right:
        verified = update(AddressCode).where(own).values(verified_at=now)
        session.exec(verified.execution_options(synchronize_session=False))
    return right


def need_proof(session: Session, link: Link, receipt: str, *, now: datetime) -> None:
    """Raise ``InvalidInput`` unless this browser has shown that it reads the mail of the link's address."""
    newest = newest_code(session, link.id, receipt)
    if newest is None or not proves(newest, now):
        raise InvalidInput({"code": "address_not_proven"})


def look_at_proof(session: Session, link: Link, receipt: str, *, now: datetime) -> Proof | None:
    """What the page of a link says of its address; ``None`` where no code is asked for."""
    if not link.by_code:
        return None
    newest, state = newest_code(session, link.id, receipt), ProofState.ASKABLE
    if newest and proves(newest, now):
        state = ProofState.PROVEN
    elif newest and newest.verified_at is None and now - newest.created_at < AN_HOUR:  # be it too old by now
        state = ProofState.SENT
    elif settings().smtp is None:
        state = ProofState.IMPOSSIBLE
    return Proof(masked(link.recipient_email), state)


def forget_codes(session: Session, *, now: datetime) -> None:
    """Let no code and no proof of any link count any more, in the caller's transaction."""
    session.exec(update(AddressCode).where(col(AddressCode.closed_at).is_(None)).values(closed_at=now))


def link_to_prove(session: Session, token: object, now: datetime) -> Link:
    """The link of that token, which asks for a code; else its ``LinkRefusal``."""
    found = find_by_token(session, token)
    if refusal := found.link.refusal(found.event_type, now=now):
        raise refusal
    if not found.link.by_code:
        raise LinkNotFound
    return found.link


def newest_code(session: Session, link_id: UUID, receipt: str) -> AddressCode | None:
    """The code that counts for a browser, be it too old by now."""
    own = (AddressCode.link_id == link_id, AddressCode.receipt_hash == browser_on(link_id, receipt))
    still = (*own, col(AddressCode.closed_at).is_(None))
    return session.exec(select(AddressCode).where(*still).order_by(col(AddressCode.id).desc()).limit(1)).first()


def proves(code: AddressCode, now: datetime) -> bool:
    """Whether it was typed, and that not long ago."""
    return code.verified_at is not None and now - code.verified_at < PROOF_LASTS


def digits_of(code: AddressCode) -> str:
    """The six digits. Raises ``KeyError`` where the key file does not have them."""
    return tokens.derive_code(tokens.ADDRESS_CODE, code.id, code.nonce, code.kid)


def browser_on(link_id: UUID, receipt: str) -> str:
    """What stands for a browser on one link, and proves nothing on another."""
    return hashlib.sha256(f"address:{link_id.hex}:{receipt}".encode()).hexdigest()


def log_proof(session: Session, kind: Happened, link: Link, now: datetime) -> None:
    """Write a line about the proof of a link's address."""
    record(session, kind, now=now, host_id=link.host_id, event_type_id=link.event_type_id, link_id=link.id)
