"""The page on which a host moves a booking offers the host's free times, and to its host alone."""

from inspect import signature

import pytest
from reflex_base.registry import RegistrationContext

from tests.harness.people import HostAtHome
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient
from tests.pages.handlers import CHOOSING_HANDLERS, full_name

MEETING = "30 minute meeting"
ARGUMENTS = {"day": "2030-01-01", "month": "2030-01-01", "start": "1893490200", "text": "Tokyo", "zone": "Asia/Tokyo"}


@pytest.fixture
async def path(fresh_backend: Server) -> str:
    """The page of Ada's booking."""
    link = HostAtHome.set_up(fresh_backend).new_link()
    async with SocketClient(fresh_backend.url, f"/book/{link}", params={"token": link}) as tab:
        await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
        start = tab.value("booking_state.choice")["times"][-1]["times"][-1]["value"]
        form = {"name": "Ada", "email": "ada@example.org", "time": start}
        await tab.fire("booking_state.book", {"form": form})
        await tab.until(lambda tab: tab.value("booking_state.view") == "booked")
    [(key,)] = fresh_backend.rows("SELECT id FROM booking")
    return f"/move-booking?id=bkg_{key}"


async def press_everything(tab: SocketClient) -> str:
    """What comes of all that a choice of times can be asked."""
    tab.frames.clear()
    for handler in sorted(CHOOSING_HANDLERS):
        taken = signature(RegistrationContext.get().event_handlers[full_name(handler)].handler.fn).parameters
        await tab.fire(full_name(handler), {name: said for name, said in ARGUMENTS.items() if name in taken})
    await tab.fire(full_name("notice.notice.tell"), {"code": "try_again"})
    await tab.until(lambda tab: tab.value("notice.text") != "")
    return "\n".join(tab.frames)


async def test_it_ends_with_the_session(fresh_backend: Server, path: str) -> None:
    host = HostAtHome.sign_in(fresh_backend)
    async with SocketClient(fresh_backend.url, path, cookie=host.cookie) as tab:
        await tab.until(lambda tab: tab.value("move_booking_state.choice")["days"])
        assert tab.value("move_booking_state.event_name") == MEETING
        host.post("/api/sign-out")
        sent = await press_everything(tab)
        assert MEETING not in sent
        assert not tab.value("move_booking_state.choice")["days"]
        assert tab.value("move_booking_state.event_name") == ""
        is_told = tab.value("move_booking_state.told").startswith("You have been signed out.")
        assert is_told or "_redirect" in [name for name, _ in tab.actions], "by the press, or by what it heard before"


async def test_control_it_goes_on_while_the_session_does(fresh_backend: Server, path: str) -> None:
    host = HostAtHome.sign_in(fresh_backend)
    async with SocketClient(fresh_backend.url, path, cookie=host.cookie) as tab:
        await tab.until(lambda tab: tab.value("move_booking_state.choice")["days"])
        await press_everything(tab)
        assert tab.value("move_booking_state.choice")["days"]


async def test_strangers_and_other_hosts_are_offered_nothing(fresh_backend: Server, path: str) -> None:
    for cookie in (None, HostAtHome.sign_in(fresh_backend).another_host().cookie):
        async with SocketClient(fresh_backend.url, path, cookie=cookie) as tab:
            sent = await press_everything(tab) + "\n".join(tab.frames)
            assert MEETING not in sent
            assert "Ada" not in sent
            assert not tab.value("move_booking_state.choice")["days"]
