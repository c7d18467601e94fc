"""Every route, with whatever anybody may send: no answer is an error of the server or tells of its inside.

Requests are made by Hypothesis and written to the socket byte by byte, for no client would send half of them. There is
no schema of the routes, so they are read from the router.
"""

import hashlib
import http.client
import json
import re
import socket
import sqlite3
import time
import uuid
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import BaseRoute, Mount, Route

from singleuse_app.api.routes import http_app
from tests.harness.people import HostAtHome, ask
from tests.harness.server import Server

INSIDE = re.compile(
    rb"Traceback|File \"/|site-packages|singleuse_app[./]\w|sqlalchemy|sqlite3\.|<module>|Internal Server"
)
"""What no answer says: anything of the machinery."""

METHODS = (*("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"), *("PROPFIND", "get", "BREW"))
LIMIT = 64 * 1024
FIELDS = (
    *("name", "email", "password", "time_zone", "code", "token"),
    *("recipient_name", "recipient_email", "only_recipient"),
    *("expires", "expires_on", "hours", "note", "duration", "max_uses", "prefill", "location"),
)
PAGES = (
    *("/", "/sign-in", "/set-up", "/links", "/settings", "/nope"),
    *("/index.html", "/404.html", "/assets", "/assets/"),
    *("/favicon.svg", "/singleuse.css", "/browser.js", "/ping"),
    *("/ping/", "/_health", "/_upload", "/_all_routes"),
    *("/_event", "/_event/", "/_event/?EIO=4&transport=polling"),
    *("/_event/?EIO=4&transport=websocket", "/api", "/api/"),
    *("/invitation/x", "/reset-password/x", "/auth-codespace"),
    *("/docs", "/openapi.json", "//", "//example.org/", "*"),
)


def routes() -> list[tuple[str, str]]:
    """Every path of the router, with its parameters in braces, and the method that it takes."""

    def below(routes: Sequence[BaseRoute], before: str = "") -> list[tuple[str, str]]:
        found = []
        for route in routes:
            if isinstance(route, Mount):
                found += below(route.routes, before + route.path)
            elif isinstance(route, Route):
                found.append((before + route.path, "POST" if "POST" in (route.methods or ()) else "GET"))
        return found

    return below(http_app(lambda: None).routes)


ROUTES = routes()


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire. ``is_whole`` says whether its body is as long as was said."""

    method: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    is_whole: bool = True

    def __repr__(self) -> str:
        """As much of it as helps."""
        head = ", ".join(f"{name.decode()}: {value[:60]!r}" for name, value in self.headers)
        return f"<{self.method} {self.target[:200]!r} {head} {self.body[:200]!r} of {len(self.body)}>"

    def wire(self) -> bytes:
        """All bytes of it."""
        head = b"".join(b"%s: %s\r\n" % pair for pair in self.headers)
        return b"%s %s HTTP/1.1\r\n%s\r\n%s" % (self.method.encode(), self.target, head, self.body)


@dataclass(frozen=True)
class Office:
    """The running app, what may stand in an address there, and the session of its host."""

    server: Server
    known: tuple[str, ...]
    cookie: str

    def fitting(self, name: str) -> st.SearchStrategy[str]:
        """What there is for a parameter of that name; anything, where there is nothing."""
        kind = {"link_id": "lnk_", "event_type_id": "evt_"}.get(name, "")
        found = [one for one in self.known if one.startswith(kind)] if kind else self.known[:2]
        return st.sampled_from(found)

    def answer(self, sent: Sent) -> tuple[int, bytes] | None:
        """Status and body; ``None`` where the server hung up without a word."""
        try:
            status, _, body = self.told(sent)
        except (http.client.RemoteDisconnected, ConnectionError):
            return None
        return status, body

    def told(self, sent: Sent) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body."""
        where = urlsplit(self.server.url)
        with socket.create_connection((where.hostname or "", where.port or 0), timeout=30) as connection:
            with suppress(OSError):  # it may have heard enough
                connection.sendall(sent.wire())
                if not sent.is_whole:
                    connection.shutdown(socket.SHUT_WR)
            response = http.client.HTTPResponse(connection, method=sent.method.upper())
            response.begin()
            return response.status, response.headers, response.read()


