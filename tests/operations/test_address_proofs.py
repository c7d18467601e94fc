"""Who books with a link for one address alone has shown that they read its mail; a copy of the database opens none."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from io import StringIO
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import text
from sqlmodel import select

from singleuse_app import db, tokens
from singleuse_app.ids import LINK, parse_id
from singleuse_app.models import AddressCode, Link
from singleuse_app.notifications.smtp import FolderPost, SmtpPost
from singleuse_app.operations import (
    address_codes,
    address_proofs,
    bookings,
    exports,
    host_bookings,
    leaving,
    link_batches,
    link_board,
    link_mails,
    link_requests,
    links,
    mail_limits,
    mail_log,
)
from singleuse_app.operations.address_codes import ask_for_code
from singleuse_app.operations.address_proofs import prove_address
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.operations.found_links import look_at_link
from singleuse_app.operations.health import examine
from singleuse_app.operations.history import Happened
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.operations.manage_booking import AsHost, cancel_booking
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.address_proofs import TRIES
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import InvalidInput, LinkAlreadyUsed, LinkRevoked, Refusal, TooManyCodes
from singleuse_app.scheduling.link_lists import Person
from singleuse_app.scheduling.link_options import LinkOptions
from tests.factories import (
    ADA,
    BOB,
    NOW,
    OTHER_RECEIPT,
    PASSWORD,
    RECEIPT,
    Desk,
    book,
    later,
    make_link,
    open_active,
    rows,
)
from tests.harness.smtp_server import Mailbox

ADDRESS = "lovelace@example.org"
FOR_ADA = LinkOptions(recipient_name="Ada", recipient_email=ADDRESS, only_recipient=True)
NAMELESS = replace(ADA, email="")
"""Whom a page books for that does not know the address."""

GUESSES = 20


@pytest.fixture(autouse=True)
def _mail_server(monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox) -> None:
    monkeypatch.setenv("SMTP_URL", mailbox.url)
    monkeypatch.setenv("MAIL_FROM", "meet@example.org")


@pytest.fixture(autouse=True)
def _nothing_is_untrue(desk: Desk) -> Iterator[None]:
    yield
    with db.reading() as session:
        assert violations(session) == {}


@pytest.fixture
def bound(desk: Desk) -> HandedOutLink:
    """A link for one address alone."""
    return make_bound(desk)


def make_bound(desk: Desk, options: LinkOptions = FOR_ADA, *, max_uses: int = 1) -> HandedOutLink:
    return links.create_link(
        host_id=desk.host_id, event_type_id=desk.event_type_id, options=options, max_uses=max_uses, now=NOW
    )


def asks_for_a_code(link: HandedOutLink) -> bool:
    with db.reading() as session:
        return session.get_one(Link, parse_id(LINK, link.id)).by_code


@pytest.fixture
def sent(mailbox: Mailbox, post: SmtpPost) -> Callable[..., str]:
    """Ask for a code; the six digits that the address is sent."""

    def ask(link: HandedOutLink, receipt: str = RECEIPT, *, now: datetime = NOW, locale: str = "en") -> str:
        before = len(mailbox.taken())
        ask_for_code(token=link.token, receipt=receipt, locale=locale, now=now)
        deliver_due(post, clock=lambda: now)
        [mail] = mailbox.taken()[before:]
        assert mail.recipient == ADDRESS
        [code] = re.findall(r"\b\d{6}\b", mail.mail.get_body(("plain",)).get_content())
        assert code not in str(mail.mail["Subject"])
        return code

    return ask


Sent = Callable[..., str]


def prove(link: HandedOutLink, code: object, receipt: str = RECEIPT, *, now: datetime = NOW) -> None:
    prove_address(token=link.token, receipt=receipt, code=code, now=now)


def refused(work: Callable[[], object]) -> str:
    """What is said of the code."""
    with pytest.raises(InvalidInput) as refusal:
        work()
    return refusal.value.fields["code"]


def another(code: str) -> str:
    return f"{(int(code) + 1) % tokens.CODES:06}"


def book_it(link: HandedOutLink, receipt: str = RECEIPT, **how: object) -> BookingConfirmation:
    return book(link, **{"invitee": NAMELESS, "receipt": receipt, **how})  # ty: ignore[invalid-argument-type]


def uses(link: HandedOutLink) -> int:
    with db.reading() as session:
        return session.get_one(Link, parse_id(LINK, link.id)).uses


# booking


def test_only_who_types_the_code_books_and_is_booked_under_the_address(bound: HandedOutLink, sent: Sent) -> None:
    assert refused(lambda: book_it(bound)) == "address_not_proven"
    code = sent(bound)
    assert refused(lambda: book_it(bound)) == "address_not_proven"
    assert uses(bound) == 0  # neither opening nor asking spends anything
    prove(bound, f" {code[:3]} {code[3:]} ")
    assert book_it(bound).invitee.email == ADDRESS
    again = book_it(bound, slot=0, start=NOW, now=later(hours=1))  # the same receipt, an hour later
    assert again.invitee.email == ADDRESS
    assert not again.taken


def test_who_knows_the_address_does_not_book_for_that(bound: HandedOutLink, sent: Sent) -> None:
    assert refused(lambda: book(bound, invitee=replace(ADA, email=ADDRESS))) == "address_not_proven"
    prove(bound, sent(bound))
    with pytest.raises(InvalidInput) as other:
        book(bound, invitee=BOB)
    assert other.value.fields == {"email": "email_not_invited"}
    assert book(bound, invitee=replace(ADA, email=ADDRESS.upper())).taken


def test_control_without_the_look_at_the_proof_anybody_books(
    bound: HandedOutLink, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    monkeypatch.setattr(bookings, "need_proof", lambda *_, **__: None)
    assert book_it(bound).invitee.email == ADDRESS
    with db.writing() as session:
        assert list(violations(session)) == ["who books by a code has proven the address"]
        session.connection().execute(text("UPDATE scheduling_link SET by_code = false"))


def test_what_is_behind_the_link_does_not_name_the_address(desk: Desk, bound: HandedOutLink, sent: Sent) -> None:
    options = replace(FOR_ADA, prefill={"email": ADDRESS, "a1": "Budget"})
    for link in (bound, make_bound(desk, options)):
        found = open_active(link)
        assert found.proof
        assert found.proof.masked == "l•••@example.org"
        told = [repr(found), repr(look_at_link(token=link.token, now=NOW))]
        sent(link)
        told.append(repr(bookings.open_link(token=link.token, receipt=RECEIPT, now=NOW)))
        assert not [one for one in told if "lovelace" in one]
        assert found.prefill["name"] == "Ada"
    control = make_bound(desk, replace(FOR_ADA, only_recipient=False))
    assert ADDRESS in repr(open_active(control))


def test_another_browser_has_to_prove_it_on_its_own(bound: HandedOutLink, sent: Sent) -> None:
    code = sent(bound)
    assert refused(lambda: prove(bound, code, OTHER_RECEIPT)) == "code_not_asked"
    prove(bound, code)
    assert refused(lambda: book_it(bound, OTHER_RECEIPT)) == "address_not_proven"
    assert refused(lambda: book_it(bound, "")) == "address_not_proven"
    another_code = sent(bound, OTHER_RECEIPT)
    if another_code != code:
        assert refused(lambda: prove(bound, code, OTHER_RECEIPT)) == "code_differs"
    prove(bound, another_code, OTHER_RECEIPT)
    assert book_it(bound, OTHER_RECEIPT).taken


def test_a_proof_on_one_link_is_none_on_another(desk: Desk, bound: HandedOutLink, sent: Sent) -> None:
    prove(bound, sent(bound))
    assert refused(lambda: book_it(make_bound(desk))) == "address_not_proven"


def test_a_proof_holds_for_half_an_hour(desk: Desk, bound: HandedOutLink, sent: Sent) -> None:
    prove(bound, sent(bound))
    assert refused(lambda: book_it(bound, now=later(minutes=30))) == "address_not_proven"
    assert state(bound, now=later(minutes=30)) == "askable"
    assert book_it(bound, now=later(minutes=29)).taken


def state(link: HandedOutLink, receipt: str = RECEIPT, *, now: datetime = NOW) -> str:
    found = bookings.open_link(token=link.token, receipt=receipt, now=now)
    assert isinstance(found, OpenLink)
    assert found.proof
    return found.proof.state


def test_the_page_knows_how_far_each_browser_is(bound: HandedOutLink, sent: Sent) -> None:
    assert state(bound) == "askable"
    code = sent(bound)
    assert (state(bound), state(bound, OTHER_RECEIPT)) == ("sent", "askable")
    prove(bound, code)
    assert (state(bound), state(bound, OTHER_RECEIPT)) == ("proven", "askable")


# codes


def test_five_wrong_codes_and_the_right_one_comes_too_late_until_another_is_sent(
    bound: HandedOutLink, sent: Sent
) -> None:
    code = sent(bound)
    for left in range(TRIES - 1, -1, -1):
        with pytest.raises(InvalidInput) as wrong:
            prove(bound, another(code))
        assert wrong.value.fields == {"code": "code_differs" if left else "code_used_up"}
        assert wrong.value.params == {"left": left}
    assert refused(lambda: prove(bound, code)) == "code_used_up"
    prove(bound, sent(bound, now=later(minutes=1)), now=later(minutes=1))
    assert book_it(bound, now=later(minutes=1)).taken


def test_what_is_no_code_costs_no_try(bound: HandedOutLink, sent: Sent) -> None:
    code = sent(bound)
    for nonsense in (None, "", "12345", "1234567", "abcdef", "١٢٣٤٥٦", 123456, {}):
        assert refused(lambda nonsense=nonsense: prove(bound, nonsense)) == "code_malformed"
    assert rows("SELECT tries FROM address_code") == [(0,)]
    prove(bound, code)
    prove(bound, "000000")  # proven is proven
    assert rows("SELECT tries FROM address_code") == [(1,)]


def test_a_code_is_good_for_ten_minutes(bound: HandedOutLink, sent: Sent) -> None:
    code = sent(bound)
    assert refused(lambda: prove(bound, code, now=later(minutes=10))) == "code_expired"
    prove(bound, code, now=later(minutes=9, seconds=59))


def test_another_code_takes_the_place_of_the_one_before(bound: HandedOutLink, sent: Sent) -> None:
    first = sent(bound)
    second = sent(bound, now=later(minutes=1))
    if first != second:
        assert refused(lambda: prove(bound, first, now=later(minutes=1))) == "code_differs"
    prove(bound, second, now=later(minutes=1))


def test_a_copy_of_the_database_does_not_tell_the_code(bound: HandedOutLink, sent: Sent) -> None:
    code = sent(bound)
    kept = "".join(str(rows(f"SELECT * FROM {table}")) for table in ("address_code", "outbox_message", "event_log"))
    assert f"'{code}'" not in kept
    with db.reading() as session:
        found = session.exec(select(AddressCode)).one()
    guessed = {part + code for part in ("", found.nonce, found.id.hex, str(found.id))}
    assert not [one for one in guessed if hashlib.sha256(one.encode()).hexdigest() in kept]
    digits = (tokens.ADDRESS_CODE, found.id, found.nonce, found.kid)
    assert tokens.derive_code(*digits) == code
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "_keys", lambda _: {found.kid: bytes(32)})
        assert tokens.derive_code(*digits) != code


def test_every_code_is_as_likely_as_any_other() -> None:
    drawn = [
        int(tokens.derive_code("test", parse_id(LINK, f"lnk_{1:032x}"), str(turn), tokens.current_kid()))
        for turn in range(3000)
    ]
    assert len(set(drawn)) > 2950
    assert all(200 < sum(number // 100_000 == digit for number in drawn) < 400 for digit in range(10))


# many at once


def at_once(guess: Callable[[str], object], guesses: list[str]) -> None:
    barrier = Barrier(len(guesses))

    def one(code: str) -> None:
        barrier.wait()
        with suppress(Refusal):
            guess(code)

    with ThreadPoolExecutor(len(guesses)) as pool:
        list(pool.map(one, guesses))


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every guess that was held to the code."""
    noted: list[str] = []
    same = tokens.same

    def noting(left: str, right: str) -> bool:
        noted.append(right)
        return same(left, right)

    monkeypatch.setattr(tokens, "same", noting)
    return noted


