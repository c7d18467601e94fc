"""A schedule's form and its preview as texts, ready to be drawn."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from singleuse_app.formats import PLAIN, WEEKDAYS, Conventions, date_words, day_words, hours_words
from singleuse_app.messages import words
from singleuse_app.scheduling.availability import DAY_MINUTES, AvailabilitySchedule, HoursFrom
from singleuse_app.scheduling.days_ahead import DayAhead
from singleuse_app.scheduling.public_holidays import countries, region_names
from singleuse_app.scheduling.schedule_forms import CUSTOM, DAYS, Draft
from singleuse_app.scheduling.zone_search import country_names, plain
from singleuse_app.wording import noted, say, wording

KIND_WORDS = {
    "every": noted("Every week"),
    "every second": noted("Every second week"),
    "first": noted("First in a month"),
    "second": noted("Second in a month"),
    "third": noted("Third in a month"),
    "fourth": noted("Fourth in a month"),
    "last": noted("Last in a month"),
}
_RECURS = {
    "every": noted("Every {weekday}"),
    "every second": noted("Every second {weekday}"),
    "first": noted("The first {weekday} of the month"),
    "second": noted("The second {weekday} of the month"),
    "third": noted("The third {weekday} of the month"),
    "fourth": noted("The fourth {weekday} of the month"),
    "last": noted("The last {weekday} of the month"),
}
_CLOSED_BY = {
    HoursFrom.WEEK: noted("unavailable"),
    HoursFrom.OVERRIDE: noted("not available"),
    HoursFrom.DAY_OFF: noted("day off"),
}


@dataclass(frozen=True)
class Tab:
    """One schedule to choose."""

    id: str
    name: str
    is_changed: bool = False


@dataclass(frozen=True)
class DayRow:
    """One weekday as it is edited."""

    id: str = ""
    weekday: int = 0
    label: str = ""
    hours: str = ""
    wrong: str = ""


@dataclass(frozen=True)
class DateRow:
    """One date with hours of its own as it is edited."""

    id: str = ""
    label: str = ""
    date: str = ""
    hours: str = ""
    wrong_date: str = ""
    wrong: str = ""
    is_new: bool = False


@dataclass(frozen=True)
class RuleRow:
    """One recurrence as it is edited; one that is none of the choices keeps its rule."""

    id: str = ""
    label: str = ""
    kind: str = ""
    weekday: str = ""
    start: str = ""
    hours: str = ""
    wrong_start: str = ""
    wrong: str = ""
    is_custom: bool = False
    is_new: bool = False


@dataclass(frozen=True)
class Form:
    """All of a schedule's form. ``id`` is part of its fields' names; an uncommon zone is an option more."""

    id: str = ""
    name: str = ""
    wrong_name: str = ""
    zone: str = ""
    country: str = ""
    wrong_country: str = ""
    region: str = ""
    region_field: str = ""
    regions: list[tuple[str, str]] = field(default_factory=list)
    days: list[DayRow] = field(default_factory=list)
    dates: list[DateRow] = field(default_factory=list)
    rules: list[RuleRow] = field(default_factory=list)


@dataclass(frozen=True)
class Strip:
    """The open hours of one date, in words and as stretches of a day of 1,440 minutes: where each starts, how long."""

    day: str = ""
    hours: str = ""
    note: str = ""
    is_open: bool = False
    stretches: list[tuple[int, int]] = field(default_factory=list)


def form_of(draft: Draft, wrong: Mapping[str, str], *, new_row: str = "", first_weekday: int = 0) -> Form:
    """What the form shows of a draft, with the words for what is wrong. ``new_row`` has just been added."""
    typed, form, days = draft.typed, draft.form, [*enumerate(draft.days)]
    told = {name: words(code) for name, code in wrong.items()}
    country = typed[f"country-{form}"]
    return Form(
        id=form,
        name=typed[f"name-{form}"],
        wrong_name=told.get(f"name-{form}", ""),
        zone=typed[f"zone-{form}"],
        country=country,
        wrong_country=told.get(f"country-{form}", ""),
        region=typed[draft.region_field],
        region_field=draft.region_field,
        regions=_regions(country),
        days=[
            DayRow(row, weekday, say(WEEKDAYS[weekday]), typed[f"hours-{row}"], told.get(f"hours-{row}", ""))
            for weekday, row in [*days[first_weekday:], *days[:first_weekday]]
        ],
        dates=[
            DateRow(
                id=row,
                label=_label(typed[f"date-{row}"]),
                date=typed[f"date-{row}"],
                hours=typed[f"hours-{row}"],
                wrong_date=told.get(f"date-{row}", ""),
                wrong=told.get(f"hours-{row}", ""),
                is_new=row == new_row,
            )
            for row in draft.dates
        ],
        rules=[
            RuleRow(
                id=row,
                label=rule_words(typed[f"kind-{row}"], typed[f"weekday-{row}"], typed[f"start-{row}"], rrule),
                kind=typed[f"kind-{row}"],
                weekday=typed[f"weekday-{row}"],
                start=typed[f"start-{row}"],
                hours=typed[f"hours-{row}"],
                wrong_start=told.get(f"start-{row}", ""),
                wrong=told.get(f"hours-{row}", ""),
                is_custom=bool(rrule),
                is_new=row == new_row,
            )
            for row, rrule in draft.rules
        ],
    )


def strip_of(day: DayAhead, unread: Collection[int] = (), how: Conventions = PLAIN) -> Strip:
    """One date of the preview. The weekdays in ``unread`` have hours that make no sense yet."""
    change = ""
    if day.clock_change:
        change = say("The clocks are put forward.") if day.clock_change > 0 else say("The clocks are put back.")
    closed = say("closed: {holiday}", holiday=day.holiday) if day.hours_from is HoursFrom.HOLIDAY else ""
    if day.hours_from in _CLOSED_BY:
        closed = say(_CLOSED_BY[day.hours_from])
    if day.hours_from is HoursFrom.WEEK and day.date.weekday() in unread:
        closed = say("hours that cannot be read yet")
    return Strip(
        day=day_words(day.date),
        hours=hours_words(day.hours, how) or closed,
        note=change,
        is_open=bool(day.hours),
        stretches=[(opens, min(closes, DAY_MINUTES) - opens) for opens, closes in day.hours],
    )


def rule_words(kind: str, weekday: str, start: str, rrule: str = "") -> str:
    """A recurrence in words.

    >>> rule_words("last", "FR", "2026-09-04")
    'The last Friday of the month, from Friday 4 September 2026'
    >>> rule_words("custom", "", "2026-09-04", "FREQ=DAILY;COUNT=2")
    'By the rule FREQ=DAILY;COUNT=2, from Friday 4 September 2026'
    """
    name = say(WEEKDAYS[DAYS.index(weekday)]) if weekday in DAYS else ""
    recurs = say("By the rule {rrule}", rrule=rrule) if kind == CUSTOM else say(_RECURS.get(kind, ""), weekday=name)
    begun = _label(start)
    return say("{recurs}, from {day}", recurs=recurs, day=begun) if begun else recurs


def country_options(locale: str) -> list[tuple[str, str]]:
    """The countries whose holidays are known, by name."""
    told = wording(locale)
    names = country_names() | {"XK": "Kosovo"} if told.is_english else told.countries
    return sorted(((code, names.get(code, code)) for code in countries()), key=lambda country: plain(country[1]))


def fingerprint(name: str, schedule: AvailabilitySchedule) -> str:
    """A text that is another one when the schedule is."""
    holidays = schedule.holidays
    observed = (holidays.country, holidays.region, sorted(holidays.worked)) if holidays else None
    text = f"{name}\n{replace(schedule, holidays=None)}\n{observed}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _regions(country: str) -> list[tuple[str, str]]:
    named = sorted(region_names(country).items(), key=lambda region: region[1]) if country else []
    return [("", say("All of the country")), *named] if named else []


def _label(day: str) -> str:
    try:
        return date_words(date.fromisoformat(day))
    except ValueError:
        return ""
