"""Choosing a time: what the page of a link and the page of a booking do alike. A mixin of their States.

Starts on offer are kept on the server and drawn as a month and a day, in the viewer's zone.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from singleuse_app import clock, visitor
from singleuse_app.components.choice import (
    Choice,
    choice_of,
    days_after,
    days_before,
    days_of,
    days_view,
    times_view,
    zone_view,
)
from singleuse_app.formats import zone_options
from singleuse_app.scheduling.bookings import known_time_zone


class Choosing(rx.State, mixin=True):
    """A choice among starts. It is open while ``view`` is ``"choose"``; ``step`` is day, time or form."""

    view: str = "loading"
    choice: rx.Field[Choice] = rx.field(default_factory=Choice)
    zones: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)
    step: str = "day"
    announcement: str = ""
    form_error: str = ""

    _starts: list[datetime] = []
    _zone: str = "UTC"
    _month: date | None = None
    _day: date | None = None
    _chosen: datetime | None = None

    @rx.event
    async def choose_day(self, day: Any = None) -> None:
        """Show the times of a day."""
        chosen = _date(day)
        if chosen not in self._free_days():
            return
        self._day, self._chosen = chosen, None
        await visitor.keep_choice(self, self._address_token(), self._chosen)
        self._draw()
        self.step = "time"
        self.announcement = f"{self.choice.day_title}, {self.choice.day_count}."

    @rx.event
    async def choose_time(self, start: Any = None) -> None:
        """Choose a start that is on offer."""
        chosen = visitor.instant_of(start)
        if chosen not in self._starts:
            return
        self._chosen = chosen
        await visitor.keep_choice(self, self._address_token(), self._chosen)
        self._draw()
        self.step, self.form_error = "form", ""
        self.announcement = f"{self.choice.chosen_time} chosen. {self._what_comes_next()}"

    @rx.event
    async def back(self) -> None:
        """On a phone: to the step before."""
        self.step = "time" if self.step == "form" else "day"

    @rx.event
    async def previous_month(self) -> None:
        """Turn the calendar back to the last month with a free day."""
        if self._month and (days := days_before(self._month, self._free_days())):
            self._turn(max(days))

    @rx.event
    async def next_month(self) -> None:
        """Turn the calendar on to the next month with a free day."""
        if self._month and (days := days_after(self._month, self._free_days())):
            self._turn(min(days))

    @rx.event
    async def change_zone(self) -> None:
        """Offer all time zones, or put the list away."""
        self.zones = [] if self.zones or self.view != "choose" else zone_options()

    @rx.event
    async def choose_zone(self, zone: Any = None) -> None:
        """Show every time in another zone. It changes no slot."""
        known = known_time_zone(zone)
        if self.view != "choose" or known is None:
            return
        await visitor.keep_time_zone(self, known)
        self._zone = known
        self._month = self._day = self._local_day(self._chosen)
        self.zones = []
        self._draw()
        self.announcement = self.choice.zone_line

    async def _offer(self, starts: Sequence[datetime]) -> None:
        """Let the viewer choose among these starts; what is chosen already stays where it can."""
        self._starts = list(starts)
        if self.view != "choose":
            self.view = "choose"
            self._zone = await visitor.time_zone_of(self)
            chosen = await visitor.choice_of(self, self._address_token())
            if chosen in self._starts:
                self._chosen, self.step = chosen, "form"
                self._month = self._day = self._local_day(chosen)
        elif self._chosen is not None and self._chosen not in self._starts:
            self.step, self._chosen = "time", None
            self.form_error = self.announcement = (
                f"{self.choice.chosen_time} has just been taken. What you typed is still here: choose another time."
            )
        self._draw()

    def _close_choice(self) -> None:
        """Forget what there was to choose from."""
        self._starts, self._month, self._day, self._chosen = [], None, None, None
        self.choice, self.zones, self.step, self.form_error = Choice(), [], "day", ""

    def _draw(self) -> None:
        free = self._free_days()
        if self._day not in free:
            self._day = min(free, default=None)
            self._month = self._day
        self._month = self._month or self._day
        self.choice = choice_of(
            self._starts, self._zone, month=self._month, day=self._day, chosen=self._chosen, now=clock.now()
        )

    def _turn(self, day: date) -> None:
        self._month = day
        self._draw()

    def _local_day(self, start: datetime | None) -> date | None:
        return start.astimezone(ZoneInfo(self._zone)).date() if start else None

    def _free_days(self) -> Counter[date]:
        return days_of(self._starts, self._zone)

    def _what_comes_next(self) -> str:
        """Said after a time was chosen."""
        raise NotImplementedError

    def _address_token(self) -> object:
        """The token in the address, whatever a client says that it is: the operation checks it."""
        return getattr(self, "token", None)


def choice_sections(state: type[Choosing], *before: rx.Component) -> tuple[rx.Component, rx.Component]:
    """The month, with ``before`` above it and the zone below, and the times of the day."""
    choice: Any = state.choice
    zones: Any = state.zones
    return (
        rx.el.section(
            *before,
            days_view(choice, on_choose=state.choose_day, on_previous=state.previous_month, on_next=state.next_month),
            zone_view(choice, zones, on_change=state.change_zone, on_choose=state.choose_zone),
            class_name="book__days",
        ),
        rx.el.section(times_view(choice, state.choose_time), class_name="book__times"),
    )


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