def test_of_many_guesses_at_once_five_are_held_to_the_code(
    bound: HandedOutLink, sent: Sent, compared: list[str]
) -> None:
    code = sent(bound)
    wrong = [f"{(int(code) + number) % tokens.CODES:06}" for number in range(1, GUESSES + 1)]
    at_once(lambda guess: prove(bound, guess), wrong)
    assert len(compared) == TRIES
    assert rows("SELECT tries FROM address_code") == [(TRIES,)]


def test_control_a_look_before_the_count_holds_many_to_it(
    bound: HandedOutLink, sent: Sent, compared: list[str]
) -> None:
    code = sent(bound)
    wrong = [f"{(int(code) + number) % tokens.CODES:06}" for number in range(1, GUESSES + 1)]
    looked = Barrier(GUESSES)

    def guess(typed: str) -> None:
        link = address_proofs.find_by_token
        with db.reading() as session:
            newest = address_proofs.newest_code(session, link(session, bound.token).link.id, RECEIPT)
            assert newest
            is_open = newest.tries < TRIES
        looked.wait()
        if is_open:
            tokens.same(address_proofs.digits_of(newest), typed)
            with db.writing() as session:
                session.connection().execute(
                    text("UPDATE address_code SET tries = CASE WHEN tries < 5 THEN tries + 1 ELSE tries END")
                )

    at_once(guess, wrong)
    assert len(compared) == GUESSES


