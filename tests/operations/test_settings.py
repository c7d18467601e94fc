"""Who a host is, what they sign in with and where; their data, and how it goes."""

import json
import re
from datetime import datetime, timedelta
from io import StringIO
from uuid import UUID

import pytest

from singleuse_app import db
from singleuse_app.formats import Conventions
from singleuse_app.models import Table
from singleuse_app.operations import (
    bookings,
    bookings_feed,
    calendar_feeds,
    devices,
    exports,
    hosts,
    leaving,
    links,
    password_resets,
    profile,
    sessions,
)
from singleuse_app.operations.link_requests import ask_for_link
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.errors import InvalidInput, LinkNotFound, NotFound, SignInRefused
from tests.factories import (
    BOB,
    NOW,
    PASSWORD,
    Desk,
    add_calendar,
    book,
    change_event_type,
    later,
    make_link,
    read_calendar,
    rows,
)

NEW = "battery horse correct"


def who(desk: Desk) -> hosts.SignedInHost | None:
    return hosts.signed_in_host(desk.session_secret, now=NOW)


def sign_in(password: str = PASSWORD, email: str = "grace@example.org", **said) -> str:
    return hosts.sign_in(email=email, password=password, now=NOW, **said).secret


def refusal(act, **given) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        act(**given, now=NOW)
    return dict(refused.value.fields)


def test_a_profile_is_changed_and_every_page_is_told(desk: Desk) -> None:
    edit = {
        "name": " Grace  Hopper ",
        "time_zone": "Asia/Tokyo",
        "twelve_hours": True,
        "first_weekday": "6",
        "locale": "de",
    }
    profile.edit_profile(host_id=desk.host_id, **edit, now=NOW)
    host = who(desk)
    assert host
    assert (host.name, host.time_zone, host.how) == ("Grace Hopper", "Asia/Tokyo", Conventions(True, first_weekday=6))
    assert host.locale == "de"
    assert rows("SELECT kind FROM event_log ORDER BY id DESC LIMIT 1") == [("profile_changed",)]
    booked = book(make_link(desk))
    assert (booked.host_name, booked.host_time_zone) == ("Grace Hopper", "Asia/Tokyo")


def test_a_wrong_profile_is_told_at_each_field_and_nothing_is_kept(desk: Desk) -> None:
    before = who(desk)
    edit = {"name": " ", "time_zone": "Mars/Olympus", "twelve_hours": True, "first_weekday": "0", "locale": "xx"}
    assert refusal(profile.edit_profile, host_id=desk.host_id, **edit) == {
        "name": "name_missing",
        "time_zone": "time_zone_unknown",
    }
    assert who(desk) == before


def test_an_address_is_changed_by_whoever_knows_the_password(desk: Desk, another_host_id: UUID) -> None:
    change = {"host_id": desk.host_id, "email": "Hopper@example.org"}
    assert refusal(profile.change_email, **change, password="wrong") == {"email_password": "password_wrong"}
    assert refusal(profile.change_email, **{**change, "email": "eve@example.org"}, password=PASSWORD) == {
        "email": "email_taken"
    }
    assert refusal(profile.change_email, **{**change, "email": "nowhere"}, password=PASSWORD) == {
        "email": "email_malformed"
    }
    profile.change_email(**change, password=PASSWORD, now=NOW)
    assert sign_in(email="hopper@example.org")
    with pytest.raises(SignInRefused):
        sign_in()


def test_a_new_password_signs_out_every_other_device(desk: Desk) -> None:
    elsewhere = sign_in()
    change = {"host_id": desk.host_id, "new_password": NEW, "secret": desk.session_secret}
    assert refusal(profile.change_password, **change, password="wrong") == {"password": "password_wrong"}
    assert refusal(profile.change_password, **{**change, "new_password": "short"}, password=PASSWORD) == {
        "new_password": "password_too_short"
    }
    assert refusal(profile.change_password, **{**change, "new_password": "GraceHost 1906"}, password=PASSWORD) == {
        "new_password": "password_too_easy"
    }
    assert hosts.signed_in_host(elsewhere, now=NOW)
    profile.change_password(**change, password=PASSWORD, now=NOW)
    assert hosts.signed_in_host(elsewhere, now=NOW) is None
    assert who(desk)
    assert sign_in(NEW)
    with pytest.raises(SignInRefused):
        sign_in()


