"""The digits that prove an address: few go out, few are tried, and a copy of the database opens none."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from sqlalchemy import text
from sqlmodel import select

from singleuse_app import db, tokens
from singleuse_app.ids import LINK, parse_id
from singleuse_app.models import AddressCode
from singleuse_app.notifications.smtp import SmtpPost
from singleuse_app.operations import (
    address_codes,
    address_proofs,
    link_batches,
    link_board,
    link_mails,
    links,
    mail_limits,
    mail_log,
)
from singleuse_app.operations.address_codes import ask_for_code
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.operations.history import Happened
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.scheduling.address_proofs import TRIES
from singleuse_app.scheduling.errors import InvalidInput, Refusal, TooManyCodes
from singleuse_app.scheduling.link_lists import Person
from singleuse_app.scheduling.link_options import LinkOptions
from tests.factories import NOW, RECEIPT, Desk, later, rows
from tests.harness.smtp_server import Mailbox
from tests.operations.proving import ADDRESS, Sent, book_it, make_bound, prove, refused

GUESSES = 20

pytestmark = pytest.mark.usefixtures("mail_server", "nothing_is_untrue")


def another(code: str) -> str:
    return f"{(int(code) + 1) % tokens.CODES:06}"


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


def test_another_key_file_takes_no_code(bound: HandedOutLink, sent: Sent) -> None:
    code = sent(bound)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "_keys", lambda _: {"k9": bytes(32)})
        assert refused(lambda: prove(bound, code)) == "code_differs"
    prove(bound, code)


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
