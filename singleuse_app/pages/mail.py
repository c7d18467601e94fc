"""/mail: how mail goes, what became of a host's messages, and which are sent. The address says which are shown."""

from collections.abc import AsyncGenerator
from datetime import datetime
from functools import partial
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, limits, live, session
from singleuse_app.components.empty import skeleton
from singleuse_app.components.frame import announcer, host_frame
from singleuse_app.components.mail_parts import (
    MailChoice,
    MessageLine,
    choices_form,
    messages_view,
    way_view,
)
from singleuse_app.components.paging import Chip
from singleuse_app.components.words import t
from singleuse_app.formats import count_words, moment_words
from singleuse_app.messages import words
from singleuse_app.notifications.smtp import NotSent, post_of
from singleuse_app.operations import mail_log
from singleuse_app.operations.history import MINUTE, mail
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.mail_log import CHOICES, MailLog, MessageRow, MessageState
from singleuse_app.scheduling.errors import NotFound
from singleuse_app.settings import settings
from singleuse_app.wording import noted, say

ROUTE = "/mail"
TITLE = t("Mail · Singleuse")
KINDS = {
    "booked": noted("Booking"),
    "rescheduled": noted("Move"),
    "cancelled": noted("Cancellation"),
    "another_time_asked": noted("Another time asked"),
    "address_corrected": noted("Corrected address"),
    "reminder": noted("Reminder"),
    "link_requested": noted("A new link asked for"),
    "link_sent": noted("Link"),
    "code_asked": noted("Code to prove an address"),
    "digest": noted("Weekly summary"),
    "host_left": noted("Account deleted"),
    "password_reset": noted("Another password"),
    "password_changed": noted("Password changed"),
    "two_factor_on": noted("Two-factor sign-in is on"),
    "two_factor_off": noted("Two-factor sign-in is off"),
    "recovery_codes_made": noted("You have new recovery codes"),
    "recovery_code_used": noted("A recovery code was used"),
    "account_linked": noted("Sign-in linked"),
}
STATES = {
    MessageState.WAITS: noted("Waiting"),
    MessageState.FAILED: noted("Not delivered"),
    MessageState.SENT: noted("Sent"),
    MessageState.KEPT: noted("Kept"),
    MessageState.DROPPED: noted("Not sent"),
}
CHOICE_WORDS = {
    "booked": noted("A meeting is booked"),
    "rescheduled": noted("A meeting is moved"),
    "cancelled": noted("A meeting is cancelled"),
    "another_time_asked": noted("Another time is asked for"),
    "reminder": noted("Reminders before a meeting"),
    "address_corrected": noted("An address is corrected"),
    "link_requested": noted("Somebody asks for a new link"),
    "digest": noted("Every Monday: links that wait or expire soon"),
}