def ask_from_many_browsers(link: HandedOutLink) -> int:
    at_once(lambda receipt: ask_for_code(token=link.token, receipt=receipt, now=NOW), [f"{n:032x}" for n in range(12)])
    return len(rows("SELECT id FROM address_code"))


def test_of_many_who_ask_at_once_five_are_sent_a_code(bound: HandedOutLink) -> None:
    assert ask_from_many_browsers(bound) == address_codes.PER_HOUR


def test_control_without_the_count_all_are(bound: HandedOutLink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_codes, "_refuse_too_many", lambda *_: None)
    assert ask_from_many_browsers(bound) == 12


# how many go out, and when


def test_a_link_sends_five_codes_an_hour_and_ten_a_day(desk: Desk, bound: HandedOutLink) -> None:
    def ask(link: HandedOutLink, number: int, **after: float) -> str:
        try:
            ask_for_code(token=link.token, receipt=f"{number:032x}", now=later(**after))
        except TooManyCodes as refusal:
            return refusal.code
        return "sent"

    assert [ask(bound, number) for number in range(6)] == ["sent"] * 5 + ["codes_per_hour"]
    assert ask(make_bound(desk), 1) == "sent"
    assert [ask(bound, number, hours=1) for number in range(6)] == ["sent"] * 5 + ["codes_per_hour"]
    assert ask(bound, 7, hours=3) == "codes_per_day"
    assert ask(bound, 7, days=1) == "sent"