def test_a_password_that_the_operator_resets_signs_out_everywhere_and_every_page_is_told(desk: Desk) -> None:
    password_resets.give_password(email=" Grace@example.org", password=NEW, now=NOW)
    assert who(desk) is None
    assert rows("SELECT kind FROM event_log ORDER BY id DESC LIMIT 1") == [("signed_out",)]
    assert sign_in(NEW)


def test_devices_are_listed_this_one_first_and_signed_out(desk: Desk) -> None:
    elsewhere = sign_in(user_agent="Firefox/140.0 " + "x" * 400)
    list_them = {"host_id": desk.host_id, "secret": desk.session_secret, "now": NOW}
    this, other = devices.list_devices(**list_them)
    assert (this.is_this, other.is_this, len(other.user_agent)) == (True, False, sessions.MAX_USER_AGENT)
    devices.sign_out_device(host_id=desk.host_id, device_id=other.id, now=NOW)
    assert hosts.signed_in_host(elsewhere, now=NOW) is None
    assert [device.id for device in devices.list_devices(**list_them)] == [this.id]
    for _ in range(3):
        sign_in()
    devices.sign_out_other_devices(host_id=desk.host_id, secret=desk.session_secret, now=NOW)
    assert [device.id for device in devices.list_devices(**list_them)] == [this.id]
    assert devices.list_devices(**{**list_them, "now": later(days=14)}) == []


def test_a_device_says_when_it_is_signed_out_by_itself(desk: Desk) -> None:
    def ends(now: datetime) -> timedelta:
        [device] = devices.list_devices(host_id=desk.host_id, secret=desk.session_secret, now=now)
        return device.ends_at - NOW

    assert ends(NOW) == timedelta(days=14)
    for day in (10, 20):
        hosts.signed_in_host(desk.session_secret, now=later(days=day))
    assert ends(later(days=20)) == timedelta(days=30)


def test_when_a_device_was_last_seen_is_known_to_the_hour(desk: Desk) -> None:
    def seen() -> list[tuple]:
        return rows("SELECT last_seen_at - created_at FROM host_session")

    hosts.signed_in_host(desk.session_secret, now=later(minutes=59))
    assert seen() == [(0,)]
    hosts.signed_in_host(desk.session_secret, now=later(minutes=61))
    assert seen() == [(3660,)]


def test_another_hosts_device_is_not_found(desk: Desk, another_host_id: UUID) -> None:
    [this] = devices.list_devices(host_id=desk.host_id, secret=desk.session_secret, now=NOW)
    for key in (this.id, "dev_" + "0" * 32, None, 7):
        with pytest.raises(NotFound):
            devices.sign_out_device(host_id=another_host_id, device_id=key, now=NOW)
    devices.sign_out_other_devices(host_id=another_host_id, secret="x", now=NOW)
    assert devices.list_devices(host_id=another_host_id, secret="x", now=NOW) == []
    assert who(desk)


def exported(host_id: UUID) -> dict:
    file = StringIO()
    exports.write_export(file, host_id=host_id, now=NOW)
    return json.loads(file.getvalue())


def test_the_export_has_every_row_of_the_hosts_and_no_secret(desk: Desk, another_host_id: UUID) -> None:
    link = make_link(desk, note="met at the fair")
    booked = book(link)
    add_calendar(desk, url="https://example.org/secret-of-mine.ics")
    feed = bookings_feed.feed_token(host_id=desk.host_id, now=NOW)
    data = exported(desk.host_id)
    assert data["host"][0]["email"] == "grace@example.org"
    assert [row["note"] for row in data["scheduling_link"]] == ["met at the fair"]
    assert data["booking"][0]["invitee_email"] == booked.invitee.email
    assert data["booking"][0]["start"] == booked.start.isoformat()
    tables = {table.name for table in Table.metadata.sorted_tables}
    assert {*data} == {"about", "written_at"} | {
        table.name for table in Table.metadata.sorted_tables if exports.own_column(table)
    } - exports.LEFT_OUT
    assert tables >= exports.LEFT_OUT
    text = json.dumps(data)
    kept = "SELECT password_hash FROM host WHERE name <> 'Eve' UNION ALL SELECT token_hash FROM scheduling_link"
    for secret in (link.token, feed, desk.session_secret, *[row[0] for row in rows(kept)]):
        assert secret not in text
    assert "secret-of-mine" not in text
    assert "grace@example.org" not in json.dumps(exported(another_host_id))
    assert len(exported(another_host_id)["host"]) == 1


