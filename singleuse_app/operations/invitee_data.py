"""What a host keeps of one invitee, by their e-mail address: how much it is, as a file, and its end.

What stays is that a time was booked: its start and end, which link was spent on it, and the lines of the log.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import String, cast, or_
from sqlmodel import Session, col, delete, func, select

from singleuse_app import db, tokens
from singleuse_app.models import AddressCode, Booking, Link, LinkRequest, OutboxMessage, Table
from singleuse_app.notifications.smtp import kept_file
from singleuse_app.operations.exports import SECRETS, plain
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.scheduling.addresses import parse_email
from singleuse_app.scheduling.errors import InvalidInput, Refusal

NOBODY = "—"
"""What stands for the name of who was erased."""

KEPT_TERMS = ("version", "event_name", "duration_minutes")

AT_ONCE = 200
"""How many rows one statement names."""

ABOUT = (
    "What this host keeps of you on Singleuse: bookings that you made, bookings that you are a guest of (without what "
    "their invitees said), links that were made for you, and your requests for new links. Instants are in UTC, "
    "durations in minutes; a null says that something has not happened, or is not set."
)


@dataclass(frozen=True, slots=True)
class Found:
    """How much there is of somebody: bookings of theirs and bookings as a guest, links made for them, their requests
    for new links, and messages about all that. ``mentions`` are links for others that name them; ``upcoming`` of the
    bookings are still to come or under way."""

    email: str
    bookings: int
    as_guest: int
    links: int
    requests: int
    messages: int
    mentions: int
    upcoming: int

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is kept."""
        return not (self.bookings or self.as_guest or self.links or self.requests or self.mentions)


@dataclass(slots=True)
class _Kept:
    """The rows themselves. ``links`` are those for them and those that only their bookings used, ``mentioning`` links
    for others whose forms start with the address."""

    bookings: list[Booking]
    as_guest: list[Booking]
    links: list[Link]
    mentioning: list[Link]
    requests: list[LinkRequest]

    def subjects(self, session: Session) -> list[UUID]:
        """What messages to them, or about them, are about."""
        return [row.id for row in (*self.bookings, *self.links, *self.requests)] + codes_of(session, self.links)


def look_for_invitee(*, host_id: UUID, email: object, now: datetime) -> Found:
    """How much a host keeps of an address. Raises ``InvalidInput`` for ``email``."""
    address = _address(email)
    with db.reading() as session:
        kept = _find(session, host_id, address)
        messages = sum(
            session.exec(
                select(func.count(col(OutboxMessage.id))).where(
                    OutboxMessage.host_id == host_id, col(OutboxMessage.subject_id).in_(some)
                )
            ).one()
            for some in _portions(kept.subjects(session))
        )
        return Found(
            email=address,
            bookings=len(kept.bookings),
            as_guest=len(kept.as_guest),
            links=len(kept.links),
            requests=len(kept.requests),
            messages=messages,
            mentions=len(kept.mentioning),
            upcoming=len(_upcoming(kept, now)),
        )


def write_invitee_data(file: TextIO, *, host_id: UUID, email: object, now: datetime) -> None:
    """All of it as one JSON document. Raises ``InvalidInput`` for ``email``."""
    address = _address(email)
    with db.reading() as session:
        kept = _find(session, host_id, address)
        document = {
            "about": ABOUT,
            "written_at": now,
            "email": address,
            "bookings": [_columns(row) for row in kept.bookings],
            "guest_of": [_columns(row, "id", "start", "end", "terms", "cancelled_at") for row in kept.as_guest],
            "links": [_columns(row) for row in kept.links],
            "requests": [_columns(row) for row in kept.requests],
        }
        file.write(json.dumps(document, default=plain, ensure_ascii=False, indent=1))


@db.retrying
def erase_invitee(*, host_id: UUID, email: object, now: datetime) -> Found:
    """Erase it, and say how much it was. Links for them that could still be booked with are taken back.

    Raises ``InvalidInput`` for ``email``, and a ``Refusal`` where a meeting with them is still to come.
    """
    found = look_for_invitee(host_id=host_id, email=email, now=now)
    address = found.email
    with db.writing() as session:
        hold(session, host_id)
        kept = _find(session, host_id, address)
        if _upcoming(kept, now):
            raise Refusal("erase_upcoming")
        db.overwrite_what_goes(session)
        files = erase_bookings(session, kept.bookings, now=now)
        for booking in kept.as_guest:
            booking.guests = [guest for guest in booking.guests if guest.casefold() != address.casefold()]
            session.add(booking)
        files += _leave_guests_out(session, [row.id for row in kept.as_guest])
        for link in kept.mentioning:
            link.prefill = {name: value for name, value in link.prefill.items() if not _names(value, address)}
            session.add(link)
        files += erase_links(session, kept.links, now=now)
        files += forget_requests(session, kept.requests)
    delete_files(files)
    return found


def erase_bookings(session: Session, bookings: Collection[Booking], *, now: datetime) -> list[Path]:
    """Empty them of their invitees, and forget the messages about them; the files of such that were kept."""
    for row in bookings:
        row.invitee_name, row.invitee_email, row.invitee_time_zone, row.locale = NOBODY, "", "UTC", "en"
        row.guests, row.answers, row.cancel_reason = [], [], ""
        row.terms = {**{name: row.terms[name] for name in KEPT_TERMS}, "location": ""}
        row.receipt_hash, row.manage_hash = (tokens.hash_token(tokens.new_secret()) for _ in range(2))
        row.erased_at = now
        session.add(row)
    session.flush()
    return forget_messages(session, [row.id for row in bookings])