def test_pressed_twice_one_code_is_sent(bound: HandedOutLink, sent: Sent, mailbox: Mailbox, post: SmtpPost) -> None:
    code = sent(bound)
    ask_for_code(token=bound.token, receipt=RECEIPT, now=later(seconds=14))
    deliver_due(post, clock=lambda: later(seconds=14))
    assert len(mailbox.taken()) == 1
    prove(bound, code)
    ask_for_code(token=bound.token, receipt=RECEIPT, now=later(minutes=5))  # proven is proven
    assert len(rows("SELECT id FROM address_code")) == 1


def test_an_address_is_sent_so_many_mails_a_day_and_codes_count_among_them(
    desk: Desk, bound: HandedOutLink, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_limits, "PER_ADDRESS", 2)
    sent(bound)
    sent(make_bound(desk))
    with pytest.raises(TooManyCodes, match="codes_per_day"):
        ask_for_code(token=make_bound(desk).token, receipt=RECEIPT, now=NOW)


def test_a_code_goes_out_before_what_waits_already(
    desk: Desk, bound: HandedOutLink, mailbox: Mailbox, post: SmtpPost
) -> None:
    people = [Person(f"P{number}", f"p{number}@example.org") for number in range(30)]
    create = {"event_type_id": desk.event_type_id, "name": "Fair", "people": people, "options": LinkOptions()}
    batch = link_batches.create_batch(host_id=desk.host_id, now=NOW, **create)
    link_mails.send_links(host_id=desk.host_id, batch_id=batch.id, subject="Hello", text="Hello", now=NOW)
    ask_for_code(token=bound.token, receipt=RECEIPT, now=later(minutes=5))
    deliver_due(post, clock=lambda: later(minutes=5))
    first = mailbox.taken()[0]
    assert first.recipient == ADDRESS
    assert first.mail["Date"].datetime == later(minutes=5)


