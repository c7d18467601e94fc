"""/send-links: a link to its recipient, or those of a list to everybody in it, by mail. The address says which."""

from collections.abc import AsyncGenerator
from functools import partial
from secrets import token_hex
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, live, session
from singleuse_app.components.empty import empty_state, skeleton
from singleuse_app.components.frame import announcer, host_frame
from singleuse_app.components.send_links import no_mail_view, send_links_form, sent_view
from singleuse_app.components.words import t
from singleuse_app.formats import count_words, first_upper
from singleuse_app.messages import words
from singleuse_app.operations import link_mails
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.link_mails import LinksToSend
from singleuse_app.scheduling.errors import InvalidInput, NotFound, Refusal
from singleuse_app.scheduling.mail_merge import MAX_TEXT_LENGTH
from singleuse_app.settings import settings
from singleuse_app.wording import noted, say

ROUTE = "/send-links"
TITLE = t("Send links · Singleuse")
NOTHING_WRONG = {"subject": "", "text": ""}


class SendLinksState(session.HostPage, rx.State):
    """The words as they are now, and what one of the people will read. ``view`` is the form, what came of it, or why
    there is neither."""

    view: str = ""
    summary: str = ""
    left_out: str = ""
    sent_before: str = ""
    send_label: str = ""
    subject: str = ""
    text: str = ""
    form_key: str = ""
    preview_place: str = ""
    preview_text: str = ""
    has_several: bool = False
    errors: dict[str, str] = NOTHING_WRONG
    form_error: str = ""
    is_sending: bool = False
    sent: str = ""
    board: str = "/links"
    announcement: str = ""
    _words: dict[str, str] = {}
    _at: int = 0

    @rx.event
    async def open(self) -> EventSpec | None:
        """Show the words to start with."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        live.unfollow(self)
        self.reset()
        self.host_name, self.form_key = host.name, token_hex(8)
        try:
            found = await self._look(host)
        except NotFound:
            self.view, self.ready = "gone", True
            return None
        self._tell(found)
        self.view = ("form" if settings().smtp else "unmailed") if found.addressees else "nobody"
        self.subject, self.text = found.subject, found.text
        self._words = {"subject": found.subject, "text": found.text}
        self.ready = True
        return await self._preview(host, found)

    @rx.event
    async def draft(self, name: Any = None, value: Any = None) -> EventSpec | None:
        """Show what the words make of it that stand in the form now."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        if not isinstance(name, str) or name not in NOTHING_WRONG or not isinstance(value, str):
            return None
        self._words = {**self._words, name: value[: 2 * MAX_TEXT_LENGTH]}
        return await self._preview(host, await self._look(host))

    @rx.event
    async def turn(self, step: Any = None) -> EventSpec | None:
        """Show the mail of the next person, or of the one before."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        found = await self._look(host)
        self._at = (self._at + (-1 if step == -1 else 1)) % max(len(found.addressees), 1)
        return await self._preview(host, found)

    @rx.event
    async def send(self, form: Any = None) -> AsyncGenerator[EventSpec | None]:
        """Send them, and say how many."""
        if (host := await session.host_of(self)) is None:
            yield await session.elsewhere(self)
            return
        form = form if isinstance(form, dict) else {}
        self.errors, self.form_error, self.is_sending = NOTHING_WRONG, "", True
        yield None
        send = partial(link_mails.send_links, host_id=host.id, **self._which(), again=bool(form.get("again")))
        send = partial(send, subject=form.get("subject"), text=form.get("text"), now=clock.now())
        try:
            count = await rx.run_in_thread(send)
        except InvalidInput as refusal:
            self.errors = {**NOTHING_WRONG, **{name: words(code) for name, code in refusal.fields.items()}}
            self.announcement = words("invalid_input")
            yield rx.set_focus(next(iter(refusal.fields)))
        except NotFound:
            raise
        except Refusal as refusal:
            self.form_error = words(refusal)
        else:
            self.view = "sent"
            self.sent = self.announcement = first_upper(
                count_words(count, "{number} mail on the way.", "{number} mails on the way.")
            )
            yield rx.set_focus("sent")
        finally:
            self.is_sending = False

    def _which(self) -> dict[str, str]:
        asked = self.router.url.query_parameters
        return {"link_id": asked.get("link", ""), "batch_id": asked.get("batch", "")}

    async def _look(self, host: SignedInHost) -> LinksToSend:
        look = partial(link_mails.look_at_links_to_send, host_id=host.id, **self._which(), now=clock.now())
        return await rx.run_in_thread(look)

    def _tell(self, found: LinksToSend) -> None:
        which = self._which()
        self.board = f"/links?batch={which['batch_id']}" if which["batch_id"] else "/links"
        number, sent = len(found.addressees), sum(each.was_sent for each in found.addressees)
        new = number - sent
        self.summary = count_words(
            number, "{name}: {number} link with an address.", "{name}: {number} links with an address.", name=found.name
        )
        self.left_out = " ".join(
            filter(
                None,
                (
                    first_upper(
                        count_words(
                            found.no_address,
                            "{number} link without an address is left out.",
                            "{number} links without an address are left out.",
                        )
                    )
                    if found.no_address
                    else "",
                    first_upper(
                        count_words(
                            found.dead,
                            "{number} link cannot be booked with any more.",
                            "{number} links cannot be booked with any more.",
                        )
                    )
                    if found.dead
                    else "",
                ),
            )
        )
        self.sent_before = ""
        if sent:
            one, several = (
                noted("Send again to one person who has had it"),
                noted("Send again to the {number} people who have had it"),
            )
            self.sent_before = say(one if sent == 1 else several, number=sent)
        self.send_label = count_words(new, "Send {number} mail", "Send {number} mails") if new else say("Send again")
        self.has_several = number > 1

    async def _preview(self, host: SignedInHost, found: LinksToSend) -> None:
        if not found.addressees:
            return
        self._at = min(self._at, len(found.addressees) - 1)
        show = partial(link_mails.preview_mail, host_id=host.id, addressee=found.addressees[self._at])
        seen = await rx.run_in_thread(partial(show, **self._words))
        one, several = noted("To {whom}"), noted("Mail {number} of {all}, to {whom}")
        self.preview_place = say(
            several if self.has_several else one, number=self._at + 1, all=len(found.addressees), whom=seen.to
        )
        self.preview_text = seen.text


def page() -> rx.Component:
    """The words, the preview, the button."""
    state = SendLinksState
    back = rx.el.a(t("Back to links"), href=state.board, class_name="button button--quiet")
    return host_frame(
        announcer(state.announcement),
        rx.cond(
            state.ready,
            rx.match(
                state.view,
                ("form", rx.el.div(send_links_form(state), class_name="many")),
                ("sent", sent_view(state)),
                ("unmailed", no_mail_view()),
                (
                    "nobody",
                    empty_state(t("Nobody to send to"), t("No link here has an address and can be booked with.")),
                ),
                empty_state(t("No such link"), t("It is not here any more.")),
            ),
            skeleton(5),
        ),
        title=t("Send links"),
        current="/links",
        actions=back,
        host_name=state.host_name,
    )
