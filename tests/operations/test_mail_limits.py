"""Nobody can have a stranger flooded with mail, or with their own words."""

from datetime import datetime

import pytest

from singleuse_app.notifications.smtp import SmtpPost
from singleuse_app.operations import mail_limits, mail_log
from singleuse_app.operations.deliveries import TOO_MUCH, deliver_due
from singleuse_app.operations.mail_log import MessageState
from singleuse_app.operations.manage_booking import AsInvitee, cancel_booking, manage_token
from singleuse_app.scheduling.bookings import Invitee
from tests.factories import NOW, Desk, book, later, make_link
from tests.harness.smtp_server import Mailbox

VICTIM = "victim@example.net"


def invitee(number: int, *guests: str) -> Invitee:
    return Invitee(f"Mallory {number}", f"m{number}@example.net", "UTC", guests=guests)


def deliver(post: SmtpPost, now: datetime = NOW) -> None:
    while deliver_due(post, clock=lambda: now):
        pass


def reached(mailbox: Mailbox, email: str) -> int:
    return sum(taken.recipient == email for taken in mailbox.taken())


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_limits, "PER_ADDRESS", 3)


def test_one_address_gets_so_many_mails_a_day_and_the_host_sees_what_was_too_much(
    desk: Desk, mailbox: Mailbox, post: SmtpPost, few: None
) -> None:
    for number in range(5):
        book(make_link(desk), slot=2 * number, invitee=invitee(number, VICTIM.upper() if number % 2 else VICTIM))
    deliver(post)
    assert reached(mailbox, VICTIM) + reached(mailbox, VICTIM.upper()) == 3
    assert reached(mailbox, "grace@example.org") == 5  # the host's own mail is not counted
    assert {reached(mailbox, f"m{number}@example.net") for number in range(5)} == {1}
    dropped = mail_log.look_at_mail(host_id=desk.host_id, only=MessageState.DROPPED, now=NOW).rows
    assert [(row.to.lower(), row.said) for row in dropped] == [(VICTIM, TOO_MUCH)] * 2
    book(make_link(desk), slot=20, invitee=invitee(9, VICTIM), now=later(days=1))
    deliver(post, later(days=1))
    assert reached(mailbox, VICTIM) + reached(mailbox, VICTIM.upper()) == 4


def test_one_link_causes_so_many_mails_a_day(
    desk: Desk, mailbox: Mailbox, post: SmtpPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_limits, "PER_LINK", 4)
    link = make_link(desk, max_uses=9)
    for number in range(6):
        book(link, slot=2 * number, invitee=invitee(number), receipt=f"{number:032}")
    book(make_link(desk), slot=20, invitee=invitee(7))
    deliver(post)
    assert sum(reached(mailbox, f"m{number}@example.net") for number in range(6)) == 4
    assert reached(mailbox, "m7@example.net") == 1
    assert reached(mailbox, "grace@example.org") == 7


def test_guests_read_nothing_that_the_invitee_wrote_but_their_name(
    desk: Desk, mailbox: Mailbox, post: SmtpPost
) -> None:
    booking = book(make_link(desk), invitee=invitee(1, VICTIM))
    token = manage_token(booking_id=booking.booking_id)
    cancel_booking(who=AsInvitee(token), reason="Buy my pills", now=NOW)
    deliver(post)
    readers = {taken.recipient for taken in mailbox.taken() if "Buy my pills" in str(taken.mail.get_body(("plain",)))}
    assert readers == {"grace@example.org", "m1@example.net"}
    assert reached(mailbox, VICTIM) > 0
