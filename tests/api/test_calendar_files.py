"""The calendar file of a booking, for whoever was shown its address on the confirmation."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar, Event

from tests.harness.people import HostAtHome, ask
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

STATE = "booking_state"
ADA = {"name": "Ada Lovelace", "email": "ada@example.org"}


@pytest.fixture(scope="module")
def host(backend: Server) -> HostAtHome:
    return HostAtHome.set_up(backend)


async def book(host: HostAtHome, **form: str) -> tuple[datetime, str]:
    """Book the first free time with a new link: its start, and the address of its calendar file."""
    token = host.new_link()
    async with SocketClient(host.server.url, f"/book/{token}", params={"token": token}) as tab:
        await tab.until(lambda tab: tab.value(f"{STATE}.view") == "choose")
        start = next(time["value"] for group in tab.value(f"{STATE}.choice")["times"] for time in group["times"])
        await tab.fire(f"{STATE}.book", {"form": {**ADA, **form, "time": start}})
        await tab.until(lambda tab: tab.value(f"{STATE}.view") == "booked")
        return datetime.fromtimestamp(int(start), UTC), f"{host.server.url}{tab.value(f'{STATE}.booked')['file_url']}"


def only_event(body: str) -> Event:
    calendar = Calendar.from_ical(body)
    assert (calendar["version"], calendar["method"]) == ("2.0", "PUBLISH")
    [event] = calendar.walk("VEVENT")
    return event


def party(address: Any) -> tuple[str, str]:
    return str(address), address.params["CN"]


async def test_any_calendar_can_take_a_booking_in(host: HostAtHome) -> None:
    start, address = await book(host)
    answer = ask(address)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["content-disposition"] == 'attachment; filename="meeting.ics"'
    assert answer.headers["cache-control"] == "no-store"
    event = only_event(answer.body)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (start, start + timedelta(minutes=30))
    assert str(event["SUMMARY"]) == "30 minute meeting: Grace Host and Ada Lovelace"
    assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CONFIRMED", 0)
    assert party(event["ORGANIZER"]) == ("mailto:grace@example.org", "Grace Host")
    assert party(event["ATTENDEE"]) == ("mailto:ada@example.org", "Ada Lovelace")


async def test_a_booking_keeps_its_uid_and_shares_it_with_none(host: HostAtHome) -> None:
    mine, other = [(await book(host))[1] for _ in range(2)]
    uids = [str(only_event(ask(address).body)["UID"]) for address in (mine, mine, other)]
    assert uids[0] == uids[1] != uids[2]
    assert uids[0].endswith("@singleuse")


async def test_lines_are_those_of_rfc_5545(host: HostAtHome) -> None:
    _, address = await book(host, name="Ä" * 90)
    body = ask(address).body
    assert body.count("\n") == body.count("\r\n")
    assert max(len(line.encode()) for line in body.split("\r\n")) <= 75
    assert "Ä" * 90 in str(only_event(body)["SUMMARY"])


@pytest.mark.parametrize(
    "name",
    [
        'Ada "Countess" Lovelace',
        "Lovelace, Ada; of: Ockham",
        "Ada\r\nATTENDEE:mailto:eve@example.org",
        "Ada\\nLovelace",
        "Ada^nLovelace",
        'Ada";X-EVIL="1',
        "李 🎉",
    ],
)
async def test_no_name_breaks_out_of_its_place(host: HostAtHome, name: str) -> None:
    _, address = await book(host, name=name)
    answer = ask(address)
    assert answer.status == 200
    event = only_event(answer.body)
    shown = " ".join(name.split())
    assert str(event["SUMMARY"]) == f"30 minute meeting: Grace Host and {shown}"
    assert str(event["ATTENDEE"]) == "mailto:ada@example.org"
    assert set(event["ATTENDEE"].params) == {"CN", "CUTYPE", "PARTSTAT", "ROLE", "RSVP"}
    kept = re.sub(r"\W", "", event["ATTENDEE"].params["CN"])
    assert kept == re.sub(r"\W", "", shown), "at most its punctuation may change"


async def test_only_its_own_proof_opens_a_file(host: HostAtHome) -> None:
    (_, mine), (_, other) = await book(host), await book(host)
    proof, others_proof = (address.rpartition("/")[2].removesuffix(".ics") for address in (mine, other))
    wrong = [others_proof, proof[:-1], proof.upper(), f"{proof}a", "a" * 26, "%20", "%FF", "%ED%A0%80", "x" * 5_000]
    for guess in wrong:
        answer = ask(mine.replace(proof, guess))
        assert (answer.status, answer.json()["code"]) == (404, "not_found"), guess
        assert "Ada" not in answer.body
    assert [ask(address).status for address in (mine, other)] == [200, 200]


async def test_the_token_of_the_link_is_no_proof(host: HostAtHome) -> None:
    _, address = await book(host)
    token = host.post(f"/api/event-types/{host.event_type_id()}/single-use-links").json()["url"].rpartition("/")[2]
    assert ask(re.sub(r"[a-z2-7]{26}\.ics", f"{token}.ics", address)).status == 404
    assert ask(address).status == 200


@pytest.mark.parametrize("key", ["bkg_" + "0" * 32, "bkg_", "x", "lnk_" + "0" * 32, "bkg_" + "g" * 32, "%ED%A0%80"])
async def test_a_booking_that_there_is_not_has_no_file(host: HostAtHome, key: str) -> None:
    answer = ask(f"{host.server.url}/api/bookings/{key}/{'a' * 26}.ics")
    assert (answer.status, answer.json()["code"]) == (404, "not_found")
