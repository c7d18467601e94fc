"""Links sent by mail: each to its recipient alone, once, and never when it is dead."""

import pytest

from singleuse_app.notifications.smtp import SmtpPost
from singleuse_app.operations import leaving, link_batches, link_mails, links, mail_log
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.operations.link_mails import LinksToSend
from singleuse_app.scheduling.errors import InvalidInput, NotFound, Refusal
from singleuse_app.scheduling.link_lists import Person
from singleuse_app.scheduling.link_options import LinkOptions
from tests.factories import NOW, PASSWORD, Desk, book, later, rows
from tests.harness.smtp_server import Mailbox, Taken

ADA, BOB, NOBODY = Person("Ada", "ada@example.org"), Person("Bob", "bob@example.org"), Person("Nobody")
WORDS = {"subject": "For {name}: {event}", "text": "Dear {name},\n\ncome and see us.\n{host}"}


@pytest.fixture(autouse=True)
def _mail_server(monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox) -> None:
    monkeypatch.setenv("SMTP_URL", mailbox.url)
    monkeypatch.setenv("MAIL_FROM", "meet@example.org")


def batch_of(desk: Desk, *people: Person, options: LinkOptions = LinkOptions()) -> str:  # noqa: B008
    return link_batches.create_batch(
        host_id=desk.host_id, event_type_id=desk.event_type_id, name="Fair", people=people, options=options, now=NOW
    ).id


def link_for(desk: Desk, **options: object) -> links.HandedOutLink:
    return links.create_single_use_link(
        host_id=desk.host_id,
        event_type_id=desk.event_type_id,
        options=LinkOptions(**{"recipient_name": "Ada", "recipient_email": "ada@example.org", **options}),
        now=NOW,
    )


def look(desk: Desk, **which: object) -> LinksToSend:
    return link_mails.look_at_links_to_send(host_id=desk.host_id, **which, now=NOW)


def send(desk: Desk, **which: object) -> int:
    return link_mails.send_links(host_id=desk.host_id, **{**WORDS, **which}, now=NOW)


def text_of(taken: Taken) -> str:
    body = taken.mail.get_body(("plain",))
    assert body
    return body.get_content().replace("\r\n", "\n").replace("-- \n", "--\n")


