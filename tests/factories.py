"""Named scenes. Each writes through the operations, so that a test starts from what the app itself can make."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from singleuse_app import db
from singleuse_app.calendars.fetching import Validators
from singleuse_app.ids import EVENT_TYPE, LINK, parse_id
from singleuse_app.models import EventType, Link
from singleuse_app.operations import bookings, calendar_feeds, event_types, feed_checks, hosts, links
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.operations.feed_checks import Copy
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.scheduling.bookings import BookingConfirmation, Invitee
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.months import FreeTimes, View

NOW = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
"""A Tuesday, eight in the morning in Berlin."""

PASSWORD = "correct horse battery"
ADA = Invitee("Ada Lovelace", "ada@example.org", "Europe/London")
BOB = Invitee("Bob Byte", "bob@example.org", "America/New_York")
RECEIPT = "a" * 32
OTHER_RECEIPT = "b" * 32


@dataclass(frozen=True)
class Desk:
    """A host who has just set up: their id, their session, their first event type."""

    host_id: UUID
    session_secret: str
    event_type_id: str


def make_desk(*, time_zone: str = "Europe/Berlin", now: datetime = NOW) -> Desk:
    """The first host, as the set-up page makes them."""
    fresh = hosts.set_up(name="Grace Host", email="grace@example.org", password=PASSWORD, time_zone=time_zone, now=now)
    host = hosts.signed_in_host(fresh.secret, now=now)
    assert host is not None
    [card] = event_types.list_event_types(host_id=host.id, now=now)
    return Desk(host.id, fresh.secret, card.id)


def make_link(desk: Desk, *, now: datetime = NOW, max_uses: int = 1, **facts: object) -> HandedOutLink:
    """A link of the desk's event type; ``facts`` are columns to set, such as ``expires_at``."""
    link = links.create_link(host_id=desk.host_id, event_type_id=desk.event_type_id, now=now, max_uses=max_uses)
    if facts:
        with db.writing() as session:
            change(session, session.get(Link, parse_id(LINK, link.id)), facts)
    return link


def change_event_type(desk: Desk, **facts: object) -> None:
    """Change columns of the desk's event type, such as ``off_at`` or ``minimum_notice_minutes``."""
    with db.writing() as session:
        change(session, session.get(EventType, parse_id(EVENT_TYPE, desk.event_type_id)), facts)


def change(session: Session, row: object, facts: dict[str, object]) -> None:
    """Set columns of one row."""
    assert row is not None
    for name, value in facts.items():
        setattr(row, name, value)
    session.add(row)


def open_active(link: HandedOutLink, *, now: datetime = NOW, receipt: str = "") -> OpenLink:
    """What is behind a link that is active."""
    found = bookings.open_link(token=link.token, receipt=receipt, now=now)
    assert isinstance(found, OpenLink)
    return found


def free_starts(
    link: HandedOutLink, *, now: datetime = NOW, receipt: str = "", duration_minutes: int | None = None
) -> list[datetime]:
    """All starts that a link offers, month by month."""

    def look(view: View) -> FreeTimes:
        duration = {"duration_minutes": duration_minutes}
        found = bookings.open_link(token=link.token, receipt=receipt, view=view, now=now, **duration)
        assert isinstance(found, OpenLink)
        return found.times

    return every_month(look)


def every_month(look: Callable[[View], FreeTimes]) -> list[datetime]:
    """What there is to see in all months from the first on."""
    times = look(View())
    found = [*times.starts]
    while times.has_later:
        times = look(View(month=times.month + timedelta(days=31)))
        found += times.starts
    return found


def add_calendar(desk: Desk, *, name: str = "Work", url: str = "https://example.org/calendar.ics") -> str:
    """A calendar that nobody has read yet."""
    return calendar_feeds.add_feed(host_id=desk.host_id, name=name, url=url, now=NOW)


def read_calendar(desk: Desk, busy: Sequence[tuple[datetime, datetime]], *, now: datetime = NOW, **facts: str) -> str:
    """A calendar that was read just now, and says that its host is busy then; ``facts`` as in :func:`add_calendar`."""
    key = add_calendar(desk, **facts)
    [claimed] = feed_checks.claim_due(now=now, at_most=1)
    feed_checks.keep_copy(claimed, Copy([Interval(*times) for times in busy], Validators(), "digest"), now=now)
    return key


def book(
    link: HandedOutLink,
    *,
    slot: int = 0,
    invitee: Invitee = ADA,
    receipt: str = RECEIPT,
    start: datetime | None = None,
    terms_version: int = 1,
    now: datetime = NOW,
) -> BookingConfirmation:
    """Book the ``slot``-th free slot, or ``start``."""
    if start is None:
        start = open_active(link, now=now).times.starts[slot]
    return bookings.book_slot(
        token=link.token, start=start, invitee=invitee, receipt=receipt, terms_version=terms_version, now=now
    )


def rows(statement: str) -> list[tuple]:
    """What a plain SQL statement finds."""
    with db.reading() as session:
        return [tuple(row) for row in session.connection().exec_driver_sql(statement)]


def later(**delta: float) -> datetime:
    """``NOW`` and some."""
    return NOW + timedelta(**delta)
