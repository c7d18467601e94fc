"""Two-factor sign-in: how it is switched on and off, and what its host is told."""

import json
from datetime import datetime
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest

from singleuse_app import tokens
from singleuse_app.notifications.smtp import SmtpPost
from singleuse_app.operations import backups, exports, health, hosts, leaving, profile, second_step, two_factor
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.operations.sessions import HalfWay, NewSession
from singleuse_app.operations.totp import read_code
from singleuse_app.scheduling.errors import CommandRefused, InvalidInput, Refusal, SecondStepGone
from singleuse_app.settings import settings
from tests.factories import NOW, PASSWORD, Desk, later, rows
from tests.harness.authenticator import Authenticator
from tests.harness.smtp_server import Mailbox

EMAIL = "grace@example.org"


def switch_on(desk: Desk, now: datetime = NOW) -> tuple[Authenticator, list[str]]:
    """The host's app, and their recovery codes."""
    app = Authenticator.scanning(two_factor.begin_two_factor(host_id=desk.host_id, now=now).address)
    own = {"host_id": desk.host_id, "password": PASSWORD, "secret": desk.session_secret}
    return app, two_factor.switch_on(**own, code=app.code(now), now=now)


def sign_in(now: datetime = NOW) -> NewSession | HalfWay:
    return hosts.sign_in(email=EMAIL, password=PASSWORD, now=now)


def refused(act, **given: object) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        act(**{"password": PASSWORD, **given})
    return dict(refusal.value.fields)


def test_it_is_on_once_a_code_of_the_app_was_shown(desk: Desk) -> None:
    enrolment = two_factor.begin_two_factor(host_id=desk.host_id, now=NOW)
    app = Authenticator.scanning(enrolment.address)
    assert (app.account, app.secret, len(app.secret)) == (EMAIL, enrolment.secret, 32)
    own = {"host_id": desk.host_id, "secret": desk.session_secret, "now": later(minutes=5)}
    code = app.code(later(minutes=5))
    for change, wrong in (
        ({"code": app.code(NOW)}, {"code": "second_code_wrong"}),
        ({"code": "12345"}, {"code": "app_code_malformed"}),
        ({"code": None}, {"code": "app_code_malformed"}),
        ({"password": "wrong password"}, {"password": "password_wrong"}),
        ({"password": None, "code": ""}, {"code": "app_code_malformed", "password": "password_wrong"}),
    ):
        assert refused(two_factor.switch_on, **{**own, "code": code, **change}) == wrong
    assert two_factor.look_at_two_factor(host_id=desk.host_id) == two_factor.Standing(None, 0)
    elsewhere = sign_in()
    codes = two_factor.switch_on(**own, password=PASSWORD, code=f" {code[:3]} {code[3:]} ")
    assert len({*codes}) == 10
    assert two_factor.look_at_two_factor(host_id=desk.host_id) == two_factor.Standing(later(minutes=5), 10)
    assert isinstance(sign_in(), HalfWay)
    assert hosts.signed_in_host(elsewhere.secret, now=NOW) is None
    assert hosts.signed_in_host(desk.session_secret, now=NOW)
    for act in (
        lambda: two_factor.begin_two_factor(host_id=desk.host_id, now=NOW),
        lambda: two_factor.switch_on(**own, password=PASSWORD, code=app.code(NOW)),
    ):
        with pytest.raises(Refusal, match="two_factor_on"):
            act()


def test_a_secret_is_shown_anew_each_time_and_may_be_confirmed_for_an_hour(desk: Desk) -> None:
    first, app = (
        Authenticator.scanning(two_factor.begin_two_factor(host_id=desk.host_id, now=NOW).address) for _ in range(2)
    )
    own = {"host_id": desk.host_id, "secret": ""}
    assert refused(two_factor.switch_on, **own, code=first.code(NOW), now=NOW) == {"code": "second_code_wrong"}
    late = later(hours=1)
    assert refused(two_factor.switch_on, **own, code=app.code(late), now=late) == {"code": "two_factor_begun_long_ago"}
    assert two_factor.switch_on(**own, password=PASSWORD, code=app.code(NOW), now=NOW)


