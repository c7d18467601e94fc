"""Everything that people do and much that goes wrong, once; then whatever the app has printed, and every file that it
has left behind, is searched for the secrets that were in it."""

import asyncio
import http.client
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.harness import server as servers
from tests.harness import smtp_server
from tests.harness.feed_server import EMPTY, FeedServer, giving, serving
from tests.harness.people import FORM, HostAtHome, ask
from tests.harness.server import Server
from tests.harness.smtp_server import Mailbox
from tests.harness.socket_client import EVENT, SocketClient

PASSWORD, NEW, WRONG = "zebra crossing at noon", "quagga grazing at dusk", "okapi hiding at dawn"
RECEIPT, OTHER = "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "f0e1d2c3b4a5968778695a4b3c2d1e0f"
ADDRESS = "lovelace@example.org"
BROWSER = "reflex___state____state.singleuse_app___visitor____browser"
BOOKING = "reflex___state____state.singleuse_app___pages___booking____booking_state"
MANAGE = "reflex___state____state.singleuse_app___pages___manage_booking____manage_booking_state"
CALENDARS = "reflex___state____state.singleuse_app___pages___calendars____calendars_state"
SETTINGS = "reflex___state____state.singleuse_app___pages___settings____settings_state"


@dataclass
class Run:
    """One life of the app: who is in it, and every secret of it by what it is."""

    server: Server
    mailbox: Mailbox
    feed: FeedServer
    planted: dict[str, str] = field(default_factory=dict)

    def plant(self, what: str, secret: str) -> str:
        """Remember a secret, and give it back."""
        assert len(secret) > 20 or what.startswith("code"), (what, secret)
        self.planted[what] = secret
        return secret

    def post(self, path: str, form: object, cookie: str | None = None) -> http.client.HTTPMessage:
        """A form; all headers of the answer."""
        connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=30)
        headers = {
            "Origin": self.server.url,
            "Content-Type": "application/json",
            **({"Cookie": cookie} if cookie else {}),
        }
        connection.request("POST", path, json.dumps(form), headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.headers

    def signed_in(self, what: str, path: str, form: object) -> str:
        """A form that opens a session; its Cookie header. What the browser is known by is planted, too."""
        cookies = [one.partition(";")[0] for one in self.post(path, form).get_all("set-cookie") or []]
        [session] = [one for one in cookies if one.startswith("singleuse_session=")]
        for name, value in (one.split("=", 1) for one in cookies):
            self.plant(f"{what}: {name}", value)
        return session

    async def mailed(self, pattern: str, before: int) -> str:
        """What stands in a mail that came after so many; of several the last."""
        async with asyncio.timeout(20):
            while True:
                texts = [taken.mail.get_body(("plain",)) for taken in self.mailbox.taken()[before:]]
                if found := re.findall(pattern, "\n".join(text.get_content() for text in texts if text)):
                    return found[-1]
                await asyncio.sleep(0.05)

    def tab(self, path: str, cookie: str | None = None, receipt: str = "") -> SocketClient:
        """A page, with what its address has in it."""
        storage = {f"{BROWSER}.receipt_rx_state_": receipt} if receipt else {}
        params = {"token": path.rpartition("/")[2]} if path.count("/") > 1 else {}
        return SocketClient(self.server.url, path, params=params, cookie=cookie, storage=storage)


def in_full(folder: Path, server: str) -> Server:
    """The app as somebody runs it who wants to know everything: the framework and the server at their most talkative,
    each request noted with its address."""
    talkative = {"REFLEX_LOGLEVEL": "debug", "GRANIAN_LOG_LEVEL": "debug", "GRANIAN_LOG_ACCESS_ENABLED": "true"}
    return servers.control(server, folder, **talkative)


@contextmanager
def life(folder: Path, make: Callable[..., Server]) -> Iterator[Run]:
    """The app with a mail server and calendars, and nobody in it yet."""
    with smtp_server.running(folder / "mails") as mailbox, serving() as feed:
        server = make(folder / "app")
        server._settings |= {"SMTP_URL": mailbox.url, "MAIL_FROM": "meet@example.org"}
        server._settings["CALENDAR_FEED_ALLOW"] = "127.0.0.1"
        with server:
            yield Run(server, mailbox, feed)


@contextmanager
def broken(server: Server, *tables: str) -> Iterator[None]:
    """Tables are away, so that everything with them fails in the middle."""

    def rename(name: str, to: str) -> None:
        with closing(sqlite3.connect(server.database, timeout=20, isolation_level=None)) as database:
            database.execute("PRAGMA legacy_alter_table=ON")
            database.execute(f"ALTER TABLE {name} RENAME TO {to}")

    for table in tables:
        rename(table, f"{table}_away")
    try:
        yield
    finally:
        for table in tables:
            rename(f"{table}_away", table)


@contextmanager
def spoilt(server: Server, *tables: str) -> Iterator[None]:
    """Whatever is written into these tables fails as nobody foresaw: the database's error has the row in it."""

    def say(statement: str) -> None:
        with closing(sqlite3.connect(server.database, timeout=20, isolation_level=None)) as database:
            database.execute(statement)

    for table in tables:
        say(
            f"CREATE TRIGGER {table}_spoilt BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'spoilt by a test'); END"
        )
    try:
        yield
    finally:
        for table in tables:
            say(f"DROP TRIGGER {table}_spoilt")


async def open_form(tab: SocketClient) -> str:
    """A start in a month in which no time runs out."""
    await tab.until(lambda tab: tab.value(f"{BOOKING}.view") == "choose")
    await tab.fire(f"{BOOKING}.next_month", {})
    await tab.until(lambda tab: tab.value(f"{BOOKING}.choice")["has_previous"])
    days = [cell for cell in tab.value(f"{BOOKING}.choice")["days"] if cell["count"]]
    await tab.fire(f"{BOOKING}.choose_day", {"day": days[-1]["iso"]})
    await tab.until(lambda tab: tab.value(f"{BOOKING}.step") == "time")
    return tab.value(f"{BOOKING}.choice")["times"][-1]["times"][-1]["value"]


async def go_well(run: Run) -> None:
    """What people do."""
    run.planted |= {"password": PASSWORD, "new password": NEW, "wrong password": WRONG, "receipt": RECEIPT}
    run.planted |= {"other receipt": OTHER}
    run.post("/api/set-up", {**FORM, "password": WRONG, "email": "no address"})
    cookie = run.signed_in("set-up", "/api/set-up", {**FORM, "password": PASSWORD})
    host = HostAtHome(run.server, cookie)
    run.post("/api/sign-in", {"email": FORM["email"], "password": WRONG})
    run.signed_in("sign-in", "/api/sign-in", {"email": FORM["email"], "password": PASSWORD})
    link = run.plant("link", host.new_link())
    run.plant("unused link", host.new_link())
    ask(f"{run.server.url}/book/{link}")
    async with run.tab(f"/book/{link}", receipt=RECEIPT) as tab:
        start = await open_form(tab)
        await tab.fire(f"{BOOKING}.book", {"form": {"name": "Ada", "email": ADDRESS, "time": start}})
        await tab.until(lambda tab: tab.value(f"{BOOKING}.view") == "booked")
        told = "".join(tab.frames)
    manage = run.plant("manage", re.findall(r"/manage/(\w{26})", told)[0])
    file = re.findall(r"/api/bookings/bkg_[0-9a-f]+/[a-z2-7]+[.]ics", told)[0]
    run.plant("file", file.rpartition("/")[2].removesuffix(".ics"))
    assert ask(f"{run.server.url}{file}").status == 200
    await go_on_with_codes(run, host)
    ask(f"{run.server.url}/manage/{manage}")
    async with run.tab(f"/manage/{manage}") as tab:
        await tab.until(lambda tab: "30 minute meeting" in "".join(tab.frames))
        await tab.fire(f"{MANAGE}.ask_to_cancel")
        await tab.fire(f"{MANAGE}.cancel", {"form": {"reason": "ill"}})
        await tab.until(lambda tab: "ancelled" in "".join(tab.frames))
    feed = host.post("/api/bookings-feed").json()["url"]
    run.plant("feed", feed.rpartition("/")[2].removesuffix(".ics"))
    assert ask(feed).status == 200
    invitation = host.post("/api/host-invitations").json()["url"].rpartition("/")[2]
    ask(f"{run.server.url}/invitation/{run.plant('invitation', invitation)}")
    eve = {"token": invitation, "name": "Eve", "email": "eve@example.net", "password": PASSWORD, "time_zone": "UTC"}
    run.signed_in("invited", "/api/accept-invitation", eve)
    await read_a_calendar(run, cookie)
    before = len(run.mailbox.taken())
    run.post("/api/forgot-password", {"email": FORM["email"]})
    reset = run.plant("reset", await run.mailed(r"/reset-password/(\w+)", before))
    async with run.tab(f"/reset-password/{reset}") as tab:
        await asyncio.sleep(0.1)
    run.post("/api/reset-password", {"token": reset, "password": "short"})
    again = run.signed_in("reset", "/api/reset-password", {"token": reset, "password": NEW})
    async with run.tab("/settings", cookie=again) as tab:
        await tab.until(lambda tab: tab.value(f"{SETTINGS}.ready"))
        form = {"email": "new@example.org", "email_password": WRONG}
        await tab.fire(f"{SETTINGS}.save_email", {"form": form})
        await tab.until(lambda tab: "is_sending_rx_state_" in "".join(tab.frames))
    ask(f"{run.server.url}/api/my-data.json", cookie=again)
    run.planted["last session"] = again.partition("=")[2]


async def go_on_with_codes(run: Run, host: HostAtHome) -> None:
    """A bound link: a code that is sent, typed wrongly and rightly."""
    form = {"recipient_name": "Ada", "recipient_email": ADDRESS, "only_recipient": "on"}
    answer = host.post(f"/api/event-types/{host.event_type_id()}/single-use-links", form)
    bound = run.plant("bound link", answer.json()["url"].rpartition("/")[2])
    async with run.tab(f"/book/{bound}", receipt=OTHER) as tab:
        start = await open_form(tab)
        before = len(run.mailbox.taken())
        await tab.fire(f"{BOOKING}.send_code", {})
        await tab.until(lambda tab: tab.value(f"{BOOKING}.proof")["state"] == "sent")
        code = run.plant("code", await run.mailed(r"\b\d{6}\b", before))
        for given in (f"{(int(code) + 1) % 10**6:06}", code):
            await tab.fire(f"{BOOKING}.book", {"form": {"name": "Ada", "time": start, "code": given}})
            await asyncio.sleep(0.2)
        await tab.until(lambda tab: tab.value(f"{BOOKING}.view") == "booked")


async def read_a_calendar(run: Run, cookie: str) -> None:
    """One that can be read, and one that cannot."""
    run.feed.answer = giving(EMPTY)
    async with run.tab("/calendars", cookie=cookie) as tab:
        await tab.until(lambda tab: tab.value(f"{CALENDARS}.ready"))
        for name in ("private-5e6f7a8b9c0d1e2f-good", "private-1a2b3c4d5e6f7a8b-gone"):
            run.plant(name, name)
            form = {"name": "Work", "feed_address": run.feed.url(f"/{name}/basic.ics")}
            await tab.fire(f"{CALENDARS}.add", {"form": form})
        await asyncio.sleep(1)


async def go_wrong(run: Run) -> None:
    """What goes wrong: addresses that are none, events that are none, tables that are away, tabs that are closed."""
    url, planted = run.server.url, run.planted
    cookie = f"singleuse_session={planted['last session']}"
    for secret in planted.values():
        run.post("/api/reset-password", {"token": secret, "password": secret}, cookie)
        run.post("/api/nothing", {"password": secret}, cookie)
        if re.fullmatch("[a-z2-7]{26}", secret):  # what stands in addresses
            paths = (f"/book/{secret}/x", f"/{secret}", f"/manage/{secret}%00", f"/api/calendars/{secret}")
            for path in (*paths, f"/book/{secret}?a={secret}", f"/sign-in?next=%2Fmanage%2F{secret}"):
                ask(f"{url}{path}", cookie=cookie, headers={"Referer": f"{url}/book/{secret}"})
    tokens = {"link": planted["unused link"], "manage": planted["manage"], "invitation": planted["invitation"]}
    everything = {"token": tokens["link"], "receipt": RECEIPT, "cookie": cookie, "password": PASSWORD}
    for path in (f"/book/{tokens['link']}", f"/manage/{tokens['manage']}", f"/invitation/{tokens['invitation']}"):
        for handler in (f"{BOOKING}.book", f"{MANAGE}.cancel", f"{SETTINGS}.save_email", f"{SETTINGS}.no_such", "x"):
            async with run.tab(path, cookie=cookie, receipt=RECEIPT) as tab:
                for payload in (
                    everything,
                    {"form": everything},
                    {"form": [everything]},
                    {"form": {"time": everything}},
                ):
                    await tab.fire(handler, payload)
                assert tab._socket is not None
                await tab._socket.send_str(EVENT + json.dumps(["client_error", {"message": str(everything)}]))
                await tab._socket.send_str(EVENT + json.dumps([str(everything)]) + "]")
        tab = await run.tab(path, cookie=cookie).connect(wait=False)
        await tab.close()
    async with run.tab(f"/book/{tokens['link']}", receipt=RECEIPT) as tab:
        form = {"name": "Ada", "email": ADDRESS, "time": await open_form(tab)}
        with spoilt(run.server, "booking", "host_session", "scheduling_link"):
            await tab.fire(f"{BOOKING}.book", {"form": form})
            await tab.until(lambda tab: tab.value("notice.text") or tab.value(f"{BOOKING}.form_error"))
            run.post("/api/sign-in", {"email": FORM["email"], "password": NEW}, cookie)
            event_type = HostAtHome(run.server, cookie).event_type_id()
            run.post(f"/api/event-types/{event_type}/single-use-links", {"recipient_email": ADDRESS}, cookie)
    with broken(run.server, "booking", "host_session"):
        for path in (f"/book/{tokens['link']}", f"/manage/{tokens['manage']}", "/api/my-data.json", "/links"):
            ask(f"{url}{path}", cookie=cookie)
        run.post("/api/sign-in", {"email": FORM["email"], "password": NEW}, cookie)
        run.post("/api/sign-in", {"email": FORM["email"], "password": WRONG}, cookie)
        for path in (f"/book/{tokens['link']}", f"/manage/{tokens['manage']}"):
            tab = await run.tab(path, cookie=cookie, receipt=RECEIPT).connect(wait=False)
            with suppress(TimeoutError, ConnectionError):
                await tab.until(lambda tab: tab.value("notice.text"), 2)
            await tab.fire(f"{BOOKING}.book", {"form": {**everything, "name": "Ada", "email": ADDRESS, "time": "1"}})
            await asyncio.sleep(0.2)
            await tab.close()
    assert ask(f"{url}/book/{tokens['link']}").status == 200, "it is whole again"


def told(run: Run, text: str) -> list[str]:
    """Which of the secrets a text gives away."""
    return [what for what, secret in run.planted.items() if _stands_in(secret, text)]


def _stands_in(secret: str, text: str) -> bool:
    if len(secret) == 6:
        return re.search(rf"\b{secret}\b", text) is not None
    return secret in text or secret.replace(" ", "%20") in text


def left_behind(run: Run) -> str:
    """All that lies in the app's folder but the key: contents, and names."""
    files = [one for one in run.server.folder.rglob("*") if one.is_file() and one.name != "singleuse.key"]
    assert {"server.log", "singleuse.db"} <= {one.name for one in files}
    return "\n".join(f"{one}\n{one.read_bytes().decode('latin-1')}" for one in files)


async def lived(run: Run) -> None:
    await go_well(run)
    await go_wrong(run)
    assert len(run.planted) > 20


@pytest.mark.thorough
async def test_nothing_that_is_printed_or_left_behind_has_a_secret_in_it(tmp_path: Path) -> None:
    with life(tmp_path, servers.backend) as run:
        await lived(run)
    assert "spoilt by a test" in run.server.log(), "much was told"
    assert told(run, run.server.log()) == []
    assert ADDRESS not in run.server.log()
    assert told(run, left_behind(run)) == []


@pytest.mark.thorough
async def test_nor_where_everything_is_noted_each_request_included(tmp_path: Path) -> None:
    with life(tmp_path, lambda folder: in_full(folder, "singleuse_app.app:app")) as run:
        await lived(run)
    log = run.server.log()
    assert "GET /book/[secret]" in log, "each request was noted"
    assert told(run, log) == []
    assert told(run, left_behind(run)) == []


@pytest.mark.thorough
def test_control_an_app_whose_log_keeps_no_secrets_tells_them(tmp_path: Path) -> None:
    with life(tmp_path, lambda folder: in_full(folder, "tests.security.telling:app")) as run:
        host = HostAtHome.set_up(run.server)
        for path in ("/book/", "/manage/", "/api/calendars/"):
            ask(f"{run.server.url}{path}{run.plant(path, host.new_link())}")
    assert told(run, run.server.log()) == list(run.planted)