ODD = [
    "%00",
    "a%00b",
    "..",
    "../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/",
    "....//",
    "%c0%af",
    "%ff",
    "%",
    "%zz",
    "%u0041",
    "%5c..%5c",
    "a%0d%0aX-Injected:%20yes",
    "%f0%9f%98%80",
    "%e2%80%ae",
    "%ed%a0%80",
    "'",
    "\"'><script>",
    "';DROP%20TABLE%20host;--",
    "${7*7}",
    "{{7*7}}",
    "x;y=z",
    "con",
    "nul.txt",
    "~root",
    "*",
    ".",
    "0",
    "-1",
    "lnk_",
    "lnk_zz",
    "None",
    "null",
    "NaN",
    "ä",
    "a.ics",
    ".ics",
    "-",
]
LONG = ["a" * 300, "a" * 7000, "%41" * 2000, "/" * 50, "a/" * 200, "1" * 400]
IDS = [f"{kind}_{digit * 32}" for kind in ("lnk", "bkg", "evt", "lrq", "bat") for digit in "0f"] + ["lnk_" + "0" * 33]
QUERIES = [
    "?",
    "?a",
    "?page=-1",
    "?page=99999999999999999999",
    "?page=%00",
    "?view=%ff",
    "?q=%ed%a0%80",
    "?from=0000-00-00&to=9999-99-99",
    "?=&&==",
    "?%00=%00",
    "?event_type=evt_zz",
    "?text=%25_%5c'",
    "?status=used&status=active",
    "?from=2026-13-45",
    "?next=//example.org",
    "?page=1e9",
]
WORDS = ["", " ", "\x00", "a" * 3000, "grace@example.org", "\ud800", "\u202e", "-1", "9" * 400, "2026-02-30", "UTC"]
BODIES = [
    *(b'{"name": "Ada', b"[" * 20_000, b'{"a":' * 5_000, b"null", b'"\\ud800"', b'{"name": "\xff"}', b"\xef\xbb\xbf{}"),
    *(b"name=Ada&email=a%40b", b"%00=%ff&" * 20, b"1" * 5000, b'{"email": 1e999}', b'{"name":"a","name":"b"}', b"NaN"),
    *(b"x" * LIMIT, b"x" * (LIMIT + 1), b"x" * (3 * LIMIT), b'{"name": "' + b"x" * LIMIT + b'"}'),
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="../../x"\r\n\r\n\x00\xff\r\n--x--\r\n',
]
TYPES = [
    "application/json",
    "application/json;",
    "application/json;charset=utf-7",
    "application/x-www-form-urlencoded",
    "nonsense",
    "multipart/form-data",
    "multipart/form-data;boundary=x",
    "text/plain",
]
NAMES = [
    "Accept-Language",
    "Accept",
    "Accept-Encoding",
    "Range",
    "If-None-Match",
    "If-Modified-Since",
    "If-Range",
    "X-Forwarded-For",
    "Forwarded",
    "TE",
    "X-Forwarded-Proto",
    "User-Agent",
    "Referer",
    "Upgrade",
    "Content-Encoding",
    "Expect",
    "X-HTTP-Method-Override",
    "Authorization",
]
VALUES = [
    *(b"de", b"de;q=x, *;q=\xff", b"bytes=0-", b"bytes=9999999-", b"bytes=b-a", b"bytes=-1,0-0", b'"x"', b"*", b"gzip"),
    *(
        b"\xff\xfe",
        b"'\"><script>",
        b"0",
        b"-1",
        b"a" * 6000,
        b"::1, 192.0.2.1,,",
        b"websocket",
        b"h2c",
        b"DELETE",
        b"",
    ),
    *(b"Sat, 99 Nix 9999", b"Thu, 01 Jan 1970 00:00:00 GMT", b"for=;;=", b"Basic !!!", b"q=0, ;;;,", b"100-continue"),
]

segments = st.sampled_from([*ODD, *LONG, *IDS]) | st.text(max_size=40).map(
    lambda text: quote(text.encode(errors="surrogatepass"), safe="")
)
queries = st.sampled_from([*[""] * 20, *QUERIES, "?view=" + "x" * 3000, "?" + "a=b&" * 500]) | st.text(max_size=20).map(
    lambda text: "?text=" + quote(text.encode(errors="surrogatepass"))
)
values = st.sampled_from(WORDS) | st.text(max_size=30)
others = st.none() | st.booleans() | st.integers() | st.floats() | st.lists(st.integers(), max_size=2)
anything = st.recursive(
    values | others,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
forms = st.dictionaries(st.sampled_from(FIELDS), values, max_size=8)
bodies = (
    st.just(b"")
    | forms.map(lambda form: json.dumps(form).encode())
    | st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=20), max_size=3).map(
        lambda form: json.dumps(form).encode()
    )
    | (st.dictionaries(st.sampled_from(FIELDS), values | others) | anything).map(
        lambda value: json.dumps(value).encode()
    )
    | st.sampled_from(BODIES)
    | st.binary(max_size=200)
)
extra = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=3)


