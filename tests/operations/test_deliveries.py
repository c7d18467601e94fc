"""Messages are sent after the change that owes them: each at least once, in order, or told why not."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlmodel import select

from singleuse_app import db, tokens
from singleuse_app.ids import BOOKING, parse_id
from singleuse_app.models import OutboxMessage
from singleuse_app.notifications import outbox, smtp
from singleuse_app.notifications.outbox import TRIED_FOR
from singleuse_app.notifications.smtp import FolderPost, SmtpPost
from singleuse_app.operations import manage_booking
from singleuse_app.operations.corrections import correct_email
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.operations.leaving import delete_account
from singleuse_app.operations.link_requests import ask_for_link
from singleuse_app.operations.manage_booking import AsHost, AsInvitee
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.settings import SmtpServer
from tests.factories import (
    ADA,
    NOW,
    PASSWORD,
    Desk,
    book,
    change_event_type,
    every_month,
    free_starts,
    later,
    make_link,
    rows,
)
from tests.harness.smtp_server import Mailbox, Taken

GUEST = "eve@example.org"


def deliver(post: smtp.Post, now: datetime = NOW) -> None:
    while deliver_due(post, clock=lambda: now):
        pass


def booked(desk: Desk, **invitee: object) -> BookingConfirmation:
    return book(make_link(desk), invitee=replace(ADA, guests=(GUEST,), **invitee))


def move(desk: Desk, booking: BookingConfirmation, *, slot: int = 9, now: datetime = NOW) -> BookingConfirmation:
    who = AsHost(desk.host_id, booking.booking_id)
    start = every_month(lambda view: manage_booking.times_to_move_to(who=who, view=view, now=now))[slot]
    return manage_booking.reschedule_booking(who=who, start=start, sequence=booking.sequence, now=now)


def cancel(desk: Desk, booking: BookingConfirmation, **more: str) -> None:
    manage_booking.cancel_booking(who=AsHost(desk.host_id, booking.booking_id), **more, now=NOW)


def states() -> list[tuple]:
    """Of each message: kind, recipient, and what became of it."""
    with db.reading() as session:
        found = session.exec(select(OutboxMessage).order_by(OutboxMessage.id)).all()
        return [(row.kind, row.recipient, _state(row)) for row in found]


def _state(row: OutboxMessage) -> str:
    facts = {"sent": row.sent_at, "failed": row.failed_at, "dropped": row.dropped_at, "waits": row.next_attempt_at}
    [state] = [name for name, at in facts.items() if at is not None]
    return state


def text_of(taken: Taken) -> str:
    body = taken.mail.get_body(("plain",))
    assert body is not None
    return body.get_content()


def entry_of(taken: Taken) -> Calendar:
    [part] = [part for part in taken.mail.walk() if part.get_content_type() == "text/calendar"]
    [attached] = [part for part in taken.mail.walk() if part.get_content_type() == "application/ics"]
    raw = part.get_content()
    assert attached.get_content() == (raw.encode() if isinstance(raw, str) else raw)
    calendar = Calendar.from_ical(raw)
    assert part.get_param("method") == str(calendar["METHOD"])
    return calendar


def test_a_booking_reaches_host_invitee_and_guests(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    booking = booked(desk)
    deliver(post)
    mails = {taken.recipient: taken for taken in mailbox.taken()}
    assert set(mails) == {"grace@example.org", ADA.email, GUEST}
    for taken in mails.values():
        calendar = entry_of(taken)
        [event] = calendar.walk("VEVENT")
        assert str(calendar["METHOD"]) == "REQUEST"
        assert (str(event["UID"]), event["SEQUENCE"]) == (booking.uid, 0)
        assert (event["DTSTART"].dt, event["DTEND"].dt) == (booking.start, booking.end)
        assert {str(one) for one in event["ATTENDEE"]} == {f"mailto:{ADA.email}", f"mailto:{GUEST}"}
        assert str(event["ORGANIZER"]) == "mailto:grace@example.org"
        assert "London (UTC+1)" in text_of(taken)
        assert "Berlin (UTC+2)" in text_of(taken)
    assert set(states()) == {("booked", part, "sent") for part in ("host", "invitee", "guest:0")} | {
        state for state in states() if state[0] == "reminder_due"
    }


def test_the_address_to_manage_a_booking_is_in_its_invitees_mail_alone(
    desk: Desk, mailbox: Mailbox, post: SmtpPost
) -> None:
    booking = booked(desk)
    token = manage_booking.manage_token(booking_id=booking.booking_id)
    move(desk, booking)
    deliver(post)
    assert len(mailbox.taken()) == 6
    for taken in mailbox.taken():
        parts = [part.get_content() for part in taken.mail.walk() if not part.is_multipart()]
        whole = "".join(part if isinstance(part, str) else part.decode() for part in parts)
        assert (token in whole) == (taken.recipient == ADA.email)
        assert token not in str(entry_of(taken).to_ical())


def test_a_move_names_the_old_time_and_changes_the_same_entry(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    booking = booked(desk)
    deliver(post)
    moved = move(desk, booking)
    deliver(post)
    first, second = [taken for taken in mailbox.taken() if taken.recipient == ADA.email]
    [event] = entry_of(second).walk("VEVENT")
    assert (str(event["UID"]), event["SEQUENCE"], event["DTSTART"].dt) == (booking.uid, 1, moved.start)
    assert "Before: Tuesday, 1 September 2026, 11:00–11:30, London" in text_of(second)
    assert "Grace Host has moved it." in text_of(second)
    assert first.mail["References"] == second.mail["References"]


def test_a_cancellation_says_by_whom_and_why_and_takes_the_entry_away(
    desk: Desk, mailbox: Mailbox, post: SmtpPost
) -> None:
    booking = booked(desk)
    cancel(desk, booking, reason="I am ill\r\nBcc: all@example.org")
    deliver(post)
    for taken in mailbox.taken()[-3:]:
        calendar = entry_of(taken)
        [event] = calendar.walk("VEVENT")
        assert (str(calendar["METHOD"]), str(event["STATUS"]), event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
        assert "I am ill Bcc: all@example.org" in text_of(taken)
        assert taken.mail["Bcc"] is None
    assert "Grace Host has cancelled it." in text_of(mailbox.taken()[-1])


def test_messages_about_one_booking_leave_in_order_though_an_earlier_one_waits(
    desk: Desk, mailbox: Mailbox, post: SmtpPost
) -> None:
    booking = booked(desk)
    mailbox.behave("defer")
    deliver(post)
    cancel(desk, booking)
    mailbox.behave("accept")
    deliver(post)
    assert mailbox.taken() == []  # the confirmation has its pause, and the cancellation waits for it
    deliver(post, later(minutes=2))
    order = [taken.mail["Subject"] for taken in mailbox.taken() if taken.recipient == ADA.email]
    assert [subject.split()[0] for subject in order] == ["You", "Cancelled:"]


def test_a_message_keeps_its_id_through_all_attempts(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    booked(desk)
    mailbox.behave("drop")
    deliver(post)
    mailbox.behave("accept")
    deliver(post, later(hours=1))
    mails = [taken for taken in mailbox.taken() if taken.recipient == "grace@example.org"]
    assert len(mails) > 1
    assert len({taken.mail["Message-ID"] for taken in mails}) == 1
    assert len({taken.mail.as_bytes() for taken in mails}) == 1


def test_what_a_server_rejects_has_failed_with_its_words(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    booked(desk)
    mailbox.behave("reject")
    deliver(post)
    found = rows("SELECT DISTINCT server_said FROM outbox_message WHERE failed_at IS NOT NULL AND kind = 'booked'")
    assert found == [("550 5.7.1 Not here",)]


def test_what_is_deferred_for_a_day_has_failed(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    booked(desk)
    mailbox.behave("defer")
    attempts, now = 0, NOW
    while any(kind == "booked" and state == "waits" for kind, _, state in states()):
        deliver(post, now)
        attempts, now = attempts + 1, now + timedelta(minutes=10)
    assert TRIED_FOR <= now - NOW <= TRIED_FOR + timedelta(hours=3)
    tries = [number for (number,) in rows("SELECT attempts FROM outbox_message WHERE kind = 'booked'")]
    assert 10 < min(tries) <= max(tries) < 30
    assert {state for kind, _, state in states() if kind == "booked"} == {"failed"}


def test_a_server_that_is_away_loses_nothing(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    booked(desk)
    deliver(SmtpPost(SmtpServer("127.0.0.1", 1, "none")))
    assert {state for kind, _, state in states() if kind == "booked"} == {"waits"}
    assert "refused" in rows("SELECT server_said FROM outbox_message WHERE kind = 'booked'")[0][0]
    deliver(post, later(minutes=1))
    assert len(mailbox.taken()) == 3


def test_a_server_that_hangs_is_given_up(
    desk: Desk, mailbox: Mailbox, post: SmtpPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "PATIENCE", 0.5)
    booked(desk)
    mailbox.behave("hang")
    began = time.monotonic()
    deliver(post)
    assert time.monotonic() - began < 3  # all wait once one has waited
    assert {state for kind, _, state in states() if kind == "booked"} == {"waits"}


def test_two_who_send_at_once_send_nothing_twice(desk: Desk, mailbox: Mailbox) -> None:
    for number in range(15):
        book(make_link(desk), slot=number, receipt=f"{number:032}")
    posts = [SmtpPost(SmtpServer("127.0.0.1", mailbox.port, "none")) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(deliver, posts))
    for post in posts:
        post.close()
    ids = [taken.mail["Message-ID"] for taken in mailbox.taken()]
    assert len(ids) == len(set(ids)) == 30


def test_without_leases_messages_would_be_sent_twice(
    desk: Desk, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(outbox, "LEASE", timedelta(0))
    book(make_link(desk))
    first, second = outbox.claim_due(now=NOW, at_most=9), outbox.claim_due(now=NOW, at_most=9)
    assert {owed.id for owed in first} & {owed.id for owed in second}


def test_one_who_lost_the_lease_settles_nothing(desk: Desk) -> None:
    book(make_link(desk))
    [slow, *_] = outbox.claim_due(now=NOW, at_most=9)
    [quick, *_] = outbox.claim_due(now=NOW + outbox.LEASE, at_most=9)
    assert quick.id == slow.id
    assert outbox.refused(slow, said="no", now=NOW) is False
    assert outbox.sent(quick, said="yes", now=NOW) is True


def test_everybody_is_reminded_in_time_once(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    change_event_type(desk, reminders=[1440, 60])
    booking = book(make_link(desk), slot=100, invitee=replace(ADA, guests=(GUEST,)))
    deliver(post)
    for minutes in (1441, 1440, 1439, 61, 60, 59):
        deliver(post, booking.start - timedelta(minutes=minutes))
    reminders = [taken for taken in mailbox.taken() if taken.mail["Subject"].startswith("Reminder")]
    assert sorted(taken.recipient for taken in reminders) == sorted(["grace@example.org", ADA.email, GUEST] * 2)


@pytest.mark.parametrize("change", ["cancelled", "moved", "late"])
def test_nobody_is_reminded_of_what_is_not_so_any_more(
    desk: Desk, mailbox: Mailbox, post: SmtpPost, change: str
) -> None:
    booking = book(make_link(desk), slot=100)
    due = booking.start - timedelta(minutes=1440)
    if change == "cancelled":
        cancel(desk, booking)
    elif change == "moved":
        move(desk, booking, slot=200)
    deliver(post)
    deliver(post, due + timedelta(minutes=61 if change == "late" else 0))
    assert not [taken for taken in mailbox.taken() if taken.mail["Subject"].startswith("Reminder")]


def test_a_reminder_keeps_its_distance_over_a_change_of_clocks(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    """Berlin's clocks go back on 25 October 2026; a day before Monday 9:00 is Sunday 9:00, by the clock or by hours."""
    link = make_link(desk)
    booking = book(link, start=next(start for start in free_starts(link) if start.date() == date(2026, 10, 26)))
    deliver(post)
    due = booking.start - timedelta(hours=24)
    deliver(post, due - timedelta(seconds=1))
    assert not [taken for taken in mailbox.taken() if taken.mail["Subject"].startswith("Reminder")]
    deliver(post, due)
    assert len([taken for taken in mailbox.taken() if taken.mail["Subject"].startswith("Reminder")]) == 2


