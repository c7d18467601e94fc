"""A host with something of everything, each text of it marked, so that a byte of it is known wherever it turns up.

Written through the operations before the app starts; what is to be told from everything else is a word that stands
nowhere else.
"""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest

from singleuse_app import db, tokens
from singleuse_app.ids import DEVICE, INVITATION, MESSAGE, public_id
from singleuse_app.models import Table
from singleuse_app.operations import (
    address_codes,
    bookings,
    bookings_feed,
    calendar_feeds,
    event_type_edits,
    host_bookings,
    host_invitations,
    hosts,
    link_batches,
    link_mails,
    link_requests,
    links,
    manage_booking,
    password_resets,
    schedules,
    standard_links,
)
from singleuse_app.scheduling.availability import AvailabilitySchedule, WeeklyHours
from singleuse_app.scheduling.bookings import Invitee
from singleuse_app.scheduling.event_types import Edit
from singleuse_app.scheduling.link_lists import Person
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.scheduling.locations import LocationKind
from singleuse_app.scheduling.months import View
from singleuse_app.scheduling.questions import Answer, Kind, Question
from tests.harness.databases import Database, opened

PASSWORD = "correct horse battery"
MARK = re.compile("zq7k[0-9]{3}w")
_numbers = count(100)

UNMARKED = {
    "kid": "names a key",
    "kind": "one of a few words",
    "token_hash": "searched for as a secret",
    "receipt_hash": "searched for as a secret",
    "manage_hash": "searched for as a secret",
    "password_hash": "searched for as a secret",
    "to_hash": "searched for as a secret",
    "dedupe_key": "made of ids",
    "recipient": "one of a few words",
    "sealed_url": "sealed",
    "nonce": "random",
    "uid": "made of an id",
    "digest": "of a file",
    "etag": "of a file",
    "last_modified": "a date",
    "problem": "a code",
    "locale": "a language",
    "invitee_time_zone": "a place on the map",
    "time_zone": "a place on the map",
    "colour": "one of a few words",
    "location_kind": "one of a few words",
    "booking_window": "one of a few words",
    "cancelled_by": "one of a few words",
    "hours": "numbers",
    "other_durations": "numbers",
    "reminders": "numbers",
    "mail_choices": "yes and no",
}
"""Columns of text that carry no mark, and why."""

UNPLANTED = {"installation": "has no text"}
"""Tables of which the victim has no row, or none with a mark."""


def mark() -> str:
    """A word that stands nowhere else."""
    return f"zq7k{next(_numbers)}w"


def address() -> str:
    """An e-mail address that does neither."""
    return f"{mark()}@victim.example"


@dataclass
class Victim:
    """What there is to find and to spoil.

    ``cookie``    the Cookie header of their browser; ``past_cookie`` of a session that was signed out
    ``spent``     the token of a link that was booked with; ``live`` of one that can be
    ``other_id``  another host of the same app, with ``other_cookie``, and with nothing but what every host starts with
    ``marks``     the number after that of the last mark
    ``told``      public ids that an attacker may have seen somewhere, by their prefix, and the host's and the event
                  type's names in addresses
    ``secrets``   what nobody but its holder may ever read: tokens, hashes, sealed addresses
    """

    host_id: UUID
    cookie: str
    past_cookie: str
    spent: str
    live: str
    event_type_id: str
    other_id: UUID
    other_cookie: str
    marks: int = 0
    told: dict[str, list[str]] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)

    def found_in(self, text: str) -> set[str]:
        """All that stands in ``text`` and is the victim's."""
        low = text.lower()
        return {*MARK.findall(low), *(secret for secret in self.secrets if secret in text)}


def plant(folder: Path) -> Victim:
    """Make the database of an app that is to start in ``folder``, with a victim in it."""
    global _numbers  # noqa: PLW0603
    _numbers = count(100)
    folder.mkdir(parents=True, exist_ok=True)
    database = Database("sqlite", f"sqlite:///{folder / 'singleuse.db'}", folder / "singleuse.key")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMTP_URL", "smtp://localhost:1")  # nothing is sent from here, but codes are asked for
        patch.setenv("MAIL_FROM", "meet@example.org")
        with opened(database):
            db.prepare()
            victim = _plant(datetime.now(UTC).replace(microsecond=0))
    with closing(sqlite3.connect(database.file)) as connection, connection:
        _settle(connection)
        _note_ids_and_secrets(connection, victim)
    victim.marks = int(mark()[4:7])
    return victim


def unmarked(database: Path) -> list[str]:
    """Columns of text without a mark in any row, but for those that are known to carry none."""
    with closing(sqlite3.connect(database)) as connection:
        return sorted(_unmarked(connection))


