"""A schedule as it is being typed: its texts, and the schedule that they come to."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from singleuse_app.scheduling.availability import MAX_WEEKLY_HOURS, AvailabilitySchedule, DateOverride, WeeklyHours
from singleuse_app.scheduling.bookings import MAX_NAME_LENGTH, known_time_zone
from singleuse_app.scheduling.errors import InvalidAvailability, InvalidInput
from singleuse_app.scheduling.hours_text import MAX_LENGTH, Hours, hours_text, parse_hours
from singleuse_app.scheduling.public_holidays import PublicHolidays, countries
from singleuse_app.scheduling.recurrence import Recurrence
from singleuse_app.scheduling.texts import one_line, parse_day

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
KINDS = {
    "every": "FREQ=WEEKLY;BYDAY={}",
    "every second": "FREQ=WEEKLY;INTERVAL=2;BYDAY={}",
    "first": "FREQ=MONTHLY;BYDAY=1{}",
    "second": "FREQ=MONTHLY;BYDAY=2{}",
    "third": "FREQ=MONTHLY;BYDAY=3{}",
    "fourth": "FREQ=MONTHLY;BYDAY=4{}",
    "last": "FREQ=MONTHLY;BYDAY=-1{}",
}
"""The recurrences that can be chosen, each of one weekday. Others are kept as they are."""

CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form. Rows have ids of their own; a field is called by what it holds and its row's id.

    ``rules`` are pairs of an id and the RRULE, which is empty where it can be chosen. Overrides before ``since`` are
    not in the form. ``base`` tells which schedule this began as.
    """

    form: str
    base: str
    since: date
    days: tuple[str, ...]
    dates: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    typed: Mapping[str, str]

    @property
    def region_field(self) -> str:
        """The region's field; each country has its own."""
        return f"region-{self.form}-{self.typed[f'country-{self.form}']}"

    def typing(self, texts: Mapping[str, object]) -> "Draft":
        """The same with other texts in its fields; what names no field is passed over."""
        known = {name: text[:MAX_LENGTH] for name, text in texts.items() if isinstance(text, str) and name in self}
        changed = replace(self, typed={**self.typed, **known})
        return replace(changed, typed={changed.region_field: "", **changed.typed})

    def __contains__(self, name: object) -> bool:
        return name in self.typed


@dataclass(frozen=True, slots=True)
class Reading:
    """What the texts come to, with a code for each field that cannot be read and counts as empty until it can."""

    name: str
    schedule: AvailabilitySchedule
    wrong: Mapping[str, str] = field(default_factory=dict)


def draft_of(name: str, schedule: AvailabilitySchedule, *, base: str, since: date, new_id: Callable[[], str]) -> Draft:
    """The form of a schedule as it is."""
    form, days = new_id(), [new_id() for _ in DAYS]
    holidays = schedule.holidays
    typed = {
        f"name-{form}": name,
        f"zone-{form}": schedule.time_zone,
        f"country-{form}": holidays.country if holidays else "",
        f"region-{form}-{holidays.country if holidays else ''}": (holidays.region or "") if holidays else "",
    }
    for weekday, row in enumerate(days):
        hours = [(each.start_minute, each.end_minute) for each in schedule.weekly_hours if each.weekday == weekday]
        typed[f"hours-{row}"] = hours_text(hours)
    draft = Draft(form, base, since, tuple(days), (), (), typed)
    for override in sorted(schedule.date_overrides, key=lambda each: each.date):
        if override.date >= since:
            draft = with_date(draft, new_id(), override.date.isoformat(), override.hours)
    for rule in schedule.recurrences:
        draft = with_rule(draft, new_id(), rule)
    return draft


def with_date(draft: Draft, row: str, day: str = "", hours: Hours = ()) -> Draft:
    """The same with one more date."""
    typed = {**draft.typed, f"date-{row}": day, f"hours-{row}": hours_text(hours)}
    return replace(draft, dates=(*draft.dates, row), typed=typed)


def with_rule(draft: Draft, row: str, rule: Recurrence) -> Draft:
    """The same with one more recurrence."""
    kind, weekday = kind_of(rule)
    texts = {"kind": kind, "weekday": weekday, "start": rule.start.isoformat(), "hours": hours_text(rule.hours)}
    typed = {**draft.typed, **{f"{what}-{row}": text for what, text in texts.items()}}
    return replace(draft, rules=(*draft.rules, (row, rule.rrule if kind == CUSTOM else "")), typed=typed)


def without(draft: Draft, row: object) -> Draft:
    """The same without a date or a recurrence."""
    typed = {name: text for name, text in draft.typed.items() if not name.endswith(f"-{row}")}
    dates = tuple(each for each in draft.dates if each != row)
    rules = tuple(each for each in draft.rules if each[0] != row)
    is_there = (dates, rules) != (draft.dates, draft.rules)
    return replace(draft, dates=dates, rules=rules, typed=typed) if is_there else draft


def with_copies(draft: Draft, source: int, targets: Iterable[int], *, new_id: Callable[[], str]) -> Draft:
    """The same with one weekday's hours on others too. Their rows are new ones."""
    days, typed = list(draft.days), dict(draft.typed)
    text = typed[f"hours-{days[source]}"]
    for target in {*targets} - {source}:
        typed.pop(f"hours-{days[target]}")
        days[target] = new_id()
        typed[f"hours-{days[target]}"] = text
    return replace(draft, days=tuple(days), typed=typed)


