"""One text for many people: what stands for each of them in it, and putting that in."""

import re
from collections.abc import Mapping

from singleuse_app.scheduling.texts import lines, one_line

MAX_SUBJECT_LENGTH = 150
MAX_TEXT_LENGTH = 4000
KNOWN = ("name", "event", "host")
"""What may stand in braces."""

_IN_BRACES = re.compile(r"( ?)\{(\w+)\}")


def parse_template(subject: object, text: object, wrong: dict[str, str]) -> tuple[str, str]:
    """A subject and a text to merge; a code in ``wrong`` for what is missing, too long, or stands for nothing known.

    >>> parse_template("Hi {name}", "Dear {nmae}", wrong := {})[0], wrong
    ('Hi {name}', {'text': 'placeholder_unknown'})
    """
    clean = {"subject": one_line(subject), "text": lines(text)}
    for field, most, missing, too_long in (
        ("subject", MAX_SUBJECT_LENGTH, "mail_subject_missing", "mail_subject_too_long"),
        ("text", MAX_TEXT_LENGTH, "mail_text_missing", "mail_text_too_long"),
    ):
        if not clean[field]:
            wrong[field] = missing
        elif len(clean[field]) > most:
            wrong[field] = too_long
        elif any(name not in KNOWN for _, name in _IN_BRACES.findall(clean[field])):
            wrong[field] = "placeholder_unknown"
    return clean["subject"], clean["text"]


def merge(text: str, facts: Mapping[str, str]) -> str:
    """``text`` with the facts in the place of their names in braces, each read once: a fact is never read for others.
    One that is empty takes the space before it along.

    >>> merge("Dear {name}, about {event}", {"name": "", "event": "{name}"})
    'Dear, about {name}'
    """

    def put_in(found: re.Match[str]) -> str:
        space, name = found.groups()
        fact = facts.get(name)
        return found[0] if fact is None else f"{space}{fact}" if fact else ""

    return _IN_BRACES.sub(put_in, text)
