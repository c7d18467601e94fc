"""Set-up, signing in and out."""

import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import update

from singleuse_app import db
from singleuse_app.models import Host
from singleuse_app.operations import event_types, hosts
from singleuse_app.operations.passwords import hash_password, is_easy
from singleuse_app.scheduling.errors import InvalidInput, Refusal, SetUpRefused, SignInRefused
from tests.factories import NOW, PASSWORD, Desk, later, make_desk, rows
from tests.harness.databases import Database

FORM = {"name": "Grace Host", "email": "grace@example.org", "password": PASSWORD, "time_zone": "Europe/Berlin"}


def test_set_up_makes_a_host_who_is_signed_in_and_can_hand_out_links(database: Database) -> None:
    desk = make_desk()
    [card] = event_types.list_event_types(host_id=desk.host_id, now=NOW)
    assert card.name == "30 minute meeting"
    assert card.availability.time_zone == "Europe/Berlin"
    assert [(hours.weekday, hours.start_minute, hours.end_minute) for hours in card.availability.weekly_hours] == [
        (weekday, 9 * 60, 17 * 60) for weekday in range(5)
    ]
    assert card.next_free is not None


def test_of_two_simultaneous_set_ups_one_wins(database: Database) -> None:
    def try_it(number: int) -> str:
        try:
            hosts.set_up(**{**FORM, "email": f"host{number}@example.org"}, now=NOW)
        except SetUpRefused as refusal:
            return refusal.code
        return "won"

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(try_it, range(8)))
    assert answers == ["set_up_done"] * 7 + ["won"]
    assert rows("SELECT count(*) FROM host") == [(1,)]


def test_set_up_is_gone_afterwards(desk: Desk) -> None:
    assert hosts.is_set_up()
    with pytest.raises(SetUpRefused):
        hosts.set_up(**{**FORM, "email": "second@example.org"}, now=NOW)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "", "name_missing"),
        ("name", "  \t ", "name_missing"),
        ("name", None, "name_missing"),
        ("name", "x" * 10_000, "name_too_long"),
        ("email", "", "email_missing"),
        ("email", "ada", "email_malformed"),
        ("email", "ada@", "email_malformed"),
        ("email", "ada@example.org\nBcc: x@example.org", "email_malformed"),
        ("email", f"{'x' * 300}@example.org", "email_too_long"),
        ("email", {"a": 1}, "email_missing"),
        ("password", "", "password_missing"),
        ("password", "short", "password_too_short"),
        ("password", "x" * 201, "password_too_long"),
        ("password", "x" * 200, "password_too_easy"),
        ("password", "password1234", "password_too_easy"),
        ("password", "qwertyuiop1", "password_too_easy"),
        ("password", "singleuse2026", "password_too_easy"),
        ("password", "Grace.Host.2026", "password_too_easy"),
        ("password", "grace@example.org", "password_too_easy"),
        ("password", 5, "password_missing"),
        ("time_zone", "Mars/Olympus", "time_zone_unknown"),
        ("time_zone", None, "time_zone_unknown"),
        ("time_zone", "../../etc/passwd", "time_zone_unknown"),
    ],
)
def test_a_wrong_field_is_named_with_what_to_do(database: Database, field: str, value: object, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        hosts.set_up(**{**FORM, field: value}, now=NOW)
    assert refusal.value.fields == {field: code}
    assert not hosts.is_set_up()


def test_signing_in_takes_the_address_in_any_case(desk: Desk) -> None:
    fresh = hosts.sign_in(email=" Grace@Example.org ", password=PASSWORD, now=NOW)
    host = hosts.signed_in_host(fresh.secret, now=NOW)
    assert host is not None
    assert host.id == desk.host_id


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("grace@example.org", "wrong password"),
        ("nobody@example.org", PASSWORD),
        ("", ""),
        (None, None),
        ("grace@example.org", "x" * 100_000),
        ({"$ne": 1}, [PASSWORD]),
    ],
)
def test_a_wrong_pair_is_refused_in_the_same_words(desk: Desk, email: object, password: object) -> None:
    with pytest.raises(SignInRefused) as refusal:
        hosts.sign_in(email=email, password=password, now=NOW)
    assert refusal.value.code == "sign_in_refused"


def sign_in(now: datetime = NOW, **said: str) -> str:
    return hosts.sign_in(email="grace@example.org", password=PASSWORD, now=now, **said).secret


def test_a_session_ends_when_it_is_signed_out(desk: Desk) -> None:
    secret = sign_in()
    for _ in range(2):
        hosts.sign_out(secret, now=NOW)
        assert hosts.signed_in_host(secret, now=NOW) is None
    assert hosts.signed_in_host(desk.session_secret, now=NOW), "other sessions stay"
    assert rows("SELECT kind FROM event_log WHERE kind = 'signed_out'") == [("signed_out",)], "open pages are told once"


