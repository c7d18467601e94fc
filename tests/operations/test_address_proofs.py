"""Who books with a link for one address alone has shown that they read its mail."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import text

from singleuse_app import db
from singleuse_app.ids import LINK, parse_id
from singleuse_app.models import Link
from singleuse_app.notifications.smtp import FolderPost
from singleuse_app.operations import (
    address_proofs,
    bookings,
    exports,
    host_bookings,
    leaving,
    link_batches,
    link_requests,
    links,
)
from singleuse_app.operations.address_codes import ask_for_code
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.operations.found_links import look_at_link
from singleuse_app.operations.health import examine
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.operations.manage_booking import AsHost, cancel_booking
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.errors import InvalidInput, LinkAlreadyUsed, LinkRevoked, Refusal
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
from tests.operations.proving import ADDRESS, FOR_ADA, Sent, book_it, make_bound, prove, refused

pytestmark = pytest.mark.usefixtures("mail_server", "nothing_is_untrue")


def asks_for_a_code(link: HandedOutLink) -> bool:
    with db.reading() as session:
        return session.get_one(Link, parse_id(LINK, link.id)).by_code


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