class MailState(session.HostPage, session.LivePage, rx.State):
    """The messages of one state or of all, one of them read, and what came of a test. ``is_chosen`` is whether the
    choice was just saved."""

    server: str = ""
    host_email: str = ""
    chips: list[Chip] = []
    lines: list[MessageLine] = []
    is_cut: bool = False
    is_filtered: bool = False
    own_choices: list[MailChoice] = []
    other_choices: list[MailChoice] = []
    is_chosen: bool = False
    open_id: str = ""
    open_text: str = ""
    is_testing: bool = False
    test_failed: bool = False
    tested: str = ""
    announcement: str = ""

    @rx.event
    async def open(self) -> EventSpec | None:
        """Show the page, and keep it true from now on."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        live.follow(self, [mail(host.id), MINUTE], MailState.refresh)
        self.is_chosen, self.open_id, self.tested = False, "", ""
        return await self._show(host)

    @rx.event
    async def test(self) -> AsyncGenerator[EventSpec | None]:
        """Send a message to the host, and show what the server said to it."""
        if (host := await session.host_of(self)) is None:
            yield await session.elsewhere(self)
            return
        if settings().smtp is None:
            return
        self.is_testing, self.tested = True, ""
        yield None
        send = partial(mail_log.send_test, host_id=host.id, post=post_of(settings()), now=clock.now())
        try:
            await limits.spend("test_mails", host.id)
            said = await rx.run_in_thread(send)
            self.test_failed, self.tested = False, say("The mail server took the message and said: {said}", said=said)
        except NotSent as trouble:
            self.test_failed, self.tested = (
                True,
                say("The message was not sent. The mail server said: {said}", said=trouble.said),
            )
        finally:
            self.is_testing = False
        self.announcement = self.tested

    @rx.event
    async def send_again(self, message_id: Any = None) -> EventSpec | None:
        """Try a message that has failed once more."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        again = partial(mail_log.send_again, host_id=host.id, message_id=message_id, now=clock.now())
        await rx.run_in_thread(again)
        await self._show(host)
        self.announcement = say("The message is sent again.")
        return rx.set_focus("content")

    @rx.event
    async def read(self, message_id: Any = None) -> EventSpec | None:
        """Show what a mail says that was kept; the second time, put it away."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        if self.open_id and message_id == self.open_id:
            self.open_id = ""
            return None
        read = partial(mail_log.read_kept, host_id=host.id, message_id=message_id)
        try:
            self.open_text = await rx.run_in_thread(read)
        except NotFound:
            self.announcement = words("mail_gone")
            self.open_text = words("mail_gone")
        self.open_id = message_id if isinstance(message_id, str) else ""
        return None

    @rx.event
    async def choose(self, form: Any = None) -> EventSpec | None:
        """Send what is ticked from now on, and nothing else."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        if not isinstance(form, dict):
            return None
        chosen = [name for name in CHOICES if form.get(name)]
        await rx.run_in_thread(partial(mail_log.choose_mail, host_id=host.id, chosen=chosen, now=clock.now()))
        await self._show(host)
        self.is_chosen, self.announcement = True, say("Your choice is saved.")
        return None

    async def _show(self, host: SignedInHost) -> None:
        now = clock.now()
        wanted = self.router.url.query_parameters.get("only", "")
        only = MessageState(wanted) if wanted in set(MessageState) else None
        log = await rx.run_in_thread(partial(mail_log.look_at_mail, host_id=host.id, only=only, now=now))
        self.server = log.server
        self.chips = _chips(log, only)
        self.lines = [_line(row, host, now) for row in log.rows]
        self.is_cut = len(log.rows) == mail_log.SHOWN
        self.is_filtered = only is not None
        self.own_choices = _choices(log, "host")
        self.other_choices = _choices(log, "others")
        self.host_name, self.host_email = host.name, host.email
        self.ready = True


def page() -> rx.Component:
    """The way, the messages, the choice."""
    state = MailState
    return host_frame(
        announcer(state.announcement),
        rx.cond(
            state.ready,
            rx.el.div(way_view(state), messages_view(state), choices_form(state), class_name="settings"),
            skeleton(7),
        ),
        title=t("Mail"),
        current="/settings",
        actions=rx.el.a(t("Back to settings"), href="/settings", class_name="button button--quiet"),
        host_name=state.host_name,
    )


def _chips(log: MailLog, only: MessageState | None) -> list[Chip]:
    went = MessageState.SENT if log.server else MessageState.KEPT
    counts = {MessageState.WAITS: log.waiting, MessageState.FAILED: log.failed}
    return [
        Chip(say("All"), "", ROUTE, only is None),
        *(
            Chip(say(STATES[state]), str(counts.get(state) or ""), f"{ROUTE}?only={state}", only is state)
            for state in (MessageState.FAILED, MessageState.WAITS, went, MessageState.DROPPED)
        ),
    ]


def _line(row: MessageRow, host: SignedInHost, now: datetime) -> MessageLine:
    at = moment_words(row.at, host.time_zone, now=now, how=host.how)
    tried = count_words(row.attempts, "after {number} attempt", "after {number} attempts")
    match row.state:
        case MessageState.WAITS:
            state = (
                say("Waiting: tried again {moment}, {tried}", moment=at, tried=tried)
                if row.attempts
                else say("Waiting to be sent")
            )
        case MessageState.FAILED:
            state = say("Not delivered, given up {moment} {tried}", moment=at, tried=tried)
        case MessageState.KEPT:
            state = say("Kept {moment}", moment=at)
        case MessageState.SENT:
            state = say("Sent {moment}", moment=at)
        case MessageState.DROPPED:
            because = noted("Not sent {moment}: switched off, late, or not true any more")
            state = say(noted("Not sent {moment}") if row.said else because, moment=at)
    said = ""
    if row.said and row.state in {MessageState.WAITS, MessageState.FAILED}:
        said = say("The mail server said: {said}", said=row.said)
    elif row.said and row.state is MessageState.DROPPED:
        said = row.said
    return MessageLine(
        id=row.id,
        what=say(KINDS.get(row.kind, row.kind)),
        whom=row.to or say("somebody"),
        state=state,
        said=said,
        has_failed=row.state is MessageState.FAILED,
        is_kept=row.state is MessageState.KEPT,
    )


def _choices(log: MailLog, side: str) -> list[MailChoice]:
    pairs = [(name, *name.split(":")) for name in CHOICES]
    return [MailChoice(name, say(CHOICE_WORDS[kind]), name in log.choices) for name, kind, to in pairs if to == side]