def test_a_session_in_use_ends_after_thirty_days_all_the_same(desk: Desk) -> None:
    secret = sign_in()
    for days in (13, 26, 29):
        assert hosts.signed_in_host(secret, now=later(days=days))
    assert hosts.signed_in_host(secret, now=later(days=30, seconds=-1))
    assert hosts.signed_in_host(secret, now=later(days=30)) is None


def test_a_session_that_nobody_uses_ends_after_fourteen_days(desk: Desk) -> None:
    unused, used = sign_in(), sign_in()
    assert hosts.signed_in_host(used, now=later(hours=2))
    assert hosts.signed_in_host(unused, now=later(days=14)) is None
    assert hosts.signed_in_host(used, now=later(days=14))
    assert hosts.signed_in_host(unused, now=later(days=14)) is None, "that is the end of it"


def test_control_a_session_is_good_until_the_second_before(desk: Desk) -> None:
    assert hosts.signed_in_host(sign_in(), now=later(days=14, seconds=-1))


def test_sessions_that_are_over_are_tidied_away_by_whoever_signs_in_next(desk: Desk) -> None:
    sign_in()
    sign_in(later(days=20))
    assert len(rows("SELECT id FROM host_session")) == 1


def test_signing_in_again_ends_the_session_that_the_browser_had(desk: Desk) -> None:
    elsewhere, former = sign_in(), sign_in()
    fresh = sign_in(former=former)
    assert fresh not in (former, elsewhere)
    assert [bool(hosts.signed_in_host(each, now=NOW)) for each in (former, fresh, elsewhere)] == [False, True, True]
    assert hosts.signed_in_host(sign_in(former="planted"), now=NOW)
    assert hosts.signed_in_host("planted", now=NOW) is None
    with pytest.raises(SignInRefused):
        hosts.sign_in(email="grace@example.org", password="wrong password", former=fresh, now=NOW)
    assert hosts.signed_in_host(fresh, now=NOW), "who does not get in ends nothing"


def test_sessions_are_stored_hashed_with_an_expiry(desk: Desk) -> None:
    [(token_hash, created, expires)] = rows("SELECT token_hash, created_at, expires_at FROM host_session")
    assert desk.session_secret not in token_hash
    assert expires - created == timedelta(days=30).total_seconds()


def test_what_is_known_of_one_host_makes_no_password_of_another_easy() -> None:
    assert is_easy("zbigniew-wyrzykowska", "Zbigniew Wyrzykowska", "z@example.org")
    assert not is_easy("zbigniew-wyrzykowska", "Grace Host", "grace@example.org")


@pytest.mark.parametrize("password", ["\x00" * 10, "🔑" * 12, "grace" * 2, " " * 10, "İ" * 10, "(" * 40, "2026-12-01"])
def test_whatever_is_typed_can_be_judged(password: str) -> None:
    assert is_easy(password, "grace", password, None, "*[")


def test_judging_a_password_that_was_chosen_to_take_long_takes_a_moment() -> None:
    is_easy("warmed up by now")
    began = time.process_time()
    is_easy("4@8({6<1!|0$5+7%2'" * 11)
    assert time.process_time() - began < 4  # seconds; all of it would take ten and more


def test_a_password_of_before_that_is_easy_to_guess_still_signs_in(desk: Desk) -> None:
    with db.writing() as session:
        session.exec(update(Host).values(password_hash=hash_password("password1234")))
    fresh = hosts.sign_in(email="grace@example.org", password="password1234", now=NOW)
    assert hosts.signed_in_host(fresh.secret, now=NOW)


def test_passwords_are_kept_as_argon2(desk: Desk) -> None:
    [(kept,)] = rows("SELECT password_hash FROM host")
    assert kept.startswith("$argon2id$")


def test_refusals_are_never_internal_errors(desk: Desk) -> None:
    with pytest.raises(Refusal):
        hosts.set_up(name=1, email=[], password={}, time_zone=b"", now=NOW)


def test_an_error_of_the_database_does_not_repeat_what_was_to_be_written(desk: Desk) -> None:
    """For it may go to the log, with its traceback: names, answers, hashes of passwords."""
    row = {"email": "grace@example.org", "name": "Zebra", "password_hash": "okapi", "time_zone": "UTC"}

    def write() -> None:
        with db.writing() as session:
            session.add(Host(**row, created_at=NOW))

    with pytest.raises(IntegrityError) as error:
        write()
    told = "".join(traceback.format_exception(error.value))
    assert "INSERT INTO host" in told
    assert "Zebra" not in told
    assert "okapi" not in told
