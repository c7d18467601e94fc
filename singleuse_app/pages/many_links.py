"""/many-links: a link for each person of a list."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, live, session, tokens
from singleuse_app.components.empty import skeleton
from singleuse_app.components.frame import announcer, host_frame
from singleuse_app.components.many_links import Line, Made, made_view, many_links_form
from singleuse_app.components.words import t
from singleuse_app.formats import day_words
from singleuse_app.messages import words
from singleuse_app.operations import event_types, link_batches
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.link_batches import BatchRow
from singleuse_app.scheduling.bookings import MAX_NAME_LENGTH
from singleuse_app.scheduling.errors import InvalidInput, Refusal
from singleuse_app.scheduling.link_lists import MAX_LINKS, Person, WrongLine, parse_people
from singleuse_app.scheduling.link_options import parse_link_options
from singleuse_app.scheduling.texts import one_line
from singleuse_app.settings import settings
from singleuse_app.wording import count, noted, say

ROUTE = "/many-links"
TITLE = t("Many links · Singleuse")
FIELDS = ("event_type", "people", "count", "expires", "expires_on", "name")
SHOWN_WRONG = 100
LOOK_EVERY = 0.1
"""Seconds between two looks at how far things are."""


class ManyLinksState(session.HostPage, rx.State):
    """The list, and what has come of it."""

    event_types: list[tuple[str, str]] = []
    errors: dict[str, str] = dict.fromkeys(FIELDS, "")
    form_error: str = ""
    wrong_lines: list[Line] = []
    wrong_words: str = ""
    leave_out_words: str = ""
    form_key: str = ""
    is_sending: bool = False
    done: int = 0
    total: int = 0
    made: Made = Made()
    announcement: str = ""
    sends_mail: bool = False

    @rx.event
    async def open(self) -> EventSpec | None:
        """Show the form."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        live.unfollow(self)
        self.reset()
        offered = partial(event_types.list_names, host_id=host.id, with_off=False, with_archived=False)
        self.event_types = await rx.run_in_thread(offered)
        self.form_key = token_hex(8)
        self.host_name, self.sends_mail = host.name, settings().smtp is not None
        self.ready = True
        return None

    @rx.event
    async def again(self) -> EventSpec | None:
        """Another list."""
        if await session.host_of(self) is None:
            return await session.elsewhere(self)
        self.made = Made()
        self.announcement = ""
        return rx.set_focus("people")

    @rx.event
    async def make(self, form: Any = None) -> AsyncGenerator[EventSpec | None]:
        """Make a link for each, once every line was read; all of them or none."""
        if (host := await session.host_of(self)) is None:
            yield await session.elsewhere(self)
            return
        form = form if isinstance(form, dict) else {}
        if form.get("form_key") != self.form_key:  # the second press of a double click: its links are made
            self.form_error = "" if self.made.words else words("try_again")
            return
        self._forget_wrong()
        try:
            people, name = await self._read(form), _name(form, host)
            options = parse_link_options({each: form.get(each) for each in ("expires", "expires_on")})
            options = replace(options, only_recipient=bool(form.get("only_recipient")))
            create = partial(link_batches.create_batch, host_id=host.id, event_type_id=one_line(form.get("event_type")))
            self.is_sending, self.done, self.total = True, 0, len(people)
            yield None
            progress: list[int] = [0]
            create = partial(create, name=name, people=people, options=options, now=clock.now())
            making = asyncio.ensure_future(asyncio.to_thread(create, tell=partial(progress.__setitem__, 0)))
            while not (await asyncio.wait([making], timeout=LOOK_EVERY))[0]:
                self.done = progress[0]
                yield None
            self.made, self.form_key = _made(await making, people), token_hex(8)
            self.announcement = self.made.words
            yield rx.set_focus("made")
        except InvalidInput as refusal:
            told = {name: words(code) for name, code in refusal.fields.items()}
            self.errors = {name: told.get(name, "") for name in FIELDS}
            self.announcement = words("invalid_input")
            first = next((name for name in FIELDS if name in told), "people")
            yield rx.set_focus(first)
        except Refusal as refusal:
            self.form_error = words(refusal)
        finally:
            self.is_sending = False

    def _forget_wrong(self) -> None:
        self.errors = dict.fromkeys(FIELDS, "")
        self.form_error, self.wrong_lines = "", []

    async def _read(self, form: dict[str, Any]) -> list[Person]:
        """The people of the list, or as many nobodies as were asked for; else ``InvalidInput``."""
        # A thousand addresses take a while to check, and everybody's pages would wait for it.
        people, wrong = await rx.run_in_thread(partial(parse_people, form.get("people")))
        if wrong and not form.get("leave_out"):
            self._tell_wrong(people, wrong)
            raise InvalidInput({"people": "people_wrong"})
        count = one_line(form.get("count"))
        if people or wrong or not count:
            if not people:
                raise InvalidInput({"people": "nobody_listed"})
            return people
        if not (count.isascii() and count.isdigit() and 1 <= int(count[:9]) <= MAX_LINKS):
            raise InvalidInput({"count": "count_malformed"})
        return [Person()] * int(count)

    def _tell_wrong(self, people: list[Person], wrong: list[WrongLine]) -> None:
        self.wrong_lines = [Line(line.number, line.text, words(line.code)) for line in wrong[:SHOWN_WRONG]]
        one = noted("One line of {all} cannot be used. Nothing was made yet.")
        several = noted("{number} lines of {all} cannot be used. Nothing was made yet.")
        self.wrong_words = say(one if len(wrong) == 1 else several, number=len(wrong), all=len(people) + len(wrong))
        leave_it = noted("Leave it out, and make the other {number}")
        leave_them = noted("Leave them out, and make the other {number}")
        self.leave_out_words = say(leave_it if len(wrong) == 1 else leave_them, number=len(people))


def page() -> rx.Component:
    """The form; then what has come of it."""
    state = ManyLinksState
    return host_frame(
        announcer(state.announcement),
        rx.cond(
            state.ready,
            rx.fragment(
                rx.cond(state.made.words, made_view(state), rx.fragment()),
                # It stays in the page: whoever makes more finds what they typed.
                rx.el.div(many_links_form(state), hidden=state.made.words != "", class_name="many"),
            ),
            skeleton(5),
        ),
        title=t("Many links"),
        current="/links",
        host_name=state.host_name,
    )


def _name(form: dict[str, Any], host: SignedInHost) -> str:
    name = one_line(form.get("name"))
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidInput({"name": "batch_name_too_long"})
    return name or say("List of {day}", day=day_words(clock.now().astimezone(ZoneInfo(host.time_zone)).date()))


def _made(batch: BatchRow, people: list[Person]) -> Made:
    number, has_addresses = len(people), any(person.email for person in people)
    return Made(
        words=count("{number} link made: {name}", "{number} links made: {name}", number, name=batch.name),
        table=tokens.batch_url(batch.id, "links.csv"),
        sheet=tokens.batch_url(batch.id, "sheet"),
        board=f"/links?batch={batch.id}",
        send_href=f"/send-links?batch={batch.id}" if has_addresses else "",
    )
