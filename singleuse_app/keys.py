"""The key file: one ``name hex`` a line, the current key last. It is read again whenever it is another file.

A line is added by writing the whole file beside it and putting that in its place, so a process that reads finds the
former keys or all of them. Every process looks before each use, so none has to be told, and none restarted.
"""

import contextlib
import fcntl
import logging
import os
import re
import secrets
import tempfile
from collections.abc import Collection, Generator
from pathlib import Path

HEAD = "# The secret key of this Singleuse. Keep it with the database, and keep it to yourself.\n"

Stamp = tuple[int, int, int, int]

logger = logging.getLogger(__name__)
_read: dict[Path, tuple[Stamp, dict[str, bytes]]] = {}


def keys_in(path: Path) -> dict[str, bytes]:
    """The keys by name, the current one last. Where there is no file one is made.

    A file that cannot be read, or is gone, while this process knows its keys, is as it was. Otherwise it raises
    ``OSError``, or ``ValueError`` for what is no key file.
    """
    known = _read.get(path)
    try:
        if known is None and not path.exists():
            _make(path)
        stamp = _stamp(path)
        if known is None or stamp != known[0]:
            known = _read[path] = stamp, _parsed(path)
            _complain_if_others_may_read(path)
    except (OSError, ValueError):
        if known is None:
            raise
        with contextlib.suppress(OSError):  # said once for each file that is there
            if (stamp := _stamp(path)) != known[0]:
                _read[path] = stamp, known[1]
                logger.warning("The key file %s cannot be read. What was in it before counts on.", path)
    return known[1]


def forget() -> None:
    """Read every key file anew at its next use, whatever is known of it."""
    _read.clear()


def add_key(path: Path, *, taken: Collection[str] = ()) -> str:
    """Add a new key, which is the current one from then on, and say its name. One of ``taken`` it never is.

    The file stays with its owner and becomes readable by nobody else. Of processes that add one at once, each does.
    """
    path = path.resolve()  # a link to it stays one
    with _locked(path):
        content, names = path.read_text(), [*_parsed(path), *taken]
        numbers = [int(name[1:]) for name in names if re.fullmatch(r"k[0-9]{1,9}", name)]
        name = f"k{max(numbers, default=0) + 1}"
        content = content if content.endswith("\n") else f"{content}\n"
        _replace(path, f"{content}{name} {secrets.token_hex(32)}\n")
    return name


def is_private(path: Path) -> bool:
    """Whether nobody but its owner may read the file."""
    return not path.stat().st_mode & 0o077


def _stamp(path: Path) -> Stamp:
    """What is another when the file is: it was replaced, written or let be read."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _parsed(path: Path) -> dict[str, bytes]:
    lines = [line.split() for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]
    try:
        found = {name: bytes.fromhex(key) for name, key in lines}
    except ValueError:
        raise ValueError("a line that is no name with a key") from None  # and nothing of the line
    if not found:
        raise ValueError("no key")
    return found


def _complain_if_others_may_read(path: Path) -> None:
    if not is_private(path):
        logger.warning("Others on this computer may read the key file %s. Say: chmod 600 %s", path, path)


def _make(path: Path) -> None:
    """A new key file, readable by its owner only. Of two processes that make one, the first wins."""
    draft = _written(path, f"{HEAD}k1 {secrets.token_hex(32)}\n")
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _replace(path: Path, content: str) -> None:
    """Put another content in the place of a file, at once and for good, and leave it to its owner."""
    draft = _written(path, content)
    try:
        was, now = path.stat(), draft.stat()
        if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):  # by the administrator, for the app's own account
            os.chown(draft, was.st_uid, was.st_gid)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _written(path: Path, content: str) -> Path:
    """A file beside it with that content, outlasting a power cut, readable by its owner only."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mkstemp: mode 0600
    with os.fdopen(handle, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(draft)


@contextlib.contextmanager
def _locked(path: Path) -> Generator[None]:
    """Alone among those who add keys. The system lets go of it whatever becomes of this process."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
