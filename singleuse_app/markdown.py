"""What a host writes about a meeting, as HTML: paragraphs, line breaks, bold, italic, lists and links; nothing else.

The library only reads: it finds out what is a list and what is a link. What is written stands here. Each tag is one of
those below, each text and each address goes through ``escape``, and an address is looked at once more before it is
one. So whatever a text says, it is shown and never run.
"""

import re
from functools import lru_cache
from html import escape
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from singleuse_app.scheduling.addresses import parse_email
from singleuse_app.scheduling.questions import read_url

MAIL = "mailto:"
TAGS = frozenset({"p", "ul", "ol", "li", "strong", "em"})
REL = "noopener noreferrer nofollow"


@lru_cache(maxsize=256)
def html_of(text: str) -> str:
    """A text in Markdown (CommonMark, of which only the above is known) as HTML; anything else stays as it was typed.

    Only addresses of the web and of mail are links. Where a link has other words than its address, the host that it
    leads to stands behind them: nobody is led to another place than they read.

    >>> html_of("**Bring** it <b>all</b>")
    '<p><strong>Bring</strong> it &lt;b&gt;all&lt;/b&gt;</p>'
    >>> html_of("[x](javascript:alert)")
    '<p>[x](javascript:alert)</p>'
    """
    return "".join(
        _inline(token.children or []) if token.type == "inline" else _tag(token) for token in _reader().parse(text)
    )


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    """``zero`` knows nothing but paragraphs, to which is added what is wanted: no HTML, no images, no headings."""
    reader = MarkdownIt("zero", {"html": False})
    reader.enable(["autolink", "emphasis", "entity", "escape", "link", "list", "newline"])
    reader.validateLink = lambda url: _leads_to(url) is not None
    reader.parse("- x")  # lets it sort its rules now, for while it does, another thread would find none
    return reader


def _inline(tokens: list[Token]) -> str:
    written, words, href = [], "", ""
    for token in tokens:
        if token.type == "link_open":
            href, words = str(token.attrs.get("href", "")), ""
            written.append(_opening(href))
        elif token.type == "link_close":
            written.append(_closing(href, words))
        elif token.type in {"softbreak", "hardbreak"}:
            written.append("<br>")
        elif token.nesting:
            written.append(_tag(token))
        else:
            text = "".join(one for one in token.content if one.isprintable())  # an entity can name any character
            words += text
            written.append(escape(text))
    return "".join(written)


def _tag(token: Token) -> str:
    if token.hidden or not token.nesting or token.tag not in TAGS:  # the paragraphs of a list whose items stand close
        return ""
    return f"<{token.tag}>" if token.nesting > 0 else f"</{token.tag}>"


def _opening(href: str) -> str:
    return f'<a href="{escape(href)}" rel="{REL}" target="_blank">' if _leads_to(href) else ""


def _closing(href: str, words: str) -> str:
    there = _leads_to(href)
    if there is None:
        return ""
    is_told = words.strip().removesuffix("/") in {href.removesuffix("/"), there}
    return "</a>" if is_told else f"</a> ({escape(there)})"


def _leads_to(href: str) -> str | None:
    """The host of an address of the web, or the address of a mail; ``None`` for what may be no link."""
    if href.startswith(MAIL):
        address = href.removeprefix(MAIL)
        parse_email(address, wrong := {})
        return None if wrong or "?" in address else address
    host = urlsplit(href).hostname if read_url(href, {"http", "https"}) else None
    return host if host and re.fullmatch(r"[a-z0-9_.:-]+", host) else None
