"""The pages as they were built: the document around every link, and what a browser may run of it."""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html import unescape
from itertools import chain
from pathlib import Path

SHELL = "404.html"
NO_PAGES = (SHELL, "__spa-fallback.html")

_INLINE = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1>", re.DOTALL)
_TITLE = re.compile(r"<title[^>]*>([^<]*)</title>")
_MANIFEST = re.compile(r'"/(assets/manifest-[^"]+\.js)"')


@dataclass(frozen=True, slots=True)
class Inline:
    """What stands in documents themselves, by the hashes that a policy knows it by."""

    scripts: tuple[str, ...]
    styles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Build:
    """One build of all pages.

    ``shell``    the document that has no page in it yet: its scripts draw the one of whatever address it is served at
    ``inline``   what is inline in the shell, as the sources of a Content-Security-Policy,
    ``any_page`` and in any of the documents
    ``chunks``   the files that a page is drawn with, by its route, like ``book/:token``
    ``titles``   what the pages that have a document of their own are called in it, by their address
    """

    shell: str
    inline: Inline
    any_page: Inline
    chunks: Mapping[str, tuple[str, ...]]
    titles: Mapping[str, str]


Built = Callable[[], Build | None]
"""Gives the build as it is now; ``None`` where another server has the pages."""


def build_in(folder: Path) -> Build | None:
    """The build in a folder, read once for as long as it stays the same; ``None`` where there is none."""
    shell = folder / SHELL
    return _read(folder, shell.stat().st_mtime_ns) if shell.exists() else None


@cache
def _read(folder: Path, _version: int) -> Build:
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.html"))}
    shell = pages[folder / SHELL]
    return Build(
        shell=shell,
        inline=_inline(shell),
        any_page=_inline(*pages.values()),
        chunks=_chunks(folder, shell),
        titles=_titles({path.relative_to(folder).as_posix(): page for path, page in pages.items()}),
    )


def _titles(pages: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path, page in pages.items():
        address = f"/{path.removesuffix('.html').removesuffix('index').removesuffix('/')}"
        title = _TITLE.search(page)
        if title and path not in NO_PAGES:
            found[address] = unescape(title[1])
    return found


def source_of(text: str) -> str:
    """What is inline, as a source of a Content-Security-Policy.

    >>> source_of("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _inline(*pages: str) -> Inline:
    found = dict.fromkeys(chain.from_iterable(map(_hashes, pages)))
    return Inline(
        scripts=tuple(source for element, source in found if element == "script"),
        styles=tuple(source for element, source in found if element == "style"),
    )


def _hashes(html: str) -> Iterator[tuple[str, str]]:
    for element, attributes, text in _INLINE.findall(html):
        if " src=" not in attributes:
            yield element, source_of(text)


def _chunks(folder: Path, shell: str) -> dict[str, tuple[str, ...]]:
    """From the bundler's own list. Where that has changed its form pages are drawn a little later, and that is all."""
    try:
        [name] = set(_MANIFEST.findall(shell))
        text = (folder / name).read_text(encoding="utf-8")
        routes = json.loads(text[text.index("{") :].rstrip(";\n"))["routes"].values()
        return {route["path"]: (route["module"], *route["imports"]) for route in routes if route.get("path")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
