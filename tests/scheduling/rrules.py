"""Random recurrence rules, valid by RFC 5545 and varied."""

from datetime import date

from hypothesis import strategies as st

from singleuse_app.scheduling.errors import InvalidAvailability
from singleuse_app.scheduling.recurrence import Recurrence

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

INTERVALS = st.sampled_from([1, 1, 1, 2, 2, 3, 4, 5, 6, 12])
WEEKDAYS = st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True).map(",".join)
ORDINALS = st.sampled_from(["1", "2", "3", "4", "5", "-1", "-2", "+1"])
ORDINAL_DAYS = st.lists(st.tuples(ORDINALS, st.sampled_from(DAYS)).map("".join), min_size=1, max_size=3).map(",".join)
YEAR_ORDINALS = st.integers(1, 53).map(str) | st.integers(-53, -1).map(str)
DAYS_OF_YEAR = st.lists(st.tuples(YEAR_ORDINALS, st.sampled_from(DAYS)).map("".join), min_size=1, max_size=2)
MONTH_DAYS = st.sampled_from([1, 2, 13, 15, 28, 29, 30, 31, -1, -2, -15, -31])
YEAR_DAYS = st.sampled_from([1, 59, 60, 61, 100, 200, 365, 366, -1, -100, -366])
WEEK_NUMBERS = st.sampled_from([1, 2, 20, 26, 52, 53, -1, -2, -53])
POSITIONS = st.sampled_from([1, 2, 3, -1, -2])
WEEK_STARTS = st.sampled_from(DAYS)
COUNTS = st.sampled_from([1, 2, 3, 10, 25, 100, 366])


def some(numbers: st.SearchStrategy[int], most: int = 3) -> st.SearchStrategy[str]:
    return st.lists(numbers, min_size=1, max_size=most, unique=True).map(lambda found: ",".join(map(str, found)))


BY_MONTH = some(st.integers(1, 12))
BY_MONTH_DAY = some(MONTH_DAYS)

# What else a rule of each frequency may say. BYSETPOS is none of a weekly rule: dateutil takes the part of the first
# week that lies after the start for a whole week, where RFC 5545, section 3.3.10, counts in the whole week.
PARTS: dict[str, dict[str, st.SearchStrategy[str]]] = {
    "DAILY": {"BYDAY": WEEKDAYS, "BYMONTHDAY": BY_MONTH_DAY, "BYMONTH": BY_MONTH},
    "WEEKLY": {"BYDAY": WEEKDAYS, "BYMONTH": BY_MONTH},
    "MONTHLY": {"BYDAY": WEEKDAYS | ORDINAL_DAYS, "BYMONTHDAY": BY_MONTH_DAY, "BYMONTH": BY_MONTH},
    "YEARLY": {
        "BYDAY": WEEKDAYS | ORDINAL_DAYS,
        "BYMONTHDAY": BY_MONTH_DAY,
        "BYMONTH": BY_MONTH,
        "BYYEARDAY": some(YEAR_DAYS),
        "BYWEEKNO": some(WEEK_NUMBERS),
    },
}
HAVE_POSITIONS = ("MONTHLY", "YEARLY")
FREQUENCIES = st.sampled_from(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY"])


@st.composite
def rrules(draw: st.DrawFn, start: date, latest: date) -> str:
    """A rule that starts at ``start``; one that ends by a date does not do so after ``latest``."""
    frequency = draw(FREQUENCIES)
    parts = {"FREQ": frequency}
    names = list(PARTS[frequency])
    chosen = draw(st.sets(st.sampled_from(names), max_size=2))
    for name in names:
        if name in chosen:
            parts[name] = draw(PARTS[frequency][name])
    if frequency == "YEARLY" and "BYWEEKNO" in chosen:  # no ordinals beside week numbers, by the RFC
        parts["BYDAY"] = draw(WEEKDAYS)
    elif frequency == "YEARLY" and chosen == {"BYDAY"} and draw(st.booleans()):
        parts["BYDAY"] = ",".join(draw(DAYS_OF_YEAR))
    if chosen and frequency in HAVE_POSITIONS and draw(st.integers(0, 3)) == 0:
        parts["BYSETPOS"] = str(draw(POSITIONS))
    interval = draw(INTERVALS)
    if interval > 1:
        parts["INTERVAL"] = str(interval)
    if draw(st.booleans()):
        parts["WKST"] = draw(WEEK_STARTS)
    end = draw(st.sampled_from(["", "", "COUNT", "UNTIL"]))
    if end == "COUNT":
        parts["COUNT"] = str(draw(COUNTS))
    elif end == "UNTIL":
        parts["UNTIL"] = date.fromordinal(draw(st.integers(start.toordinal(), latest.toordinal()))).strftime("%Y%m%d")
    return ";".join(f"{name}={value}" for name, value in parts.items())


def recurrence_or_none(rrule: str, start: date, hours: tuple[tuple[int, int], ...] = ()) -> Recurrence | None:
    """Nothing for a rule that has no day in ten years, for it is refused."""
    try:
        return Recurrence(rrule, start, hours)
    except InvalidAvailability as refusal:
        if refusal.code == "recurrence_never_fires":
            return None
        raise
