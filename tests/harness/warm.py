"""Servers that start at once: one process has imported the app, and forks itself for each of them.

    process = fork(["granian", "--port", "12345", ...], environment, log=Path("server.log"))

It is how ``reflex run --env prod`` itself starts its workers. What the app reads from the environment while it is
imported, its rxconfig.py and its app.py, is read again in each.
"""

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from multiprocessing import set_start_method
from pathlib import Path
from pkgutil import walk_packages

from tests.harness import leash
from tests.harness.project import ROOT, environment, snapshot

LEFT_TO_EACH = ("singleuse_app.app", "singleuse_app.migrations")
"""Not imported before there is an environment: it is read there, or nobody needs it."""


class Forked:
    """A process of that kind: what there is of :class:`subprocess.Popen` for who is not its parent."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """``None`` while it runs. How it ended, nobody knows."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self, timeout: float = 60.0) -> int:
        """Returns when it has ended, or raises ``TimeoutExpired``."""
        until = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.005)
        return 0

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)


def fork(command: Sequence[str], settings: dict[str, str], *, log: Path) -> Forked:
    """Run Granian in a process group of its own, with this command line and nothing but this environment."""
    warm = _process()
    assert warm.stdin is not None
    assert warm.stdout is not None
    print(json.dumps([list(command), settings, str(log)]), file=warm.stdin, flush=True)
    return Forked(int(warm.stdout.readline()))


@cache
def _process() -> subprocess.Popen[str]:
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.harness.warm"],
        cwd=snapshot(),
        env=environment(PYTHONPATH=str(ROOT), REFLEX_ENV_MODE="prod", PUBLIC_URL="http://localhost"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    leash.hold(started.pid)
    atexit.register(started.communicate)  # it ends when nobody is there to tell
    return started


def main() -> None:
    """Import all there is, and fork as told, line by line, until nobody is there to tell."""
    import granian.cli

    import singleuse_app

    for module in walk_packages(singleuse_app.__path__, "singleuse_app."):
        if not module.name.startswith(LEFT_TO_EACH):
            import_module(module.name)
    gc.collect()
    gc.freeze()  # as Reflex does, so that nobody looks through all of that for garbage, again and again
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    orders, answers = os.fdopen(os.dup(0)), os.dup(1)
    for line in orders:
        command, settings, log = json.loads(line)
        if not (pid := os.fork()):
            try:
                _become(command, settings, log)
                granian.cli.entrypoint()
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(0)
        os.write(answers, f"{pid}\n".encode())


def _become(command: list[str], settings: dict[str, str], log: str) -> None:
    from reflex.config import get_config

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    set_start_method("fork")
    os.setsid()
    written, nothing = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), os.open(os.devnull, os.O_RDONLY)
    for number, instead in ((0, nothing), (1, written), (2, written)):
        os.dup2(instead, number)
    os.closerange(3, 1024)
    os.environ.clear()
    os.environ.update(settings)
    sys.argv = command
    get_config(reload=True)


if __name__ == "__main__":
    main()
