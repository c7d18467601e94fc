"""The harness keeps its own promises: what starts answers, what stops is gone, what is sent arrives."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aiohttp
import pytest
from playwright.sync_api import sync_playwright

from tests.harness import chromium, project
from tests.harness import server as servers
from tests.harness.browser import Console, axe, photograph
from tests.harness.cache import made_once
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.control("tests.harness.sample:app", tmp_path_factory.mktemp("sample")) as running:
        yield running


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def answers(url: str) -> bool:
    try:
        return bool(get(f"{url}/ping"))
    except OSError:
        return False


def open_counter(server: Server, slug: str = "abc", **options: str | dict[str, str] | None) -> SocketClient:
    return SocketClient(server.url, f"/count/{slug}", params={"slug": slug}, **options)


class TestServer:
    def test_a_built_app_serves_its_pages_and_talks_to_its_own_port(self, server: Server) -> None:
        assert get(f"{server.url}/ping") == '"pong"'
        assert "<html" in get(f"{server.url}/")
        code = "".join(path.read_text() for path in (server.folder / "web/build/client").rglob("*.js"))
        assert f"{server.url}/ping" in code
        assert project.PLACEHOLDER not in code

    def test_the_production_command_serves_the_same(self, production_server: Server) -> None:
        assert get(f"{production_server.url}/ping") == '"pong"'
        assert "<html" in get(f"{production_server.url}/")

    def test_development_serves_pages_and_api_on_two_ports(self, development_server: Server) -> None:
        assert development_server.url != development_server.api_url
        assert get(f"{development_server.api_url}/ping") == '"pong"'
        assert "<html" in get(f"{development_server.url}/")

    def test_restarting_keeps_the_address_and_the_log(self, fresh_backend: Server) -> None:
        url, printed = fresh_backend.url, fresh_backend.log()
        fresh_backend.kill()
        assert not answers(url)
        fresh_backend.start()
        fresh_backend.restart()
        assert get(f"{url}/ping") == '"pong"'
        assert fresh_backend.log().startswith(printed)

    def test_stopping_leaves_no_process_behind(self, tmp_path: Path) -> None:
        server = servers.backend(tmp_path).start()
        assert server._process is not None
        group = server._process.pid
        os.killpg(group, 0)
        server.stop()
        with pytest.raises(ProcessLookupError):
            os.killpg(group, 0)

    def test_a_server_that_does_not_start_says_why(self, tmp_path: Path) -> None:
        with pytest.raises(RuntimeError, match=r"No module named 'tests\.nothing'"):
            servers.control("tests.nothing:app", tmp_path).start()

    def test_a_killed_run_takes_its_servers_with_it(self, tmp_path: Path) -> None:
        script = (
            "import sys, time; from pathlib import Path; from tests.harness import server;"
            "running = server.control('tests.harness.sample:app', Path(sys.argv[1])).start();"
            "print(running.url, flush=True); time.sleep(60)"
        )
        run = subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], cwd=project.ROOT, stdout=subprocess.PIPE, text=True
        )
        with run:
            assert run.stdout is not None
            url = run.stdout.readline().strip()
            assert get(f"{url}/ping") == '"pong"'
            run.send_signal(signal.SIGKILL)
        until = time.monotonic() + 10
        while answers(url) and time.monotonic() < until:
            time.sleep(0.05)
        assert not answers(url)

    def test_settings_of_the_tester_do_not_reach_the_app(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "sqlite:///precious.db")
        monkeypatch.setenv("REFLEX_REDIS_URL", "redis://somewhere")
        monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
        inherited = project.environment()
        assert not {"DATABASE_URL", "REFLEX_REDIS_URL", "PYTEST_CURRENT_TEST"} & inherited.keys()
        assert inherited["HTTPS_PROXY"] == "http://proxy.example:3128"


class TestChromium:
    def test_it_draws_a_page(self) -> None:
        with sync_playwright() as playwright, chromium.launch(playwright.chromium) as browser:
            page = browser.new_page()
            page.set_content("<p>drawn</p>")
            assert page.inner_text("p") == "drawn"
            assert page.screenshot().startswith(b"\x89PNG")

    def test_a_program_that_does_not_start_is_passed_over(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, content, mode in (
            ("empty", "", 0o755),
            ("denied", "#!/bin/sh\n", 0o644),
            ("other", "#!/bin/sh\necho 1", 0o755),
        ):
            program = tmp_path / name
            program.write_text(content)
            program.chmod(mode)
            with pytest.raises(OSError, match=r"exit 0|Exec format|Permission"):
                chromium.Chromium(str(program)).version()
        works = tmp_path / "works"
        works.write_text("#!/bin/sh\necho Chromium 999")
        works.chmod(0o755)
        candidates = [chromium.Chromium(str(tmp_path / name)) for name in ("empty", "missing", "works")]
        monkeypatch.setattr(chromium, "_candidates", lambda: iter(candidates))
        assert chromium.find.__wrapped__() == candidates[-1]

    def test_without_any_it_says_what_to_do(self, monkeypatch: pytest.MonkeyPatch) -> None:
        problem = OSError("registry unreachable")
        monkeypatch.setattr(chromium, "_candidates", lambda: iter([chromium.Chromium("/nowhere/chrome"), problem]))
        with pytest.raises(RuntimeError, match=r"(?s)install Chromium.*SINGLEUSE_TEST_CHROMIUM.*registry unreachable"):
            chromium.find.__wrapped__()

    def test_a_console_keeps_what_every_page_of_a_context_complains_about(self, tmp_path: Path) -> None:
        console = Console()
        with sync_playwright() as playwright, chromium.launch(playwright.chromium) as browser:
            context = browser.new_context()
            console.watch(context)
            pages = [context.new_page(), context.new_page()]
            pages[0].evaluate("console.log('fine'); console.error('not fine')")
            pages[1].evaluate("setTimeout(() => { throw new Error('thrown') })")
            pages[1].wait_for_timeout(50)
            notes = photograph(pages, tmp_path)
        assert len(notes) == len(list(tmp_path.glob("*.png"))) == 2
        console.allow("^not fine")
        assert len(console.errors) == 2
        assert [error.partition("\n")[0] for error in console.unexpected()] == ["uncaught: thrown"]

    def test_axe_names_the_rule_that_a_page_breaks(self) -> None:
        with sync_playwright() as playwright, chromium.launch(playwright.chromium) as browser:
            page = browser.new_page()
            page.set_content("<!doctype html><html lang=en><title>t</title><main><h1>t</h1><img src='data:,'></main>")
            with pytest.raises(AssertionError, match="image-alt"):
                axe(page)
            axe(page, ignoring=("image-alt",))
            axe(page, within="h1")


class TestSocketClient:
    @pytest.mark.asyncio
    async def test_it_loads_a_page_and_sees_what_an_event_changes(self, sample: Server) -> None:
        async with open_counter(sample, cookie="session=s1") as tab:
            assert tab.value("counter_state.seen") == "abc session=s1"
            await tab.fire("counter_state.add", {"number": 2})
            await tab.until(lambda tab: tab.value("counter_state.total") == 2)
            assert any("counter_state" in frame for frame in tab.frames)
            assert not any("never sent" in frame for frame in tab.frames)

    @pytest.mark.asyncio
    async def test_it_gives_what_the_browser_stored(self, sample: Server) -> None:
        async with open_counter(sample) as first:
            name = f"{first._full_name('counter_state')}.word_rx_state_"
        async with open_counter(sample, storage={name: "kept"}) as tab:
            assert tab.value("counter_state.word") == "kept"

    @pytest.mark.asyncio
    async def test_closed_and_connected_again_it_is_the_same_tab(self, sample: Server) -> None:
        async with open_counter(sample) as tab:
            await tab.fire("counter_state.add", {"number": 5})
            await tab.until(lambda tab: tab.value("counter_state.total") == 5)
            await tab.close()
            tab.state.clear()
            await tab.connect()
            assert tab.value("counter_state.total") == 5

    @pytest.mark.asyncio
    async def test_it_records_where_the_server_sends_the_browser(self, sample: Server) -> None:
        async with open_counter(sample) as tab:
            await tab.fire("counter_state.leave")
            await tab.until(lambda tab: tab.actions)
            name, payload = tab.actions[0]
            assert (name, payload["path"]) == ("_redirect", "/elsewhere")

    @pytest.mark.asyncio
    async def test_a_foreign_origin_is_refused(self, sample: Server) -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await open_counter(sample, origin="https://elsewhere.example").connect()
        async with open_counter(sample, origin=sample.url):
            pass

    @pytest.mark.asyncio
    async def test_waiting_in_vain_says_what_came(self, sample: Server) -> None:
        async with open_counter(sample) as tab:
            with pytest.raises(TimeoutError, match="frames, the last ones"):
                await tab.until(lambda tab: tab.value("counter_state.total") == 99, seconds=0.1)
            await tab.close()
            with pytest.raises(ConnectionError):
                await tab.until(lambda tab: False)

    @pytest.mark.asyncio
    async def test_two_hundred_tabs_at_once(self, sample: Server) -> None:
        tabs = [open_counter(sample, slug=f"s{number}") for number in range(200)]
        try:
            await asyncio.gather(*(tab.connect(seconds=60) for tab in tabs))
            await asyncio.gather(*(tab.fire("counter_state.add", {"number": 1}) for tab in tabs))
            await asyncio.gather(*(tab.until(lambda tab: tab.value("counter_state.total") == 1, 30) for tab in tabs))
        finally:
            await asyncio.gather(*(tab.close() for tab in tabs))
        assert {tab.value("counter_state.seen").split()[0] for tab in tabs} == {f"s{number}" for number in range(200)}


def test_a_folder_is_made_once_however_many_ask(tmp_path: Path) -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        folder.mkdir()
        time.sleep(0.1)
        (folder / "file").write_text("whole")

    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: made_once(tmp_path / "thing", make), range(8)))
    assert len(made) == 1
    assert {(folder / "file").read_text() for folder in folders} == {"whole"}
