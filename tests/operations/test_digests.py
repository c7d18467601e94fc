"""On Mondays a host who wants it hears of links that wait."""

from datetime import UTC, datetime, timedelta

import pytest

from singleuse_app.notifications.smtp import SmtpPost
from singleuse_app.operations import links, mail_log
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.operations.digests import next_monday
from singleuse_app.operations.mail_log import CHOICES
from singleuse_app.scheduling.link_options import LinkOptions
from tests.factories import NOW, Desk, rows
from tests.harness.smtp_server import Mailbox

MONDAY = next_monday(NOW, "Europe/Berlin").astimezone(UTC)


def choose(desk: Desk, *, wanted: bool, now: datetime = NOW) -> None:
    chosen = set(CHOICES) - (set() if wanted else {"digest:host"})
    mail_log.choose_mail(host_id=desk.host_id, chosen=chosen, now=now)


def make_link(desk: Desk, days: int | None = None, name: str = "Ada") -> None:
    options = LinkOptions(recipient_name=name, expires_after_days=days if days is not None else 0)
    links.create_single_use_link(host_id=desk.host_id, event_type_id=desk.event_type_id, options=options, now=NOW)


def sent_at(now: datetime, post: SmtpPost, mailbox: Mailbox) -> list[str]:
    before = len(mailbox.taken())
    deliver_due(post, clock=lambda: now)
    return [str(taken.mail["Subject"]) for taken in mailbox.taken()[before:]]


def test_it_comes_every_monday_until_it_is_switched_off(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    make_link(desk)
    for _ in range(2):  # twice is as good as once
        choose(desk, wanted=True)
    assert sent_at(MONDAY - timedelta(seconds=1), post, mailbox) == []
    for week in range(3):
        assert sent_at(MONDAY + timedelta(days=7 * week), post, mailbox) == ["1 link waits to be used"]
    later = MONDAY + timedelta(days=21)
    choose(desk, wanted=False, now=later - timedelta(days=1))
    for week in range(3):
        assert sent_at(later + timedelta(days=7 * week), post, mailbox) == []
    assert rows("SELECT count(*) FROM outbox_message WHERE next_attempt_at IS NOT NULL") == [(0,)]
    choose(desk, wanted=True, now=later)
    assert sent_at(later + timedelta(days=7), post, mailbox) == ["1 link waits to be used"]


def test_it_is_off_at_first(desk: Desk) -> None:
    assert "digest:host" not in mail_log.look_at_mail(host_id=desk.host_id, now=NOW).choices
    choose(desk, wanted=True)
    assert mail_log.look_at_mail(host_id=desk.host_id, now=NOW).choices == set(CHOICES)
    choose(desk, wanted=False)
    assert mail_log.look_at_mail(host_id=desk.host_id, now=NOW).choices == set(CHOICES) - {"digest:host"}


def test_it_names_what_ends_within_a_week(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    choose(desk, wanted=True)
    make_link(desk, days=3, name="Gone by then")
    make_link(desk, days=9, name="Ending")
    make_link(desk, days=90, name="Not yet")
    make_link(desk, name="Never")
    assert sent_at(MONDAY, post, mailbox) == ["3 links wait to be used"]
    body = mailbox.taken()[-1].mail.get_body(("plain",))
    assert body
    text = body.get_content()
    assert "Ending: 30 minute meeting, " in text
    assert not [name for name in ("Gone", "Not yet", "Never") if name in text]


def test_where_nothing_waits_nothing_is_said_that_week(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    choose(desk, wanted=True)
    assert sent_at(MONDAY, post, mailbox) == []
    make_link(desk)
    assert sent_at(MONDAY + timedelta(days=7), post, mailbox) == ["1 link waits to be used"]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"])
def test_eight_is_eight_on_the_hosts_clock_also_after_a_clock_change(zone: str) -> None:
    now = NOW
    for _ in range(60):
        then = next_monday(now, zone)
        assert (then.hour, then.minute, then.weekday()) == (8, 0, 0)
        assert timedelta(0) < then - now <= timedelta(days=7, hours=1)
        now = then
