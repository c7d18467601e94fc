"""What a page shows before any script runs, and what link previews read: markup, as the components draw it.

It stands in an element of its own, which React passes over and ``assets/browser.js`` takes away as soon as the app has
drawn the page itself. A test holds its tickets to those of :mod:`singleuse_app.components.ticket`.
"""

from dataclasses import dataclass
from html import escape

from singleuse_app.components.dead_links import dead_of
from singleuse_app.components.glyphs import CLOCK, PERFORATION, PLACE, WHOLE
from singleuse_app.components.ticket import DEAD_WORDS
from singleuse_app.formats import duration_words, offered_words
from singleuse_app.markdown import html_of
from singleuse_app.messages import words
from singleuse_app.operations.found_links import LinkOffer
from singleuse_app.scheduling.errors import LinkRefusal
from singleuse_app.wording import say

HEAD = '<meta name="robots" content="noindex, nofollow"><meta name="referrer" content="no-referrer">'


@dataclass(frozen=True, slots=True)
class Page:
    """One page before its scripts. ``title`` and ``description`` are plain text, ``body`` is markup.

    Only a page with a description has a preview card.
    """

    title: str
    body: str
    description: str = ""


def offer_page(offer: LinkOffer) -> Page:
    """The ticket of an active link, and that its times are coming. Its card names no time and nobody's calendar."""
    duration = duration_words(offer.terms.duration_minutes)
    where = offered_words(offer.terms.place, offer.host_name)
    place = f" · {_one_line(where)}" if where else ""
    pick = (
        say("Pick a time that suits you: this link books once.")
        if offer.books_once
        else say("Pick a time that suits you.")
    )
    return Page(
        title=say("{event} with {host}", event=_one_line(offer.terms.event_name), host=_one_line(offer.host_name)),
        description=f"{duration}{place}. {pick}",
        body=_body(
            f'<div class="book" data-step="day"><div class="book__ticket">{_ticket(offer, duration)}</div>'
            f'<div class="book__days"><p class="first-paint__wait">{say("Loading the free times…")}</p>'
            f"{_skeleton('calendar', 42)}"
            f"{_no_script(words('script_to_choose'))}</div></div>"
        ),
    )


def dead_page(refusal: LinkRefusal) -> Page:
    """The dead ticket, and nothing of what the link was for.

    A browser that has been here before may hold the booking, so there it is looked up before the ticket is shown.
    """
    dead = dead_of(refusal)
    mine = _no_script(words("script_to_see_booking")) if dead.kind == "used" else ""
    look_up = f'<p class="first-paint__look-up">{say("Looking for your booking…")}</p>'
    looking = look_up if dead.kind != "unknown" else ""
    return Page(dead.title, _body(_dead_ticket(dead.kind, dead.sentence, dead.advice), mine, looking, kind="dead"))


def nothing_page(title: str, sentence: str, advice: str) -> Page:
    """The ticket that never was."""
    return Page(title, _body(_dead_ticket("unknown", sentence, advice)))


def waiting_page(title: str, code: str, *, of_hosts: bool = False) -> Page:
    """Nothing yet. ``code`` names the words for a browser that will run no script."""
    skeleton = _skeleton("row", 5) if of_hosts else _skeleton("ticket", 3)
    return Page(title, _body(skeleton, _no_script(words(code))))


def served(shell: str, page: Page, chunks: tuple[str, ...] = (), *, language: str = "en", script: str = "") -> str:
    """The document around a page in a language, with the ``script`` that lets the app speak it, if it needs one.

    ``chunks`` are asked for at once, not when the scripts have found out about them.
    """
    head = [f"<title>{escape(page.title)}</title>", HEAD, f"<script>{script}</script>" if script else ""]
    if page.description:
        card = {"og:type": "website", "og:site_name": "Singleuse", "og:title": page.title}
        card |= {"og:description": page.description}
        head += [f'<meta property="{name}" content="{escape(text)}">' for name, text in card.items()]
        head += [f'<meta name="description" content="{escape(page.description)}">']
        head += ['<meta name="twitter:card" content="summary">']
    head += [f'<link rel="modulepreload" href="{chunk}">' for chunk in chunks if f'"{chunk}"' not in shell]
    document = shell.replace('<html lang="en">', f'<html lang="{language}">', 1)
    return document.replace("</head>", f"{''.join(head)}</head>", 1).replace("<body>", f"<body>{page.body}", 1)


def _body(*content: str, kind: str = "alive") -> str:
    return (
        f'<first-paint class="frame" data-kind="{kind}"><main class="page page--invitee">'
        f'<div role="status"><p class="notice first-paint__late" hidden>{escape(words("connection_slow"))}</p></div>'
        f"{''.join(content)}</main></first-paint>"
    )


def _ticket(offer: LinkOffer, duration: str) -> str:
    where = offered_words(offer.terms.place, offer.host_name)
    place = f"<li>{_icon(*PLACE)}{escape(where)}</li>" if where else ""
    text = f'<div class="rx-Html ticket__text">{html_of(offer.description)}</div>' if offer.description else ""
    glyph = f'<path class="glyph__fill" d="{WHOLE}"></path><path class="glyph__perforation" d="{PERFORATION}"></path>'
    stub = (
        '<div class="ticket__stub"><svg aria-hidden="true" class="glyph" focusable="false" viewBox="0 0 24 16">'
        f"{glyph}</svg><p>{say('This link books once')}</p></div>"
    )
    return (
        '<section class="ticket ticket--head"><div class="ticket__body">'
        f'<p class="ticket__host">{escape(offer.host_name)}</p>'
        f'<h1 class="ticket__title">{escape(offer.terms.event_name)}</h1>'
        f'<ul class="ticket__facts"><li>{_icon(*CLOCK)}{escape(duration)}</li>{place}</ul>{text}</div>'
        f"{stub if offer.books_once else ''}</section>"
    )


def _dead_ticket(kind: str, sentence: str, advice: str) -> str:
    return (
        f'<section class="ticket ticket--dead ticket--{kind}"><div class="ticket__body">'
        f'<h1 class="ticket__title">{escape(sentence)}</h1><p class="ticket__text">{escape(advice)}</p></div>'
        f'<div class="ticket__stub"><span aria-hidden="true" class="punch"></span><p>{say(DEAD_WORDS[kind])}</p></div>'
        "</section>"
    )


def _icon(*paths: str) -> str:
    drawn = "".join(f'<path d="{path}"></path>' for path in paths)
    return f'<svg aria-hidden="true" class="icon" focusable="false" viewBox="0 0 16 16">{drawn}</svg>'


def _skeleton(kind: str, cells: int) -> str:
    return f'<div aria-hidden="true" class="skeleton skeleton--{kind}">{"<span></span>" * cells}</div>'


def _no_script(text: str) -> str:
    return f'<noscript><p class="notice">{escape(text)}</p></noscript>'


def _one_line(text: str) -> str:
    return " ".join(text.split())
