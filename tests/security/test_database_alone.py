"""Somebody has a copy of the database, and the source, and not the key file: nothing in it opens anything.

Every text of every row is tried as every kind of secret, as it is and as what the source makes of texts, over the
look-ups that pages and routes make.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from singleuse_app import clock, db, tokens
from singleuse_app.notifications.smtp import SmtpPost
from singleuse_app.operations import (
    address_codes,
    bookings,
    bookings_feed,
    calendar_feeds,
    feed_checks,
    found_links,
    host_invitations,
    hosts,
    link_requests,
    links,
    manage_booking,
    password_resets,
    standard_links,
)
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.operations.manage_booking import AsInvitee
from singleuse_app.scheduling.errors import Refusal
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.settings import SmtpServer
from tests.factories import OTHER_RECEIPT, PASSWORD, RECEIPT, Desk, book, make_desk, make_link
from tests.harness import server as servers
from tests.harness import smtp_server
from tests.harness.databases import Database, Databases, forget, opened, use
from tests.harness.people import ask

FEED = "https://calendar.example.org/ical/grace/private-0123456789abcdef/basic.ics"
PURPOSES = (
    *(tokens.LINK, tokens.MANAGE, tokens.CALENDAR_FILE, tokens.BOOKINGS_FEED),
    *(tokens.HOST_INVITATION, tokens.PASSWORD_RESET),
)


@dataclass
class Busy:
    """A database in the middle of its life. ``handed_out`` are the secrets that people hold, by what they open."""

    database: Database
    now: datetime
    handed_out: dict[str, str] = field(default_factory=dict)
    code: tuple[UUID, str, str] = (UUID(int=0), "", "")

    @property
    def link(self) -> str:
        return self.handed_out["link"]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Busy]:
    """Links that work, sessions, an invitation, a reset, a code that was sent, feeds, bookings to manage."""
    folder = tmp_path_factory.mktemp("busy")
    databases = Databases(folder)
    with smtp_server.running(tmp_path_factory.mktemp("mails")) as mailbox, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMTP_URL", mailbox.url)
        patch.setenv("MAIL_FROM", "meet@example.org")
        with opened(databases.empty()) as database:
            busy = Busy(database, clock.now())
            _live(busy, mailbox, make_desk(now=busy.now))
        yield busy


def _live(busy: Busy, mailbox: smtp_server.Mailbox, desk: Desk) -> None:
    now, held = busy.now, busy.handed_out
    post = SmtpPost(SmtpServer("127.0.0.1", mailbox.port, "none"))
    for_ada = LinkOptions(recipient_name="Ada", recipient_email="ada@example.net", only_recipient=True)
    bound = links.create_link(host_id=desk.host_id, event_type_id=desk.event_type_id, options=for_ada, now=now)
    address_codes.ask_for_code(token=bound.token, receipt=OTHER_RECEIPT, locale="en", now=now)
    password_resets.ask_for_reset(email="grace@example.org", now=now)
    used = make_link(desk, now=now)
    booking = book(used, receipt=RECEIPT, now=now)
    with suppress(Refusal):
        link_requests.ask_for_link(token=used.token, name="Eve", email="eve@example.org", message="again", now=now)
    deliver_due(post, clock=lambda: now)
    post.close()
    sent = "\n".join(taken.mail.get_body(("plain",)).get_content() for taken in mailbox.taken())
    held |= {
        "link": make_link(desk, now=now).token,
        "used link": used.token,
        "bound link": bound.token,
        "session": desk.session_secret,
        "another session": hosts.sign_in(email="grace@example.org", password=PASSWORD, now=now).secret,
        "invitation": host_invitations.invite_host(host_id=desk.host_id, now=now),
        "reset": re.findall(r"/reset-password/(\w+)", sent)[0],
        "manage": re.findall(r"/manage/(\w+)", sent)[0],
        "feed": bookings_feed.feed_token(host_id=desk.host_id, now=now),
        "receipt": RECEIPT,
        "password": PASSWORD,
        "calendar": FEED,
    }
    calendar_feeds.add_feed(host_id=desk.host_id, name="Work", url=FEED, now=now)
    assert manage_booking.open_booking(who=AsInvitee(held["manage"])).booking_id == booking.booking_id
    [digits] = re.findall(r"\b\d{6}\b", sent)
    with db.reading() as session:
        [(key, nonce, kid)] = session.connection().exec_driver_sql("SELECT id, nonce, kid FROM address_code")
    busy.code = UUID(key), nonce, digits
    assert tokens.derive_code(tokens.ADDRESS_CODE, UUID(key), nonce, kid) == digits, "the control"


@pytest.fixture
def copied(busy: Busy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The copy, opened by the app's own door with a key file of its own: a key of the same name, and another key."""
    databases = Databases(tmp_path)
    copy = databases.copy(busy.database)
    copy.key_file.unlink()
    use(monkeypatch, copy)
    assert tokens.current_kid() == "k1"
    assert copy.key_file.read_text() != busy.database.key_file.read_text()
    return copy