def test_the_database_alone_has_neither_secret_nor_codes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    app, codes = switch_on(desk)
    half = sign_in()
    kept = str([rows(f"SELECT * FROM {table}") for table in ("two_factor", "recovery_code", "pending_sign_in")])
    for secret in (app.secret, half.secret, *codes, *(read_code(code, field="") for code in codes)):
        assert secret not in kept
    assert [len(read_code(code, field="")) * 5 for code in codes] == [80] * 10, "bits"
    monkeypatch.setenv("SECRET_KEY_FILE", str(settings().key_file.with_name("another.key")))
    tokens.forget()
    now = later(minutes=1)
    step = {"secret": half.secret, "now": now}
    with pytest.raises(InvalidInput):
        second_step.finish_sign_in(**step, code=app.code(now))
    assert second_step.finish_sign_in(**step, recovery_code=codes[0]), "a host is let in without the key file"


def test_new_recovery_codes_end_the_former_ones_and_want_both_factors(desk: Desk) -> None:
    app, former = switch_on(desk)
    now = later(minutes=1)
    make = {"host_id": desk.host_id, "now": now}
    assert refused(two_factor.make_recovery_codes, **make, password="x", code=app.code(now)) == {
        "password": "password_wrong"
    }
    assert refused(two_factor.make_recovery_codes, **make, code="000000") == {"code": "second_code_wrong"}
    codes = two_factor.make_recovery_codes(**make, password=PASSWORD, code=app.code(now))
    assert not {*codes} & {*former}
    half = sign_in(now)
    with pytest.raises(InvalidInput):
        second_step.finish_sign_in(secret=half.secret, recovery_code=former[0], now=now)
    assert second_step.finish_sign_in(secret=half.secret, recovery_code=codes[0], now=now)
    assert two_factor.look_at_two_factor(host_id=desk.host_id).codes_left == 9


def test_switching_it_off_wants_both_factors(desk: Desk) -> None:
    app, codes = switch_on(desk)
    off = {"host_id": desk.host_id, "now": NOW}
    assert refused(two_factor.switch_off, **off, code=app.code(NOW)) == {"code": "second_code_used"}
    assert refused(two_factor.switch_off, **off, code="wrong") == {"code": "second_code_malformed"}
    assert refused(two_factor.switch_off, **off, password="x", code=codes[0]) == {"password": "password_wrong"}
    half = sign_in()
    assert isinstance(half, HalfWay)
    two_factor.switch_off(**off, password=PASSWORD, code=codes[0].upper().replace("-", " "))
    assert isinstance(sign_in(), NewSession)
    assert rows("SELECT * FROM two_factor") == rows("SELECT * FROM recovery_code") == []
    with pytest.raises(SecondStepGone):
        second_step.finish_sign_in(secret=half.secret, code=codes[1], now=NOW)
    with pytest.raises(Refusal, match="two_factor_is_off"):
        two_factor.switch_off(**off, password=PASSWORD, code=codes[1])


def test_another_hosts_app_and_codes_are_worth_nothing(desk: Desk) -> None:
    _, codes = switch_on(desk)
    other = hosts.add_host(name="Eve", email="eve@example.org", password=PASSWORD, time_zone="UTC", now=NOW)
    app, _ = switch_on(Desk(other.id, "", ""))
    now = later(minutes=1)
    off = {"host_id": desk.host_id, "now": now}
    assert refused(two_factor.switch_off, **off, code=app.code(now)) == {"code": "second_code_wrong"}
    eves = {"host_id": other.id, "now": now}
    assert refused(two_factor.switch_off, **eves, code=codes[0]) == {"code": "recovery_code_wrong"}


def test_whoever_runs_singleuse_ends_it_for_who_has_lost_everything(desk: Desk) -> None:
    with pytest.raises(CommandRefused, match="two_factor_is_off_of"):
        two_factor.end_two_factor(email=EMAIL, now=NOW)
    switch_on(desk)
    two_factor.end_two_factor(email=" Grace@Example.org", now=NOW)
    assert isinstance(sign_in(), NewSession)
    with pytest.raises(CommandRefused, match="host_unknown"):
        two_factor.end_two_factor(email="mallory@example.org", now=NOW)


