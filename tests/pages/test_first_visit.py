"""What a browser that was never here loads before an invitee can choose: few files, and nothing of a host's.

It is counted in the production build, without a clock. How soon it is of use is a benchmark's business.
"""

import re
from pathlib import Path

import pytest

from singleuse_app.api.built import build_in
from tests.harness.project import production_build

BLANK_KB = 149.4
"""The least that the framework can serve, over the wire: ``python -m tests.benchmarks.booking_page`` prints it."""

AROUND_KB = 0.6
"""The headers of one answer."""

DOCUMENT_KB = 4.5
"""The document of a link, packed, which is another for each."""

ASSET = re.compile(r"""["'`](/assets/[\w.-]+\.(?:js|css)|/browser\.js)["'`]""")
IMPORT = re.compile(r"""(?:from|import)\s*["'`]\./([\w.-]+\.js)["'`]""")
HOST_FRAME = "frame frame--host"
PAGE_STATE = re.compile(r"singleuse_app___pages___(\w+?)____")


def first_visit(route: str) -> dict[str, Path]:
    """By its address, every file that the page of a link asks for before anybody has done anything."""
    client = production_build() / "build" / "client"
    build = build_in(client)
    assert build is not None
    found: dict[str, Path] = {}
    asked = [*ASSET.findall(build.shell), *build.chunks[route]]
    while asked:
        address = asked.pop()
        if address in found or not (client / address[1:]).exists():
            continue
        found[address] = client / address[1:]
        if address.startswith("/assets/") and address.endswith(".js") and "/manifest-" not in address:
            asked += [f"/assets/{name}" for name in IMPORT.findall(found[address].read_text(encoding="utf-8"))]
    return found


def packed_kb(file: Path) -> float:
    """As it goes over the wire to a browser of today."""
    packed = file.with_name(f"{file.name}.br")
    return (packed if packed.exists() else file).stat().st_size / 1000


def page_states(files: dict[str, Path]) -> set[str]:
    """The pages whose handlers and values are named in files. All are in the framework's own, as the empty tab's."""
    own = {address: file for address, file in files.items() if "/framework-" not in address}
    return set(PAGE_STATE.findall(texts_of(own)))


def texts_of(files: dict[str, Path]) -> str:
    """All that stands in files."""
    return "\n".join(file.read_text(encoding="utf-8") for file in files.values())


@pytest.mark.parametrize("route", ["book/:token", "with/:host/:event_type", "manage/:token"])
def test_an_invitee_loads_little_more_than_an_empty_page(route: str) -> None:
    files = first_visit(route)
    assert len(files) <= 11, "a browser asks for six at a time, and each has headers of its own"
    kb = {address: packed_kb(file) for address, file in files.items()}
    total = sum(kb.values()) + AROUND_KB * len(kb) + DOCUMENT_KB
    assert total <= 1.2 * BLANK_KB, kb
    assert total >= BLANK_KB, "nothing was overlooked"


@pytest.mark.parametrize(("route", "page"), [("book/:token", "booking"), ("manage/:token", "manage_booking")])
def test_an_invitee_loads_nothing_of_a_page_of_the_host(route: str, page: str) -> None:
    files = first_visit(route)
    assert page_states(files) == {page}
    assert HOST_FRAME not in texts_of(files)


def test_what_a_host_loads_would_have_been_found() -> None:
    files = first_visit("availability")
    assert page_states(files) == {"availability"}
    assert HOST_FRAME in texts_of(files)
