"""The invitee's page, as the tests of crashes need it: one person, one link, one time, **Confirm booking**."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from singleuse_app.operations.event_type_edits import edit_event_type
from singleuse_app.scheduling.event_types import Edit
from tests.crashes.conftest import Place
from tests.factories import NOW, RECEIPT
from tests.harness import server as servers
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

STATE = "booking_state"
BROWSER = "reflex___state____state.singleuse_app___visitor____browser"


@contextmanager
def served(place: Place, folder: Path) -> Iterator[Server]:
    """The running app with an office in its database."""
    [desk, *_] = place.office.desks
    window = Edit(booking_window_days=5)
    edit_event_type(host_id=desk.host_id, event_type_id=desk.event_type_id, edit=window, now=NOW)
    with servers.backend(folder / "server", **place.database.settings) as server:
        yield server


def tab(server: Server, token: str) -> SocketClient:
    """The link in the browser of one person, always the same."""
    kept = {f"{BROWSER}.receipt_rx_state_": RECEIPT}
    return SocketClient(server.url, f"/book/{token}", params={"token": token}, storage=kept)


async def choose(page: SocketClient) -> str:
    """Choose the last time of the first free day; its start."""
    await page.until(lambda page: page.value(f"{STATE}.view") == "choose")
    start = page.value(f"{STATE}.choice")["times"][-1]["times"][-1]["value"]
    await page.fire(f"{STATE}.choose_time", {"start": start})
    await page.until(lambda page: page.value(f"{STATE}.choice")["chosen"] == start)
    return start


async def confirm(page: SocketClient, start: str) -> None:
    """Press **Confirm booking**."""
    form = {"name": "Ada Lovelace", "email": "ada@example.org", "time": start}
    await page.fire(f"{STATE}.book", {"form": form})