def erase_links(session: Session, links: Collection[Link], *, now: datetime | None) -> list[Path]:
    """Empty links of whom they are for; those that could still be booked with are taken back ``now``, unless they are
    dead anyway. One that was for a single address is for none now. Codes for them go, and messages; the files of such
    that were kept."""
    subjects = [row.id for row in links] + codes_of(session, links)
    for some in _portions([row.id for row in links]):
        session.exec(delete(AddressCode).where(col(AddressCode.link_id).in_(some)))
    for row in links:
        if now is not None and row.uses < row.max_uses and row.revoked_at is None:
            row.revoked_at = now
            record(
                session,
                Happened.LINK_REVOKED,
                now=now,
                host_id=row.host_id,
                event_type_id=row.event_type_id,
                link_id=row.id,
            )
        row.recipient_name, row.recipient_email, row.note, row.prefill, row.by_code = "", "", "", {}, False
        session.add(row)
    session.flush()
    return forget_messages(session, subjects)


def forget_requests(session: Session, requests: Sequence[LinkRequest]) -> list[Path]:
    """Delete requests for new links with the messages about them; the files of such that were kept."""
    keys = [row.id for row in requests]
    for some in _portions(keys):
        session.exec(delete(LinkRequest).where(col(LinkRequest.id).in_(some)))
    return forget_messages(session, keys)


def forget_messages(session: Session, subjects: Sequence[UUID]) -> list[Path]:
    """Delete the messages about something, and say in which files they were kept."""
    files = kept_files(session, subjects)
    for some in _portions(subjects):
        session.exec(delete(OutboxMessage).where(col(OutboxMessage.subject_id).in_(some)))
    return files


def kept_files(session: Session, subjects: Sequence[UUID]) -> list[Path]:
    """The files of mails about something that were kept because there was no server."""
    return [file for some in _portions(subjects) for file in files_of(session, col(OutboxMessage.subject_id).in_(some))]


def files_of(session: Session, which: Any) -> list[Path]:
    """The files of some of the mails that were kept."""
    kept = session.exec(select(OutboxMessage.id, OutboxMessage.due_at).where(which, col(OutboxMessage.kept)))
    return [kept_file(due_at, key) for key, due_at in kept]


def delete_files(files: Collection[Path]) -> None:
    """After the commit, for a file cannot be brought back. Whoever stops in between leaves some to delete by hand."""
    for file in files:
        file.unlink(missing_ok=True)


def codes_of(session: Session, links: Collection[Link]) -> list[UUID]:
    """The codes that were asked for to book with these links."""
    found: list[UUID] = []
    for some in _portions([row.id for row in links]):
        found += session.exec(select(AddressCode.id).where(col(AddressCode.link_id).in_(some)))
    return found


def _leave_guests_out(session: Session, bookings: Sequence[UUID]) -> list[Path]:
    """Forget what was sent to guests; host and invitee were told who they are, so that files of mails to them go."""
    files = kept_files(session, bookings)
    for some in _portions(bookings):
        to_guests = (col(OutboxMessage.subject_id).in_(some), col(OutboxMessage.recipient).like("guest:%"))
        session.exec(delete(OutboxMessage).where(*to_guests))
    return files


def _find(session: Session, host_id: UUID, address: str) -> _Kept:
    guests = cast(col(Booking.guests), String)
    own_bookings = select(Booking).where(Booking.host_id == host_id, col(Booking.erased_at).is_(None))
    bookings = list(session.exec(own_bookings.where(_is(Booking.invitee_email, address))))
    with_guests = session.exec(own_bookings.where(guests != "[]")).all() if address else []
    as_guest = [row for row in with_guests if address.casefold() in {guest.casefold() for guest in row.guests}]
    theirs = {row.link_id for row in bookings}
    handed_out = select(Link).where(Link.host_id == host_id, col(Link.address).is_(None))
    links = list(session.exec(handed_out.where(_is(Link.recipient_email, address))))
    prefilled = session.exec(handed_out.where(cast(col(Link.prefill), String) != "{}"))
    for some in _portions(list(theirs - {row.id for row in links})):
        links += session.exec(select(Link).where(col(Link.id).in_(some), Link.max_uses == 1))
    keys = {row.id for row in links}
    mentioning = [row for row in prefilled if row.id not in keys and _names(row.prefill, address)]
    requests = session.exec(select(LinkRequest).where(LinkRequest.host_id == host_id, _is(LinkRequest.email, address)))
    return _Kept(bookings, as_guest, links, mentioning, list(requests))


def _is(column: Any, address: str) -> Any:
    return or_(col(column) == address, func.lower(col(column)) == address.lower())


def _names(value: object, address: str) -> bool:
    return address.casefold() in str(value).casefold()


def _upcoming(kept: _Kept, now: datetime) -> list[Booking]:
    return [row for row in (*kept.bookings, *kept.as_guest) if row.cancelled_at is None and row.end > now]


def _address(email: object) -> str:
    wrong: dict[str, str] = {}
    address = parse_email(email, wrong)
    if wrong:
        raise InvalidInput(wrong)
    return address


def _portions(keys: Sequence[UUID]) -> list[Sequence[UUID]]:
    return [keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE)]


def _columns(row: Table, *names: str) -> dict[str, object]:
    columns = sa.inspect(type(row)).local_table.columns
    return {
        column.name: getattr(row, column.name)
        for column in columns
        if column.name not in SECRETS and (not names or column.name in names)
    }