def test_a_link_goes_to_its_recipient_with_the_words_of_its_host(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    link = link_for(desk, only_recipient=True, expires_after_days=7)
    assert send(desk, link_id=link.id) == 1
    assert link.token not in str(rows("SELECT * FROM outbox_message"))
    deliver_due(post, clock=lambda: NOW)
    [taken] = mailbox.taken()
    text = text_of(taken)
    assert (taken.recipient, taken.mail["Subject"]) == ("ada@example.org", "For Ada: 30 minute meeting")
    assert taken.mail["Reply-To"].addresses[0].addr_spec == "grace@example.org"
    for said in ("Dear Ada,\n\ncome and see us.\nGrace Host", f"/book/{link.token}", "Good until: Tuesday", "for ada@"):
        assert said in text, text
    [row] = mail_log.look_at_mail(host_id=desk.host_id, now=NOW).rows
    assert (row.kind, row.to, row.state) == ("link_sent", "ada@example.org", "sent")


def test_everybody_of_a_list_gets_their_own_link_and_nobody_gets_it_twice(
    desk: Desk, mailbox: Mailbox, post: SmtpPost
) -> None:
    batch = batch_of(desk, ADA, NOBODY, BOB)
    found = look(desk, batch_id=batch)
    assert ([each.name for each in found.addressees], found.no_address, found.dead) == (["Ada", "Bob"], 1, 0)
    assert send(desk, batch_id=batch) == 2
    with pytest.raises(Refusal, match="nobody_to_mail"):  # a double click
        send(desk, batch_id=batch)
    deliver_due(post, clock=lambda: NOW)
    bodies = [str(taken.mail.get_body(("plain",))) for taken in mailbox.taken()]
    own = {person.email: link.token for link in _links(desk, batch) for person in [link.person] if person.email}
    for taken, body in zip(mailbox.taken(), bodies, strict=True):
        assert [address for address, token in own.items() if token in body] == [taken.recipient]
    assert send(desk, batch_id=batch, again=True) == 2
    deliver_due(post, clock=lambda: NOW)
    assert len({taken.mail["Message-ID"] for taken in mailbox.taken()}) == 4


def _links(desk: Desk, batch: str) -> list[link_batches.BatchLink]:
    return link_batches.batch_links(host_id=desk.host_id, batch_id=batch, now=NOW)[1]


def test_the_preview_is_what_is_sent_but_for_the_link(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    link = link_for(desk)
    [ada] = look(desk, link_id=link.id).addressees
    seen = link_mails.preview_mail(host_id=desk.host_id, addressee=ada, **WORDS)
    assert link.token not in seen.text
    send(desk, link_id=link.id)
    deliver_due(post, clock=lambda: NOW)
    assert text_of(mailbox.taken()[0]).strip() == seen.text.replace("-- \n", "--\n").replace("…", link.token).strip()
    assert mailbox.taken()[0].mail["Subject"] == seen.subject


@pytest.mark.parametrize("end", ["used", "revoked", "expired"])
def test_a_link_that_died_meanwhile_is_not_sent(desk: Desk, mailbox: Mailbox, post: SmtpPost, end: str) -> None:
    link = link_for(desk, expires_after_days=1)
    send(desk, link_id=link.id)
    if end == "used":
        book(link)
    elif end == "revoked":
        links.revoke_link(host_id=desk.host_id, link_id=link.id, now=NOW)
    now = later(days=3) if end == "expired" else NOW
    for _ in range(3):
        deliver_due(post, clock=lambda: now)
    assert [taken for taken in mailbox.taken() if link.token in taken.mail.as_string()] == []
    found = link_mails.look_at_links_to_send(host_id=desk.host_id, link_id=link.id, now=now)
    assert (found.addressees, found.dead) == ((), 1)


def test_what_is_wrong_is_said_and_nothing_is_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    link = link_for(desk)
    for words, wrong in (
        ({"subject": " ", "text": None}, {"subject": "mail_subject_missing", "text": "mail_text_missing"}),
        ({"text": "Dear {nmae}"}, {"text": "placeholder_unknown"}),
        (
            {"subject": "a" * 151, "text": "b" * 4001},
            {"subject": "mail_subject_too_long", "text": "mail_text_too_long"},
        ),
    ):
        with pytest.raises(InvalidInput) as refused:
            send(desk, link_id=link.id, **words)
        assert refused.value.fields == wrong
    monkeypatch.setattr(link_mails, "MOST_A_DAY", 0)
    with pytest.raises(Refusal, match="too_many_mails"):
        send(desk, link_id=link.id)
    monkeypatch.delenv("SMTP_URL")
    with pytest.raises(Refusal, match="no_mail_for_links"):
        send(desk, link_id=link.id)
    assert rows("SELECT * FROM outbox_message") == []


def test_hostile_words_stay_words(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    name = "{host} <b>\r\nBcc: eve@example.org"
    link = link_for(desk, recipient_name=name)
    send(desk, link_id=link.id, subject="Hi\r\nBcc: eve@example.org {name}", text="<script>{name}</script> {event}")
    deliver_due(post, clock=lambda: NOW)
    [taken] = mailbox.taken()
    assert taken.recipient == "ada@example.org"
    assert taken.mail["Bcc"] is None
    html = taken.mail.get_body(("html",))
    assert html
    assert "<script>" not in html.get_content()
    assert "{host}" in html.get_content()


def test_another_hosts_links_are_nobodys(desk: Desk, another_host_id) -> None:
    link, batch = link_for(desk), batch_of(desk, ADA)
    for which in ({"link_id": link.id}, {"batch_id": batch}, {"link_id": ""}, {"batch_id": {}}, {"link_id": 7}):
        other = Desk(another_host_id, "", "")
        for ask in (look, send):
            with pytest.raises(NotFound):
                ask(other, **which)
    assert rows("SELECT * FROM outbox_message") == []


def test_who_leaves_sends_nothing_more(desk: Desk, mailbox: Mailbox, post: SmtpPost) -> None:
    send(desk, link_id=link_for(desk).id)
    leaving.delete_account(host_id=desk.host_id, email="grace@example.org", password=PASSWORD, now=NOW)
    deliver_due(post, clock=lambda: NOW)
    assert mailbox.taken() == []
    assert rows("SELECT * FROM outbox_message") == []
