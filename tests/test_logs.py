"""No session, link token or receipt reaches a log, whoever writes the line and however."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from singleuse_app.logs import keep_secrets, redact
from tests.harness.people import HostAtHome, ask
from tests.harness.server import Server
from tests.harness.socket_client import EVENT, SocketClient

SESSION = "pF3-x_Yk0SbGzq1vJmB7dUe9aWc5hRt2LnQoK8sVi4E"
TOKEN = "abcdefghijklmnopqrstuvwx27"
RECEIPT = "0123456789abcdef0123456789abcdef"
RECOVERY_CODE = "wwbj-apds-dfwz-ezr5"
SECRETS = (SESSION, TOKEN, RECEIPT)
FEED = "private-9d8c7b6a"
WORD = "zebra"
"""What stands in a password, wherever."""
RECEIPT_VAR = "reflex___state____state.singleuse_app___visitor____browser.receipt_rx_state_"
STATE = "reflex___state____state.singleuse_app___pages___booking____booking_state"
SETTINGS = "reflex___state____state.singleuse_app___pages___settings____settings_state"


def told(text: str) -> list[str]:
    """The secrets that a text gives away."""
    return [secret for secret in (*SECRETS, RECOVERY_CODE, FEED, WORD) if secret in text]


@pytest.mark.parametrize(
    "line",
    [
        f"Cookie: singleuse_session={SESSION}",
        f"Cookie: theme=dark; __Host-singleuse_session={SESSION}; lang=de",
        f"{{'cookie': 'singleuse_session={SESSION}', 'origin': 'null'}}",
        f'{{"cookie": "singleuse_session={SESSION}"}}',
        f"Set-Cookie: singleuse_session={SESSION}; HttpOnly",
        f"Cookie: __Host-singleuse_step={SESSION}; __Host-singleuse_browser={SESSION}.{SESSION}",
        f"{{'recovery_code': '{RECOVERY_CODE}'}}",
        f'singleuse_session="{SESSION}"',
        f"<SimpleCookie: singleuse_session='{SESSION}'>",
        f"{{'singleuse_session': '{SESSION}'}}",
        f"[(b'cookie', b'singleuse_session={SESSION}')]",
        f"GET /book/{TOKEN} 410",
        f"http://localhost:3000/book/{TOKEN}?from=mail",
        f"{{'token': '{TOKEN}', 'asPath': '/book/{TOKEN}'}}",
        f"next=%2Fbook%2F{TOKEN}",
        f"/api/bookings/bkg_{'0' * 32}/{TOKEN}.ics",
        f"chosen={TOKEN}:1788249600",
        f"receipt_rx_state_: {RECEIPT}",
        f"{{'receipt': '{RECEIPT}'}}",
        f"receipt={RECEIPT}&next=",
        f"{{'name': 'Work', 'feed_address': 'https://files.example.org/{FEED}'}}",
        f'{{"feed_address": "x://{FEED}", "name": "Work"}}',
        f"cannot read https://calendar.google.com/calendar/ical/ada%40example.org/{FEED}/basic.ics?x=1 today",
        f"{{'form': {{'email': 'a@example.org', 'password': 'correct {WORD}, battery'}}}}",
        f"{{'new_password': '{WORD}', 'delete_password': '{WORD}'}}",
        f'{{"email_password": "it\'s {WORD} \\" {WORD}"}}',
        f"{{'password': 'it\\'s \"{WORD}\" {WORD}', 'name': 'Ada'}}",
        f"{{'password': \"it's {WORD}\"}}",
        rf'"{{\"password\": \"correct {WORD}\"}}"',
        f"{{'password': 'cut off, correct {WORD}",
        f"password={WORD}&next=",
        f"webcal://user.fm/{FEED}",
        f"https://ada:{FEED}@cloud.example.org/remote.php/dav/public-calendars/x?export",
        f"GET /api/oidc/google/callback?code={WORD}%2F0&state={SESSION}&scope=openid 303",
        f"{{'asPath': '/api/oidc/work/callback?iss=https%3A%2F%2Fid.example&state={SESSION}&code={WORD}'}}",
        f"Cookie: __Host-singleuse_elsewhere={SESSION}",
    ],
)
def test_a_line_is_redacted(line: str) -> None:
    assert told(line)
    assert not told(redact(line))
    assert "[secret]" in redact(line)


@pytest.mark.parametrize(
    "line",
    [
        "lnk_01a204dc9aad717ca8ca033ceb7d9f72 is used",
        "GET /book/favicon.ico 404",
        "Database is locked after 10000 ms",
        "abcdefghijklmnopqrstuvwxyz0 is longer, abcdefghijklmnopqrstuvwxy is shorter",
        "GET http://localhost:3000/calendars 200",
        "client 9b2f1c1e-7a1b-4e57-9f3c-2f0a8f1f4a55 connected",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ],
)
def test_what_is_no_secret_stays_readable(line: str) -> None:
    assert redact(line) == line


@pytest.fixture(autouse=True)
def factory() -> Iterator[None]:
    """Log records as Python makes them, until a test asks to keep secrets."""
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(logging.LogRecord)
    yield
    logging.setLogRecordFactory(before)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a logger named ``told`` writes, as any handler formats it."""
    stream = io.StringIO()
    logger, handler = logging.getLogger("told"), logging.StreamHandler(stream)
    logger.propagate = False
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def fail_with(*secrets: str) -> None:
    try:
        raise KeyError(secrets)
    except KeyError as cause:
        raise ValueError(f"cookie: singleuse_session={SESSION}") from cause


