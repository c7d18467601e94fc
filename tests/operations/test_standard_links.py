"""Standard links: one public address for each event type, switched off until its host switches it on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from singleuse_app import db, migrations, tokens
from singleuse_app.ids import EVENT_TYPE, HOST, LINK, parse_id, public_id
from singleuse_app.migrations import guards
from singleuse_app.models import EventType, Host, Link
from singleuse_app.operations import (
    bookings,
    command_links,
    event_type_edits,
    event_types,
    found_links,
    hosts,
    link_board,
    links,
)
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.operations.link_requests import ask_for_link
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.operations.standard_links import list_standard_links, switch_standard_link
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import LinkNotFound, LinkOff, LinkRefusal, LinkWorks, NotFound
from singleuse_app.scheduling.event_types import Edit
from singleuse_app.scheduling.links import UNLIMITED_USES
from singleuse_app.scheduling.slugs import MAX_SLUG_LENGTH, slug_of
from tests.factories import (
    BOB,
    NOW,
    OTHER_RECEIPT,
    PASSWORD,
    RECEIPT,
    Desk,
    book,
    change,
    change_event_type,
    later,
    make_link,
    open_active,
    rows,
)

ADDRESS = "with/grace-host/30-minute-meeting"
NEVER = "with/grace-host/nothing-of-the-kind"


def switch(desk: Desk, *, on: bool = True) -> HandedOutLink:
    """Switch the desk's standard link; what an invitee has of it."""
    switch_standard_link(host_id=desk.host_id, event_type_id=desk.event_type_id, on=on, now=NOW)
    return HandedOutLink("", ADDRESS)


def another_event_type(desk: Desk, **facts: object) -> str:
    with db.writing() as session:
        first = session.get_one(EventType, parse_id(EVENT_TYPE, desk.event_type_id))
        kept = {"host_id": first.host_id, "schedule_id": first.schedule_id, "created_at": NOW}
        row = EventType(
            **{**kept, "name": "Another", "duration_minutes": 30, "start_time_increment_minutes": 30, **facts}
        )
        session.add(row)
        session.flush()
        return public_id(EVENT_TYPE, row.id)


def what_one_gets(address: str, receipt: str = OTHER_RECEIPT) -> list[object]:
    """Everything that somebody who tries an address can see."""
    book = partial(bookings.book_slot, start=later(days=1), invitee=BOB, receipt=receipt, terms_version=1)
    seen: list[object] = []
    ask = partial(ask_for_link, name="Bob", email="bob@example.org", message="")
    for look in (found_links.look_at_link, partial(bookings.open_link, receipt=receipt), ask, book):
        try:
            found = look(token=address, now=NOW)
        except LinkRefusal as refusal:
            found = refusal
        assert isinstance(found, LinkNotFound)
        seen.append((type(found), found.code, found.params))
    return seen


def test_no_event_type_starts_with_one(desk: Desk) -> None:
    assert list_standard_links(host_id=desk.host_id) == {}
    assert what_one_gets(ADDRESS) == what_one_gets(NEVER)


def test_it_books_again_and_again_and_every_truth_holds(desk: Desk) -> None:
    link = switch(desk)
    assert tokens.link_url(link.token).endswith(f"/{ADDRESS}")
    first = book(link, receipt=RECEIPT)
    second = book(link, receipt=OTHER_RECEIPT, invitee=BOB)
    assert first.booking_id != second.booking_id
    assert first.start != second.start
    assert rows("SELECT uses, max_uses FROM scheduling_link") == [(2, UNLIMITED_USES)]
    with db.reading() as session:
        assert violations(session) == {}


def test_the_same_receipt_gets_the_same_booking(desk: Desk) -> None:
    link = switch(desk)
    start = open_active(link).times.starts[0]
    assert book(link, start=start) == book(link, start=start)
    assert isinstance(bookings.open_link(token=link.token, receipt=RECEIPT, now=NOW), BookingConfirmation)
    assert isinstance(bookings.open_link(token=link.token, receipt=OTHER_RECEIPT, now=NOW), OpenLink)


