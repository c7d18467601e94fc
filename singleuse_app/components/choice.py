"""Free starts, arranged for a viewer: the days of a month and the times of a day, in the viewer's own zone.

The zone changes only how a start is shown, never which starts there are.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from singleuse_app.components.calendar import DayCell, Time, TimeGroup, Weekday, month_calendar, time_choices
from singleuse_app.components.words import t
from singleuse_app.formats import (
    PLAIN,
    Conventions,
    clock_words,
    day_words,
    month_words,
    weekday_words,
    zone_words,
)
from singleuse_app.scheduling.months import FreeTimes
from singleuse_app.scheduling.zones import offset_words
from singleuse_app.wording import count, noted, say

_PARTS = ((12, noted("Morning")), (17, noted("Afternoon")), (24, noted("Evening")))


@dataclass(frozen=True)
class Viewer:
    """Who looks: their zone, how they are used to see times, and the locale that they read."""

    zone: str = "UTC"
    how: Conventions = PLAIN
    locale: str = "en"

    def day_of(self, start: datetime) -> date:
        """The date of an instant where the viewer is."""
        return start.astimezone(ZoneInfo(self.zone)).date()

    def words(self, start: datetime) -> str:
        """A start in words.

        >>> from datetime import UTC
        >>> Viewer("Europe/Berlin").words(datetime(2026, 9, 4, 7, 30, tzinfo=UTC))
        'Friday 4 September, 09:30'
        """
        return f"{day_words(self.day_of(start), self.how)}, {self.clock(start)}"

    def clock(self, start: datetime) -> str:
        """The time of day of an instant, with its zone where the same time comes twice that day.

        >>> from datetime import UTC
        >>> Viewer("Europe/Berlin").clock(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
        '02:30 CET'
        """
        local = start.astimezone(ZoneInfo(self.zone))
        comes_twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
        return clock_words(local, how=self.how) + (f" {local:%Z}" if comes_twice else "")


@dataclass(frozen=True)
class Choice:
    """What a viewer chooses from: one month, one day of it, and what has been chosen so far, in words.

    ``month``, ``day`` and ``today`` are dates. Where the month is empty, ``empty`` says so, and ``next_free`` is the
    first time after it, if there is one. ``gone`` tells of a chosen time that is not free any more, and ``nearest`` of
    others around it.
    """

    zone_line: str = ""
    month: str = ""
    month_title: str = ""
    today: str = ""
    first_weekday: int = 0
    weekdays: list[Weekday] = field(default_factory=list)
    days: list[DayCell] = field(default_factory=list)
    has_previous: bool = False
    has_next: bool = False
    empty: str = ""
    next_free: Time | None = None
    day: str = ""
    day_title: str = ""
    day_count: str = ""
    times: list[TimeGroup] = field(default_factory=list)
    chosen: str = ""
    chosen_time: str = ""
    gone: str = ""
    nearest: list[Time] = field(default_factory=list)


def choice_of(
    times: FreeTimes,
    viewer: Viewer,
    *,
    day: date | None,
    chosen: datetime | None,
    gone: str = "",
    nearest: tuple[datetime, ...] = (),
    now: datetime,
) -> Choice:
    """The choice among ``times``. ``day`` is one with a free time, or ``None`` where the month has none."""
    return replace(
        _drawn(replace(times, nearest=None), viewer, day, chosen, viewer.day_of(now)),
        zone_line=_zone_words(viewer, day, now),
        gone=gone,
        nearest=[_time(start, viewer.words(start)) for start in nearest],
    )


@lru_cache(maxsize=256)
def free_days(starts: tuple[datetime, ...], viewer: Viewer) -> Counter[date]:
    """How many starts each date of the viewer has. Not to be changed: others are given the same."""
    return Counter(viewer.day_of(start) for start in starts)


@lru_cache(maxsize=256)
def _drawn(times: FreeTimes, viewer: Viewer, day: date | None, chosen: datetime | None, today: date) -> Choice:
    """What all pages have in common that show the same; after a booking many are drawn at once."""
    free = free_days(times.starts, viewer)
    length = (times.month + timedelta(days=31)).replace(day=1) - times.month
    title = month_words(times.month)
    later = times.next_free
    return Choice(
        month=times.month.isoformat(),
        month_title=title,
        today=today.isoformat(),
        first_weekday=viewer.how.first_weekday,
        weekdays=_weekdays(viewer.how.first_weekday),
        days=[_cell(times.month + timedelta(days=number), free, viewer.how) for number in range(length.days)],
        has_previous=times.has_earlier,
        has_next=times.has_later,
        empty=_empty_words(title, times),
        next_free=_time(later, viewer.words(later)) if later else None,
        day=day.isoformat() if day else "",
        day_title=day_words(day, viewer.how) if day else "",
        day_count=_free_words(free[day]) if day else "",
        times=_times(day, times.starts, viewer, chosen) if day else [],
        chosen=_value(chosen) if chosen else "",
        chosen_time=viewer.words(chosen) if chosen else "",
    )


def _weekdays(first: int) -> list[Weekday]:
    names = [Weekday(name=name, short=short) for name, short in weekday_words()]
    return names[first:] + names[:first]


def days_view(
    choice: Any,
    *,
    on_choose: Callable[..., Any],
    on_month: Callable[..., Any],
    on_previous: Any,
    on_next: Any,
    on_jump: Callable[..., Any],
) -> rx.Component:
    """The month; where it is empty, what to do."""
    return rx.fragment(
        month_calendar(choice=choice, on_choose=on_choose, on_month=on_month, on_previous=on_previous, on_next=on_next),
        rx.cond(
            choice.empty,
            rx.el.div(
                rx.el.p(choice.empty),
                rx.cond(
                    choice.next_free,
                    rx.el.button(
                        t("Next free time: {time}", time=choice.next_free["text"]),
                        type="button",
                        on_click=on_jump(choice.next_free["value"]),
                        class_name="button",
                    ),
                    rx.fragment(),
                ),
                class_name="notice",
            ),
            rx.fragment(),
        ),
    )


def times_view(choice: Any, on_choose: Callable[..., Any]) -> rx.Component:
    """The times of the day; nothing where there is none."""
    return rx.cond(
        choice.day_title,
        time_choices(choice.times, on_choose, legend=choice.day_title, count=choice.day_count),
        rx.fragment(),
    )


def chosen_heading(choice: Any, otherwise: rx.Var) -> rx.Component:
    """The chosen time above what confirms it; the focus comes here where what it was chosen with goes away."""
    return rx.el.h2(rx.cond(choice.chosen_time, choice.chosen_time, otherwise), id="chosen", tab_index=-1)


def gone_view(choice: Any, on_choose: Callable[..., Any]) -> rx.Component:
    """Word of a chosen time that is not free any more, and the nearest others, each a button."""
    return rx.cond(
        choice.gone,
        rx.el.div(
            rx.el.p(choice.gone, id="gone", tab_index=-1),
            rx.cond(choice.nearest.length() > 0, rx.el.p(t("Nearest to it:"), class_name="small"), rx.fragment()),
            rx.el.div(
                rx.foreach(
                    choice.nearest,
                    lambda time: rx.el.button(
                        time["text"],
                        type="button",
                        on_click=on_choose(time["value"]),
                        class_name="button button--small",
                        key=time["value"],
                    ),
                ),
                class_name="gone__nearest",
            ),
            class_name="notice gone",
        ),
        rx.fragment(),
    )


def _zone_words(viewer: Viewer, day: date | None, now: datetime) -> str:
    """The viewer's zone with its offset now, and that of the day where the clocks change before."""
    line = say("Times in {zone}", zone=zone_words(viewer.zone, now))
    noon = datetime.combine(day, time_of_day(12), ZoneInfo(viewer.zone)) if day else now
    then = offset_words(viewer.zone, noon)
    if then == offset_words(viewer.zone, now):
        return line
    return say("{zone}, {offset} on this day", zone=line, offset=then)


def _empty_words(title: str, times: FreeTimes) -> str:
    if times.starts:
        return ""
    if times.next_free:
        return say("No time is free in {month}.", month=title)
    if times.has_earlier:
        return say("No time is free in {month} or later.", month=title)
    return say("No time is free at the moment. Ask whoever sent the link when there will be.")


def _cell(day: date, free: Counter[date], how: Conventions) -> DayCell:
    return DayCell(iso=day.isoformat(), label=f"{day_words(day, how)}, {_free_words(free[day])}", count=free[day])


def _free_words(number: int) -> str:
    return count("{number} time free", "{number} times free", number) if number else say("no times free")


def _time(start: datetime, text: str, *, chosen: bool = False) -> Time:
    return Time(value=_value(start), text=text, chosen=chosen)


def _times(day: date, starts: tuple[datetime, ...], viewer: Viewer, chosen: datetime | None) -> list[TimeGroup]:
    """The starts of one local day by part of the day."""
    zone = ZoneInfo(viewer.zone)
    groups: list[TimeGroup] = []
    for start in starts:
        local = start.astimezone(zone)
        if local.date() != day:
            continue
        name = say(next(name for hour, name in _PARTS if local.hour < hour))
        if not groups or groups[-1]["name"] != name:
            groups.append(TimeGroup(name=name, times=[]))
        groups[-1]["times"].append(_time(start, viewer.clock(start), chosen=start == chosen))
    return groups


def _value(start: datetime) -> str:
    return str(int(start.timestamp()))