def kind_of(rule: Recurrence) -> tuple[str, str]:
    """Which of the choices a recurrence is, and its weekday; ``("custom", "")`` for any other.

    >>> kind_of(Recurrence("FREQ=MONTHLY;BYDAY=-1FR", date(2026, 9, 4)))
    ('last', 'FR')
    """
    for kind, pattern in KINDS.items():
        if found := re.fullmatch(pattern.replace("{}", f"({'|'.join(DAYS)})"), rule.rrule):
            return kind, found[1]
    return CUSTOM, ""


def read_draft(draft: Draft, stored: AvailabilitySchedule) -> Reading:
    """What a draft of ``stored`` comes to, as far as it can be read."""
    wrong: dict[str, str] = {}
    typed = draft.typed
    name = one_line(typed[f"name-{draft.form}"])
    if not name or len(name) > MAX_NAME_LENGTH:
        wrong[f"name-{draft.form}"] = "name_too_long" if name else "schedule_name_missing"
    weekly = tuple(
        WeeklyHours(weekday, *hours)
        for weekday, row in enumerate(draft.days)
        for hours in _hours(typed, row, wrong) or ()
    )
    if len(weekly) > MAX_WEEKLY_HOURS:
        weekly = weekly[:MAX_WEEKLY_HOURS]
        wrong[f"hours-{draft.days[-1]}"] = "too_many_hours"
    recurrences = [_rule(typed, row, rrule, wrong) for row, rrule in draft.rules]
    schedule = AvailabilitySchedule(
        time_zone=known_time_zone(typed[f"zone-{draft.form}"]) or stored.time_zone,
        weekly_hours=weekly,
        date_overrides=_overrides(draft, stored, wrong),
        recurrences=tuple(rule for rule in recurrences if rule),
        holidays=_holidays(draft, stored, wrong),
    )
    return Reading(name, schedule, wrong)


def parse_draft(draft: Draft, stored: AvailabilitySchedule) -> Reading:
    """What a draft comes to; raises ``InvalidInput`` with a code for each field that cannot be read."""
    reading = read_draft(draft, stored)
    if reading.wrong:
        raise InvalidInput(dict(reading.wrong))
    return reading


def kept_text(draft: Draft) -> str:
    """A draft as text, for :func:`parse_kept`."""
    facts = {name: getattr(draft, name) for name in ("form", "base", "days", "dates", "rules", "typed")}
    return json.dumps({**facts, "since": draft.since.isoformat()})


def parse_kept(text: object) -> Draft | None:
    """The draft that a text is; ``None`` for any other text, or anything else."""
    try:
        facts = json.loads(text) if isinstance(text, str) else {}
        draft = Draft(
            form=facts["form"],
            base=facts["base"],
            since=date.fromisoformat(facts["since"]),
            days=tuple(facts["days"]),
            dates=tuple(facts["dates"]),
            rules=tuple((row, rrule) for row, rrule in facts["rules"]),
            typed=dict(facts["typed"]),
        )
        needed = [f"{what}-{draft.form}" for what in ("name", "zone", "country")] + [draft.region_field]
        needed += [f"hours-{row}" for row in (*draft.days, *draft.dates)] + [f"date-{row}" for row in draft.dates]
        needed += [f"{what}-{row}" for row, _ in draft.rules for what in ("kind", "weekday", "start", "hours")]
        texts = (*draft.typed.values(), *draft.typed, *(rrule for _, rrule in draft.rules), draft.base)
        is_whole = len(draft.days) == len(DAYS) and all(isinstance(each, str) for each in texts)
        return draft if is_whole and {*needed} <= draft.typed.keys() else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _hours(typed: Mapping[str, str], row: str, wrong: dict[str, str]) -> Hours | None:
    try:
        return parse_hours(typed[f"hours-{row}"])
    except InvalidAvailability as refusal:
        wrong[f"hours-{row}"] = refusal.code
        return None


def _date(typed: Mapping[str, str], name: str, wrong: dict[str, str]) -> date | None:
    found = parse_day(typed[name])
    if found is None:
        wrong[name] = "date_missing"
    return found


def _overrides(draft: Draft, stored: AvailabilitySchedule, wrong: dict[str, str]) -> tuple[DateOverride, ...]:
    found: dict[date, DateOverride] = {}
    for row in draft.dates:
        day, hours = _date(draft.typed, f"date-{row}", wrong), _hours(draft.typed, row, wrong)
        if day in found:
            wrong[f"date-{row}"] = "date_override_repeated"
        elif day and hours is not None:
            found[day] = DateOverride(day, hours)
    over = [each for each in stored.date_overrides if each.date < draft.since and each.date not in found]
    return tuple(sorted((*over, *found.values()), key=lambda each: each.date))


def _rule(typed: Mapping[str, str], row: str, rrule: str, wrong: dict[str, str]) -> Recurrence | None:
    start, hours = _date(typed, f"start-{row}", wrong), _hours(typed, row, wrong)
    if start is None or hours is None:
        return None
    pattern = KINDS.get(typed[f"kind-{row}"], KINDS["every"])
    weekday = typed[f"weekday-{row}"] if typed[f"weekday-{row}"] in DAYS else DAYS[start.weekday()]
    try:
        return Recurrence(rrule or pattern.format(weekday), start, hours)
    except InvalidAvailability:
        wrong[f"start-{row}"] = "date_missing"
        return None


def _holidays(draft: Draft, stored: AvailabilitySchedule, wrong: dict[str, str]) -> PublicHolidays | None:
    country, region = draft.typed[f"country-{draft.form}"], draft.typed[draft.region_field] or None
    if not country:
        return None
    known = countries()
    if country not in known or (region and region not in known[country]):
        wrong[f"country-{draft.form}"] = "holidays_unknown"
        return None
    is_same = stored.holidays is not None and stored.holidays.country == country
    return PublicHolidays(country, region, stored.holidays.worked if is_same and stored.holidays else frozenset())