def test_it_is_written_in_the_language_of_who_asks(bound: HandedOutLink, sent: Sent, mailbox: Mailbox) -> None:
    sent(bound, locale="de-AT")
    [taken] = mailbox.taken()
    assert taken.mail["Subject"] == "Ihr Code für die Buchung bei Grace Host"
    assert taken.mail["Content-Language"] == "de-AT"
    assert "zehn Minuten" in taken.mail.get_body(("plain",)).get_content()


@pytest.mark.parametrize("why", ["expired", "a newer one", "five tries", "revoked"])
def test_a_code_that_is_good_for_nothing_any_more_is_not_sent(
    desk: Desk, bound: HandedOutLink, mailbox: Mailbox, post: SmtpPost, why: str
) -> None:
    ask_for_code(token=bound.token, receipt=RECEIPT, now=NOW)
    now, expected = NOW, 0
    if why == "expired":
        now = later(minutes=10)
    elif why == "a newer one":
        now, expected = later(minutes=1), 1
        ask_for_code(token=bound.token, receipt=RECEIPT, now=now)
    elif why == "five tries":
        for _ in range(TRIES):
            with suppress(InvalidInput):
                prove(bound, "000000")
    else:
        links.revoke_link(host_id=desk.host_id, link_id=bound.id, now=NOW)
    deliver_due(post, clock=lambda: now)
    assert len(mailbox.taken()) == expected


def test_its_host_reads_that_a_code_went_out_and_not_the_code(desk: Desk, bound: HandedOutLink, sent: Sent) -> None:
    code = sent(bound)
    prove(bound, code)
    seen = mail_log.look_at_mail(host_id=desk.host_id, now=NOW)
    assert [(row.kind, row.to, row.state) for row in seen.rows] == [("code_asked", ADDRESS, "sent")]
    details = link_board.link_details(host_id=desk.host_id, link_id=bound.id, now=NOW)
    assert [kind for _, kind in details.log][-2:] == [Happened.CODE_ASKED, Happened.ADDRESS_PROVEN]
    assert code not in repr(seen) + repr(details)


# dead links


def test_a_dead_link_sends_no_code_and_can_be_asked_for_again(desk: Desk, bound: HandedOutLink, sent: Sent) -> None:
    code = sent(bound)
    links.revoke_link(host_id=desk.host_id, link_id=bound.id, now=NOW)
    for work in (
        lambda: ask_for_code(token=bound.token, receipt=OTHER_RECEIPT, now=NOW),
        lambda: prove(bound, code),
        lambda: book_it(bound, start=later(days=1)),
    ):
        with pytest.raises(LinkRevoked):
            work()
    link_requests.ask_for_link(token=bound.token, name="Ada", email="ada@example.com", message="", now=NOW)
    [request] = link_requests.list_link_requests(host_id=desk.host_id, now=NOW)
    new = link_requests.answer_link_request(host_id=desk.host_id, request_id=request.id, now=NOW)
    assert asks_for_a_code(new)
    found = open_active(new)
    assert found.proof
    assert found.proof.masked == "a•••@example.com"


def test_to_others_a_used_link_tells_nothing(bound: HandedOutLink, sent: Sent) -> None:
    prove(bound, sent(bound))
    book_it(bound)
    for receipt in ("", OTHER_RECEIPT):
        with pytest.raises(LinkAlreadyUsed) as refusal:
            bookings.open_link(token=bound.token, receipt=receipt, now=NOW)
        assert ADDRESS not in repr(refusal.value)


# which links ask


def test_the_link_in_its_place_asks_too(desk: Desk, bound: HandedOutLink, sent: Sent) -> None:
    assert asks_for_a_code(links.reissue_link(host_id=desk.host_id, link_id=make_bound(desk).id, now=NOW))
    prove(bound, sent(bound))
    booked = book_it(bound)
    cancel_booking(who=AsHost(desk.host_id, booked.booking_id), now=NOW)
    assert asks_for_a_code(host_bookings.send_new_link(host_id=desk.host_id, booking_id=booked.booking_id, now=NOW))


