"""What is served before any script runs: head, markup and headers, as link previews and strict browsers read them."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from singleuse_app.api.built import SHELL, build_in
from singleuse_app.api.first_paint import offer_page, served
from singleuse_app.operations.found_links import LinkOffer
from singleuse_app.scheduling.bookings import Terms
from tests.browser import steps
from tests.harness.document import Document
from tests.harness.people import Answer, HostAtHome, ask
from tests.harness.server import Server

HOSTILE = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def host(server: Server) -> HostAtHome:
    return HostAtHome.set_up(server)


@pytest.fixture
def rename(server: Server) -> Callable[[str, str], None]:
    """Gives the event type and its place another name."""

    def change(name: str, place: str) -> None:
        steps.change(server, "UPDATE event_type SET name = ?, location = ?", name, place)

    return change


def look(host: HostAtHome, path: str, **headers: str) -> Answer:
    return ask(f"{host.server.url}{path}", headers=headers)


def test_a_link_has_a_preview_card_of_the_meeting_and_names_no_time(
    host: HostAtHome, rename: Callable[[str, str], None]
) -> None:
    rename("Intro call", "Video call")
    answer = look(host, f"/book/{host.new_link()}")
    page = Document(answer.body)
    assert answer.status == 200
    title, description = "Intro call with Grace Host", "30 minutes · Video call. Pick a time that suits you"
    assert page.texts["title"] == [page.meta["og:title"]] == [title]
    assert page.meta["description"] == page.meta["og:description"] == f"{description}: this link books once."
    assert (page.meta["og:type"], page.meta["og:site_name"]) == ("website", "Singleuse")
    assert page.meta["twitter:card"] == "summary"
    assert page.meta["robots"] == "noindex, nofollow"
    assert "theme-color" in page.meta
    assert page.texts["h1"] == ["Intro call"]
    assert not steps.FREE_TIME.search(answer.body)


def test_what_a_host_typed_is_text_and_never_markup(host: HostAtHome, rename: Callable[[str, str], None]) -> None:
    rename("Intro call", "")
    path = f"/book/{host.new_link()}"
    before = Document(look(host, path).body)
    rename(HOSTILE, f"{HOSTILE}\n{HOSTILE}")
    page = Document(look(host, path).body)
    rename("Intro call", "")
    assert page.texts["title"] == [page.meta["og:title"]] == [f"{HOSTILE} with Grace Host"]
    assert page.texts["h1"] == [HOSTILE]
    assert f"{HOSTILE} {HOSTILE}. Pick" in page.meta["description"]
    assert page.texts["script"] == before.texts["script"]
    assert page.attributes == before.attributes
    assert set(page.tags) == set(before.tags)


def test_a_link_for_many_bookings_does_not_say_that_it_books_once() -> None:
    offer = LinkOffer("Grace Host", Terms(1, "Intro call", 90, ""), "", books_once=False)
    page = offer_page(offer)
    assert page.description == "1 hour 30 minutes. Pick a time that suits you."
    assert "once" not in page.body


@pytest.mark.parametrize("kind", ["used", "expired", "revoked", "unknown"])
def test_a_dead_link_says_so_and_nothing_of_what_it_was_for(host: HostAtHome, kind: str) -> None:
    answer = look(host, f"/book/{steps.dead_link(host, kind)}")
    page = Document(answer.body)
    assert answer.status == (404 if kind == "unknown" else 410)
    assert "This link" in page.texts["title"][0]
    assert "This link" in page.texts["h1"][0]
    assert not {"description", "og:title", "og:description", "twitter:card"} & page.meta.keys()
    assert page.meta["robots"] == "noindex, nofollow"
    for word in ("Intro call", "Grace", "30 minutes", steps.NAME):
        assert word not in answer.body


def test_an_address_that_is_no_page_says_so(host: HostAtHome) -> None:
    for path in ("/nope", "/nope/nope.html", "/assets/nope.js"):
        answer = look(host, path, **{"Accept-Encoding": "br"})
        page = Document(answer.body)
        assert answer.status == 404
        assert page.texts["title"] == ["Not found"]
        assert page.texts["h1"] == ["There is no page at this address."]
        head = ask(f"{host.server.url}{path}", method="HEAD")
        assert (head.status, head.body) == (404, "")
        assert head.headers["content-length"] == str(len(answer.body.encode()))
    assert look(host, "/api/nope").json()["code"] == "not_found"


def test_the_page_is_asked_for_before_the_scripts_have_found_out_about_it(host: HostAtHome) -> None:
    body = look(host, f"/book/{host.new_link()}").body
    asked = re.findall(r'<link rel="modulepreload" href="(/assets/_book_[^"]+)">', body)
    assert len(asked) == 1
    assert look(host, asked[0]).status == 200


def test_a_build_is_read_again_when_it_is_made_again(tmp_path: Path) -> None:
    assert build_in(tmp_path) is None
    shell = "<html><head></head><body><script>one</script></body></html>"
    (tmp_path / SHELL).write_text(shell)
    first = build_in(tmp_path)
    assert first is not None
    assert len(first.inline.scripts) == 1
    assert first.chunks == {}
    assert first is build_in(tmp_path)
    (tmp_path / SHELL).write_text(shell.replace("one", "two"))
    os.utime(tmp_path / SHELL, ns=(0, 0))
    (tmp_path / "index.html").write_text("<style>a{}</style><script src='/x.js'></script><script>three</script>")
    second = build_in(tmp_path)
    assert second is not None
    assert len(second.inline.scripts) == 1
    assert not second.inline.styles
    assert len(second.any_page.scripts) == 2
    assert len(second.any_page.styles) == 1
    assert not {*first.any_page.scripts} & {*second.any_page.scripts}
    page = offer_page(LinkOffer("Grace", Terms(1, "Talk", 30, ""), "", books_once=True))
    assert served(shell, page).index("<title>") < served(shell, page).index("</head>")