def test_a_corrected_address_gets_the_confirmation(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    booking = booked(desk)
    deliver(post)
    token = manage_booking.manage_token(booking_id=booking.booking_id)
    correct_email(who=AsInvitee(token), email="ada@example.net", now=NOW)
    deliver(post)
    assert mailbox.taken()[-1].recipient == "ada@example.net"
    assert token in text_of(mailbox.taken()[-1])


def test_a_host_hears_who_asks_for_a_new_link(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    link = make_link(desk, revoked_at=NOW)
    ask_for_link(token=link.token, name="Bob", email="bob@example.org", message="Please", now=NOW)
    deliver(post)
    [taken] = mailbox.taken()
    assert (taken.recipient, taken.mail["Reply-To"]) == ("grace@example.org", "Bob <bob@example.org>")
    assert "Please" in text_of(taken)


def test_who_has_booked_hears_that_their_host_has_left(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    booked(desk)
    delete_account(host_id=desk.host_id, email="grace@example.org", password=PASSWORD, now=NOW)
    deliver(post)
    [taken] = mailbox.taken()
    assert (taken.recipient, taken.mail["Subject"].split(",")[0]) == (
        ADA.email,
        "Cancelled: your meeting with Grace Host",
    )


def test_addresses_of_other_letters_are_reached(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    booked(desk, email="jörg@exämple.org")
    deliver(post)
    assert "jörg@xn--exmple-cua.org" in {taken.recipient for taken in mailbox.taken()}


def test_a_kind_that_a_host_switched_off_is_not_sent(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    with db.writing() as session:
        session.connection().exec_driver_sql("""UPDATE host SET mail_choices = '{"booked:host": false}'""")
    booked(desk)
    deliver(post)
    assert {taken.recipient for taken in mailbox.taken()} == {ADA.email, GUEST}


def test_without_a_server_mails_are_kept_as_files_of_their_owner(desk: Desk, tmp_path: Path) -> None:
    booking = booked(desk)
    deliver(FolderPost(tmp_path / "mail"))
    files = sorted((tmp_path / "mail").iterdir())
    assert len(files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    assert {str(mail["To"]).split("<")[-1].strip(">") for mail in mails} == {"grace@example.org", ADA.email, GUEST}
    token = tokens.derive(tokens.MANAGE, parse_id(BOOKING, booking.booking_id), tokens.current_kid())
    assert [token in mail.get_body(("plain",)).get_content() for mail in mails].count(True) == 1
    assert not any(secret in file.name for file in files for secret in (token, ADA.email, "Ada"))
    assert rows("SELECT count(*) FROM outbox_message WHERE kept")[0][0] == 3
