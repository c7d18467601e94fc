"""A host of a running app who switches two-factor sign-in on, as the settings do."""

from datetime import UTC, datetime
from typing import Any

from tests.harness.authenticator import Authenticator
from tests.harness.people import PASSWORD, HostAtHome
from tests.harness.socket_client import SocketClient


async def switch_on(host: HostAtHome) -> tuple[Authenticator, list[str]]:
    """The host's app, and their recovery codes."""
    async with SocketClient(host.server.url, "/settings", cookie=host.cookie) as tab:
        await tab.until(lambda tab: tab.value("settings_state.ready"))
        await tab.fire("settings_state.begin_two_factor")
        await tab.until(lambda tab: _second(tab)["key"])
        app = Authenticator("", _second(tab)["key"].replace(" ", ""))
        form = {"two_factor_code": app.code(datetime.now(UTC)), "two_factor_password": PASSWORD}
        await tab.fire("settings_state.confirm_two_factor", {"form": form})
        await tab.until(lambda tab: _second(tab)["codes"])
        assert _second(tab)["key"] == ""
        return app, _second(tab)["codes"]


def _second(tab: SocketClient) -> dict[str, Any]:
    return tab.value("settings_state.second") or {"key": "", "codes": []}
