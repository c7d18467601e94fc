"""Things that are slow to make and the same for every run: made once, kept in the user's cache folder."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

A_DAY = 86_400.0


def cache_folder() -> Path:
    """Where tests keep what they made, outside of the checkout. It may be deleted at any time between two runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "singleuse-tests"


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """``folder``, filled by ``make`` unless an earlier run, or another worker of this one, has filled it.

    ``make`` gets a path that does not exist yet and creates it; the folder takes its final name only when it is
    complete, so nobody ever meets half of it, also after a power cut.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-", ignore_cleanup_errors=True) as place:
                make(Path(place) / folder.name)
                (Path(place) / folder.name).rename(folder)
    os.utime(folder)
    return folder


def forget_old(parent: Path, *, keep: int = 4) -> None:
    """Deletes what nobody has used for a day, except the newest ``keep``."""
    found = sorted((path for path in parent.iterdir() if path.is_dir()), key=_last_use, reverse=True)
    for path in found[keep:]:
        if _last_use(path) < time.time() - A_DAY:
            shutil.rmtree(path, ignore_errors=True)
            path.with_name(f"{path.name}.lock").unlink(missing_ok=True)


def _last_use(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another run deleted it meanwhile
        return 0.0
