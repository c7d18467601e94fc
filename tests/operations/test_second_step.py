"""The second step of signing in: one code makes one session, in one browser, and not for long."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlmodel import select

from singleuse_app import db, tokens
from singleuse_app.models import Host
from singleuse_app.operations import hosts, password_resets, second_step, two_factor
from singleuse_app.operations.sessions import HalfWay, sign_in_or_ask
from singleuse_app.scheduling.errors import InvalidInput, Refusal, SecondStepGone, SignInRefused
from tests.factories import NOW, Desk, later, rows
from tests.harness.authenticator import Authenticator
from tests.harness.unguarded import slowed
from tests.operations.test_two_factor import EMAIL, sign_in, switch_on

SOON = later(minutes=1)


@pytest.fixture
def host(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> tuple[Authenticator, list[str]]:
    """App and recovery codes of a host who has switched it on. Passwords, slow by design, are tried elsewhere."""
    with monkeypatch.context() as patch:
        patch.setattr(two_factor, "check_password", lambda **_: True)
        return switch_on(desk)


def finish(half: object, now: datetime = SOON, **given: object) -> str:
    """What came of it: "in", or the code of the refusal."""
    try:
        fresh = second_step.finish_sign_in(secret=half, **given, now=now)
    except InvalidInput as refusal:
        return next(iter(refusal.fields.values()))
    except Refusal as refusal:
        return refusal.code
    assert hosts.signed_in_host(fresh.secret, now=now)
    return "in"


def half_way(now: datetime = SOON) -> str:
    """A browser in which the password was given."""
    with db.writing() as session:
        half = sign_in_or_ask(session, session.exec(select(Host.id)).one(), now, "")
    assert isinstance(half, HalfWay)
    return half.secret


def test_there_is_no_session_until_the_code_is_right(desk: Desk, host: tuple[Authenticator, list[str]]) -> None:
    app, _ = host
    given = sign_in(SOON)
    assert isinstance(given, HalfWay)
    half = given.secret
    assert hosts.signed_in_host(half, now=SOON) is None
    assert len(rows("SELECT id FROM host_session")) == 1
    assert second_step.look_at_step(secret=half, now=SOON).email == EMAIL
    wrong = f"{(int(app.code(SOON)) + 1) % 10**6:06}"
    assert finish(half, code=wrong) == "second_code_wrong"
    assert len(rows("SELECT id FROM host_session")) == 1
    fresh = second_step.finish_sign_in(
        secret=half, code=app.code(SOON), user_agent="Firefox/140.0", former=desk.session_secret, now=SOON
    )
    signed_in = hosts.signed_in_host(fresh.secret, now=SOON)
    assert signed_in
    assert signed_in.id == desk.host_id
    assert hosts.signed_in_host(desk.session_secret, now=SOON) is None, "the browser's former session"
    assert rows("SELECT user_agent FROM host_session") == [("Firefox/140.0",)]


def test_a_wrong_password_is_refused_in_the_same_words_as_ever(host: tuple[Authenticator, list[str]]) -> None:
    with pytest.raises(SignInRefused):
        hosts.sign_in(email=EMAIL, password="wrong password", now=SOON)
    assert rows("SELECT * FROM pending_sign_in") == []


def test_the_password_is_good_for_one_session_and_five_minutes(host: tuple[Authenticator, list[str]]) -> None:
    app, codes = host
    half = half_way(NOW)
    late = later(minutes=5)
    assert finish(half, late, code=app.code(late)) == "second_step_gone"
    just = later(minutes=5, seconds=-1)
    assert finish(half, just, code=app.code(just)) == "in"
    assert finish(half, just, recovery_code=codes[0]) == "second_step_gone"
    with pytest.raises(SecondStepGone):
        second_step.look_at_step(secret=half, now=just)


def test_five_codes_are_tried_and_then_the_password_is_asked_for(host: tuple[Authenticator, list[str]]) -> None:
    _, codes = host
    half = half_way()
    assert [finish(half, code=None), finish(half, code="12 34")] == ["second_code_malformed"] * 2, "that costs no try"
    assert [finish(half, recovery_code="a" * 16) for _ in range(5)] == ["recovery_code_wrong"] * 5
    assert finish(half, recovery_code=codes[0]) == "second_step_gone"
    assert finish(half_way(), recovery_code=codes[0]) == "in"


@pytest.mark.parametrize(
    ("seconds", "is_right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)], ids=str
)
def test_a_code_of_the_half_minute_before_or_after_is_taken(
    host: tuple[Authenticator, list[str]], seconds: int, is_right: bool
) -> None:
    app, _ = host
    now = later(minutes=3)
    assert (finish(half_way(now), now, code=app.code(now + timedelta(seconds=seconds))) == "in") == is_right


def test_a_code_is_taken_once_and_so_is_none_of_before(host: tuple[Authenticator, list[str]]) -> None:
    app, _ = host
    assert finish(half_way(NOW), NOW, code=app.code(NOW)) == "second_code_used", "it was shown when it was switched on"
    newer = app.code(later(seconds=90))
    assert finish(half_way(), code=newer) == "in"
    for code in (newer, app.code(SOON), app.code(later(seconds=30))):
        assert finish(half_way(), code=code) == "second_code_used"
    assert finish(half_way(later(seconds=120)), later(seconds=120), code=app.code(later(seconds=120))) == "in"


def test_a_recovery_code_works_once_however_it_is_typed(host: tuple[Authenticator, list[str]]) -> None:
    _, codes = host
    for typed in (codes[0], codes[0].upper(), codes[0].replace("-", "")):
        found = finish(half_way(), recovery_code=typed)
        assert found == ("in" if typed == codes[0] else "recovery_code_wrong")
    assert finish(half_way(), code=codes[1]) == "in", "in the other field, too"


@pytest.mark.parametrize("secret", [None, "", 7, {}, "x", "ä" * 40], ids=str)
def test_any_other_browser_may_give_no_code(host: tuple[Authenticator, list[str]], secret: object) -> None:
    app, codes = host
    half_way()
    assert finish(secret, code=app.code(SOON)) == "second_step_gone"
    assert finish(secret, recovery_code=codes[0]) == "second_step_gone"
    assert rows("SELECT count(*) FROM recovery_code WHERE used_at IS NULL") == [(10,)]


def test_who_chooses_another_password_by_mail_is_asked_for_a_code_all_the_same(
    desk: Desk, host: tuple[Authenticator, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_URL", "smtp+plain://localhost")
    monkeypatch.setenv("MAIL_FROM", "meet@example.org")
    app, _ = host
    before = half_way()
    password_resets.ask_for_reset(email=EMAIL, now=SOON)
    [(key, kid)] = rows("SELECT id, kid FROM password_reset")
    token = tokens.derive(tokens.PASSWORD_RESET, UUID(str(key)), kid)
    half = password_resets.reset_password(token=token, password="another long password", now=SOON)
    assert isinstance(half, HalfWay)
    assert hosts.signed_in_host(desk.session_secret, now=SOON) is None
    assert finish(before, code=app.code(SOON)) == "second_step_gone", "whoever had the former password"
    assert finish(half.secret, code=app.code(SOON)) == "in"


# Eight at once


def at_once(tries: list[Callable[[], str]]) -> list[str]:
    together = Barrier(len(tries))

    def go(act: Callable[[], str]) -> str:
        together.wait()
        return act()

    with slowed(0.02), ThreadPoolExecutor(len(tries)) as pool:
        return sorted(pool.map(go, tries))


def with_one_code(kind: str, host: tuple[Authenticator, list[str]], *, one_browser: bool = False) -> list[str]:
    """What comes of eight who bring the same code, each in a browser in which the password was given, or all in one."""
    app, codes = host
    given = {"code": app.code(SOON)} if kind == "code" else {"recovery_code": codes[0]}
    halves = [half_way()] * 8 if one_browser else [half_way() for _ in range(8)]
    return at_once([lambda half=half: finish(half, **given) for half in halves])


@pytest.mark.parametrize("kind", ["code", "recovery code"])
def test_of_eight_who_use_one_code_at_once_one_is_signed_in(host: tuple[Authenticator, list[str]], kind: str) -> None:
    found = with_one_code(kind, host)
    assert found.count("in") == 1
    assert {*found} == {"in", "second_code_used" if kind == "code" else "recovery_code_wrong"}
    assert len(rows("SELECT id FROM host_session")) == 2


def test_control_without_spending_the_code_all_are(
    host: tuple[Authenticator, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two_factor, "_spend_step", lambda *_: True)
    assert with_one_code("code", host).count("in") > 1


def test_control_without_spending_the_recovery_code_all_are(
    host: tuple[Authenticator, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two_factor, "_spend_recovery_code", lambda *_: True)
    assert with_one_code("recovery code", host).count("in") > 1


def test_one_password_makes_one_session_whichever_codes_come_with_it(host: tuple[Authenticator, list[str]]) -> None:
    _, codes = host
    half = half_way()
    found = at_once([lambda code=code: finish(half, recovery_code=code) for code in codes[:8]])
    assert found == ["in"] + ["second_step_gone"] * 7
    assert rows("SELECT count(*) FROM recovery_code WHERE used_at IS NOT NULL") == [(1,)], "the others stay good"


def test_however_many_guess_at_once_five_codes_are_tried(host: tuple[Authenticator, list[str]]) -> None:
    half = half_way()
    found = at_once([lambda: finish(half, recovery_code="a" * 16)] * 8)
    assert found == ["recovery_code_wrong"] * 5 + ["second_step_gone"] * 3