def write_every_kind_of_line() -> None:
    """A secret in the message, in its arguments, and in a traceback with its cause."""
    logger = logging.getLogger("told")
    logger.error(f"cookie: singleuse_session={SESSION}, path: /book/{TOKEN}, receipt: {RECEIPT}")
    logger.error("%s %r %s", f"singleuse_session={SESSION}", {"token": TOKEN}, [RECEIPT])
    logger.error("%(token)s", {"token": TOKEN})
    logger.error({"receipt": RECEIPT})
    try:
        fail_with(TOKEN, RECEIPT)
    except ValueError as problem:
        logger.exception("It failed.")
        logger.error("It failed.", exc_info=problem)
        logger.error("It failed: %s", problem, exc_info=sys.exc_info())


def test_messages_arguments_and_tracebacks_are_redacted(lines: io.StringIO) -> None:
    keep_secrets()
    write_every_kind_of_line()
    assert not told(lines.getvalue())
    assert lines.getvalue().count("It failed") == 3
    assert lines.getvalue().count("Traceback (most recent call last)") == 6
    assert "fail_with" in lines.getvalue()


def test_control_without_it_the_same_lines_tell_everything(lines: io.StringIO) -> None:
    write_every_kind_of_line()
    assert told(lines.getvalue()) == list(SECRETS)


def test_asked_twice_it_redacts_once(lines: io.StringIO) -> None:
    keep_secrets()
    once = logging.getLogRecordFactory()
    keep_secrets()
    assert logging.getLogRecordFactory() is once


@pytest.mark.parametrize("arguments", [("x",), (1, 2), ({"a": 1},)])
def test_a_line_that_does_not_fit_its_arguments_breaks_nothing(lines: io.StringIO, arguments: tuple[Any, ...]) -> None:
    keep_secrets()
    logging.getLogger("told").error(f"{TOKEN} %d %d %d", *arguments)
    assert not told(lines.getvalue())


def test_a_percent_sign_in_what_was_redacted_stays_one(lines: io.StringIO) -> None:
    keep_secrets()
    logging.getLogger("told").error("%s", "100%s of /book/" + TOKEN)
    assert lines.getvalue() == "100%s of /book/[secret]\n"


PAYLOAD = {"form": {"token": "x"}, "unexpected": "y"}
WHERE = {"router_data": {"pathname": "/book/[token]", "query": {"token": "x"}}}

UNFIT_EVENTS: list[Any] = [
    {"name": "no_such_state.no_such_handler", "payload": PAYLOAD, **WHERE},
    {"name": f"{STATE}.no_such_handler", "payload": PAYLOAD, **WHERE},
    {"name": f"{STATE}.book", "payload": PAYLOAD, **WHERE},
    {"name": f"{STATE}.book", "payload": {"form": {}}, "router_data": "text"},
    {"name": f"{STATE}.book", "payload": "text", **WHERE},
    {"name": f"{STATE}.book", "payload": None, **WHERE},
    {"name": 7, "payload": {}},
    {"payload": {}},
    {},
    "text",
    ["list"],
    None,
    7,
]
"""What no page sends: unknown names, wrong arguments, things that are no events."""


def with_secrets(event: Any, token: str, receipt: str, cookie: str) -> Any:
    """The event with each secret in every place that has room for it."""
    filled = {"token": token, "asPath": f"/book/{token}", "receipt": receipt, "cookie": cookie}
    if isinstance(event, dict):
        return {**{key: with_secrets(value, token, receipt, cookie) for key, value in event.items()}, **filled}
    return [event, *filled.values()] if isinstance(event, list) else event


