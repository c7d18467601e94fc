"""What a host writes about a meeting: drawn as it is meant, and whatever it says, shown and never run."""

import time
from html import escape, unescape
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from singleuse_app.markdown import REL, TAGS, html_of

LINK = f'<a href="{{href}}" rel="{REL}" target="_blank">{{words}}</a>'
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/x.png)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](&#106;avascript&colon;alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](/book/other)",
    '[x](https://a.example "onclick=alert(1)")',
    '[x](https://a.example/"onclick=alert(1)//)',
    "[x](https://a.example/'><script>alert(1)</script>)",
    "<javascript:alert(1)>",
    "<https://a.example/\"onmouseover='alert(1)'>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script>alert(1)&#60;/script>",
    "&amp;lt;script&amp;gt;",
    "[<b>x</b>](https://a.example)",
    "**[a *b](https://a.example)* c**",
    "- <li onclick=alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    "https://a.example/<script>",
    "</div></section><h1>Grace</h1>",
    "\x00<b>\x0c",
    "`<b>`\n\n```\n<b>\n```",
]


class Seen(HTMLParser):
    """What a browser would make of it: every tag with its attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def dangers(html: str) -> list[str]:
    """What it holds besides the few tags and links that there may be."""
    found = []
    for tag, attributes in Seen(html).tags:
        if tag == "a":
            href = attributes.pop("href") or ""
            if not href.startswith(("https://", "http://", "mailto:")) or attributes != {
                "rel": REL,
                "target": "_blank",
            }:
                found.append(f"{href} {attributes}")
        elif tag not in TAGS | {"br"} or attributes:
            found.append(f"{tag} {attributes}")
    return found


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("One\ntwo", "<p>One<br>two</p>"),
        ("One\n\ntwo", "<p>One</p><p>two</p>"),
        ("**b** *i* _i_ ***both***", "<p><strong>b</strong> <em>i</em> <em>i</em> <em><strong>both</strong></em></p>"),
        ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
        ("1. one\n   - a\n2. two", "<ol><li>one<ul><li>a</li></ul></li><li>two</li></ol>"),
        ("# No heading\n> no quote", "<p># No heading<br>&gt; no quote</p>"),
        ("2 * 3 * 4, snake_case_name, a & b", "<p>2 * 3 * 4, snake_case_name, a &amp; b</p>"),
        (r"\*as it is\*", "<p>*as it is*</p>"),
        ("", ""),
    ],
)
def test_it_is_drawn_as_it_is_meant(written: str, drawn: str) -> None:
    assert html_of(written) == drawn


@pytest.mark.parametrize(
    ("written", "href", "words", "told"),
    [
        ("<https://a.example/x>", "https://a.example/x", "https://a.example/x", ""),
        ("[a.example](https://a.example/)", "https://a.example/", "a.example", ""),
        ("[the map](https://a.example/x)", "https://a.example/x", "the map", " (a.example)"),
        ("[bank.example](https://evil.example)", "https://evil.example", "bank.example", " (evil.example)"),
        ("[https://b.example](https://evil.example)", "https://evil.example", "https://b.example", " (evil.example)"),
        ("[b.example](https://b.example.evil.org)", "https://b.example.evil.org", "b.example", " (b.example.evil.org)"),
        ("<https://аpple.example>", "https://xn--pple-43d.example", "https://аpple.example", " (xn--pple-43d.example)"),
        ("<ada@example.org>", "mailto:ada@example.org", "ada@example.org", ""),
        ("[write](mailto:ada@example.org)", "mailto:ada@example.org", "write", " (ada@example.org)"),
        ("[x](https://a.example/?a=1&b=2)", "https://a.example/?a=1&amp;b=2", "x", " (a.example)"),
    ],
)  # fmt: skip
def test_a_link_tells_where_it_leads(written: str, href: str, words: str, told: str) -> None:
    assert html_of(written) == f"<p>{LINK.format(href=href, words=words)}{told}</p>"


@pytest.mark.parametrize(
    "url",
    ["https://bank.example@evil.example", "https://a:b@evil.example", "mailto:ada@example.org?bcc=eve@example.org",
     "ftp://a.example", "tel:+4930", "mailto:ada", "https:///x", "https://[a", f"https://a.example/{'x' * 2000}"],
)  # fmt: skip
def test_what_leads_elsewhere_than_it_seems_is_no_link(url: str) -> None:
    assert "<a" not in html_of(f"[x]({url}) <{url}>")


@pytest.mark.parametrize("written", HOSTILE)
def test_nothing_that_is_written_runs(written: str) -> None:
    assert dangers(html_of(written)) == []
    assert dangers(html_of(f"- **{written}**\n- [{written}](https://a.example)")) == []


def test_control_with_a_common_renderer_it_would() -> None:
    assert all(dangers(MarkdownIt("commonmark").render(written)) for written in HOSTILE[:3])
    assert dangers(html_of("[x](https://a.example)").replace("https", "javascript"))


def test_no_entity_turns_the_text_around() -> None:
    assert html_of("a&#x202e;b&#x2066;c") == "<p>abc</p>"


PIECES = st.sampled_from(
    [*HOSTILE, "[", "]", "(", ")", "**", "*", "_", "- ", "1. ", "\n", "\n\n", "    ", "<", ">", "&", ";", '"', "'",
     "\\", "https://a.example", "mailto:", "&#x6a;", "`", "!", "#", "a", "é", "🎉"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200))
@example("- - - - - - - - - - - - - - - - - - - - - - - - x")
def test_whatever_is_written_is_well_formed_and_harmless(written: str) -> None:
    html = html_of(written)
    assert dangers(html) == []
    assert Seen(html).open == []
    assert "\n" not in html


@given(st.text(st.characters(categories=["L", "N", "Zs"], include_characters="<>&\"'/"), max_size=100))
def test_plain_words_stay_as_they_are(written: str) -> None:
    shown = " ".join(Seen(html_of(written.replace("&", "&amp;"))).words.split())
    assert shown == " ".join("".join(one for one in written if one.isprintable()).split()) or "<" in written
    assert unescape(escape(written)) == written


@pytest.mark.parametrize(
    "piece", ["[", "![", "[a](", "[](<", "*", "**a ", "_*", "<", "&", "`", "\\", "- ", "\n- ", "1. ", "[[a](b)", "> "]
)
def test_four_thousand_characters_of_anything_take_no_time(piece: str) -> None:
    written = (piece * 4000)[:4000]
    begun = time.perf_counter()
    html_of.__wrapped__(written)
    assert time.perf_counter() - begun < 1
