"""What a page says in the wrong language."""

import re
from functools import cache

from playwright.sync_api import Page

from singleuse_app.wording import reader, speaking_to
from tests.catalogues import kept

SAID = """() => {
  const found = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const around = node.parentElement;
    if (!around.closest("script, style, noscript") && around.checkVisibility()) found.push(node.data);
  }
  for (const element of document.querySelectorAll("[aria-label], [placeholder], [title], [alt]")) {
    if (!element.checkVisibility()) continue;
    for (const name of ["aria-label", "placeholder", "title", "alt"]) found.push(element.getAttribute(name) ?? "");
  }
  return found.map(text => text.trim()).filter(Boolean);
}"""
"""All that a page says now: its title, what can be seen or is announced, and the names of what has no text."""


def english_on(page: Page) -> list[str]:
    """What the page says now that German has other words for."""
    return [
        text
        for text in page.evaluate(SAID)
        if text not in _german() and any(pattern.search(text) for pattern in _english())
    ]


@cache
def _german() -> set[str]:
    """Every message as it stands in the catalogue: "Was" is a word in both languages."""
    told = [[message.string] if isinstance(message.string, str) else message.string for message in kept("de")]
    return {text for texts in told for text in texts}


@cache
def _english() -> list[re.Pattern[str]]:
    """Every message of which the German is another one; a long one may have others around it."""
    found = []
    for message in kept("de"):
        pairs = [message.id] if isinstance(message.id, str) else message.id
        told = [message.string] if isinstance(message.string, str) else message.string
        for own, theirs in zip(pairs, told, strict=True):
            pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(own))
            if own and own != theirs:
                found.append(re.compile(pattern if len(own) > 20 else f"^(?:{pattern})[.:]?$"))
    return found


def german(message: str, **facts: object) -> str:
    """A message as a German reads it."""
    with speaking_to("de"):
        return reader().say(message, **facts)
