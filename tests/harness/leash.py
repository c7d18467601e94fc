"""Ends the servers of a run that died before it could: killed, interrupted twice, or out of memory.

A small process of its own reads which process groups are alive from a pipe. When the run is gone, however it went,
the pipe closes, and what is still alive is killed.
"""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
from functools import cache
from typing import IO


def hold(group: int) -> None:
    """Kill this process group when we are gone."""
    print(f"+{group}", file=_pipe(), flush=True)


def let_go(group: int) -> None:
    """This process group has ended; its number may be somebody else's soon."""
    print(f"-{group}", file=_pipe(), flush=True)


@cache
def _pipe() -> IO[str]:
    watcher = subprocess.Popen(
        [sys.executable, "-S", __file__], stdin=subprocess.PIPE, text=True, start_new_session=True
    )
    assert watcher.stdin is not None

    def end() -> None:
        watcher.communicate()

    atexit.register(end)
    return watcher.stdin


def _watch() -> None:
    alive: set[int] = set()
    for line in sys.stdin:
        (alive.add if line[0] == "+" else alive.discard)(int(line[1:]))
    for group in alive:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    _watch()
