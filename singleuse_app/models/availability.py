"""The hours in which something is offered."""

import json
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

from singleuse_app.ids import new_id
from singleuse_app.models.table import Instant, Table
from singleuse_app.scheduling.availability import AvailabilitySchedule, DateOverride, WeeklyHours
from singleuse_app.scheduling.public_holidays import PublicHolidays
from singleuse_app.scheduling.recurrence import Recurrence


class Availability(TypeDecorator[AvailabilitySchedule]):
    """An :class:`AvailabilitySchedule`, kept as one JSON text: it is read, checked and replaced as a whole."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: AvailabilitySchedule | None, dialect: Dialect) -> str | None:
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> AvailabilitySchedule | None:
        return None if value is None else from_json(value)


class Schedule(Table, table=True):
    """A named availability schedule of a host."""

    __tablename__ = "availability_schedule"
    __table_args__ = (UniqueConstraint("id", "host_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    host_id: UUID = Field(foreign_key="host.id", index=True)
    name: str
    availability: AvailabilitySchedule = Field(sa_type=Availability)
    created_at: datetime = Field(sa_type=Instant)


def to_json(schedule: AvailabilitySchedule) -> str:
    """The text that a schedule is kept as.

    >>> to_json(AvailabilitySchedule("Europe/Berlin", (WeeklyHours(0, 540, 1020),)))
    '{"time_zone": "Europe/Berlin", "weekly_hours": [[0, 540, 1020]], "date_overrides": {}}'
    """
    holidays = schedule.holidays
    document: dict[str, Any] = {
        "time_zone": schedule.time_zone,
        "weekly_hours": [[hours.weekday, hours.start_minute, hours.end_minute] for hours in schedule.weekly_hours],
        "date_overrides": {override.date.isoformat(): override.hours for override in schedule.date_overrides},
    }
    if schedule.recurrences:
        document["recurrences"] = [[rule.rrule, rule.start.isoformat(), rule.hours] for rule in schedule.recurrences]
    if holidays:
        worked = sorted(day.isoformat() for day in holidays.worked)
        document["holidays"] = {"country": holidays.country, "region": holidays.region, "worked": worked}
    return json.dumps(document)


@lru_cache(maxsize=1024)
def from_json(text: str) -> AvailabilitySchedule:
    """The schedule that was kept as ``text``. The same text is read once."""
    document = json.loads(text)
    return AvailabilitySchedule(
        time_zone=document["time_zone"],
        weekly_hours=tuple(WeeklyHours(*hours) for hours in document["weekly_hours"]),
        date_overrides=tuple(
            DateOverride(date.fromisoformat(day), _hours(hours)) for day, hours in document["date_overrides"].items()
        ),
        recurrences=tuple(
            Recurrence(rrule, date.fromisoformat(start), _hours(hours))
            for rrule, start, hours in document.get("recurrences", ())
        ),
        holidays=_holidays(document["holidays"]) if "holidays" in document else None,
    )


def _hours(pairs: list[list[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((opens, closes) for opens, closes in pairs)


def _holidays(document: dict[str, Any]) -> PublicHolidays:
    worked = frozenset(map(date.fromisoformat, document["worked"]))
    return PublicHolidays(document["country"], document["region"], worked)