def test_the_export_says_what_is_in_it(desk: Desk) -> None:
    data = exported(desk.host_id)
    assert next(iter(data)) == "about"
    assert {*data["about"]} - {""} == {*data} - {"about", "written_at"}


def test_the_export_tells_what_became_of_each_link(desk: Desk) -> None:
    make_link(desk)
    book(make_link(desk))
    links.revoke_link(host_id=desk.host_id, link_id=make_link(desk).id, now=NOW)
    make_link(desk, expires_at=NOW)
    assert [row["status"] for row in exported(desk.host_id)["scheduling_link"]] == [
        "active",
        "used",
        "revoked",
        "expired",
    ]
    change_event_type(desk, off_at=NOW)
    assert exported(desk.host_id)["scheduling_link"][0]["status"] == "off"


def test_no_column_that_sounds_like_a_secret_is_exported() -> None:
    """A denial list holds only while somebody thinks of it."""
    sounds = re.compile("hash|token|secret|password|key|kid|code|digest|etag|sealed|url|receipt")
    columns = {
        f"{table.name}.{column.name}"
        for table in Table.metadata.sorted_tables
        if exports.own_column(table) and table.name not in exports.LEFT_OUT
        for column in table.columns
        if column.name not in exports.SECRETS and sounds.search(column.name)
    }
    told = {"event_type.redirect_url": "typed by the host, for invitees to see", "scheduling_link.by_code": "yes or no"}
    assert columns == {*told}


def lived_in(desk: Desk) -> links.HandedOutLink:
    """Something in every table."""
    link = make_link(desk)
    book(link, invitee=BOB)
    ask_for_link(token=link.token, name="Ada", email="ada@example.org", message="", now=NOW)
    bookings_feed.feed_token(host_id=desk.host_id, now=NOW)
    for is_removed in (False, True):
        feed = read_calendar(
            desk, [(later(days=1), later(days=1, hours=1))], url=f"https://example.org/{is_removed}.ics"
        )
        if is_removed:
            calendar_feeds.remove_feed(host_id=desk.host_id, feed_id=feed, now=NOW)
    return make_link(desk)


def test_an_account_is_deleted_only_by_whoever_knows_its_password_and_means_it(desk: Desk) -> None:
    lived_in(desk)
    leave = {"host_id": desk.host_id, "email": "grace@example.org", "password": PASSWORD}
    assert refusal(leaving.delete_account, **{**leave, "email": "g@example.org", "password": None}) == {
        "delete_email": "email_not_yours",
        "delete_password": "password_wrong",
    }
    assert who(desk)


def test_everything_goes_and_whoever_booked_is_told(desk: Desk) -> None:
    unused = lived_in(desk)
    past = book(make_link(desk), slot=3)
    leaving.delete_account(
        host_id=desk.host_id, email=" GRACE@example.org", password=PASSWORD, now=past.start - timedelta(minutes=1)
    )
    with db.reading() as session:
        assert violations(session) == {}
        connection = session.connection()
        for table in Table.metadata.sorted_tables:
            if (own := exports.own_column(table)) and table.name != "event_log":
                assert connection.execute(table.select().where(table.columns[own].is_not(None))).all() == [], table.name
    assert rows("SELECT count(*) FROM event_log WHERE kind = 'host_left'") == [(1,)]
    told = rows("SELECT kind, recipient, payload FROM outbox_message")
    assert [(kind, recipient) for kind, recipient, _ in told] == [("host_left", "invitee")]
    assert past.invitee.email in str(told[0][2])
    with pytest.raises(LinkNotFound):
        bookings.open_link(token=unused.token, receipt="", now=NOW)
    with pytest.raises(LinkNotFound):
        book(unused, start=past.start)
    assert hosts.signed_in_host(desk.session_secret, now=NOW) is None
    assert not hosts.is_set_up()


def test_another_host_stays_and_has_the_first_ones_part(desk: Desk) -> None:
    other = hosts.add_host(name="Eve", email="eve@example.org", password=PASSWORD, time_zone="UTC", now=NOW)
    before = exported(other.id)
    lived_in(desk)
    leaving.delete_account(host_id=desk.host_id, email="grace@example.org", password=PASSWORD, now=NOW)
    assert exported(other.id) == before
    assert rows("SELECT count(*) FROM installation") == [(1,)]
    assert hosts.is_set_up()
    with db.reading() as session:
        assert violations(session) == {}
