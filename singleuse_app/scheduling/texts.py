"""What people type, cleaned: one line, several, a date."""

from datetime import date

from singleuse_app.scheduling.slot_rules import FIRST_YEAR, LAST_YEAR

UNSEEN = dict.fromkeys(map(ord, "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"))
"""Letters that show nothing, though Unicode counts them among those that do: a name of them alone would be no name."""


def one_line(value: object) -> str:
    """A text in one line, without what shows nothing or turns what follows around; nothing for what is no text.

    >>> one_line("  Ada\\n Lovelace\\u202e "), one_line({"a": 1}), one_line("\\u3164\\u200b")
    ('Ada Lovelace', '', '')
    """
    words = value.translate(UNSEEN).split() if isinstance(value, str) else []
    return " ".join(filter(None, map(_printable, words)))


def lines(value: object) -> str:
    """A text with its line breaks, without other control characters; nothing for what is no text."""
    found = value.splitlines() if isinstance(value, str) else []
    return "\n".join(_printable(line.rstrip()) for line in found).strip()


def _printable(line: str) -> str:
    return line if line.isprintable() else "".join(one for one in line if one.isprintable())


def parse_day(text: object) -> date | None:
    """The date of an ISO text, from 2000 to 2099; ``None`` for anything else.

    >>> parse_day("2026-09-04"), parse_day("9999-12-31")
    (datetime.date(2026, 9, 4), None)
    """
    try:
        found = date.fromisoformat(text.strip()) if isinstance(text, str) else date.min
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
