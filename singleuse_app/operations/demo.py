"""A small believable data set, to look around in: made through the operations, so that everything about it is true."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import cycle

from sqlmodel import select

from singleuse_app import db, tokens
from singleuse_app.ids import EVENT_TYPE, public_id
from singleuse_app.models import EventType
from singleuse_app.operations import bookings, event_types, hosts, links
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.manage_booking import AsHost, cancel_booking, reschedule_booking, times_to_move_to
from singleuse_app.operations.standard_links import switch_standard_link
from singleuse_app.scheduling.bookings import BookingConfirmation, Invitee
from singleuse_app.scheduling.errors import CommandRefused
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.scheduling.links import UNLIMITED_USES
from singleuse_app.scheduling.months import View

FORTNIGHT = timedelta(days=14)
INVITEES = (
    Invitee("Ada Lovelace", "ada@example.org", "Europe/London"),
    Invitee("Kofi Mensah", "kofi@example.net", "Africa/Accra"),
    Invitee("Yuki Tanaka", "yuki@example.com", "Asia/Tokyo"),
    Invitee("Lucía Fernández", "lucia@example.org", "America/Argentina/Buenos_Aires"),
    Invitee("Priya Raman", "priya@example.net", "Asia/Kolkata"),
    Invitee("Jonas Weber", "jonas@example.com", "Europe/Berlin"),
    Invitee("Amara Okafor", "amara@example.org", "Africa/Lagos"),
    Invitee("Sam Whitefeather", "sam@example.net", "America/Denver"),
    Invitee("Noor Haddad", "noor@example.com", "Asia/Beirut"),
    Invitee("Elif Demir", "elif@example.org", "Europe/Istanbul"),
    Invitee("Tomás Silva", "tomas@example.net", "America/Sao_Paulo"),
    Invitee("Wei Zhang", "wei@example.com", "Asia/Singapore"),
    Invitee("Ines Moreau", "ines@example.org", "Europe/Paris"),
)


@dataclass(frozen=True, slots=True)
class Demo:
    """How to sign in."""

    email: str
    password: str


def add_demo(*, time_zone: str, now: datetime) -> Demo:
    """One host, three event types, links in every status, a dozen bookings in the coming two weeks and one cancelled.

    Only where there is no host: else raises ``CommandRefused``.
    """
    if hosts.is_set_up():
        raise CommandRefused("demo_refused")
    password = tokens.new_password()
    host = hosts.add_host(
        name="Mira Keller",
        email="mira@example.org",
        password=password,
        time_zone=time_zone,
        now=now - timedelta(days=9),
    )
    meeting, intro, workshop = _add_event_types(host, now - timedelta(days=9))
    _add_links(host, meeting, workshop, now)
    _add_bookings(host, (meeting, intro), now)
    event_types.switch_event_type(host_id=host.id, event_type_id=workshop, on=False, now=now)
    return Demo(host.email, password)


def _add_event_types(host: SignedInHost, now: datetime) -> list[str]:
    """Two more beside the one that every host starts with, in the same hours. All three by their public ids."""
    with db.writing() as session:
        first = session.exec(select(EventType).where(EventType.host_id == host.id)).one()
        intro = EventType(
            host_id=host.id,
            schedule_id=first.schedule_id,
            name="Intro call",
            slug="intro-call",
            duration_minutes=15,
            start_time_increment_minutes=15,
            created_at=now,
        )
        workshop = EventType(
            host_id=host.id,
            schedule_id=first.schedule_id,
            name="Workshop",
            slug="workshop",
            description="Bring the problem; the pens are here.",
            location="Studio, second floor",
            duration_minutes=90,
            start_time_increment_minutes=30,
            before_buffer_minutes=15,
            after_buffer_minutes=15,
            reopens_on_cancel=True,
            created_at=now,
        )
        session.add_all([intro, workshop])
        for row in (intro, workshop):
            record(session, Happened.EVENT_TYPE_CHANGED, now=now, host_id=host.id, event_type_id=row.id)
        return [public_id(EVENT_TYPE, row.id) for row in (first, intro, workshop)]


def _add_links(host: SignedInHost, meeting: str, workshop: str, now: datetime) -> None:
    """Those that nobody has booked with: active, for several, for all, expired, revoked, off, public."""
    create = partial(links.create_link, host_id=host.id, event_type_id=meeting)
    create(now=now)
    create(now=now - timedelta(days=2))
    create(now=now - timedelta(days=6), options=LinkOptions(expires_on=(now + timedelta(days=10)).date()))
    create(now=now, max_uses=5)
    create(now=now, max_uses=UNLIMITED_USES)
    create(now=now - timedelta(days=8), options=LinkOptions(expires_on=(now - timedelta(days=3)).date()))
    revoked = create(now=now - timedelta(days=4))
    links.revoke_link(host_id=host.id, link_id=revoked.id, now=now - timedelta(days=1))
    create(now=now, event_type_id=workshop)
    switch_standard_link(host_id=host.id, event_type_id=meeting, on=True, now=now)


def _add_bookings(host: SignedInHost, kinds: tuple[str, ...], now: datetime) -> None:
    made: list[BookingConfirmation] = []
    for number, (invitee, kind) in enumerate(zip(INVITEES, cycle(kinds), strict=False)):
        then = now - timedelta(hours=5 * (len(INVITEES) - number))
        link = links.create_single_use_link(host_id=host.id, event_type_id=kind, now=then - timedelta(hours=3))
        page, starts = _page_of(link.token, then), _starts(link.token, now)
        made.append(
            bookings.book_slot(
                token=link.token,
                start=starts[len(starts) * number // len(INVITEES)],
                invitee=invitee,
                receipt=tokens.new_secret(),
                terms_version=page.terms.version,
                now=then,
            )
        )
    cancel_booking(who=AsHost(host.id, made[3].booking_id), reason="A family matter came up.", now=now)
    moved = AsHost(host.id, made[-1].booking_id)
    view = View(month=(made[-1].start + timedelta(days=3)).date())
    later = next(start for start in times_to_move_to(who=moved, view=view, now=now).starts if start > made[-1].start)
    reschedule_booking(who=moved, start=later, sequence=made[-1].sequence, now=now)


def _starts(token: str, now: datetime) -> list[datetime]:
    """From tomorrow on, for today may be over; two weeks, which may lie in two months."""
    first, last = now + timedelta(days=1), now + FORTNIGHT
    months = dict.fromkeys(day.date().replace(day=1) for day in (first, last))
    starts = [start for month in months for start in _page_of(token, now, month).times.starts]
    return [start for start in starts if first < start < last]


def _page_of(token: str, now: datetime, month: date | None = None) -> OpenLink:
    page = bookings.open_link(token=token, receipt="", view=View(month=month), now=now)
    assert isinstance(page, OpenLink)  # nobody has used it
    return page
