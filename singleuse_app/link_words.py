"""Links as the board draws them: every fact in words."""

from datetime import datetime, timedelta

from singleuse_app import tokens
from singleuse_app.components.link_board import Row
from singleuse_app.components.link_details import Details
from singleuse_app.components.link_requests import Asked
from singleuse_app.components.link_tools import Batch
from singleuse_app.components.paging import Chip
from singleuse_app.components.status import WORDS
from singleuse_app.formats import duration_words, first_upper, for_host_words, moment_words, short_date_words
from singleuse_app.messages import words
from singleuse_app.operations.history import Happened
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.link_batches import BatchRow
from singleuse_app.operations.link_board import COUNTED, LinkDetails, LinkRow
from singleuse_app.operations.link_requests import LinkRequestRow
from singleuse_app.operations.links import last_day
from singleuse_app.scheduling.link_filters import LinkFilter
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.scheduling.links import LinkStatus
from singleuse_app.settings import settings
from singleuse_app.wording import noted, say

LAST_MOMENT = timedelta(minutes=1)
"""A link that expires when a day is over is good until the minute before."""

BECAME = {
    "used": noted("the old link was used"),
    "revoked": noted("the old link was taken back"),
    "expired": noted("the old link has expired"),
    "off": noted("the old link is off"),
    "active": noted("the old link works"),
}
LOG = {
    Happened.LINK_CREATED: noted("Made"),
    Happened.LINK_SENT: noted("Sent by mail"),
    Happened.LINK_OPENED: noted("Opened for the first time"),
    Happened.LINK_REVOKED: noted("Revoked"),
    Happened.LINK_TAKEN_BACK: noted("Taken back for good, by the command"),
    Happened.LINK_RESTORED: noted("Given back"),
    Happened.LINK_CHANGED: noted("Note or last day changed"),
    Happened.CODE_ASKED: noted("Code asked for"),
    Happened.ADDRESS_PROVEN: noted("Address proven by the code"),
    Happened.LINK_REOPENED: noted("Opened again by a cancellation"),
    Happened.LINK_REQUESTED: noted("Asked for again"),
    Happened.LINK_REQUEST_DISMISSED: noted("Request put away"),
    Happened.BOOKED: noted("Booked"),
    Happened.RESCHEDULED: noted("Booking moved"),
    Happened.CANCELLED: noted("Booking cancelled"),
    Happened.ANOTHER_TIME_ASKED: noted("Another time asked for"),
    Happened.ADDRESS_CORRECTED: noted("Address corrected"),
    Happened.NO_SHOW: noted("Nobody came"),
    Happened.NO_SHOW_TAKEN_BACK: noted("Somebody came after all"),
}


def chips_of(wanted: LinkFilter, counts: dict[LinkStatus, int]) -> list[Chip]:
    """All links, then those of each status; off only where there are some, for it is rare."""
    every = sum(counts.values())
    chips = [Chip(say("All"), _count(every), f"/links?{wanted.query(status=None)}", wanted.status is None)]
    for status in LinkStatus:
        if status is LinkStatus.OFF and not counts[status] and wanted.status is not status:
            continue
        href = f"/links?{wanted.query(status=status)}"
        chips.append(Chip(say(WORDS[status]), _count(counts[status]), href, wanted.status is status))
    return chips


def batch_of(wanted: LinkFilter, batches: list[BatchRow]) -> Batch:
    """The list that the board is narrowed to, if there is such a one."""
    found = next((batch for batch in batches if batch.id == wanted.batch), None)
    if found is None:
        return Batch()
    send_href = f"/send-links?batch={found.id}"
    table, sheet = (tokens.batch_url(found.id, file) for file in ("links.csv", "sheet"))
    return Batch(found.id, found.name, table, sheet, send_href)


