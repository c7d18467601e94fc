"""What is kept of an invitee is shown, taken along and erased by their host; what stays is that a time was booked."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import inspect

from singleuse_app import db, tokens
from singleuse_app.ids import BOOKING, LINK, parse_id
from singleuse_app.models import AddressCode, Booking, Link
from singleuse_app.notifications.mail import Mail
from singleuse_app.notifications.smtp import FolderPost
from singleuse_app.operations import bookings, deliveries, invitee_data, links
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.operations.link_requests import ask_for_link
from singleuse_app.operations.log_chain import Chain, read_chain
from singleuse_app.operations.log_seals import Sealer
from singleuse_app.operations.manage_booking import AsInvitee, cancel_booking, look_at_booking, manage_token
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.bookings import Invitee
from singleuse_app.scheduling.errors import InvalidInput, LinkRefusal, NotFound, Refusal
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.settings import settings
from tests.factories import ADA, BOB, NOW, OTHER_RECEIPT, RECEIPT, Desk, book, later, make_link, rows

MARK = "Zanzibarqueen"
MAY = Invitee(
    f"May {MARK}",
    f"may.{MARK}@example.org".lower(),
    "Pacific/Chatham",
    guests=(f"guest.{MARK}@example.org".lower(),),
    locale="de",
)
AFTERWARDS = later(days=60)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where mail is kept."""
    monkeypatch.setenv("MAIL_FOLDER", str(tmp_path / "mail"))
    return tmp_path / "mail"


def everything(folder: Path) -> str:
    """All that the tables and the folder of kept mails hold, as text."""
    with db.reading() as session:
        connection = session.connection()
        tables = [
            str(connection.exec_driver_sql(f'SELECT * FROM "{name}"').all())
            for name in inspect(connection).get_table_names()
        ]
    return "\n".join([*tables, *(file.read_text() for file in folder.glob("*.eml"))]).lower()


def marks(folder: Path) -> int:
    return everything(folder).count(MARK.lower()) + everything(folder).count("chatham")


def with_a_past(desk: Desk) -> tuple[links.HandedOutLink, str]:
    """May has booked, with all there is to tell, and asked; mail was kept. The link, and the booking's public id."""
    for_may = LinkOptions(
        recipient_name=MAY.name, recipient_email=MAY.email, note=f"met {MARK}", prefill={"guests": MAY.guests[0]}
    )
    link = links.create_link(host_id=desk.host_id, event_type_id=desk.event_type_id, options=for_may, now=NOW)
    booked = book(link, invitee=MAY)
    with db.writing() as session:
        row = session.get_one(Booking, parse_id(BOOKING, booked.booking_id))
        row.terms = {**row.terms, "location": f"May's phone: {MARK}"}
        row.answers = [{"question": "About", "answer": MARK}]
        session.add(row)
    ask_for_link(token=link.token, name=MAY.name, email=MAY.email, message=f"I am {MARK}", now=NOW)
    guest_of = make_link(desk)
    book(
        guest_of,
        slot=4,
        invitee=Invitee(BOB.name, BOB.email, "UTC", guests=(MAY.email, ADA.email)),
        receipt=OTHER_RECEIPT,
    )
    cancelled = book(make_link(desk), slot=8, invitee=MAY)
    cancel_booking(who=AsInvitee(manage_token(booking_id=cancelled.booking_id)), reason=f"{MARK} is ill", now=NOW)
    deliver(later(days=10))
    return link, booked.booking_id


def deliver(now: object) -> None:
    post = FolderPost(settings().mail_folder)
    while deliver_due(post, clock=lambda: now):  # ty: ignore[invalid-argument-type]
        pass


def look(desk: Desk, email: object = MAY.email) -> invitee_data.Found:
    return invitee_data.look_for_invitee(host_id=desk.host_id, email=email, now=AFTERWARDS)


def erase(host_id: UUID, email: object = MAY.email) -> invitee_data.Found:
    return invitee_data.erase_invitee(host_id=host_id, email=email, now=AFTERWARDS)


