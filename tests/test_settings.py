"""What an operator may set, what comes of it, and the key file that makes itself."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from singleuse_app import db, tokens
from singleuse_app.settings import Provider, Settings, SmtpServer, is_loopback, refuse_several_workers, settings
from tests.harness import server as servers
from tests.harness.people import HostAtHome

VARIABLES = (
    "DATABASE_URL",
    "SECRET_KEY_FILE",
    "PUBLIC_URL",
    "CALENDAR_FEED_ALLOW",
    "SMTP_URL",
    "MAIL_FROM",
    "MAIL_FOLDER",
    "TRUSTED_PROXIES",
    "REDIS_URL",
    "LIMITS_FACTOR",
    "OIDC_PROVIDERS",
    "GRANIAN_WORKERS",
    "WEB_CONCURRENCY",
    "REFLEX_FRONTEND_PORT",
    "REFLEX_BACKEND_PORT",
    "REFLEX_ENV_MODE",
)

Read = Callable[..., Settings]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Iterator[Read]:
    """Read the settings as a fresh process would, from an environment with nothing but what is given."""

    def read_fresh(**environment: str) -> Settings:
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        forget()
        return settings()

    yield read_fresh
    forget()


def forget() -> None:
    db.close()
    tokens.forget()


def test_a_fresh_machine_needs_no_setting(read: Read) -> None:
    found = read()
    home = Path(__file__).parent.parent
    assert found.database_url == f"sqlite:///{home / 'singleuse.db'}"
    assert found.key_file == home / "singleuse.key"
    assert found.public_origin == "http://localhost:3000"
    assert found.origins == ("http://localhost:3000", "http://127.0.0.1:3000")
    assert found.opens_here_only
    assert not found.is_https


def test_an_empty_setting_is_as_good_as_none(read: Read) -> None:
    assert read(DATABASE_URL="", SECRET_KEY_FILE="", PUBLIC_URL=" ") == read()


def test_calendars_are_read_from_where_the_operator_says(read: Read) -> None:
    assert read().feed_allow == ()
    allowed = "cloud.lan, 192.168.1.0/24,, [fd00::1], localhost"
    assert read(CALENDAR_FEED_ALLOW=allowed).feed_allow == ("cloud.lan", "192.168.1.0/24", "[fd00::1]", "localhost")


@pytest.mark.parametrize("entry", ["https://cloud.lan/", "192.168.1.0/33", "10.0.0", "cloud lan", "*"])
def test_what_is_neither_a_host_nor_a_network_ends_the_process(read: Read, entry: str) -> None:
    with pytest.raises(SystemExit, match="CALENDAR_FEED_ALLOW"):
        read(CALENDAR_FEED_ALLOW=f"cloud.lan, {entry}")


def test_the_ports_that_reflex_was_given_are_the_apps_own(read: Read) -> None:
    found = read(REFLEX_FRONTEND_PORT="4000", REFLEX_BACKEND_PORT="4001")
    assert found.public_origin == "http://localhost:4000"
    assert found.origins == ("http://localhost:4000", "http://127.0.0.1:4000")
    assert found.api_origin == "http://localhost:4001"
    assert read(REFLEX_BACKEND_PORT="4000", REFLEX_ENV_MODE="prod").api_origin == ""


@pytest.mark.parametrize(
    ("url", "origin", "https", "here_only"),
    [
        ("https://book.example.org", "https://book.example.org", True, False),
        ("https://book.example.org/", "https://book.example.org", True, False),
        (" https://book.example.org ", "https://book.example.org", True, False),
        ("https://book.example.org:8443", "https://book.example.org:8443", True, False),
        ("http://192.168.1.20:3000", "http://192.168.1.20:3000", False, False),
        ("http://127.0.0.1.example.org", "http://127.0.0.1.example.org", False, False),
        ("http://localhost:9000", "http://localhost:9000", False, True),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000", False, True),
        ("http://[::1]:9000", "http://[::1]:9000", False, True),
        # as browsers write an origin (RFC 6454, section 6.2), else none of them would be let in
        ("HTTPS://Book.Example.ORG", "https://book.example.org", True, False),
        ("https://book.example.org:443", "https://book.example.org", True, False),
        ("http://book.example.org:80/", "http://book.example.org", False, False),
        ("https://bücher.example", "https://xn--bcher-kva.example", True, False),
    ],
)
def test_a_public_address_is_what_links_begin_with(
    read: Read, url: str, origin: str, https: bool, here_only: bool
) -> None:
    found = read(PUBLIC_URL=url)
    assert (found.public_origin, found.is_https, found.opens_here_only) == (origin, https, here_only)
    own = ["http://localhost:3000", "http://127.0.0.1:3000"] if here_only else []
    assert list(found.origins) == [origin, *own]


@pytest.mark.parametrize(
    "url",
    [
        "book.example.org",
        "localhost:3000",
        "//book.example.org",
        "ftp://book.example.org",
        "https://",
        "https:///book",
        "https://book.example.org/team",
        "https://book.example.org?team=1",
        "https://book.example.org#team",
        "https://grace:secret@book.example.org",
        "https://book.example.org:port",
        "https://book.example.org:99999",
        "https://[::1",
        "https://book example.org",
        "*",
    ],
)
def test_what_is_no_address_of_an_app_ends_the_process_with_its_reason(read: Read, url: str) -> None:
    with pytest.raises(SystemExit) as end:
        read(PUBLIC_URL=url)
    assert "PUBLIC_URL" in str(end.value)
    assert "https://book.example.org" in str(end.value)


@pytest.mark.parametrize("url", ["mysql://db/x", "oracle://db/x"])
def test_a_database_of_another_kind_ends_the_process_with_its_reason(read: Read, url: str) -> None:
    read(DATABASE_URL=url)
    with pytest.raises(SystemExit, match=r"DATABASE_URL names (mysql|oracle).*SQLite or PostgreSQL"):
        db.prepare()


@pytest.mark.parametrize("url", ["postgres://db/x", "postgresql://db/x", "postgresql+psycopg2://db/x"])
def test_postgresql_is_spoken_to_through_one_driver_however_it_is_spelt(read: Read, url: str) -> None:
    read(DATABASE_URL=url)
    assert db.engine().url.drivername == "postgresql+psycopg"


@pytest.mark.parametrize("url", ["singleuse.db", "sqlite:singleuse.db", "://", "sqlite://", "sqlite:///:memory:"])
def test_what_is_no_database_url_ends_the_process_with_its_reason(read: Read, url: str) -> None:
    read(DATABASE_URL=url)
    with pytest.raises(SystemExit, match="DATABASE_URL"):
        db.prepare()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.8.9.10", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"])
def test_these_names_mean_this_computer(name: str) -> None:
    assert is_loopback(name)


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        " ",
        "127.0.0.1.evil.example",
        "127.evil.example",
        "127.",
        "127.0.0.1 ",
        "127.0.0.256",
        "localhost.evil.example",
        "evil.localhost.example",
        "0.0.0.0",
        "::",
        "128.0.0.1",
        "10.0.0.1",
        "192.168.1.20",
        "::ffff:10.0.0.1",
        "fe80::1",
        "2130706433",
    ],
)
def test_these_names_may_mean_another(name: str | None) -> None:
    assert not is_loopback(name)


def test_the_key_file_is_made_for_its_owner_only(read: Read, tmp_path: Path) -> None:
    read(SECRET_KEY_FILE=str(tmp_path / "singleuse.key"))
    old = os.umask(0)
    try:
        code = tokens.set_up_code()
    finally:
        os.umask(old)
    assert (tmp_path / "singleuse.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["singleuse.key"]
    forget()
    assert tokens.set_up_code() == code


def make_key(meeting: Barrier, codes: "Queue[str]") -> None:
    meeting.wait(60)
    codes.put(tokens.set_up_code())


def test_two_processes_that_make_the_key_file_at_once_agree(read: Read, tmp_path: Path) -> None:
    read(SECRET_KEY_FILE=str(tmp_path / "singleuse.key"))
    fresh = multiprocessing.get_context("spawn")
    meeting, codes = fresh.Barrier(2), fresh.Queue()
    processes = [fresh.Process(target=make_key, args=(meeting, codes)) for _ in range(2)]
    for process in processes:
        process.start()
    made = [codes.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    assert made == [tokens.set_up_code()] * 2
    assert [path.name for path in tmp_path.iterdir()] == ["singleuse.key"]


def test_without_a_public_address_the_app_knows_the_port_that_it_was_started_with(tmp_path: Path) -> None:
    with servers.backend(tmp_path, PUBLIC_URL="") as running:
        host = HostAtHome.set_up(running)
        made = host.post(f"/api/event-types/{host.event_type_id()}/single-use-links")
        assert made.json()["url"].startswith(f"{running.url}/book/")
        assert f"Open {running.url}/set-up" in running.log()


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://ada:p%40ss@mail.example.org", SmtpServer("mail.example.org", 587, "starttls", "ada", "p@ss")),
        ("smtps://mail.example.org", SmtpServer("mail.example.org", 465, "tls")),
        ("smtp+plain://localhost:2525/", SmtpServer("localhost", 2525, "none")),
    ],
)
def test_mail_goes_through_a_server_that_is_named_with_how_it_is_reached(
    read: Read, url: str, server: SmtpServer
) -> None:
    assert read(SMTP_URL=url, MAIL_FROM="Meetings <meet@example.org>").smtp == server


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://a:secret-of-mine@b", "smtp://", "smtp://h:x/", "smtp://h/p"]
)
def test_what_is_no_mail_server_ends_the_start_and_is_not_repeated(read: Read, url: str) -> None:
    with pytest.raises(SystemExit, match="SMTP_URL is no address") as end:
        read(SMTP_URL=url, MAIL_FROM="meet@example.org")
    assert "secret-of-mine" not in str(end.value)


@pytest.mark.parametrize("sender", ["", "Ada", "a@b@c", "a@b\nBcc: c@d"])
def test_mail_needs_an_address_to_come_from(read: Read, sender: str) -> None:
    with pytest.raises(SystemExit, match="MAIL_FROM"):
        read(SMTP_URL="smtp://mail.example.org", MAIL_FROM=sender)


GOOGLE = {
    "OIDC_PROVIDERS": " Google,",
    "OIDC_GOOGLE_ISSUER": "https://accounts.google.com",
    "OIDC_GOOGLE_CLIENT_ID": "here",
    "OIDC_GOOGLE_CLIENT_SECRET": "secret-of-mine",
}
WORK = {
    "OIDC_PROVIDERS": "google, work",
    "OIDC_WORK_NAME": "Work & Co.",
    "OIDC_WORK_ISSUER": "http://localhost:8080/realms/work/",
    "OIDC_WORK_CLIENT_ID": "there",
    "OIDC_WORK_CLIENT_SECRET": "another",
}


def test_each_identity_provider_has_four_settings_of_its_own(read: Read) -> None:
    assert read().providers == ()
    google = Provider("google", "Google", "https://accounts.google.com", "here", "secret-of-mine")
    assert read(**GOOGLE).providers == (google,)
    work = Provider("work", "Work & Co.", "http://localhost:8080/realms/work/", "there", "another")
    found = read(**GOOGLE | WORK)
    assert found.providers == (google, work)
    assert "secret-of-mine" not in repr(found)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"OIDC_PROVIDERS": "google, my-work"}, "OIDC_PROVIDERS"),
        ({"OIDC_PROVIDERS": "google, ../x"}, "OIDC_PROVIDERS"),
        ({"OIDC_PROVIDERS": "google, google"}, "OIDC_PROVIDERS"),
        ({"OIDC_WORK_ISSUER": "https://accounts.google.com", "OIDC_PROVIDERS": "google,work"}, "OIDC_PROVIDERS"),
        ({"OIDC_GOOGLE_CLIENT_ID": ""}, "OIDC_GOOGLE_CLIENT_ID"),
        ({"OIDC_GOOGLE_CLIENT_SECRET": ""}, "OIDC_GOOGLE_CLIENT_SECRET"),
        ({"OIDC_GOOGLE_CLIENT_SECRET": "schlüssel"}, "OIDC_GOOGLE_CLIENT_SECRET"),
        ({"OIDC_GOOGLE_ISSUER": ""}, "OIDC_GOOGLE_ISSUER"),
        ({"OIDC_GOOGLE_ISSUER": "accounts.google.com"}, "OIDC_GOOGLE_ISSUER"),
        ({"OIDC_GOOGLE_ISSUER": "http://accounts.google.com"}, "OIDC_GOOGLE_ISSUER"),
        ({"OIDC_GOOGLE_ISSUER": "http://127.0.0.1.example.org"}, "OIDC_GOOGLE_ISSUER"),
        ({"OIDC_GOOGLE_ISSUER": "https://a:b@example.org"}, "OIDC_GOOGLE_ISSUER"),
        ({"OIDC_GOOGLE_ISSUER": "https://example.org/?x"}, "OIDC_GOOGLE_ISSUER"),
        ({"OIDC_GOOGLE_ISSUER": "https://exa mple.org"}, "OIDC_GOOGLE_ISSUER"),
        ({"OIDC_GOOGLE_ISSUER": "https://example.org:x"}, "OIDC_GOOGLE_ISSUER"),
        ({"OIDC_GOOGLE_NAME": "x" * 41}, "OIDC_GOOGLE_NAME"),
        ({"OIDC_GOOGLE_NAME": "\u202eelgooG"}, "OIDC_GOOGLE_NAME"),
    ],
    ids=lambda given: "-".join(given.values()) if isinstance(given, dict) else "",
)
def test_an_identity_provider_that_cannot_be_used_ends_the_process(
    read: Read, wrong: dict[str, str], named: str
) -> None:
    with pytest.raises(SystemExit, match=named) as said:
        read(**WORK | GOOGLE | wrong)
    assert "secret-of-mine" not in str(said.value)


def test_a_password_for_the_mail_server_is_not_shown(read: Read) -> None:
    assert "secret-of-mine" not in repr(read(SMTP_URL="smtp://a:secret-of-mine@b", MAIL_FROM="a@b.org"))


def test_no_proxy_is_trusted_unless_it_is_named(read: Read) -> None:
    assert read().trusted_proxies == ()
    named = "127.0.0.1, [::1], 10.0.0.0/24,"
    assert read(TRUSTED_PROXIES=named).trusted_proxies == ("127.0.0.1", "::1", "10.0.0.0/24")


@pytest.mark.parametrize("entry", ["*", "0.0.0.0/0", "::/0", "proxy.lan", "10.0.0", "1"])
def test_proxies_that_could_be_anybody_end_the_process(read: Read, entry: str) -> None:
    with pytest.raises(SystemExit, match="TRUSTED_PROXIES"):
        read(TRUSTED_PROXIES=f"127.0.0.1, {entry}")


@pytest.mark.parametrize("text", ["0", "-1", "two", "nan", "inf", "1,5"])
def test_limits_are_multiplied_by_a_number_above_nothing(read: Read, text: str) -> None:
    assert read(LIMITS_FACTOR="0.5").limits_factor == 0.5
    with pytest.raises(SystemExit, match="LIMITS_FACTOR"):
        read(LIMITS_FACTOR=text)


@pytest.mark.parametrize("url", ["localhost:6379", "http://:secret-of-mine@b", "redis://", "redis://a b"])
def test_what_is_no_redis_ends_the_process_and_is_not_repeated(read: Read, url: str) -> None:
    assert read(REDIS_URL="redis://:p@localhost:6379/0").redis_url == "redis://:p@localhost:6379/0"
    with pytest.raises(SystemExit, match="REDIS_URL is no address") as end:
        read(REDIS_URL=url)
    assert "secret-of-mine" not in str(end.value)


@pytest.mark.parametrize(
    ("environment", "arguments", "workers"),
    [
        ({"GRANIAN_WORKERS": "2"}, [], 2),
        ({"WEB_CONCURRENCY": "4"}, [], 4),
        ({}, ["--workers", "3"], 3),
        ({}, ["--workers=3"], 3),
        ({}, ["-w", "3"], 3),
        ({"GRANIAN_WORKERS": "1"}, ["--port", "3000"], 1),
        ({}, [], 1),
        ({"GRANIAN_WORKERS": "", "WEB_CONCURRENCY": "many"}, ["--workers"], 1),
    ],
)
def test_several_workers_need_what_they_share(
    read: Read, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], arguments: list[str], workers: int
) -> None:
    monkeypatch.setattr("sys.argv", ["granian", *arguments])
    read(**environment)
    if workers > 1:
        with pytest.raises(SystemExit, match=f"{workers} workers were asked for"):
            refuse_several_workers()
    else:
        refuse_several_workers()
    read(**environment, REDIS_URL="redis://localhost")
    refuse_several_workers()