def row_of(link: LinkRow, host: SignedInHost, now: datetime, *, is_open: bool = False) -> Row:
    """One line of the board."""
    booked, made = "", moment_words(link.created_at, host.time_zone, now=now, how=host.how)
    if link.booked_start:
        booked = f"{link.booked_by}, {moment_words(link.booked_start, host.time_zone, now=now, how=host.how)}"
    return Row(
        id=link.id,
        status=link.status.value,
        event_name=link.event_name,
        made=first_upper(made),
        recipient=" · ".join(filter(None, (link.recipient, link.note))),
        expires=_at(link.expires_at and link.expires_at - LAST_MOMENT, host, now),
        opened=_at(link.opened_at, host, now),
        booked=booked,
        is_active=link.status is LinkStatus.ACTIVE,
        is_asked_for=link.is_asked_for,
        is_open=is_open,
        books_once=link.books_once,
        copy_path=f"/api/links/{link.id}/copy",
        revoke_label=say("Revoke the link for {name} made {moment}", name=link.recipient, moment=made)
        if link.recipient
        else say("Revoke the link made {moment}", moment=made),
        details_label=say("Details of the link for {name} made {moment}", name=link.recipient, moment=made)
        if link.recipient
        else say("Details of the link made {moment}", moment=made),
    )


def details_of(found: LinkDetails, host: SignedInHost, now: datetime) -> Details:
    """What an open row shows."""
    row = found.row
    works = row.status is LinkStatus.ACTIVE
    opened = say("Nobody has opened it yet.")
    if row.opened_at:
        when = moment_words(row.opened_at, host.time_zone, now=now, how=host.how)
        opened = say("First opened {moment}. A mail scanner may have opened it, too.", moment=when)
    last = last_day(row.expires_at, host.time_zone)
    return Details(
        id=row.id,
        email=found.recipient_email,
        mail_to=f"mailto:{found.recipient_email}",
        only_recipient=found.only_recipient,
        by_code=found.own.by_code,
        no_codes=words("no_mail_for_codes") if found.own.by_code and works and settings().smtp is None else "",
        send_href=f"/send-links?link={row.id}" if works and found.recipient_email else "",
        note=row.note,
        last_day=last.isoformat() if last else "",
        opened=opened,
        own=own_words(found.own),
        qr=tokens.qr_code_url(row.id) if works else "",
        qr_label=say("QR code of the link for {name}", name=row.recipient)
        if row.recipient
        else say("QR code of the link"),
        can_undo=found.can_be_given_back,
        can_last_longer=row.expires_at is not None and row.status in {LinkStatus.ACTIVE, LinkStatus.EXPIRED},
        books_once=row.books_once,
        reissue_path=f"/api/links/{row.id}/reissue",
        reissue_label=say("Replace by a new link") if works else say("Copy a new link like this one"),
        reissue_words=say("This one is revoked, and the new one copied.") if works else say("With the same options."),
        log=[(_at(at, host, now), say(LOG.get(kind, kind.value))) for at, kind in found.log],
    )


def own_words(own: LinkOptions) -> str:
    """Where a link differs from its event type.

    >>> from datetime import date
    >>> own_words(LinkOptions(duration_minutes=45, last_date=date(2026, 12, 4), hours="09:00–12:00"))
    '45 minutes · until 4 December 2026 · only 09:00–12:00'
    """
    place = own.place
    return " · ".join(
        filter(
            None,
            (
                duration_words(own.duration_minutes) if own.duration_minutes else "",
                (place.text or for_host_words(place)) if place else "",
                say("from {day}", day=short_date_words(own.first_date)) if own.first_date else "",
                say("until {day}", day=short_date_words(own.last_date)) if own.last_date else "",
                say("only {hours}", hours=own.hours) if own.hours else "",
            ),
        )
    )


def asked_of(row: LinkRequestRow, host: SignedInHost, now: datetime) -> Asked:
    """Somebody who asks for a new link."""
    asked = first_upper(moment_words(row.created_at, host.time_zone, now=now, how=host.how))
    return Asked(
        id=row.id,
        who=row.name,
        email=row.email,
        mail_to=f"mailto:{row.email}",
        message=row.message,
        about=f"{asked} · {row.event_name} · {say(BECAME[row.old_status.value])}",
        copy_path=f"/api/link-requests/{row.id}/answer",
        copy_label=say("Copy it again") if row.is_answered else say("Copy new link"),
        send_label=say("Send {name} a new link by mail", name=row.name),
        dismiss_label=say("Dismiss the request of {name}", name=row.name),
    )


def _at(at: datetime | None, host: SignedInHost, now: datetime) -> str:
    return first_upper(moment_words(at, host.time_zone, now=now, how=host.how)) if at else ""


def _count(number: int) -> str:
    return f"{number}" if number < COUNTED else f"{COUNTED}+"