def test_nothing_of_who_was_erased_is_in_any_table_or_kept_mail(desk: Desk, folder: Path) -> None:
    with_a_past(desk)
    assert marks(folder) > 20  # the control: all of it is there, in tables and mails
    assert any(MARK.lower() in file.read_text().lower() for file in folder.glob("*.eml"))
    found = look(desk)
    assert (found.bookings, found.as_guest, found.links, found.requests, found.upcoming) == (2, 1, 2, 1, 0)
    assert found.messages > 4
    assert erase(desk.host_id) == found
    assert marks(folder) == 0
    assert look(desk).is_nothing
    assert BOB.email in everything(folder)  # others stay
    assert ADA.email in everything(folder)
    assert erase(desk.host_id).is_nothing  # twice is as good as once
    with db.reading() as session:
        assert violations(session) == {}


class ErasedMeanwhile(FolderPost):
    """A folder whose host erases May when a mail is in it, and nobody has noted that yet."""

    def __init__(self, folder: Path, host_id: UUID) -> None:
        super().__init__(folder)
        self._host_id = host_id

    def send(self, mail: Mail) -> str:
        said = super().send(mail)
        erase(self._host_id)
        return said


def test_a_mail_that_is_kept_just_while_they_are_erased_goes_too(desk: Desk, folder: Path) -> None:
    book(make_link(desk), invitee=MAY)
    deliver_due(ErasedMeanwhile(folder, desk.host_id), clock=lambda: later(minutes=1))
    assert marks(folder) == 0
    assert list(folder.iterdir()) == []


def test_control_if_nobody_looks_again_it_stays(desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "_forget_if_erased", lambda owed: None)
    book(make_link(desk), invitee=MAY)
    deliver_due(ErasedMeanwhile(folder, desk.host_id), clock=lambda: later(minutes=1))
    assert marks(folder) > 0


def test_that_a_time_was_booked_stays_and_a_spent_link_stays_spent(desk: Desk) -> None:
    link, _ = with_a_past(desk)
    kept = 'SELECT id, uid, start, "end", link_id, use_no, cancelled_at FROM booking ORDER BY id'
    others = [
        "SELECT * FROM time_claim ORDER BY id",
        "SELECT * FROM event_log ORDER BY id",
        "SELECT id, uses, revoked_at FROM scheduling_link ORDER BY id",
    ]
    before = [rows(statement) for statement in (kept, *others)]
    while Sealer().seal_new(now=NOW):
        pass
    erase(desk.host_id)
    assert [rows(statement) for statement in (kept, *others)] == before
    for receipt in ("c" * 32, RECEIPT):
        with pytest.raises(LinkRefusal):
            book(link, slot=2, receipt=receipt)
    with db.reading() as session:
        assert read_chain(session, now=later(days=1)) == Chain()


def test_receipt_manage_address_and_calendar_file_open_nothing_any_more(desk: Desk) -> None:
    link, booking_id = with_a_past(desk)
    manage = AsInvitee(manage_token(booking_id=booking_id))
    assert look_at_booking(who=manage, now=AFTERWARDS)
    assert bookings.get_booking(booking_id=booking_id)
    erase(desk.host_id)
    with pytest.raises(NotFound):
        look_at_booking(who=manage, now=AFTERWARDS)
    with pytest.raises(NotFound):
        bookings.get_booking(booking_id=booking_id)
    with pytest.raises(LinkRefusal):
        bookings.open_link(token=link.token, receipt=RECEIPT, now=AFTERWARDS)
    [receipt_hash, manage_hash] = rows(
        "SELECT receipt_hash, manage_hash FROM booking WHERE id = '"
        + (parse_id(BOOKING, booking_id).hex if db.is_sqlite() else str(parse_id(BOOKING, booking_id)))
        + "'"
    )[0]
    assert receipt_hash != manage_hash


