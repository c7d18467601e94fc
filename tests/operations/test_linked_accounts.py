"""An account elsewhere opens a host's sessions once it is linked, and is linked by a verified address alone."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from singleuse_app import db
from singleuse_app.notifications.smtp import SmtpPost
from singleuse_app.operations import exports, hosts, leaving, linked_accounts, profile
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.operations.linked_accounts import begin_attempt, end_attempt, list_linked, sign_in_with, unlink
from singleuse_app.providers.code_flow import Account
from singleuse_app.scheduling.errors import NotFound, ProviderRefused
from singleuse_app.settings import Provider
from tests.factories import NOW, PASSWORD, Desk, later, rows
from tests.harness import unguarded
from tests.harness.smtp_server import Mailbox
from tests.harness.unguarded import slowed

ACME = Provider("acme", "Acme", "https://id.acme.example", "here", "secret")
OTHER = Provider("other", "Other", "https://other.example", "here", "secret")
EMAIL = "grace@example.org"


def account(
    subject: str = "grace-1", email: str = EMAIL, *, provider: Provider = ACME, email_verified: bool = True
) -> Account:
    return Account(provider, subject, email, email_verified)


def whose(fresh: hosts.NewSession) -> UUID | None:
    host = hosts.signed_in_host(fresh.secret, now=NOW)
    return host.id if host else None


def refusal(given: Account) -> str:
    with pytest.raises(ProviderRefused) as refused:
        sign_in_with(account=given, now=NOW)
    assert refused.value.params == {"provider": given.provider.name}
    return refused.value.code


def test_a_verified_address_links_once_and_is_never_asked_for_again(desk: Desk) -> None:
    assert (
        whose(sign_in_with(account=account(email="Grace@Example.ORG"), user_agent="Firefox", now=NOW)) == desk.host_id
    )
    changed = account(email="elsewhere@example.org", email_verified=False)
    assert whose(sign_in_with(account=changed, now=later(minutes=5))) == desk.host_id
    profile.change_email(host_id=desk.host_id, email="g@example.net", password=PASSWORD, now=NOW)
    assert whose(sign_in_with(account=account(email=""), now=later(minutes=9))) == desk.host_id
    [linked] = list_linked(host_id=desk.host_id)
    assert (linked.provider, linked.linked_at, linked.last_used_at) == ("id.acme.example", NOW, later(minutes=9))
    assert rows("SELECT user_agent FROM host_session WHERE user_agent != ''") == [("Firefox",)]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (account(email_verified=False), "provider_email_unverified"),
        (account(email="nobody@example.org"), "provider_no_host"),
        (account(email=""), "provider_no_host"),
        (account(email=f" {EMAIL}"), "provider_no_host"),
        (account(email="grace@example.org.evil.example"), "provider_no_host"),
        (account(email="%"), "provider_no_host"),
    ],
)
def test_no_other_address_links_and_nobody_becomes_a_host(desk: Desk, given: Account, code: str) -> None:
    assert refusal(given) == code
    assert rows("SELECT count(*) FROM host") == [(1,)]
    assert rows("SELECT * FROM linked_account") == []


def test_a_letter_that_only_looks_alike_in_small_is_another_address(desk: Desk) -> None:
    """The Kelvin sign is a k in lower case, for Python."""
    profile.change_email(host_id=desk.host_id, email="kelvin@example.org", password=PASSWORD, now=NOW)
    assert "\u212aelvin@example.org".lower() == "kelvin@example.org"
    assert refusal(account(email="\u212aelvin@example.org")) == "provider_no_host"
    assert whose(sign_in_with(account=account(email="KELVIN@EXAMPLE.ORG"), now=NOW)) == desk.host_id


def test_of_each_provider_a_host_has_one_account_until_they_unlink_it(desk: Desk) -> None:
    sign_in_with(account=account(), now=NOW)
    assert refusal(account("grace-2")) == "provider_other_account"
    assert whose(sign_in_with(account=account("grace-2", provider=OTHER), now=NOW)) == desk.host_id
    mine = list_linked(host_id=desk.host_id)
    assert [each.provider for each in mine] == ["id.acme.example", "other.example"]
    unlink(host_id=desk.host_id, account_id=mine[0].id, now=NOW)
    assert whose(sign_in_with(account=account("grace-2"), now=NOW)) == desk.host_id
    assert refusal(account("grace-1")) == "provider_other_account"


def test_the_same_name_at_another_provider_is_somebody_else(desk: Desk, another_host_id: UUID) -> None:
    assert whose(sign_in_with(account=account("1"), now=NOW)) == desk.host_id
    assert whose(sign_in_with(account=account("1", "eve@example.org", provider=OTHER), now=NOW)) == another_host_id
    assert whose(sign_in_with(account=account("1", "eve@example.org"), now=NOW)) == desk.host_id


def test_another_hosts_account_is_not_found_and_an_unlinked_one_opens_nothing(
    desk: Desk, another_host_id: UUID
) -> None:
    before = sign_in_with(account=account(), now=NOW)
    [linked] = list_linked(host_id=desk.host_id)
    for host_id, key in ((another_host_id, linked.id), (desk.host_id, "acc_"), (desk.host_id, None)):
        with pytest.raises(NotFound):
            unlink(host_id=host_id, account_id=key, now=NOW)
    assert list_linked(host_id=another_host_id) == []
    unlink(host_id=desk.host_id, account_id=linked.id, now=NOW)
    assert list_linked(host_id=desk.host_id) == []
    assert refusal(account(email="elsewhere@example.org")) == "provider_no_host"
    assert whose(before) == desk.host_id


def test_a_host_takes_their_accounts_along_and_leaves_none_behind(desk: Desk, tmp_path) -> None:
    sign_in_with(account=account(), now=NOW)
    with (tmp_path / "export.json").open("w+") as file:
        exports.write_export(file, host_id=desk.host_id, now=NOW)
        file.seek(0)
        assert '"issuer": "https://id.acme.example"' in file.read()
    leaving.delete_account(host_id=desk.host_id, email=EMAIL, password=PASSWORD, now=NOW)
    assert rows("SELECT * FROM linked_account") == []
    assert refusal(account()) == "provider_no_host"


def test_a_host_hears_of_what_is_linked_once(
    desk: Desk, mailbox: Mailbox, post: SmtpPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_URL", mailbox.url)
    monkeypatch.setenv("MAIL_FROM", "meet@example.org")
    for _ in range(3):
        sign_in_with(account=account(), now=NOW)
    deliver_due(post, clock=lambda: NOW)
    [mail] = mailbox.taken()
    assert (mail.recipient, mail.mail["Subject"]) == (EMAIL, "You can sign in with Acme now")
    assert "/settings" in mail.mail.get_body(("plain",)).get_content()
    assert "grace-1" not in str(rows("SELECT * FROM outbox_message"))
    [kind] = rows("SELECT kind FROM event_log ORDER BY id DESC LIMIT 1")
    assert kind == ("profile_changed",)


def test_an_attempt_is_good_once_for_ten_minutes_at_its_own_provider(desk: Desk) -> None:
    begin_attempt(provider="acme", secret="one", now=NOW)
    begin_attempt(provider="acme", secret="two", now=NOW)
    assert "one" not in str(rows("SELECT * FROM provider_attempt"))
    for provider, secret, now in (("other", "one", NOW), ("acme", "three", NOW), ("acme", "two", later(minutes=10))):
        with pytest.raises(ProviderRefused):
            end_attempt(provider=provider, secret=secret, now=now)
    end_attempt(provider="acme", secret="one", now=later(minutes=9))
    with pytest.raises(ProviderRefused) as refused:
        end_attempt(provider="acme", secret="one", now=later(minutes=9))
    assert refused.value.code == "provider_begun_elsewhere"
    begin_attempt(provider="acme", secret="four", now=later(minutes=11))
    assert rows("SELECT count(*) FROM provider_attempt") == [(1,)]


@pytest.mark.parametrize("is_guarded", [True, False], ids=["as it is", "control"])
def test_eight_first_sign_ins_at_once_link_once(desk: Desk, is_guarded: bool) -> None:
    """And all eight are signed in. Control: each statement a transaction of its own, and no key in the table."""
    if not is_guarded:
        with db.writing() as session:
            _drop_keys(session.connection())
    barrier = Barrier(8)

    def one(_: int) -> UUID | None:
        barrier.wait()
        with nullcontext() if is_guarded else suppress(ProviderRefused):
            return whose(sign_in_with(account=account(), now=NOW))
        return None

    with slowed(0.04), pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(8) as pool:
        if not is_guarded:
            patch.setattr(db, "writing", unguarded._each_statement_for_itself)
        found = list(pool.map(one, range(8)))
    linked, mails = (rows(f"SELECT count(*) FROM {table}")[0][0] for table in ("linked_account", "outbox_message"))
    assert linked == mails
    assert (linked, set(found)) == (1, {desk.host_id}) if is_guarded else linked > 1


def _drop_keys(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        for name in ("uq_linked_account_issuer_subject", "uq_linked_account_host_id_issuer"):
            connection.exec_driver_sql(f"ALTER TABLE linked_account DROP CONSTRAINT {name}")
        return
    connection.exec_driver_sql("ALTER TABLE linked_account RENAME TO keyed")
    connection.exec_driver_sql("CREATE TABLE linked_account AS SELECT * FROM keyed")
    connection.exec_driver_sql("DROP TABLE keyed")


def test_two_hosts_never_share_an_account_whoever_writes_it(desk: Desk, another_host_id: UUID) -> None:
    """The schema has the last word, where two hosts look at the same moment."""
    sign_in_with(account=account(), now=NOW)

    for host_id, subject in ((another_host_id, "grace-1"), (desk.host_id, "grace-2")):
        with pytest.raises(IntegrityError), db.writing() as session:
            session.add(
                linked_accounts.LinkedAccount(
                    host_id=host_id, issuer=ACME.issuer, subject=subject, created_at=NOW, last_used_at=NOW
                )
            )