@st.composite
def requests(draw: st.DrawFn, office: Office) -> Sent:
    """Any request: to a route, more often than not with what it takes, or to something else."""
    origin = office.server.url
    if draw(st.integers(0, 3)):
        path, method = draw(st.sampled_from(ROUTES))
        target = re.sub(r"{(\w+)}", lambda found: draw(office.fitting(found[1]) | segments), path)
    else:
        target, method = draw(st.sampled_from(PAGES) | segments.map(lambda text: f"/{text}")), "GET"
    target += draw(queries)
    octets = re.sub(rb"[\x00-\x20]", b"+", target.encode()) + draw(
        st.sampled_from([b""] * 9 + [b"\xff", b"\xc3\xa4", b'"<'])
    )
    method = draw(st.sampled_from([method] * 30 + [*METHODS]))
    host = draw(st.sampled_from([urlsplit(origin).netloc] * 20 + ["example.org", "", "a:b:c", "[::1"]))
    headers = [(b"Host", host.encode()), (b"Connection", b"close")]
    if said := draw(st.sampled_from([origin] * 12 + ["https://example.org", "null", "", None])):
        headers.append((b"Origin", said.encode()))
    cookies = [
        office.cookie,
        office.cookie,
        "",
        "singleuse_session=",
        f"x; =; {office.cookie}",
        'singleuse_session="\\777',
    ]
    cookies += ["singleuse_session=" + "a" * 3000, "singleuse_browser=a.b", "singleuse_session=\x80\xff", ";" * 200]
    if cookie := draw(st.sampled_from(cookies)):
        headers.append((b"Cookie", cookie.encode("latin-1")))
    headers += [
        (name.encode(), value) for name, value in draw(extra).items() if name != "Connection" or value != b"upgrade"
    ]
    body, how = (draw(bodies) if method != "GET" else b""), draw(st.integers(0, 15))
    if body:
        headers.append((b"Content-Type", draw(st.sampled_from(TYPES)).encode()))
    is_whole = True
    if how == 0 and body:
        chunks = [body[at : at + 1000] for at in range(0, len(body), 1000)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
        body += draw(st.sampled_from([b"0\r\n\r\n", b"zz\r\n", b"", b"-1\r\n\r\n"]))
        is_whole = body.endswith(b"0\r\n\r\n")
        headers.append((b"Transfer-Encoding", b"chunked"))
    elif how == 1 and body:
        headers.append((b"Content-Length", str(len(body) + 10).encode()))
        is_whole = False
    elif body or method == "POST":
        headers.append((b"Content-Length", str(len(body)).encode()))
    return Sent(method, octets, tuple(headers), body, is_whole)


@pytest.fixture(scope="module")
def office(server: Server) -> Office:
    """A host who has links, a booking's id, an event type; all of it may stand in an address."""
    host = HostAtHome.set_up(server)
    token = host.new_link()
    feed = host.post("/api/bookings-feed").json()["url"].rpartition("/")[2].removesuffix(".ics")
    return Office(server, (token, feed, host.event_type_id(), *host.link_ids()), host.cookie)


def be_signed_in(office: Office) -> None:
    """Bring the session back: requests sign out, too."""
    secret = office.cookie.partition("=")[2]
    digest, now = hashlib.sha256(secret.encode()).hexdigest(), int(time.time())
    with closing(sqlite3.connect(office.server.database, timeout=20)) as database, database:
        [(host,)] = database.execute("SELECT id FROM host LIMIT 1").fetchall()
        if not database.execute("SELECT 1 FROM host_session WHERE token_hash = ?", (digest,)).fetchall():
            database.execute(
                "INSERT INTO host_session (id, host_id, token_hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
                (uuid.uuid4().hex, host, digest, now, now + 3600),
            )


def test_whatever_is_sent_no_answer_is_an_error_of_the_server(office: Office, is_thorough: bool) -> None:
    server, seen = office.server, dict[int | None, int]()
    began = len(server.log())

    @settings(max_examples=2000 if is_thorough else 200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(sent=requests(office))
    def is_answered(sent: Sent) -> None:
        answer = office.answer(sent)
        status, body = answer or (None, b"")
        seen[status] = seen.get(status, 0) + 1
        assert status is None or status < 500, body[:300]
        assert not INSIDE.search(body), body[:300]
        if b"sign-out" in sent.target:
            be_signed_in(office)

    is_answered()
    print(dict(sorted(seen.items(), key=str)))
    assert seen.get(200, 0) + seen.get(201, 0) > sum(seen.values()) / 50, "some get through"
    assert seen.get(None, 0) < sum(seen.values()) / 10
    assert "Traceback" not in server.log()[began:]
    assert ask(f"{server.url}/ping").status == 200


def test_every_answer_forbids_to_tell_its_address(office: Office) -> None:
    """Pages, files, refusals and redirects alike: most addresses with a secret in them are unlike one another."""
    host = (b"Host", urlsplit(office.server.url).netloc.encode())
    paths = {re.sub(r"{\w+}", "x" * 26, path) for path, _ in ROUTES} | {path for path in PAGES if path.startswith("/")}
    paths |= {f"/book/{office.known[0]}", f"/api/calendars/{office.known[1]}.ics"}
    assert len(paths) > 50
    for path in sorted(paths):
        for method in ("GET", "POST", "BREW"):
            sent = Sent(method, path.encode(), (host, (b"Connection", b"close"), (b"Content-Length", b"0")), b"")
            _, headers, _ = office.told(sent)
            assert headers["Referrer-Policy"] == "no-referrer", (method, path)
