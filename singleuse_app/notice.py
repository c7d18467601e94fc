"""One line above any page, for what no field can say: the words of a refusal that nothing else caught."""

import logging
from datetime import timedelta
from typing import Any, cast

import reflex as rx
from reflex.event import EventSpec

from singleuse_app.components.words import t
from singleuse_app.messages import WORDS, words
from singleuse_app.scheduling.errors import Refusal, TooMany

logger = logging.getLogger(__name__)


class Notice(rx.State):
    """What went wrong, in words, until it is dismissed."""

    text: str = ""

    @rx.event
    async def tell(self, code: Any = None, minutes: Any = None) -> None:
        """Show the words of a code; of one that has none, that it failed. Some say in how many minutes to try again."""
        known = code if isinstance(code, str) and code in WORDS else "failed"
        wait = minutes if isinstance(minutes, int) and 0 < minutes < 10_000 else 1
        self.text = words(TooMany(known, again=timedelta(minutes=wait))) if "{again}" in WORDS[known] else words(known)

    @rx.event
    async def dismiss(self) -> None:
        """Take the line away."""
        self.text = ""


def tell_of(exception: Exception) -> EventSpec:
    """What a page is told when its handler raised: a refusal's own words, else that it failed, and the log says why."""
    if not isinstance(exception, Refusal):
        logger.error("A handler failed.", exc_info=exception)
    code = exception.code if isinstance(exception, Refusal) else "failed"
    again = exception.params.get("again") if isinstance(exception, TooMany) else None
    minutes = -(-again // timedelta(minutes=1)) if isinstance(again, timedelta) else 1
    return cast(EventSpec, Notice.tell(code, minutes))  # what a decorated handler gives when it is called on its class


def notice_bar() -> rx.Component:
    """The line, spoken at once."""
    return rx.el.div(
        rx.cond(
            Notice.text,
            rx.el.div(
                rx.el.p(Notice.text),
                rx.el.button(t("Dismiss"), type="button", on_click=Notice.dismiss, class_name="button button--quiet"),
                class_name="notice notice--warning notice--page",
            ),
            rx.fragment(),
        ),
        role="alert",
    )