def test_of_a_list_those_ask_who_have_an_address(desk: Desk) -> None:
    people = [Person("Ada", ADDRESS), Person("Bob")]
    options = LinkOptions(only_recipient=True)
    create = {"event_type_id": desk.event_type_id, "name": "Fair", "people": people, "options": options}
    link_batches.create_batch(host_id=desk.host_id, now=NOW, **create)
    found = rows("SELECT by_code, only_recipient FROM scheduling_link ORDER BY id")
    assert [(bool(one), bool(two)) for one, two in found] == [(True, True), (False, False)]


def test_a_link_for_anybody_asks_for_none(desk: Desk) -> None:
    link = make_link(desk)
    assert open_active(link).proof is None
    assert book(link).taken


# no mail server


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.delenv("SMTP_URL")


def test_without_a_mail_server_the_option_is_refused_and_an_address_binds_without_a_code(
    desk: Desk, no_server: Callable[[], None]
) -> None:
    no_server()
    with pytest.raises(InvalidInput) as refusal:
        make_bound(desk, replace(FOR_ADA, by_code=True))
    assert refusal.value.fields == {"by_code": "no_mail_for_codes"}
    assert rows("SELECT id FROM scheduling_link") == []
    link = make_bound(desk)
    assert not asks_for_a_code(link)
    assert book(link, invitee=replace(ADA, email=ADDRESS)).taken


def test_a_link_that_asks_stays_shut_when_the_mail_server_goes(
    desk: Desk, bound: HandedOutLink, no_server: Callable[[], None], tmp_path: Path
) -> None:
    ask_for_code(token=bound.token, receipt=RECEIPT, now=NOW)
    no_server()
    deliver_due(FolderPost(tmp_path), clock=lambda: NOW)
    assert list(tmp_path.iterdir()) == []  # nor is a code left in a folder
    assert state(bound, OTHER_RECEIPT) == "impossible"
    with pytest.raises(Refusal, match="codes_not_sent"):
        ask_for_code(token=bound.token, receipt=OTHER_RECEIPT, now=NOW)
    assert refused(lambda: book_it(bound, OTHER_RECEIPT)) == "address_not_proven"
    with pytest.raises(Refusal, match="no_mail_for_codes"):
        links.reissue_link(host_id=desk.host_id, link_id=bound.id, now=NOW)
    assert open_active(bound)  # which the refusal did not take back
    [finding] = [one for one in examine(now=NOW).broken if "ask for a code" in one.what]
    assert finding.ids == (bound.id,)
    assert "SMTP_URL" in finding.remedy


def test_another_key_file_takes_no_code(bound: HandedOutLink, sent: Sent) -> None:
    code = sent(bound)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "_keys", lambda _: {"k9": bytes(32)})
        assert refused(lambda: prove(bound, code)) == "code_differs"
    prove(bound, code)


# keeping and forgetting


def test_a_host_takes_along_when_codes_were_asked_for_and_nothing_that_opens(
    desk: Desk, bound: HandedOutLink, sent: Sent
) -> None:
    code = sent(bound)
    file = StringIO()
    exports.write_export(file, host_id=desk.host_id, now=NOW)
    [row] = json.loads(file.getvalue())["address_code"]
    assert row["tries"] == 0
    assert {"nonce", "kid", "receipt_hash"}.isdisjoint(row)
    assert code not in json.dumps(row)


def test_codes_go_with_their_host(desk: Desk, bound: HandedOutLink, sent: Sent) -> None:
    prove(bound, sent(bound))
    book_it(bound)
    leaving.delete_account(host_id=desk.host_id, email="grace@example.org", password=PASSWORD, now=NOW)
    assert rows("SELECT id FROM address_code") == []


def test_what_a_backup_brings_back_proves_nothing(bound: HandedOutLink, sent: Sent) -> None:
    prove(bound, sent(bound))
    code = sent(bound, OTHER_RECEIPT)
    with db.writing() as session:
        address_proofs.forget_codes(session, now=NOW)
    assert refused(lambda: book_it(bound)) == "address_not_proven"
    assert refused(lambda: prove(bound, code, OTHER_RECEIPT)) == "code_not_asked"