def test_the_host_is_told_by_mail(
    desk: Desk, mailbox: Mailbox, post: SmtpPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_URL", mailbox.url)
    monkeypatch.setenv("MAIL_FROM", "meet@example.org")
    app, codes = switch_on(desk)
    half = sign_in()
    second_step.finish_sign_in(secret=half.secret, recovery_code=codes[0], now=NOW)
    now = later(minutes=1)
    own = {"host_id": desk.host_id, "password": PASSWORD}
    codes = two_factor.make_recovery_codes(**own, code=app.code(now), now=now)
    two_factor.switch_off(**own, code=codes[0], now=now)
    deliver_due(post, clock=lambda: now)
    told = {mail.mail["Subject"]: mail.mail.get_body(("plain",)).get_content() for mail in mailbox.taken()}
    assert {*told} == {
        "Two-factor sign-in is on",
        "A recovery code was used",
        "You have new recovery codes",
        "Two-factor sign-in is off",
    }
    assert "you have 9 left" in " ".join(told["A recovery code was used"].split())
    assert not any(secret in text for text in told.values() for secret in (app.secret, *codes))
    kinds = [kind for (kind,) in rows("SELECT kind FROM event_log ORDER BY id")]
    assert kinds[-5:] == [
        *("two_factor_on", "recovery_code_used", "recovery_codes_made", "recovery_code_used", "two_factor_off")
    ]


def test_the_export_has_no_secret_of_it(desk: Desk) -> None:
    app, codes = switch_on(desk)
    half = sign_in()
    file = StringIO()
    exports.write_export(file, host_id=desk.host_id, now=NOW)
    data = json.loads(file.getvalue())
    assert [len(data[table]) for table in ("two_factor", "recovery_code", "pending_sign_in")] == [1, 10, 1]
    hidden = rows("SELECT sealed_secret FROM two_factor") + rows("SELECT token_hash FROM recovery_code")
    for secret in (app.secret, half.secret, *codes, *[value for (value,) in hidden]):
        assert secret not in file.getvalue()


def test_nothing_of_it_stays_of_who_leaves(desk: Desk) -> None:
    switch_on(desk)
    sign_in()
    leaving.delete_account(host_id=desk.host_id, email=EMAIL, password=PASSWORD, now=NOW)
    for table in ("two_factor", "recovery_code", "pending_sign_in"):
        assert rows(f"SELECT * FROM {table}") == []


def test_a_new_password_or_signing_out_everywhere_ends_what_is_half_begun(desk: Desk, tmp_path: Path) -> None:
    app, _ = switch_on(desk)
    changes = (
        lambda: profile.change_password(
            host_id=desk.host_id, password=PASSWORD, new_password="battery horse correct", secret="", now=NOW
        ),
        lambda: None,
    )
    now = later(minutes=1)
    for change, is_over in zip(changes, (True, False), strict=True):
        password = PASSWORD if is_over else "battery horse correct"
        half = hosts.sign_in(email=EMAIL, password=password, now=now)
        change()
        try:
            second_step.finish_sign_in(secret=half.secret, code=app.code(now), now=now)
        except SecondStepGone:
            assert is_over
        else:
            assert not is_over


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_backup_brings_two_factors_back_and_nobody_who_is_half_way_in(desk: Desk, tmp_path: Path) -> None:
    app, _ = switch_on(desk)
    half = sign_in()
    backups.back_up(tmp_path / "copy.db")
    two_factor.end_two_factor(email=EMAIL, now=NOW)
    backups.restore(tmp_path / "copy.db", now=NOW)
    assert not health.examine(now=NOW).broken
    now = later(minutes=1)
    with pytest.raises(SecondStepGone):
        second_step.finish_sign_in(secret=half.secret, code=app.code(now), now=now)
    assert second_step.finish_sign_in(secret=sign_in(now).secret, code=app.code(now), now=now)


def test_the_doctor_tells_of_a_key_that_the_codes_lack(desk: Desk) -> None:
    switch_on(desk)
    path = settings().key_file
    path.write_text(f"k2 {'ab' * 32}\n")
    tokens.forget()
    assert any("codes need" in finding.what for finding in health.examine(now=NOW).broken)


@pytest.mark.parametrize("text", ["", None, 7, {}, "12345", "1234567", "१२३४५६", "abcd-efgh", "x" * 10_000])
def test_what_is_no_code_is_told_so(desk: Desk, text: object) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_code(text, field="code")
    assert refusal.value.fields == {"code": "second_code_malformed"}


def test_a_stranger_has_nothing_to_look_at(desk: Desk) -> None:
    switch_on(desk)
    assert two_factor.look_at_two_factor(host_id=UUID(int=7)) == two_factor.Standing(None, 0)
