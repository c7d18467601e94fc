"""The project as it is now, and its production build: copies that stay still while somebody edits the originals."""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

from tests.harness.cache import cache_folder, forget_old, made_once

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("rxconfig.py", "pyproject.toml", "reflex.lock", "assets", "singleuse_app")
"""What the app needs to run. Not its tests: editing a test makes no new build."""

PLACEHOLDER = "http://localhost:13131"
"""The address that builds are made for; a server puts its own in its place (:func:`put_address`)."""

INHERITED = re.compile(
    r"HOME|PATH|LANG|LC_\w+|TZ|TMPDIR|TERM|USER|LOGNAME|SHELL|XDG_\w+|LD_LIBRARY_PATH|NIX_\w+|BUN_\w+|NODE_EXTRA_CA_CERTS"
    r"|SSL_CERT_\w+|\w*CA_BUNDLE|NPM_CONFIG_\w+|(HTTPS?|NO|ALL)_PROXY",
    re.IGNORECASE,
)


def environment(**settings: str) -> dict[str, str]:
    """What a server starts with: the machine's paths, language, certificates and proxies, and ``settings``.

    Never a setting of the app, of Reflex or of pytest that happens to be set where the tests run.
    """
    programs = str(Path(sys.executable).parent)
    return {
        **{name: value for name, value in os.environ.items() if INHERITED.fullmatch(name)},
        "PATH": os.pathsep.join([programs, os.environ.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
        "NO_COLOR": "1",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_TELEMETRY_ENABLED": "false",
        **settings,
    }


@cache
def snapshot() -> Path:
    """A copy of the app's files as they are at the first call, in a folder named by what they say."""
    files = _files()
    digest = hashlib.sha256(f"{version('reflex')} {sys.version_info[:2]} {PLACEHOLDER}".encode())
    for name, content in files.items():
        digest.update(f"\0{name}\0{len(content)}\0".encode() + content)

    def write(tree: Path) -> None:
        for name, content in files.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes(content)

    trees = cache_folder() / "trees"
    tree = made_once(trees / digest.hexdigest()[:16], write)
    forget_old(trees)
    return tree


@cache
def production_build() -> Path:
    """The web folder that ``reflex export`` makes of :func:`snapshot`: the same compiler and bundler as
    ``reflex run --env prod``, without a server, made once for all runs of the same files."""
    tree = snapshot()
    builds = cache_folder() / "builds"
    build = made_once(builds / tree.name, lambda web: _export(tree, web))
    forget_old(builds)
    return build


def backend_folder() -> Path:
    """The web folder of servers without pages. The first of them notes there what the others need not find out."""
    folder = cache_folder() / "backends" / snapshot().name
    folder.mkdir(parents=True, exist_ok=True)
    forget_old(folder.parent)
    return folder


def put_address(web: Path, url: str) -> None:
    """Makes a copied web folder talk to ``url``, as if it had been built for it.

    Reflex writes the port of its server into the browser's code. This changes those digits and nothing else.
    """
    old, new = (address.removeprefix("http://").encode() for address in (PLACEHOLDER, url))
    changed = [path for path in (web / "build" / "client").rglob("*.*") if path.is_file() and old in path.read_bytes()]
    for path in changed:
        path.write_bytes(path.read_bytes().replace(old, new))
        for packed in path.parent.glob(f"{path.name}.*"):  # the compressed twins still hold the old address
            packed.unlink()
    if not changed:
        raise RuntimeError(f"{web} does not mention {PLACEHOLDER}: Reflex now keeps the server's address elsewhere")


def _files() -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in (ROOT / part for part in PARTS):
        for path in [part, *sorted(part.rglob("*"))]:
            name = path.relative_to(ROOT).as_posix()
            if path.is_file() and "__pycache__" not in path.parts and not name.startswith("assets/external/"):
                with contextlib.suppress(FileNotFoundError):  # an editor's temporary file, gone meanwhile
                    found[name] = path.read_bytes()
    return found


def _export(tree: Path, web: Path) -> None:
    place = web.with_name("tree")
    shutil.copytree(tree, place, ignore=shutil.ignore_patterns("__pycache__"))
    port = PLACEHOLDER.rpartition(":")[2]
    settings = environment(
        DATABASE_URL=f"sqlite:///{place.parent / 'unused.db'}",
        SECRET_KEY_FILE=str(place.parent / "unused.key"),
        PUBLIC_URL=PLACEHOLDER,
        REFLEX_FRONTEND_PORT=port,
        REFLEX_BACKEND_PORT=port,
    )
    command = ["reflex", "export", "--frontend-only", "--no-zip"]
    done = subprocess.run(
        command,
        cwd=place,
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode or not (place / ".web" / "build" / "client").is_dir():
        raise RuntimeError(f"`{' '.join(command)}` failed (exit {done.returncode}):\n{done.stdout[-6000:]}")
    shutil.rmtree(place / ".web" / "node_modules")
    (place / ".web").rename(web)