@pytest.mark.parametrize(
    "hide",
    [
        lambda desk: switch(desk, on=False),
        lambda desk: change_event_type(desk, off_at=NOW),
        lambda desk: change_event_type(desk, archived_at=NOW),
        lambda desk: command_links.revoke_all_links(now=NOW),
    ],
    ids=["switched off", "event type off", "archived", "all revoked"],
)
def test_what_is_not_published_is_told_apart_from_nothing_by_nobody(desk: Desk, hide: Callable[[Desk], None]) -> None:
    link = switch(desk)
    assert open_active(link).times.starts, "the control"
    hide(desk)
    assert what_one_gets(ADDRESS) == what_one_gets(NEVER)


@contextmanager
def steps_taken() -> Iterator[list[str]]:
    """Every statement that the database is told while the block runs."""
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


def test_what_is_not_published_takes_the_same_steps_as_nothing(desk: Desk) -> None:
    """For time would tell, too. To book nobody gets as far: the page asks for that only once it has shown a choice."""

    def look(address: str) -> None:
        ask = partial(ask_for_link, name="Bob", email="bob@example.org", message="")
        for look in (found_links.look_at_link, partial(bookings.open_link, receipt=RECEIPT), ask):
            with suppress(LinkRefusal, LinkWorks):
                look(token=address, now=NOW)

    switch(desk)
    taken = []
    for address, on in ((ADDRESS, True), (ADDRESS, False), (NEVER, False)):
        switch(desk, on=on)
        with steps_taken() as statements:
            look(address)
        taken.append(statements)
    published, hidden, nothing = taken
    assert published != hidden == nothing


def test_whoever_booked_is_still_told_so_after_it_was_switched_off(desk: Desk) -> None:
    link = switch(desk)
    booked = book(link)
    switch(desk, on=False)
    assert bookings.open_link(token=link.token, receipt=RECEIPT, now=NOW) == booked
    assert what_one_gets(ADDRESS) == what_one_gets(NEVER)
    with pytest.raises(LinkNotFound):
        bookings.open_link(token=link.token, receipt=RECEIPT, now=NOW + bookings.RECEIPT_LIFETIME)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "with",
        "with/",
        "with/grace-host",
        "with/grace-host/",
        "with//30-minute-meeting",
        f"{ADDRESS}/",
        f"/{ADDRESS}",
        ADDRESS[:-1],
        ADDRESS.upper(),
        f"{ADDRESS} ",
        ADDRESS.removeprefix("with/"),
        "with/grace-host/%",
    ],
)
def test_a_trimmed_or_guessed_address_finds_nothing(desk: Desk, address: str) -> None:
    switch(desk)
    assert what_one_gets(address) == what_one_gets(NEVER)


def test_switching_twice_is_as_good_as_once_and_on_again_is_the_same_link(desk: Desk) -> None:
    for _ in range(2):
        link = switch(desk)
    [(kept, found)] = list_standard_links(host_id=desk.host_id).items()
    assert (kept, found.address) == (desk.event_type_id, ADDRESS)
    booked = book(link)
    for _ in range(2):
        switch(desk, on=False)
    assert list_standard_links(host_id=desk.host_id) == {}
    switch(desk)
    assert list_standard_links(host_id=desk.host_id) == {desk.event_type_id: found}
    assert bookings.open_link(token=ADDRESS, receipt=RECEIPT, now=NOW) == booked
    said = "SELECT kind FROM event_log WHERE link_id IS NOT NULL AND booking_id IS NULL ORDER BY id"
    assert rows(said) == [("link_created",), ("link_revoked",), ("link_changed",)]


def test_an_event_type_that_is_off_is_not_published(desk: Desk) -> None:
    change_event_type(desk, off_at=NOW)
    with pytest.raises(LinkOff):
        switch(desk)
    switch(desk, on=False)
    assert rows("SELECT count(*) FROM scheduling_link") == [(0,)]