async def test_what_a_hostile_client_sends_leaves_no_secret_in_the_log(backend: Server) -> None:
    host = HostAtHome.set_up(backend)
    token, session = host.new_link(), host.cookie.partition("=")[2]
    page = {"params": {"token": token}, "cookie": host.cookie, "storage": {RECEIPT_VAR: RECEIPT}}
    began = len(backend.log())
    for event in UNFIT_EVENTS:
        for sent in (event, with_secrets(event, token, RECEIPT, host.cookie)):
            async with SocketClient(backend.url, f"/book/{token}", **page) as tab:
                await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
                assert tab._socket is not None
                await tab._socket.send_str(EVENT + json.dumps(["event", sent]))
                await tab._socket.send_str(EVENT + json.dumps(["event"]))
                await tab._socket.send_str(EVENT + json.dumps([token, RECEIPT, host.cookie]))
    ask(f"{backend.url}/book/{token}%00", headers={"Cookie": host.cookie})
    async with SocketClient(backend.url, f"/book/{token}", **page) as tab:
        await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
    log = backend.log()
    assert "A page asked for what there is not" in log[began:], "it was logged"
    assert [secret for secret in (session, token, RECEIPT) if secret in log] == []


async def test_a_password_that_no_handler_takes_stays_out_of_the_log(fresh_backend: Server) -> None:
    """The framework would log the whole event of a page that an older build drew."""
    host = HostAtHome.set_up(fresh_backend)
    form = {"password": f"it's {WORD}", "new_password": f'"{WORD} {WORD}"', "email_password": WORD}
    began = len(fresh_backend.log())
    async with SocketClient(fresh_backend.url, "/settings", cookie=host.cookie) as tab:
        await tab.until(lambda tab: tab.value("settings_state.ready"))
        assert tab._socket is not None
        for payload in ({"form": form}, {"form": form, "unexpected": form}):
            gone = {"name": f"{SETTINGS}.no_such_handler", "payload": payload, "router_data": {"query": {}}}
            await tab._socket.send_str(EVENT + json.dumps(["event", gone]))
        await tab.fire(f"{SETTINGS}.refresh")
    async with SocketClient(fresh_backend.url, "/settings", cookie=host.cookie) as tab:
        await tab.until(lambda tab: tab.value("settings_state.ready"))
    log = fresh_backend.log()[began:]
    assert "no_such_handler" in log, "it was logged"
    assert WORD not in log


HOSTILE = "\x1b[2J\x1b]0;owned\x07\r\nERROR Singleuse was sold\u2028\u202eevil\u200b\x9b31m\x00"


def acts(text: str) -> list[str]:
    """What of a hostile text a terminal would act on, or an eye be misled by."""
    lines = text.split("\n")
    return [one for one in "\x1b\x07\r\u2028\u202e\u200b\x9b\x00" if one in text] + [
        line for line in lines if line.startswith("ERROR Singleuse")
    ]


def write_hostile_lines() -> None:
    """In the message, in its arguments, in an exception."""
    logger = logging.getLogger("told")
    logger.error(f"Nobody is called {HOSTILE}")
    logger.error("Nobody is called %s", HOSTILE)
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        logger.exception("It failed for %s", HOSTILE)


def test_no_text_acts_on_a_terminal_or_begins_a_line_of_its_own(lines: io.StringIO) -> None:
    keep_secrets()
    write_hostile_lines()
    assert not acts(lines.getvalue())
    assert lines.getvalue().count("Singleuse was sold") == 4, "it can be read all the same"
    assert r"\x1b[2J" in lines.getvalue()
    assert all(line.startswith(("Nobody", "It failed", "    ")) for line in lines.getvalue().splitlines())


def test_control_without_it_the_same_text_does(lines: io.StringIO) -> None:
    write_hostile_lines()
    assert len(acts(lines.getvalue())) >= 8


async def test_what_a_hostile_client_sends_leaves_the_operators_terminal_alone(fresh_backend: Server) -> None:
    began = len(fresh_backend.log())
    for path in (f"/book/{'%1b%5b2J%0aERROR%20Singleuse%20was%20sold'}", "/%e2%80%ae"):
        ask(f"{fresh_backend.url}{path}", headers={"User-Agent": "\x1b[2J", "X-Forwarded-For": "\x1b[2J"})
    async with SocketClient(fresh_backend.url, f"/book/{HOSTILE}", params={"token": HOSTILE}, token=HOSTILE) as tab:
        assert tab._socket is not None
        for event in (
            {"name": HOSTILE, "payload": {}, "router_data": {"pathname": HOSTILE}},
            {"name": f"{STATE}.no_such_handler", "payload": {HOSTILE: HOSTILE}, "router_data": {"query": {}}},
            {"name": f"{STATE}.book", "payload": {HOSTILE: HOSTILE}, "router_data": {"query": {}}},
            HOSTILE,
        ):
            await tab._socket.send_str(EVENT + json.dumps(["event", event]))
        await tab._socket.send_str(EVENT + json.dumps(["client_error", {"message": HOSTILE, "error_type": HOSTILE}]))
        await tab._socket.send_str(EVENT + json.dumps([HOSTILE, HOSTILE]))
    async with SocketClient(fresh_backend.url, "/sign-in"):
        pass
    log = fresh_backend.log()[began:]
    assert "Singleuse was sold" in log, "it was logged"
    assert not acts(log)