def _plant(now: datetime) -> Victim:
    fresh = hosts.set_up(name=f"Grace {mark()}", email=address(), password=PASSWORD, time_zone="UTC", now=now)
    past = fresh.secret
    host = hosts.signed_in_host(past, now=now)
    assert host is not None
    secret = hosts.sign_in(email=host.email, password=PASSWORD, user_agent=f"Browser {mark()}", now=now).secret
    hosts.sign_out(past, now=now)
    other = hosts.add_host(
        name="Mallory", email="mallory@evil.example", password=PASSWORD, time_zone="Asia/Tokyo", now=now
    )
    own = {"host_id": host.id, "now": now}
    hours = AvailabilitySchedule("UTC", tuple(WeeklyHours(weekday, 0, 1440) for weekday in range(7)))
    schedule = schedules.add_schedule(name=f"Hours {mark()}", availability=hours, **own)
    spare = schedules.add_schedule(name=f"Spare {mark()}", availability=hours, **own)
    edit = Edit(
        name=f"Talk {mark()}",
        description=f"About {mark()}",
        location_kind=LocationKind.TEXT,
        location=f"Room {mark()}",
        duration_minutes=30,
        start_time_increment_minutes=30,
        questions=(
            Question("topic", f"Topic {mark()}"),
            Question("choice", f"Choice {mark()}", Kind.CHOICE_ONE, options=(f"one {mark()}", f"two {mark()}")),
        ),
        confirmation_message=f"See you {mark()}",
        redirect_url=f"https://{mark()}.example/after",
    )
    event_type = event_type_edits.create_event_type(edit=edit, schedule_id=schedule, **own)
    copy = event_type_edits.duplicate_event_type(event_type_id=event_type, **own)
    standard_links.switch_standard_link(event_type_id=event_type, on=True, **own)
    standard_links.switch_standard_link(event_type_id=event_type, on=False, **own)
    victim = Victim(
        host.id,
        f"singleuse_session={secret}",
        f"singleuse_session={past}",
        "",
        "",
        event_type,
        other.id,
        f"singleuse_session={hosts.sign_in(email=other.email, password=PASSWORD, now=now).secret}",
        told={"evt": [event_type, copy], "sch": [schedule, spare], "question": ["topic", "choice"]},
        secrets=[secret, past],
    )
    _plant_links(victim, own)
    _plant_bookings(victim, own)
    victim.secrets += [
        bookings_feed.feed_token(**own),
        host_invitations.invite_host(**own),
        feed := f"https://calendars.example/{mark()}/private.ics",
    ]
    victim.told["cal"] = [calendar_feeds.add_feed(name=f"Work {mark()}", url=feed, **own)]
    password_resets.ask_for_reset(email=host.email, now=now)
    return victim


def _plant_links(victim: Victim, own: dict) -> None:
    options = LinkOptions(
        recipient_name=f"Ada {mark()}",
        recipient_email=address(),
        note=f"note {mark()}",
        location_kind=LocationKind.TEXT,
        location=f"Cafe {mark()}",
        prefill={"name": f"Ada {mark()}", "a1": mark()},
    )
    create = {"event_type_id": victim.event_type_id, **own}
    live = links.create_single_use_link(options=options, **create)
    revoked = links.create_single_use_link(options=options, **create)
    links.revoke_link(link_id=revoked.id, **own)
    people = [Person(f"Bob {mark()}", address(), f"note {mark()}"), Person(f"Cyd {mark()}", address())]
    batch = link_batches.create_batch(name=f"Batch {mark()}", people=people, options=LinkOptions(), **create)
    coded = links.create_single_use_link(
        options=LinkOptions(recipient_email=address(), only_recipient=True, by_code=True), **create
    )
    address_codes.ask_for_code(token=coded.token, receipt="c" * 32, now=own["now"])
    link_mails.send_links(link_id=live.id, subject=f"For you {mark()}", text=f"Here {mark()}", **own)
    victim.live = live.token
    victim.told |= {"lnk": [live.id, revoked.id], "bat": [batch.id]}
    victim.secrets += [live.token, revoked.token, coded.token]
    victim.secrets += [each.token for each in link_batches.batch_links(batch_id=batch.id, **own)[1]]