def test_another_host_switches_and_sees_nothing(desk: Desk, another_host_id: UUID) -> None:
    stranger = Desk(another_host_id, "", desk.event_type_id)
    with pytest.raises(NotFound):
        switch(stranger)
    switch(desk)
    with pytest.raises(NotFound):
        switch(stranger, on=False)
    assert list_standard_links(host_id=another_host_id) == {}
    assert open_active(HandedOutLink("", ADDRESS)).times.starts


@pytest.mark.parametrize("event_type_id", ["", "evt_", None, 3, {"id": 1}, "evt_" + "0" * 32, "lnk_" + "0" * 32])
def test_what_names_no_event_type_is_not_found(desk: Desk, event_type_id: object) -> None:
    with pytest.raises(NotFound):
        switch_standard_link(host_id=desk.host_id, event_type_id=event_type_id, on=True, now=NOW)


def test_it_is_copied_like_a_link_and_is_not_among_those_that_were_handed_out(desk: Desk) -> None:
    switch(desk)
    handed_out = make_link(desk)
    found = list_standard_links(host_id=desk.host_id)[desk.event_type_id]
    copied = links.copy_link(host_id=desk.host_id, link_id=found.id, now=NOW)
    assert (copied.id, copied.token) == (found.id, ADDRESS)
    assert [row.id for row in link_board.list_links(host_id=desk.host_id, now=NOW)[0]] == [handed_out.id]


def test_to_revoke_it_is_to_switch_it_off(desk: Desk) -> None:
    switch(desk)
    found = list_standard_links(host_id=desk.host_id)[desk.event_type_id]
    links.revoke_link(host_id=desk.host_id, link_id=found.id, now=NOW)
    assert list_standard_links(host_id=desk.host_id) == {}
    assert what_one_gets(ADDRESS) == what_one_gets(NEVER)


def test_a_new_name_keeps_the_address(desk: Desk) -> None:
    switch(desk)
    event_type_edits.edit_event_type(
        host_id=desk.host_id, event_type_id=desk.event_type_id, edit=Edit(name="Coffee"), now=NOW
    )
    assert open_active(HandedOutLink("", ADDRESS)).terms.event_name == "Coffee"
    assert list_standard_links(host_id=desk.host_id)[desk.event_type_id].address == ADDRESS


def test_namesakes_get_a_number(desk: Desk) -> None:
    for number in (2, 3):
        host = hosts.add_host(
            name="  Grâce HOST!", email=f"{number}@example.org", password=PASSWORD, time_zone="UTC", now=NOW
        )
        [card] = event_types.list_event_types(host_id=host.id, now=NOW)
        switch_standard_link(host_id=host.id, event_type_id=card.id, on=True, now=NOW)
        [link] = list_standard_links(host_id=host.id).values()
        assert link.address == f"with/grace-host-{number}/30-minute-meeting"
    assert what_one_gets(ADDRESS) == what_one_gets(NEVER)


class TestSlugs:
    @pytest.mark.parametrize("name", ["x" * 200, "é" * 200, "-" * 200, "a-" * 100, "💍", "", "\x00", "ǅ", "../.."])
    def test_any_name_gives_one_that_the_schema_takes(self, desk: Desk, name: str) -> None:
        taken: set[str] = set()
        for _ in range(12):
            slug = slug_of(name, otherwise="meeting", taken=taken)
            assert slug not in taken
            taken.add(slug)
            change_event_type(desk, slug=slug)
        assert max(map(len, taken)) <= MAX_SLUG_LENGTH

    @pytest.mark.parametrize("slug", ["", "x" * 61, "Grace", "a/b", "a b", "é", "a.b", "a%"])
    @pytest.mark.parametrize("table", ["host", "event_type"])
    def test_the_schema_takes_nothing_else(self, desk: Desk, table: str, slug: str) -> None:
        with pytest.raises(DBAPIError), db.writing() as session:
            session.connection().execute(text(f"UPDATE {table} SET slug = :slug"), {"slug": slug})

    def test_no_two_hosts_and_no_two_event_types_of_a_host_share_one(self, desk: Desk, another_host_id: UUID) -> None:
        with pytest.raises(DBAPIError), db.writing() as session:
            change(session, session.get(Host, another_host_id), {"slug": "grace-host"})
        with pytest.raises(DBAPIError):
            another_event_type(desk, slug="30-minute-meeting")


