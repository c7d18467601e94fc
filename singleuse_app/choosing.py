"""Choosing a time: what the page of a link and the page of a booking do alike. A mixin of their States.

Nothing that is free is kept between two events: each looks again, at one month, and draws that.
"""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import reflex as rx

from singleuse_app import clock, visitor
from singleuse_app.components.choice import Choice, Viewer, choice_of, days_view, free_days, gone_view, times_view
from singleuse_app.components.zones import ZoneOption, zone_options_for, zone_view
from singleuse_app.formats import count_words, first_upper
from singleuse_app.scheduling.bookings import known_time_zone
from singleuse_app.scheduling.months import FreeTimes, View
from singleuse_app.wording import say


class Choosing(rx.State, mixin=True):
    """A choice among starts. It is open while ``view`` is ``"choose"``; ``step`` is day, time or form."""

    view: str = "loading"
    choice: rx.Field[Choice] = rx.field(default_factory=Choice)
    zones: rx.Field[list[ZoneOption]] = rx.field(default_factory=list)
    zones_found: str = ""
    is_choosing_zone: bool = False
    step: str = "day"
    announcement: str = ""
    form_error: str = ""

    _viewer: Viewer = Viewer()
    _month: date | None = None
    _day: date | None = None
    _chosen: datetime | None = None
    _gone: str = ""
    _nearest: tuple[datetime, ...] = ()

    @rx.event
    async def choose_day(self, day: Any = None) -> None:
        """Show the times of a day."""
        wanted = _date(day)
        if self.view != "choose" or wanted is None:
            return
        self._month = self._day = wanted
        if self._chosen and self._viewer.day_of(self._chosen) != wanted:
            await self._keep(None)
        self._gone, self._nearest = "", ()
        await self._look_again()
        if self.view == "choose":
            self.step = "time"
            self.announcement = self._day_words()

    @rx.event
    async def choose_time(self, start: Any = None) -> rx.event.EventSpec | None:
        """Choose a start that is on offer. Where it was one of the nearest to another, those are gone with it."""
        wanted = visitor.instant_of(start)
        if self.view != "choose" or wanted is None:
            return None
        was_among_nearest = wanted in self._nearest
        self._month = self._day = self._viewer.day_of(wanted)
        await self._keep(wanted)
        await self._look_again()
        if self.view == "choose" and self._chosen:
            self.step, self.form_error = "form", ""
            chosen = say("{time} chosen.", time=self.choice.chosen_time)
            self.announcement = f"{chosen} {self._what_comes_next()}"
        if self.view != "choose" or not was_among_nearest:
            return None
        return self._face_gone() if self._gone else rx.set_focus("chosen")

    @rx.event
    async def jump(self, start: Any = None) -> rx.event.EventSpec | None:
        """Turn to the day of the next free time. What leads there goes away with it."""
        if (wanted := visitor.instant_of(start)) is None:
            return None
        await self.choose_day(self._viewer.day_of(wanted).isoformat())
        return rx.set_focus("times") if self.view == "choose" and self._day else None

    @rx.event
    async def back(self) -> None:
        """On a phone: to the step before."""
        self.step = "time" if self.step == "form" else "day"

    @rx.event
    async def turn_to(self, month: Any = None) -> None:
        """Show the month of a date."""
        await self._turn(_date(month))

    @rx.event
    async def previous_month(self) -> None:
        """Turn the calendar back."""
        await self._turn(self._month and self._month.replace(day=1) - timedelta(days=1))

    @rx.event
    async def next_month(self) -> None:
        """Turn the calendar on."""
        await self._turn(self._month and self._month.replace(day=1) + timedelta(days=31))

    @rx.event
    async def change_zone(self) -> None:
        """Open the search for a time zone, or put it away."""
        self.is_choosing_zone = self.view == "choose" and not self.is_choosing_zone
        await self._find_zones("")

    @rx.event
    async def search_zone(self, text: Any = None) -> None:
        """Find time zones by a city, a country or an offset."""
        await self._find_zones(text[:100] if isinstance(text, str) else "")

    @rx.event
    async def choose_zone(self, zone: Any = None) -> rx.event.EventSpec | None:
        """Show every time in another zone. It changes no slot."""
        known = known_time_zone(zone)
        if self.view != "choose" or known is None:
            return None
        await visitor.keep_time_zone(self, known)
        self._viewer = replace(self._viewer, zone=known)
        self._month = self._day = self._viewer.day_of(self._chosen) if self._chosen else None
        self.is_choosing_zone, self.zones = False, []
        await self._look_again()
        self.announcement = self.choice.zone_line
        return rx.set_focus("change-zone")

    async def _look_again(self) -> None:
        """Ask what is free in ``self._view()``, and then :meth:`_offer` it; or leave the choice."""
        raise NotImplementedError

    async def _view(self) -> View:
        """What this viewer looks at. The first time the browser is asked who that is, and what it had chosen."""
        if self.view != "choose":
            self._viewer = Viewer(
                await visitor.time_zone_of(self), await visitor.conventions_of(self), await visitor.locale_of(self)
            )
            self._chosen = await visitor.choice_of(self, self._address_token())
            if self._chosen:
                self._month = self._day = self._viewer.day_of(self._chosen)
        return View(self._viewer.zone, self._month, self._chosen)

    async def _offer(self, times: FreeTimes) -> None:
        """Let the viewer choose among these times; what is chosen already stays where it can."""
        first, self.view = self.view != "choose", "choose"
        if times.nearest is not None and self._chosen:
            gone = say("{time} is not free any more.", time=self._viewer.words(self._chosen))
            self._gone = f"{gone}{self._what_is_kept()}"
            self._nearest = times.nearest
            self.announcement = self._gone
            await self._keep(None, forget=False)
        elif first and self._chosen:
            self.step = "form"
        self._draw(times)

    async def _keep(self, chosen: datetime | None, *, forget: bool = True) -> None:
        """Choose a start, or none, and let this tab remember it."""
        self._chosen = chosen
        if forget:
            self._gone, self._nearest = "", ()
        await visitor.keep_choice(self, self._address_token(), chosen)

    def _close_choice(self) -> None:
        """Forget what there was to choose from."""
        self._month, self._day, self._chosen, self._gone, self._nearest = None, None, None, "", ()
        self.choice, self.zones, self.step, self.form_error = Choice(), [], "day", ""
        self.is_choosing_zone = False

    def _draw(self, times: FreeTimes) -> None:
        free = free_days(times.starts, self._viewer)
        self._month = times.month
        if self._day not in free:
            self._day = min(free, default=None)
        self.choice = choice_of(
            times,
            self._viewer,
            day=self._day,
            chosen=self._chosen,
            gone=self._gone,
            nearest=self._nearest,
            now=clock.now(),
        )

    async def _turn(self, month: date | None) -> None:
        if self.view == "choose" and month is not None:
            self._month = month
            await self._look_again()
            self.announcement = self.choice.empty or self._day_words()

    async def _find_zones(self, query: str) -> None:
        self.zones, self.zones_found = [], ""
        if not self.is_choosing_zone:
            return
        likely = (self._viewer.zone, await visitor.time_zone_of(self, detected=True))
        self.zones = zone_options_for(query, likely, now=clock.now(), how=self._viewer.how)
        if query.strip():
            found = count_words(len(self.zones), "{number} time zone found.", "{number} time zones found.")
            self.zones_found = first_upper(found) if self.zones else say("No time zone found. Try a larger city.")

    async def _tell_what_went(self, look: Awaitable[object]) -> None:
        """Look again, and say which of the times that were shown are gone."""
        day, shown, said = self._day, _texts(self.choice), self.announcement
        await look
        if self.view != "choose" or self.announcement != said:
            return
        still = _texts(self.choice) if self._day == day else {}
        gone = [text for value, text in shown.items() if value not in still]
        if not gone:
            return
        one = say("{time} is not free any more.", time=gone[0])
        many = count_words(len(gone), "{number} time is not free any more.", "{number} times are not free any more.")
        self.announcement = f"{one if len(gone) == 1 else first_upper(many)} {self.choice.empty or self._day_words()}"

    def _face_gone(self) -> rx.event.EventSpec:
        """To the word of what is gone: it is read there, so nobody else has to say it."""
        self.announcement = ""
        return rx.set_focus("gone")

    def _day_words(self) -> str:
        return f"{self.choice.day_title}, {self.choice.day_count}."

    def _what_comes_next(self) -> str:
        """Said after a time was chosen."""
        raise NotImplementedError

    def _what_is_kept(self) -> str:
        """Said after a time was taken."""
        return ""

    def _address_token(self) -> object:
        """The token in the address, whatever a client says that it is: the operation checks it."""
        return getattr(self, "token", None)


def form_section(state: type[Choosing], form: rx.Component) -> rx.Component:
    """Where the chosen time is confirmed; or, above what was typed, word that it is gone."""
    return rx.el.section(gone_view(state.choice, state.choose_time), form, class_name="book__form")


def choice_sections(state: type[Choosing], *before: rx.Component) -> tuple[rx.Component, rx.Component]:
    """The month, with ``before`` above it and the zone below, and the times of the day."""
    choice: Any = state.choice
    return (
        rx.el.section(
            *before,
            days_view(
                choice,
                on_choose=state.choose_day,
                on_month=state.turn_to,
                on_previous=state.previous_month,
                on_next=state.next_month,
                on_jump=state.jump,
            ),
            zone_view(choice.zone_line, state),
            class_name="book__days",
        ),
        rx.el.section(times_view(choice, state.choose_time), class_name="book__times"),
    )


def _texts(choice: Choice) -> dict[str, str]:
    """The times that are shown, by their value."""
    return {time["value"]: time["text"] for group in choice.times for time in group["times"]}


def _date(value: object) -> date | None:
    try:
        found = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found and date.min.year + 1 < found.year < date.max.year - 1 else None
