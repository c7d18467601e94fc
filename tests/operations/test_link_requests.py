"""Whoever meets a dead link may ask for a new one; its host answers with one click."""

import threading
from datetime import timedelta
from functools import partial

import pytest

from singleuse_app.operations import event_types, hosts, links
from singleuse_app.operations.bookings import OpenLink, open_link
from singleuse_app.operations.link_requests import (
    MAX_WAITING_PER_HOST,
    answer_link_request,
    ask_for_link,
    dismiss_link_request,
    list_link_requests,
)
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.scheduling.errors import AskedAlready, InvalidInput, LinkNotFound, LinkOff, LinkWorks, NotFound
from singleuse_app.scheduling.link_options import LinkOptions
from singleuse_app.scheduling.links import LinkStatus
from tests.factories import NOW, PASSWORD, Desk, book, change_event_type, later, make_link, open_active, rows


@pytest.fixture
def used(desk: Desk) -> HandedOutLink:
    link = make_link(desk)
    book(link)
    return link


def ask(link: HandedOutLink, name: str = "Bob", email: str = "bob@example.org", message: object = "May I?") -> None:
    ask_for_link(token=link.token, name=name, email=email, message=message, now=NOW)


def waiting(desk: Desk, **delta: float) -> list:
    return list_link_requests(host_id=desk.host_id, now=later(**delta))


def test_the_host_hears_who_asks_for_what(desk: Desk, used: HandedOutLink) -> None:
    ask(used, message="  We were\ncut off. ")
    [one] = waiting(desk)
    assert (one.name, one.email, one.message, one.old_status) == (
        "Bob",
        "bob@example.org",
        "We were cut off.",
        LinkStatus.USED,
    )
    assert rows("SELECT kind, recipient FROM outbox_message WHERE kind = 'link_requested'") == [
        ("link_requested", "host")
    ]
    assert rows("SELECT kind FROM event_log ORDER BY id DESC LIMIT 1") == [("link_requested",)]


@pytest.mark.parametrize("death", ["revoked", "expired", "off"])
def test_every_dead_link_can_be_asked_about(desk: Desk, death: str) -> None:
    link = make_link(desk, **({} if death == "off" else {f"{death}_at" if death == "revoked" else "expires_at": NOW}))
    if death == "off":
        change_event_type(desk, off_at=NOW)
    ask(link)
    assert [one.old_status for one in waiting(desk)] == [death]


def test_not_one_that_works_and_not_one_that_nobody_made(desk: Desk) -> None:
    with pytest.raises(LinkWorks):
        ask(make_link(desk))
    for token in ("", "x", None, 7, "ä" * 40):
        with pytest.raises(LinkNotFound):
            ask_for_link(token=token, name="Bob", email="bob@example.org", message="", now=NOW)
    assert waiting(desk) == []


def test_the_same_address_waits_once_and_few_wait_for_one_link(desk: Desk, used: HandedOutLink) -> None:
    ask(used)
    ask(used, name="Bob again")
    for number in (2, 3):
        ask(used, email=f"{number}@example.org")
    with pytest.raises(AskedAlready):
        ask(used, email="4@example.org")
    ask(used)
    assert [one.email for one in waiting(desk)] == ["bob@example.org", "2@example.org", "3@example.org"]
    dismiss_link_request(host_id=desk.host_id, request_id=waiting(desk)[0].id, now=NOW)
    ask(used, email="4@example.org")


def test_one_host_is_not_asked_without_end(desk: Desk) -> None:
    for number in range(MAX_WAITING_PER_HOST):
        ask(make_link(desk, revoked_at=NOW), email=f"{number}@example.org")
    with pytest.raises(AskedAlready):
        ask(make_link(desk, revoked_at=NOW))
    assert len(waiting(desk)) == MAX_WAITING_PER_HOST


def test_many_who_ask_at_the_same_moment_are_as_many_as_may_wait(desk: Desk, used: HandedOutLink) -> None:
    gate = threading.Barrier(8)

    def one(number: int) -> None:
        gate.wait()
        try:
            ask(used, email=f"{number % 6}@example.org")
        except AskedAlready:
            refused.append(number)

    refused: list[int] = []
    crew = [threading.Thread(target=partial(one, number)) for number in range(8)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    assert len(waiting(desk)) == 3
    assert 3 <= len(refused) <= 5


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"name": ""}, {"name": "name_missing"}),
        ({"name": None, "email": 7}, {"name": "name_missing", "email": "email_missing"}),
        ({"email": "bob@"}, {"email": "email_malformed"}),
        ({"message": "x" * 501}, {"message": "message_too_long"}),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(used: HandedOutLink, said: dict, code: dict) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask_for_link(token=used.token, now=NOW, **{"name": "Bob", "email": "b@example.org", "message": {}, **said})
    assert refused.value.fields == code


def test_the_answer_is_one_new_link_with_the_options_of_the_old(desk: Desk) -> None:
    old = links.create_link(
        host_id=desk.host_id,
        event_type_id=desk.event_type_id,
        options=LinkOptions(duration_minutes=45, location="Room 3"),
        now=NOW,
    )
    links.revoke_link(host_id=desk.host_id, link_id=old.id, now=NOW)
    ask(old)
    [request] = waiting(desk)
    answer = partial(answer_link_request, host_id=desk.host_id, request_id=request.id)
    made = answer(now=NOW)
    assert answer(now=later(minutes=5)) == made, "one click and another are one link"
    offer = open_active(made)
    assert (offer.terms.duration_minutes, offer.terms.location) == (45, "Room 3")
    assert [one.is_answered for one in waiting(desk)] == [True]
    assert waiting(desk, days=2) == []
    assert isinstance(open_link(token=made.token, receipt="", now=NOW), OpenLink)
    ask(old)
    assert [one.is_answered for one in waiting(desk)] == [False, True], "who was answered may ask again"


def test_an_event_type_that_is_off_cannot_be_answered_with(desk: Desk, used: HandedOutLink) -> None:
    ask(used)
    event_types.switch_event_type(host_id=desk.host_id, event_type_id=desk.event_type_id, on=False, now=NOW)
    with pytest.raises(LinkOff):
        answer_link_request(host_id=desk.host_id, request_id=waiting(desk)[0].id, now=NOW)
    assert [one.is_answered for one in waiting(desk)] == [False]


def test_another_host_finds_nothing_and_a_dismissed_request_is_gone(desk: Desk, used: HandedOutLink) -> None:
    ask(used)
    [request] = waiting(desk)
    other = hosts.add_host(
        name="Olive", email="olive@example.org", password=PASSWORD, time_zone="UTC", now=NOW + timedelta(0)
    )
    assert list_link_requests(host_id=other.id, now=NOW) == []
    for operation in (answer_link_request, dismiss_link_request):
        for request_id in (request.id, "req_", None, 7):
            with pytest.raises(NotFound):
                operation(host_id=other.id, request_id=request_id, now=NOW)
    dismiss_link_request(host_id=desk.host_id, request_id=request.id, now=NOW)
    dismiss_link_request(host_id=desk.host_id, request_id=request.id, now=NOW)
    assert waiting(desk) == []
    with pytest.raises(NotFound):
        answer_link_request(host_id=desk.host_id, request_id=request.id, now=NOW)