class TestTheSchema:
    def a_second(self, desk: Desk, verb: str) -> str:
        """Another standard link of the same event type, from a console."""
        columns = "host_id, event_type_id, kid, max_uses, uses, created_at"
        return f"""{verb} INTO scheduling_link (id, token_hash, address, {columns})
            SELECT '{"0" * 32}', 'another', 'with/some/where', {columns} FROM scheduling_link"""

    def test_an_event_type_has_one(self, desk: Desk) -> None:
        switch(desk)
        verbs = ("INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE") if db.is_sqlite() else ("INSERT",)
        for verb in verbs:
            with pytest.raises(DBAPIError, match="scheduling_link_standard"), db.writing() as session:
                session.connection().exec_driver_sql(self.a_second(desk, verb))
        assert rows("SELECT address FROM scheduling_link") == [(ADDRESS,)]

    def test_another_link_does_not_become_one(self, desk: Desk) -> None:
        switch(desk)
        make_link(desk, max_uses=UNLIMITED_USES)
        verb = "UPDATE OR REPLACE" if db.is_sqlite() else "UPDATE"
        with pytest.raises(DBAPIError, match="scheduling_link_standard"), db.writing() as session:
            session.connection().exec_driver_sql(
                f"{verb} scheduling_link SET address = 'with/some/where' WHERE address IS NULL"
            )
        assert rows("SELECT count(*) FROM scheduling_link") == [(2,)]

    def test_a_link_with_a_last_use_has_no_address(self, desk: Desk) -> None:
        link = make_link(desk)
        with pytest.raises(DBAPIError), db.writing() as session:
            change(session, session.get(Link, parse_id(LINK, link.id)), {"address": ADDRESS})

    def test_an_address_that_is_not_its_own_is_found_out(self, desk: Desk) -> None:
        switch(desk)
        with db.writing() as session:
            session.connection().exec_driver_sql("UPDATE host SET slug = 'somebody-else'")
        with db.reading() as session:
            assert list(violations(session)) == ["a standard link stands at its own address"]


class TestMigrations:
    def test_hosts_and_event_types_of_an_older_version_get_slugs(self, desk: Desk) -> None:
        for number in (2, 3):
            hosts.add_host(name="Grace  Host", email=f"{number}@x.org", password=PASSWORD, time_zone="UTC", now=NOW)
        another_event_type(desk, name="30 Minute Meeting!")
        another_event_type(desk, name="會議")
        at_version("0005")
        db.prepare()
        assert rows("SELECT slug FROM host ORDER BY id") == [("grace-host",), ("grace-host-2",), ("grace-host-3",)]
        own = "SELECT event_type.slug FROM event_type JOIN host ON host.id = host_id AND host.slug = 'grace-host'"
        assert rows(f"{own} ORDER BY event_type.id") == [
            ("30-minute-meeting",),
            ("30-minute-meeting-2",),
            ("meeting",),
        ]

    def test_there_and_back_again_a_link_is_no_standard_link_and_another_can_be(self, desk: Desk) -> None:
        book(switch(desk))
        at_version("0005")
        db.prepare()
        with db.reading() as session:
            row = session.exec(select(Link)).one()
            assert row.token_hash == tokens.hash_token(tokens.derive(tokens.LINK, row.id, row.kid))
        assert what_one_gets(ADDRESS) == what_one_gets(NEVER)
        assert book(switch(desk), receipt=OTHER_RECEIPT, invitee=BOB)
        with db.reading() as session:
            assert violations(session) == {}


def at_version(version: str) -> None:
    """Take the tables back to an older version."""
    with db.engine().begin() as connection:
        guards.drop(connection)
        command.downgrade(migrations.config(connection), version)


def test_hosts_have_public_ids_of_their_own(desk: Desk) -> None:
    """An address is no id, and no id is an address."""
    switch(desk)
    for key in (public_id(HOST, desk.host_id), desk.event_type_id):
        assert what_one_gets(f"with/{key}/30-minute-meeting") == what_one_gets(NEVER)
