"""The app as its user runs it: processes of its own, on a free port, with a fresh database and key.

    with server.built(tmp_path) as running:
        urlopen(running.url)

========================  ==========================================================================  =========
:func:`production`        ``reflex run --env prod``, the command of the README; compiles at each start  4–9 s
:func:`built`             the same pages and the same app, from a build that is made once             0.5 s
:func:`backend`           as ``reflex run --env prod --backend-only``: sockets and HTTP, no pages     0.5 s
:func:`apart`             that command itself, for who measures                                       3 s
:func:`control`           another app in its place, for a test's counter-proof; backend only          0.5 s
:func:`development`       ``reflex run``: two ports, code reloads when it changes                     5–9 s
========================  ==========================================================================  =========
"""

import contextlib
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from sqlalchemy import NullPool, create_engine

from tests.harness import leash
from tests.harness.project import backend_folder, environment, production_build, put_address, snapshot
from tests.harness.warm import Forked, fork

PATIENCE = 120.0
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Server:
    """One app, which may be stopped, killed and started again on the same port, database and key.

    ``url``       where a browser opens it: ``http://localhost:<port>``
    ``api_url``   where its HTTP and websocket answer; the same, except in development
    ``database``  the SQLite file
    ``folder``    the database, the key and the log, and what else the app leaves behind
    """

    def __init__(
        self, command: Sequence[str], *, folder: Path, tree: Path | None, url: str, api_url: str = "", **settings: str
    ) -> None:
        self.command = list(command)
        self.folder = folder
        self.url = url
        self.api_url = api_url or url
        self.database = folder / "singleuse.db"
        self.ends_with = signal.SIGTERM
        self._tree = tree
        self._process: subprocess.Popen[bytes] | Forked | None = None
        self._settings = {
            "DATABASE_URL": f"sqlite:///{self.database}",
            "SECRET_KEY_FILE": str(folder / "singleuse.key"),
            "PUBLIC_URL": url,
            "MAIL_FOLDER": str(folder / "mail"),
            "LIMITS_FACTOR": "1000",  # all tests come from one address; tests/security has the real limits
            "REFLEX_STATES_WORKDIR": str(folder / "states"),
            "REFLEX_UPLOADED_FILES_DIR": str(folder / "uploads"),
            **settings,
        }

    def start(self) -> Self:
        """Starts it and returns when it answers. Raises :class:`RuntimeError` with its log when it does not."""
        if self._process is not None:
            raise RuntimeError(f"{self.url} runs already")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._process = self._run(self.folder / "server.log", environment(**self._settings))
        leash.hold(self._process.pid)
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self) -> None:
        """Ends it as its operator does, and waits; what is still there after ten seconds is killed."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                if self.ends_with == signal.SIGINT:  # Ctrl-C reaches every process of the terminal
                    os.killpg(self._process.pid, signal.SIGINT)
                else:
                    self._process.send_signal(self.ends_with)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
        self.kill()

    def kill(self) -> None:
        """Ends it at once, as a power cut does: no process of it gets to finish anything."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        leash.let_go(self._process.pid)
        self._process = None
        until = time.monotonic() + 5
        while _listens(self.api_url) and time.monotonic() < until:  # a worker outlives its supervisor by a moment
            time.sleep(0.01)

    def restart(self) -> None:
        """Stops it and starts it again: the same port, the same database."""
        self.stop()
        self.start()

    def log(self) -> str:
        """All that it has printed since it was first started."""
        file = self.folder / "server.log"
        return file.read_text(errors="replace") if file.exists() else ""  # a test that is over may have tidied up

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a plain SQL statement finds in its database, of either kind; keys as the hex in public ids."""
        engine = create_engine(self._settings["DATABASE_URL"], poolclass=NullPool)
        with engine.connect() as connection:
            found = connection.exec_driver_sql(statement).all()
        return [tuple(value.hex if isinstance(value, UUID) else value for value in row) for row in found]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        for compiled in ("project", "web"):  # large, and of no use to whoever looks into a failure
            shutil.rmtree(self.folder / compiled, ignore_errors=True)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url} {' '.join(self.command)}>"

    def _run(self, log: Path, settings: dict[str, str]) -> subprocess.Popen[bytes] | Forked:
        if self._tree is None:
            return fork(self.command, settings, log=log)
        with log.open("ab") as file:
            return subprocess.Popen(
                self.command,
                cwd=self._tree,
                env=settings,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait(self) -> None:
        """Returns when ``/ping`` and, if there is one, the development server of the pages answer."""
        assert self._process is not None
        wanted = [f"{self.api_url}/ping"] + ([f"{self.url}/"] if self.url != self.api_url else [])
        until = time.monotonic() + PATIENCE
        while wanted:
            if _answers(wanted[0]):
                wanted.pop(0)
            elif self._process.poll() is not None or time.monotonic() > until:
                state = "is silent" if self._process.poll() is None else "has ended"
                raise RuntimeError(f"{self!r} {state}. Its log:\n{self.log()[-6000:]}")
            else:
                time.sleep(0.02)


def production(folder: Path, **settings: str) -> Server:
    """``reflex run --env prod`` in a copy of the project. It compiles each time it starts, as it does for its user."""
    port = free_port()
    command = ["reflex", "run", "--env", "prod", "--frontend-port", str(port), "--backend-port", str(port)]
    settings = {"PUBLIC_URL": "", **settings}  # as with the README's command
    return Server(command, folder=folder, tree=_copy(folder), url=_local(port), **settings)


def built(folder: Path, **settings: str) -> Server:
    """The app with its pages, from :func:`~tests.harness.project.production_build`: as in production, but quick."""
    port = free_port()
    web = folder / "web"
    shutil.copytree(production_build(), web, ignore=shutil.ignore_patterns("server"))
    put_address(web, _local(port))
    return _granian("singleuse_app.app:app", port, folder, __REFLEX_MOUNT_FRONTEND_COMPILED_APP="true", **settings)


def backend(folder: Path, **settings: str) -> Server:
    """As ``reflex run --env prod --backend-only``: what sockets and HTTP clients talk to. Nothing is compiled."""
    return control("singleuse_app.app:app", folder, **settings)


def apart(folder: Path, **settings: str) -> Server:
    """``reflex run --env prod --backend-only`` itself, for who measures: it shares no memory with anybody."""
    port = free_port()
    command = ["reflex", "run", "--env", "prod", "--backend-only", "--backend-port", str(port)]
    settings = {"REFLEX_WEB_WORKDIR": str(folder / "web"), **settings}
    return Server(command, folder=folder, tree=snapshot(), url=_local(port), **settings)


def control(app: str, folder: Path, **settings: str) -> Server:
    """Another ASGI factory in the app's place, like ``"tests.concurrency.unguarded:app"``: an app whose guard is off.

    It imports ``tests`` from the checkout and ``singleuse_app`` from the same copy as the other servers.
    """
    web = {"REFLEX_BACKEND_ONLY": "true", "REFLEX_WEB_WORKDIR": str(backend_folder())}
    return _granian(app, free_port(), folder, **{**web, **settings})


def development(folder: Path, **settings: str) -> Server:
    """``reflex run`` in a copy of the project: pages on one port, everything else on another, as when hacking on it."""
    pages, api = free_port(), free_port()
    command = ["reflex", "run", "--frontend-port", str(pages), "--backend-port", str(api)]
    settings = {"PUBLIC_URL": "", **settings}  # as with the README's command
    server = Server(command, folder=folder, tree=_copy(folder), url=_local(pages), api_url=_local(api), **settings)
    server.ends_with = signal.SIGINT
    return server


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives to outgoing connections.

    One of theirs could be taken again while its server restarts, or a client waiting there could meet itself.
    """
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        if not _listens(_local(port)):
            return port


def _granian(app: str, port: int, folder: Path, **settings: str) -> Server:
    """The server that ``reflex run --env prod`` starts after compiling, with the variables that it sets for it."""
    command = ["granian", "--interface", "asgi", "--factory", "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port), app]
    settings = {
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_FRONTEND_PORT": str(port),
        "REFLEX_BACKEND_PORT": str(port),
        "REFLEX_WEB_WORKDIR": str(folder / "web"),
        "__REFLEX_SKIP_COMPILE": "true",
        **settings,
    }
    return Server(command, folder=folder, tree=None, url=_local(port), **settings)


def _copy(folder: Path) -> Path:
    """A tree of the server's own, to compile in."""
    return Path(shutil.copytree(snapshot(), folder / "project", dirs_exist_ok=True))


def _local(port: int) -> str:
    return f"http://localhost:{port}"


def _listens(url: str) -> bool:
    try:
        socket.create_connection(("localhost", int(url.rpartition(":")[2])), timeout=1).close()
    except OSError:
        return False
    return True


def _answers(url: str) -> bool:
    try:
        with _opener.open(url, timeout=5) as answer:
            return answer.status == 200
    except (OSError, http.client.HTTPException):
        return False
