"""The link that is dead, as an invitee is shown it."""

from dataclasses import dataclass

import reflex as rx

from singleuse_app.components.ticket import dead_ticket
from singleuse_app.messages import TITLES, words
from singleuse_app.scheduling.errors import LinkRefusal
from singleuse_app.wording import say

DEAD_KINDS = {
    "link_used": "used",
    "link_revoked": "revoked",
    "link_expired": "expired",
    "link_off": "off",
    "link_not_found": "unknown",
}


@dataclass(frozen=True)
class Dead:
    """What happened to a link, and what to do."""

    kind: str = ""
    title: str = ""
    sentence: str = ""
    advice: str = ""


def dead_of(refusal: LinkRefusal) -> Dead:
    """The refusal in two sentences."""
    sentence, _, advice = words(refusal).partition(". ")
    return Dead(DEAD_KINDS[refusal.code], say(TITLES[refusal.code]), f"{sentence}.", advice)


def dead_view(dead: rx.vars.ObjectVar[Dead], asking: rx.Component) -> rx.Component:
    """The dead ticket; below it, unless nobody ever made such a link, a way to ask for another."""
    drawn = [(kind, dead_ticket(kind, dead.sentence, dead.advice)) for kind in DEAD_KINDS.values()]
    return rx.fragment(
        rx.match(dead.kind, *drawn, rx.fragment()),
        rx.cond(dead.kind == DEAD_KINDS["link_not_found"], rx.fragment(), asking),
    )