LOOK_UPS: dict[str, Callable[[str, datetime], object]] = {
    "a link's first page": lambda text, now: found_links.look_at_link(token=text, now=now),
    "a link's times": lambda text, now: bookings.open_link(token=text, receipt="", now=now),
    "what a receipt reads": lambda text, now: bookings.open_link(token=text, receipt=text, now=now),
    "a booking to manage": lambda text, now: manage_booking.look_at_booking(who=AsInvitee(text), now=now),
    "a session": lambda text, now: hosts.signed_in_host(text, now=now),
    "an invitation": lambda text, now: host_invitations.look_at_invitation(token=text, now=now),
    "a new password": lambda text, now: password_resets.look_at_reset(token=text, now=now),
    "a host's bookings": lambda text, now: bookings_feed.read_feed(token=text, now=now),
}


def opens(text: str, now: datetime) -> list[str]:
    """What a text opens."""
    found = []
    for name, look_up in LOOK_UPS.items():
        with suppress(Refusal):
            if look_up(text, now) is not None:
                found.append(name)
    return found


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a value of a column, those inside JSON and bytes included."""
    if isinstance(value, bytes):
        yield from (value.hex(), value.decode(errors="replace"))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (str(key), *texts_of(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
    elif value is not None:
        yield str(value)
        if isinstance(value, str):
            with suppress(ValueError):
                if isinstance(inner := json.loads(value), dict | list):
                    yield from texts_of(inner)


def made_of(text: str) -> Iterator[str]:
    """What the source makes of texts: names, hashes, tokens under keys that anybody has."""
    yield from (text, text.lower(), text.upper(), text.strip("{}\"' "))
    digest = hashlib.sha256(text.encode(errors="replace"))
    yield from (digest.hexdigest(), base64.b32encode(digest.digest()[:16]).decode().rstrip("=").lower())
    with suppress(ValueError):
        raw = bytes.fromhex(text)
        yield base64.b32encode(raw[:16]).decode().rstrip("=").lower()
        yield base64.urlsafe_b64encode(raw).decode().rstrip("=")
    with suppress(ValueError):
        key = UUID(text.rpartition("_")[2])
        yield from (tokens.derive(purpose, key, "k1") for purpose in PURPOSES)


def everything() -> set[str]:
    """All texts of all tables."""
    with db.reading() as session:
        connection = session.connection()
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        values = [
            value for table in tables for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"') for value in row
        ]
    return {text for value in values for text in texts_of(value)}


def test_nothing_that_stands_in_the_database_opens_anything(busy: Busy, copied: Database, is_thorough: bool) -> None:
    found = everything()
    tried = {made for text in found for made in made_of(text)} if is_thorough else found
    assert len(tried) > (500 if is_thorough else 100)
    assert {text: told for text in tried if (told := opens(text, busy.now))} == {}


def test_control_what_people_were_handed_opens_all_of_it(busy: Busy, copied: Database) -> None:
    """And with it the test above would have seen them, had they been there: by hash alone, whatever the key."""
    told = {what: opens(secret, busy.now) for what, secret in busy.handed_out.items()}
    assert {name for names in told.values() for name in names} == LOOK_UPS.keys()
    assert [told[what] for what in ("password", "calendar", "receipt")] == [[], [], []]
    assert all(told[what] for what in told.keys() - {"password", "calendar", "receipt", "used link"})


def test_a_standard_link_is_public_and_the_only_text_that_opens_its_page(busy: Busy, copied: Database) -> None:
    with db.reading() as session:
        [(event_type, host)] = session.connection().exec_driver_sql("SELECT id, host_id FROM event_type")
    keys = {"host_id": UUID(host), "event_type_id": f"evt_{UUID(event_type).hex}"}
    standard_links.switch_standard_link(**keys, on=True, now=busy.now)
    told = {text for text in everything() if opens(text, busy.now)}
    assert told == {standard_links.list_standard_links(host_id=UUID(host))[keys["event_type_id"]].address}


def test_with_the_key_file_links_are_made_again_and_without_it_none_is(busy: Busy, copied: Database) -> None:
    with db.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT id FROM scheduling_link").all()

    def derived() -> set[str]:
        return {tokens.derive(tokens.LINK, UUID(key), "k1") for (key,) in rows}

    assert [token for token in derived() if opens(token, busy.now)] == []
    copied.key_file.write_bytes(busy.database.key_file.read_bytes())
    assert busy.link in derived(), "the control"
    assert opens(busy.link, busy.now)


def test_the_digits_of_a_code_and_the_address_of_a_calendar_need_the_key(busy: Busy, copied: Database) -> None:
    key, nonce, digits = busy.code
    assert tokens.derive_code(tokens.ADDRESS_CODE, key, nonce, "k1") != digits
    [claimed] = feed_checks.claim_due(now=busy.now, at_most=9)
    assert claimed.url != FEED
    with db.reading() as session:
        [(feed, sealed)] = session.connection().exec_driver_sql("SELECT id, sealed_url FROM calendar_feed")
    with pytest.raises(KeyError):
        tokens.unseal(tokens.CALENDAR_FEED, UUID(feed), sealed, "k1")
    copied.key_file.write_bytes(busy.database.key_file.read_bytes())
    assert tokens.derive_code(tokens.ADDRESS_CODE, key, nonce, "k1") == digits, "the control"
    assert tokens.unseal(tokens.CALENDAR_FEED, UUID(feed), sealed, "k1") == FEED, "the control"


def test_the_file_itself_has_none_of_the_secrets_in_any_of_its_bytes(busy: Busy) -> None:
    """Pages that were freed, indexes and the log of changes included."""
    names = [busy.database.file, *busy.database.file.parent.glob(f"{busy.database.file.name}-*")]
    content = b"".join(file.read_bytes() for file in names)
    assert b"ada@example.net" in content, "the control"
    assert [what for what, secret in busy.handed_out.items() if secret.encode() in content] == []


@pytest.mark.thorough
def test_the_app_itself_on_the_copy_opens_no_page_and_no_file(busy: Busy, tmp_path: Path) -> None:
    copy = Databases(tmp_path).copy(busy.database)
    copy.key_file.unlink()
    with opened(copy):
        tried = sorted({text for text in everything() if re.fullmatch(r"[!-.0-~]{6,200}", text)})
    forget()
    with servers.backend(tmp_path / "app", DATABASE_URL=copy.url, SECRET_KEY_FILE=str(copy.key_file)) as app:

        def status(path: str, cookie: str = "") -> int:
            return ask(f"{app.url}{path}", cookie=cookie or None).status

        assert status(f"/book/{busy.link}") == 200, "the control"
        assert status("/api/my-data.json", f"singleuse_session={busy.handed_out['session']}") == 200, "the control"
        for text in tried:
            found = {path: status(f"{path}{text}") for path in ("/book/", "/manage/")}
            found["feed"] = status(f"/api/calendars/{text}.ics")
            found["session"] = status("/api/my-data.json", f"singleuse_session={text}")
            assert set(found.values()) <= {401, 404}, (text, found)
