"""Files for the host alone: bookings as a table and for a calendar, links that were made at once."""

import asyncio
import csv
from io import StringIO

import pytest
from icalendar import Calendar

from tests.harness.people import Answer, HostAtHome, ask
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

PATHS = ("/api/bookings.csv", "/api/bookings.ics")


@pytest.fixture(scope="module")
def host(backend: Server) -> HostAtHome:
    """A host with whom somebody has booked whose name a spreadsheet would run."""
    host = HostAtHome.set_up(backend)
    asyncio.run(book(backend, host.new_link()))
    return host


async def book(server: Server, link: str) -> None:
    async with SocketClient(server.url, f"/book/{link}", params={"token": link}) as tab:
        await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
        start = tab.value("booking_state.choice")["times"][-1]["times"][-1]["value"]
        form = {"name": "=1+1", "email": "ada@example.org", "time": start}
        await tab.fire("booking_state.book", {"form": form})
        await tab.until(lambda tab: tab.value("booking_state.view") == "booked")


def get(host: HostAtHome, path: str) -> Answer:
    return ask(f"{host.server.api_url}{path}", cookie=host.cookie)


def test_a_table_has_what_the_page_shows_and_runs_nothing(host: HostAtHome) -> None:
    answer = get(host, "/api/bookings.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    [row] = csv.DictReader(StringIO(answer.body.removeprefix("\ufeff"), newline=""))
    assert (row["name"], row["e-mail"], row["status"]) == ("'=1+1", "ada@example.org", "booked")
    assert row["time zone"] == "Europe/Berlin"
    for nothing in ("view=past", "view=cancelled", "q=nobody"):
        assert get(host, f"/api/bookings.csv?{nothing}").body.count("\n") == 1
    assert get(host, "/api/bookings.csv?q=ADA&page=99").body.count("\n") == 2


def test_a_calendar_takes_them_in(host: HostAtHome) -> None:
    answer = get(host, "/api/bookings.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    [event] = Calendar.from_ical(answer.body).walk("VEVENT")
    assert (event["sequence"], str(event["status"])) == (0, "CONFIRMED")
    assert Calendar.from_ical(get(host, "/api/bookings.ics?view=past").body).walk("VEVENT") == []


def test_nobody_else_gets_any_of_it(host: HostAtHome) -> None:
    stranger = host.another_host()
    for path in PATHS:
        assert ask(f"{host.server.api_url}{path}").status == 401
        assert "ada@example.org" in get(host, path).body
        assert "ada@example.org" not in get(stranger, path).body
    [(booking_id,)] = host.server.rows("SELECT id FROM booking")
    path = f"/api/bookings/bkg_{booking_id}/new-link"
    before = host.link_ids()
    assert stranger.post(path).status == 404
    assert ask(f"{host.server.api_url}{path}", {}, origin="https://evil.example", cookie=host.cookie).status == 403
    assert host.link_ids() == before
    assert host.post(path).status == 201


async def test_the_files_of_a_batch_are_its_hosts(host: HostAtHome) -> None:
    form = {"event_type": host.event_type_id(), "people": "<b>Ada</b>,ada@example.org,-1", "expires": "default"}
    async with SocketClient(host.server.url, "/many-links", cookie=host.cookie) as tab:
        form["form_key"] = tab.value("many_links_state.form_key")
        for _ in range(2):  # a double click is one list
            await tab.fire("many_links_state.make", {"form": form})
        await tab.until(lambda tab: tab.value("many_links_state.made")["table"])
        table, sheet = (tab.value("many_links_state.made")[file] for file in ("table", "sheet"))
        await tab.fire("many_links_state.again")  # what is sent later is answered later
        await tab.until(lambda tab: not tab.value("many_links_state.made")["table"])
    assert host.server.rows("SELECT count(*) FROM link_batch") == [(1,)]
    [row] = csv.DictReader(StringIO(get(host, table).body.removeprefix("\ufeff"), newline=""))
    assert (row["name"], row["note"], row["status"]) == ("<b>Ada</b>", "'-1", "active")
    assert "/book/" in row["link"]
    printed = get(host, sheet)
    assert row["link"] in printed.body
    assert "&lt;b&gt;Ada" in printed.body
    assert "<b>Ada" not in printed.body
    assert "script-src" not in printed.headers["content-security-policy"]
    stranger = host.another_host()
    for path in (table, sheet):
        assert get(stranger, path).status == 404
        assert ask(f"{host.server.api_url}{path}").status == 401


def test_a_calendar_program_reads_the_bookings_at_a_secret_address(host: HostAtHome) -> None:
    url = host.post("/api/bookings-feed").json()["url"]
    assert host.post("/api/bookings-feed").json()["url"] == url
    path = url.partition("/api")[2]
    answer = ask(f"{host.server.api_url}/api{path}")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    calendar = Calendar.from_ical(answer.body)
    assert (str(calendar["x-wr-calname"]), len(calendar.walk("VEVENT"))) == ("Bookings with Grace Host", 1)
    assert host.post("/api/bookings-feed/reset").json()["url"] != url
    assert ask(f"{host.server.api_url}/api{path}").status == 404
    assert path.removesuffix(".ics").rpartition("/")[2] not in host.server.log()


def test_nobody_else_is_told_the_secret_address_or_resets_it(host: HostAtHome) -> None:
    mine = host.post("/api/bookings-feed").json()["url"]
    for path in ("/api/bookings-feed", "/api/bookings-feed/reset"):
        assert host.another_host().post(path).json()["url"] != mine
        assert ask(f"{host.server.api_url}{path}", {}, origin=host.server.url).status == 401
        assert ask(f"{host.server.api_url}{path}", {}, origin="https://evil.example", cookie=host.cookie).status == 403
    assert host.post("/api/bookings-feed").json()["url"] == mine


def test_the_data_of_a_host_is_their_own(host: HostAtHome) -> None:
    answer = get(host, "/api/my-data.json")
    assert answer.status == 200, answer.body
    assert 'filename="singleuse-data.json"' in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    assert [row["name"] for row in answer.json()["host"]] == ["Grace Host"]
    assert answer.json()["availability_schedule"][0]["availability"]["time_zone"] == "Europe/Berlin"
    assert "ada@example.org" in answer.body
    assert "ada@example.org" not in get(host.another_host(), "/api/my-data.json").body
    assert ask(f"{host.server.api_url}/api/my-data.json").status == 401


async def test_what_is_kept_of_an_invitee_is_told_and_given_to_their_own_host_alone(host: HostAtHome) -> None:
    stranger = host.another_host()
    found: dict[str, str] = {}
    for who in (stranger, host):
        async with SocketClient(host.server.url, "/settings", cookie=who.cookie) as tab:
            await tab.until(lambda tab: tab.value("settings_state.ready"))
            await tab.fire("erasing_state.erase")  # of nobody: nothing happens
            await tab.fire("erasing_state.look", {"form": {"invitee_email": "nobody"}})
            await tab.until(lambda tab: tab.value("erasing_state.email_error"))
            await tab.fire("erasing_state.look", {"form": {"invitee_email": "ada@example.org"}})
            await tab.until(lambda tab: tab.value("erasing_state.found")["email"])
            found = tab.value("erasing_state.found")
            assert found["is_nothing"] is (who is stranger)
            if who is host:
                await tab.fire("erasing_state.erase")
                await tab.until(lambda tab: tab.value("erasing_state.found")["upcoming"])
    assert found["told"].startswith("1 booking, ")
    assert host.server.rows("SELECT invitee_email FROM booking") == [("ada@example.org",)]
    path = "/api" + found["url"].partition("/api")[2]
    answer = get(host, path)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert 'filename="invitee-data.json"' in answer.headers["content-disposition"]
    assert answer.json()["bookings"][0]["invitee_name"] == "=1+1"
    assert get(stranger, path).status == 404
    assert get(host, path.replace("invitee-data/", "invitee-data/A")).status == 404
    assert ask(f"{host.server.api_url}{path}").status == 401