def _plant_bookings(victim: Victim, own: dict) -> None:
    """One that stands, one that was moved, one that was cancelled, and one whose host asks for another time."""
    now: datetime = own["now"]
    made = []
    for number in range(4):
        link = links.create_single_use_link(event_type_id=victim.event_type_id, **own)
        page = bookings.open_link(token=link.token, receipt="", view=View(month=(now + timedelta(40)).date()), now=now)
        assert isinstance(page, bookings.OpenLink)
        booked = bookings.book_slot(
            token=link.token,
            start=page.times.starts[10 * number],
            invitee=Invitee(
                f"Dan {mark()}",
                address(),
                "UTC",
                guests=(address(),),
                answers=(Answer(page.questions[0].label, f"answer {mark()}"),),
            ),
            receipt=f"{number}" * 32,
            terms_version=page.terms.version,
            now=now,
        )
        made.append(booked)
        victim.secrets += [link.token, manage_booking.manage_token(booking_id=booked.booking_id)]
        if number == 0:
            victim.spent, victim.told["lnk"] = link.token, [*victim.told["lnk"], link.id]
            link_requests.ask_for_link(
                token=link.token, name=f"Eli {mark()}", email=address(), message=f"please {mark()}", now=now
            )
    victim.secrets.remove(victim.spent)
    keys = [booked.booking_id for booked in made]
    as_host = manage_booking.AsHost(victim.host_id, keys[1])
    month = View(month=(now + timedelta(35)).date())  # well within the booking window, whatever day it is
    start = manage_booking.times_to_move_to(who=as_host, view=month, now=now).starts[3]
    manage_booking.reschedule_booking(who=as_host, start=start, sequence=made[1].sequence, now=now)
    cancelled = manage_booking.AsHost(victim.host_id, keys[2])
    manage_booking.cancel_booking(who=cancelled, reason=f"ill {mark()}", now=now)
    again = manage_booking.AsHost(victim.host_id, keys[3])
    host_bookings.ask_for_another_time(who=again, reason=f"away {mark()}", now=now)
    victim.told["bkg"] = keys


def _settle(connection: sqlite3.Connection) -> None:
    """Nothing is due while the attack lasts, so that whatever changes was changed by it."""
    now = int(time.time())
    connection.execute(
        "UPDATE outbox_message SET next_attempt_at = NULL, sent_at = ?, server_said = ?", (now, f"250 {mark()}")
    )
    one = "SELECT min(id) FROM outbox_message WHERE kind = 'link_sent'"
    connection.execute(
        f"UPDATE outbox_message SET sent_at = NULL, failed_at = ?, server_said = ? WHERE id = ({one})",
        (now, f"550 {mark()}"),
    )
    connection.execute(
        "UPDATE calendar_feed SET next_check_at = ?, problem = 'feed_unreadable', problem_detail = ?,"
        " problem_since = ?",
        (now + 10**7, mark(), now),
    )


def _note_ids_and_secrets(connection: sqlite3.Connection, victim: Victim) -> None:
    """Ids that no operation gives away, and everything that only proves something."""
    for prefix, table in (
        (MESSAGE, "outbox_message"),
        (DEVICE, "host_session"),
        (INVITATION, "host_invitation"),
        ("req", "link_request"),
    ):
        own = "WHERE host_id = ?" if table != "host_invitation" else "WHERE ? <> ''"
        rows = connection.execute(f"SELECT id FROM {table} {own} ORDER BY id", (victim.host_id.hex,)).fetchall()
        victim.told[prefix] = [public_id(prefix, UUID(key)) for (key,) in rows[:2]]
    failed = connection.execute("SELECT id FROM outbox_message WHERE failed_at IS NOT NULL").fetchall()
    victim.told[MESSAGE][1:] = [public_id(MESSAGE, UUID(key)) for (key,) in failed]
    [(host_slug, type_slug)] = connection.execute(
        "SELECT host.slug, event_type.slug FROM host JOIN event_type ON host_id = host.id WHERE event_type.id = ?",
        (victim.event_type_id.partition("_")[2],),
    ).fetchall()
    victim.told["slug"] = [host_slug, type_slug]
    for table in Table.metadata.sorted_tables:
        for column in table.columns:
            if column.name in ("sealed_url", "password_hash", "nonce") or column.name.endswith("_hash"):
                found = connection.execute(f"SELECT {column.name} FROM {table.name}").fetchall()
                victim.secrets += [secret for (secret,) in found if secret]
    victim.secrets.append(f'"{victim.host_id.hex}"')
    victim.told["hash"] = [tokens.hash_token(victim.secrets[0])]


def _unmarked(connection: sqlite3.Connection) -> Iterator[str]:
    for table in Table.metadata.sorted_tables:
        texts = [column.name for column in table.columns if column.type.python_type in (str, dict, list)]
        texts = [name for name in texts if name not in UNMARKED and table.name not in UNPLANTED]
        for name in texts:
            values = connection.execute(f'SELECT "{name}" FROM {table.name}').fetchall()
            if not any(MARK.search(str(value).lower()) for (value,) in values):
                yield f"{table.name}.{name}"