def test_a_link_for_them_that_is_open_is_taken_back_and_books_for_nobody(desk: Desk) -> None:
    for_may = LinkOptions(recipient_email=MAY.email, only_recipient=True)
    link = links.create_link(host_id=desk.host_id, event_type_id=desk.event_type_id, options=for_may, now=NOW)
    with db.writing() as session:
        row = session.get_one(Link, parse_id(LINK, link.id))
        row.by_code = True
        session.add(row)
        code = AddressCode(
            host_id=row.host_id,
            link_id=row.id,
            receipt_hash="x",
            kid="k1",
            nonce="y",
            created_at=NOW,
            expires_at=later(minutes=10),
        )
        session.add(code)
    assert erase(desk.host_id).links == 1
    with db.writing() as session:
        row = session.get_one(Link, parse_id(LINK, link.id))
        assert row.revoked_at == AFTERWARDS
        row.revoked_at = None  # even so
        session.add(row)
    with pytest.raises((LinkRefusal, InvalidInput, Refusal)):
        book(link)
    assert rows("SELECT uses FROM scheduling_link") == [(0,)]
    assert rows("SELECT id FROM address_code") == []


def test_a_meeting_that_is_still_to_come_is_cancelled_first(desk: Desk) -> None:
    booked = book(make_link(desk), invitee=MAY)
    with pytest.raises(Refusal, match="erase_upcoming"):
        invitee_data.erase_invitee(host_id=desk.host_id, email=MAY.guests[0], now=NOW)
    with pytest.raises(Refusal, match="erase_upcoming"):
        invitee_data.erase_invitee(host_id=desk.host_id, email=MAY.email, now=booked.end - timedelta(seconds=1))
    assert rows("SELECT invitee_email FROM booking") == [(MAY.email,)]
    assert invitee_data.erase_invitee(host_id=desk.host_id, email=MAY.email, now=booked.end).bookings == 1


def test_only_the_hosts_own_rows_are_seen_and_erased(desk: Desk, another_host_id: UUID, folder: Path) -> None:
    with_a_past(desk)
    before = everything(folder)
    seen = invitee_data.look_for_invitee(host_id=another_host_id, email=MAY.email, now=AFTERWARDS)
    assert seen.is_nothing
    assert seen.messages == 0
    assert erase(another_host_id).is_nothing
    assert everything(folder) == before
    assert MARK.lower() not in exported(another_host_id).lower().replace(MAY.email, "")


def exported(host_id: UUID, email: str = MAY.email) -> str:
    file = io.StringIO()
    invitee_data.write_invitee_data(file, host_id=host_id, email=email, now=AFTERWARDS)
    return file.getvalue()


def test_the_file_has_what_is_kept_of_them_and_nothing_of_others_or_that_opens_anything(desk: Desk) -> None:
    link, _ = with_a_past(desk)
    text = exported(desk.host_id)
    document = json.loads(text)
    assert [len(document[name]) for name in ("bookings", "guest_of", "links", "requests")] == [2, 1, 2, 1]
    assert document["bookings"][0]["answers"] == [{"question": "About", "answer": MARK}]
    assert document["requests"][0]["message"] == f"I am {MARK}"
    for secret in (BOB.email, ADA.email, BOB.name, link.token, "hash", "kid"):
        assert secret not in text


@pytest.mark.parametrize("email", [None, "", 5, {}, "nobody", "x" * 400, "a b@example.org", "a\u200b@example.org"])
def test_what_is_no_address_is_refused(desk: Desk, email: object) -> None:
    for act in (look, lambda desk, email: erase(desk.host_id, email)):
        with pytest.raises(InvalidInput):
            act(desk, email)


def test_an_address_is_found_however_it_is_written(desk: Desk) -> None:
    with_a_past(desk)
    assert look(desk, f"  {MAY.email.upper()} ").bookings == 2


def test_the_address_of_the_file_opens_for_its_host_alone_and_says_nothing(desk: Desk, another_host_id: UUID) -> None:
    url = tokens.invitee_data_url(desk.host_id, MAY.email)
    assert MARK.lower() not in url.lower()
    sealed = url.rpartition("/")[2].removesuffix(".json")
    assert tokens.invitee_named(desk.host_id, sealed) == MAY.email
    for host_id, text in ((another_host_id, sealed), (desk.host_id, sealed[:-4] + "AAAA"), (desk.host_id, "x")):
        with pytest.raises(KeyError):
            tokens.invitee_named(host_id, text)
