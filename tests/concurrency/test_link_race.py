"""Two hundred people press **Confirm booking** on one link at the same moment, each on another slot."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlmodel import Session, func, select

from singleuse_app.ids import EVENT_TYPE, public_id
from singleuse_app.models import Booking, EventType
from tests.harness import server as servers
from tests.harness.people import HostAtHome
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

PEOPLE = 200
STATE = "booking_state"
POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.thorough)
BROWSER = "reflex___state____state.singleuse_app___visitor____browser"


@asynccontextmanager
async def everybody_books(server: Server, token: str) -> AsyncGenerator[list[SocketClient]]:
    """Open the link in ``PEOPLE`` tabs, each with a browser of its own; then all of them confirm another slot."""
    starts = await _free_starts(server, token)
    async with AsyncExitStack() as stack:
        tabs: list[SocketClient] = []
        while len(tabs) < PEOPLE:
            group = [_tab(server, token, number) for number in range(len(tabs), len(tabs) + 20)]
            tabs += await asyncio.gather(*map(stack.enter_async_context, group))
        for tab in tabs:
            await tab.until(lambda tab: tab.value(f"{STATE}.view") == "choose", 30)
        presses = [
            tab.fire(f"{STATE}.book", {"form": _form(number, starts[number])}) for number, tab in enumerate(tabs)
        ]
        await asyncio.gather(*presses)
        await asyncio.gather(*(tab.until(lambda tab: tab.value(f"{STATE}.view") != "choose", 60) for tab in tabs))
        yield tabs


def _tab(server: Server, token: str, number: int) -> SocketClient:
    return SocketClient(
        server.url,
        f"/book/{token}",
        params={"token": token},
        storage={f"{BROWSER}.receipt_rx_state_": f"{number:032x}"},
    )


def _form(number: int, start: str) -> dict[str, str]:
    return {"name": f"Person {number}", "email": f"p{number}@example.org", "time": start}


async def _free_starts(server: Server, token: str) -> list[str]:
    """The values of the first ``PEOPLE`` radio buttons of the page."""
    async with SocketClient(server.url, f"/book/{token}", params={"token": token}) as tab:
        await tab.until(lambda tab: tab.value(f"{STATE}.view") == "choose")
        starts: list[str] = []
        while len(starts) < PEOPLE:
            choice = tab.value(f"{STATE}.choice")
            for cell in [cell for cell in choice["days"] if cell["count"]]:
                await tab.fire(f"{STATE}.choose_day", {"day": cell["iso"]})
                await tab.until(lambda tab, cell=cell: tab.value(f"{STATE}.announcement").startswith(_title(cell)))
                times = tab.value(f"{STATE}.choice")["times"]
                starts += [time["value"] for group in times for time in group["times"]]
            month = tab.value(f"{STATE}.choice")["month_title"]
            await tab.fire(f"{STATE}.next_month")
            await tab.until(lambda tab, month=month: tab.value(f"{STATE}.choice")["month_title"] != month)
        return starts[:PEOPLE]


def _title(cell: dict) -> str:
    return cell["label"].partition(",")[0]


def _views(tabs: list[SocketClient]) -> dict[str, int]:
    views = [tab.value(f"{STATE}.view") for tab in tabs]
    return {view: views.count(view) for view in sorted(set(views))}


@pytest.fixture(params=["sqlite", POSTGRESQL])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Where the app keeps its data, for us to look at."""
    url = f"sqlite:///{tmp_path / 'race.db'}"
    if request.param == "postgresql":
        postgres, name = request.getfixturevalue("postgres"), f"t{secrets.token_hex(6)}"
        postgres.create_database(name)
        url = postgres.url(name)
    engine = create_engine(url)
    yield engine
    engine.dispose()


def _new_link(server: Server, engine: Engine) -> str:
    """Set the app up, and get the token of a link."""
    host = HostAtHome.set_up(server)
    with Session(engine) as session:
        event_type = session.exec(select(EventType.id)).one()
    return host.new_link(public_id(EVENT_TYPE, event_type))


def _bookings_by_link(engine: Engine) -> list[int]:
    with Session(engine) as session:
        return list(session.exec(select(func.count()).select_from(Booking).group_by(Booking.link_id)))


def _url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


async def test_two_hundred_people_on_one_link_and_different_slots_make_one_booking(
    engine: Engine, tmp_path: Path
) -> None:
    with servers.backend(tmp_path / "backend", DATABASE_URL=_url(engine)) as server:
        token = _new_link(server, engine)
        async with everybody_books(server, token) as tabs:
            print(f"{PEOPLE} people, one link, different slots, {engine.name}: {_views(tabs)}")
            assert _views(tabs) == {"booked": 1, "dead": PEOPLE - 1}
            assert {tab.value(f"{STATE}.dead")["kind"] for tab in tabs if tab.value(f"{STATE}.view") == "dead"} == {
                "used"
            }
            assert _bookings_by_link(engine) == [1]


@pytest.mark.thorough
async def test_control_without_the_guards_the_link_is_sold_more_than_once(engine: Engine, tmp_path: Path) -> None:
    app = "tests.concurrency.unguarded:app"
    with servers.control(app, tmp_path / "control", DATABASE_URL=_url(engine)) as unguarded:
        token = _new_link(unguarded, engine)
        async with everybody_books(unguarded, token):
            [sold] = _bookings_by_link(engine)
            print(f"{PEOPLE} people, one link, guards off, {engine.name}: sold {sold} times")
            assert sold > 1
