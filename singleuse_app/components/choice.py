"""Free starts, arranged for a viewer: the days of a month and the times of a day, in the viewer's own zone.

The zone changes only how a start is shown, never which starts there are.
"""

from calendar import Calendar
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from singleuse_app.components.calendar import DayCell, Time, TimeGroup, month_calendar, time_choices
from singleuse_app.formats import clock_words, count_words, day_words, month_words, zone_words

_PARTS = ((12, "Morning"), (17, "Afternoon"), (24, "Evening"))
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Choice:
    """What a viewer chooses from: one month, one day of it, and what has been chosen so far, in words."""

    zone: str = ""
    zone_line: str = ""
    month_title: str = ""
    weeks: list[list[DayCell]] = field(default_factory=list)
    has_previous: bool = False
    has_next: bool = False
    day_title: str = ""
    day_count: str = ""
    times: list[TimeGroup] = field(default_factory=list)
    chosen: str = ""
    chosen_time: str = ""


def choice_of(
    starts: Sequence[datetime],
    zone: str,
    *,
    month: date | None,
    day: date | None,
    chosen: datetime | None,
    now: datetime,
) -> Choice:
    """The choice among ``starts``. ``day`` is ``None`` where nothing is free; ``month`` is any day of the month."""
    free = days_of(starts, zone)
    today = now.astimezone(ZoneInfo(zone)).date()
    month = month or day or today
    return Choice(
        zone=zone,
        zone_line=f"Times in {zone_words(zone, starts[0] if starts else now)}",
        month_title=month_words(month),
        weeks=_weeks(month, free, day, today),
        has_previous=bool(days_before(month, free)),
        has_next=bool(days_after(month, free)),
        day_title=day_words(day) if day else "",
        day_count=f"{count_words(free[day], 'time')} free" if day else "",
        times=_times(day, starts, zone, chosen) if day else [],
        chosen=str(int(chosen.timestamp())) if chosen else "",
        chosen_time=start_words(chosen, zone) if chosen else "",
    )


def days_of(starts: Sequence[datetime], zone: str) -> Counter[date]:
    """How many starts each local day has."""
    viewer = ZoneInfo(zone)
    return Counter(start.astimezone(viewer).date() for start in starts)


def days_before(month: date, free: Counter[date]) -> list[date]:
    """The free days in the months before that of ``month``."""
    return [day for day in free if (day.year, day.month) < (month.year, month.month)]


def days_after(month: date, free: Counter[date]) -> list[date]:
    """The free days in the months after that of ``month``."""
    return [day for day in free if (day.year, day.month) > (month.year, month.month)]


def start_words(start: datetime, zone: str) -> str:
    """A start in words.

    >>> from datetime import UTC
    >>> start_words(datetime(2026, 9, 4, 7, 30, tzinfo=UTC), "Europe/Berlin")
    'Friday 4 September, 09:30'
    """
    local = start.astimezone(ZoneInfo(zone))
    return f"{day_words(local.date())}, {clock_words(local)}"


def days_view(
    choice: rx.vars.ObjectVar[Choice], *, on_choose: Callable[..., Any], on_previous: Any, on_next: Any
) -> rx.Component:
    """The month."""
    return month_calendar(
        month_title=choice.month_title,
        weeks=choice.weeks,
        weekday_names=list(_WEEKDAYS),
        on_choose=on_choose,
        on_previous=on_previous,
        on_next=on_next,
        has_previous=choice.has_previous,
        has_next=choice.has_next,
    )


def times_view(choice: rx.vars.ObjectVar[Choice], on_choose: Callable[..., Any]) -> rx.Component:
    """The times of the day, or a word on what to do where no time is free at all."""
    return rx.cond(
        choice.day_title,
        time_choices(choice.times, on_choose, legend=choice.day_title),
        rx.el.p("No time is free at the moment. Ask whoever sent the link when there will be.", class_name="notice"),
    )


def zone_view(
    choice: rx.vars.ObjectVar[Choice],
    zones: rx.vars.ArrayVar[Sequence[tuple[str, str]]],
    *,
    on_change: Any,
    on_choose: Any,
) -> rx.Component:
    """The viewer's zone as one quiet line, and the list of all of them while it is being changed."""
    return rx.el.div(
        rx.el.p(
            choice.zone_line,
            " · ",
            rx.el.button(
                "change",
                type="button",
                on_click=on_change,
                class_name="button button--link",
                custom_attrs={
                    "aria-label": "Change the time zone",
                    "aria-expanded": rx.cond(zones.length() > 0, "true", "false"),
                },
            ),
            class_name="zone-line",
        ),
        rx.cond(
            zones.length() > 0,
            rx.el.div(
                rx.el.label("Time zone", html_for="zone"),
                rx.el.select(
                    rx.foreach(zones, lambda zone: rx.el.option(zone[1], value=zone[0])),
                    id="zone",
                    default_value=choice.zone,
                    on_change=on_choose,
                ),
                class_name="field",
            ),
            rx.fragment(),
        ),
    )


def _weeks(month: date, free: Counter[date], chosen: date | None, today: date) -> list[list[DayCell]]:
    """The month in weeks from Monday; squares outside it are blank."""
    return [
        [_cell(day, free[day], chosen, today) if day.month == month.month else DayCell() for day in week]
        for week in Calendar().monthdatescalendar(month.year, month.month)
    ]


def _cell(day: date, count: int, chosen: date | None, today: date) -> DayCell:
    return DayCell(
        iso=day.isoformat(),
        day=str(day.day),
        label=f"{day_words(day)}, {count_words(count, 'time')} free",
        count=min(count, 3),
        free=count > 0,
        chosen=day == chosen,
        today=day == today,
    )


def _times(day: date, starts: Sequence[datetime], zone: str, chosen: datetime | None) -> list[TimeGroup]:
    """The starts of one local day by part of the day. Where an hour comes twice, both have their zone beside them."""
    viewer = ZoneInfo(zone)
    local = [start.astimezone(viewer) for start in starts]
    local = [start for start in local if start.date() == day]
    twice = {text for text, count in Counter(map(clock_words, local)).items() if count > 1}
    groups: list[TimeGroup] = []
    for start in local:
        name = next(name for hour, name in _PARTS if start.hour < hour)
        if not groups or groups[-1].name != name:
            groups.append(TimeGroup(name, []))
        text = clock_words(start)
        groups[-1].times.append(
            Time(
                value=str(int(start.timestamp())),
                text=f"{text} {start:%Z}" if text in twice else text,
                chosen=start == chosen,
            )
        )
    return groups
