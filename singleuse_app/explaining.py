"""Why a time is not on offer: the host asks on the Availability page. A mixin of its State."""

from datetime import datetime, time
from functools import partial
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, session
from singleuse_app.formats import clock_words, day_words, zone_words
from singleuse_app.messages import words
from singleuse_app.operations import event_types
from singleuse_app.scheduling.days_ahead import instants_of
from singleuse_app.scheduling.errors import Refusal
from singleuse_app.scheduling.hours_text import parse_clock
from singleuse_app.scheduling.texts import parse_day
from singleuse_app.wording import noted, say


class Explaining(rx.State, mixin=True):
    """A question about a time, and its answer."""

    event_types: list[tuple[str, str]] = []
    wrong_why: dict[str, str] = {"why_event_type": "", "why_date": "", "why_time": ""}
    why_title: str = ""
    why: list[str] = []
    refused_why: int = 0

    @rx.event
    async def explain(self, form: Any = None) -> EventSpec | None:
        """Say why an event type cannot be booked at a time, by what is saved."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        form = form if isinstance(form, dict) else {}
        own = await rx.run_in_thread(partial(event_types.list_event_types, host_id=host.id, now=clock.now()))
        card = next((each for each in own if each.id == form.get("why_event_type")), None)
        day, minute = parse_day(form.get("why_date")), parse_clock(form.get("why_time"))
        self.why_title, self.why = "", []
        self.wrong_why = {
            "why_event_type": "" if card else words("event_type_missing"),
            "why_date": "" if day else words("date_missing"),
            "why_time": words("time_missing") if minute is None else "",
        }
        if card is None or day is None or minute is None:
            self.refused_why += 1
            return None
        zone = card.availability.time_zone
        instants = instants_of(zone, day, minute)
        ask = partial(event_types.explain_time, host_id=host.id, event_type_id=card.id, now=clock.now())
        told = [await rx.run_in_thread(partial(ask, start=at)) for at in instants]
        # a time that comes twice is offered where either of the two is
        fewest = min(told, key=len, default=[])
        reasons = [words(Refusal(why.reason, holiday=why.holiday, calendar=why.calendar)) for why in fewest]
        self.why = reasons if instants else [words("clock_skips")]
        self.why += [words("is_off")] if card.is_off else []
        place = zone_words(zone, instants[0] if instants else clock.now())
        at = clock_words(datetime.combine(day, time(*divmod(minute, 60))), how=host.how)
        asked = f"{card.name}, {day_words(day)} {at}, {place}"
        verdict = noted("{asked}: this is why it is not offered.") if self.why else noted("{asked}: it is offered.")
        self.why_title = say(verdict, asked=asked)
        return None
