"""How each language writes hours and days, from the CLDR that babel carries, for ``locales/conventions.json``.

    uv run --group dev python -m tests.conventions

The app reads the file instead of asking babel: babel keeps what it has once read of any language, and browsers can
claim to speak all of them.
"""

import json
from pathlib import Path

from babel import Locale
from babel.core import get_global, parse_locale
from babel.localedata import exists, locale_identifiers

FILE = Path(__file__).parents[1] / "singleuse_app" / "locales" / "conventions.json"


def conventions() -> dict[str, str]:
    """By what they are, such as ``"12 month 6"``, the tags that differ from what their language does."""
    said = {tag: _of(Locale.parse(tag)) for tag in sorted(locale_identifiers(), key=len)}
    kept: dict[str, list[str]] = {}
    for tag, how in said.items():
        parent = tag.rpartition("_")[0]
        if said.get(parent, "24 day 0") != how:
            kept.setdefault(how, []).append(tag.replace("_", "-"))
    return {how: " ".join(sorted(tags)) for how, tags in sorted(kept.items())}


def _of(locale: Locale) -> str:
    hours = "12" if {"h", "K"} & set(locale.time_formats["short"].pattern) else "24"
    pattern = (locale.datetime_skeletons.get("MMMMd") or locale.datetime_skeletons["MMMd"]).pattern
    month = min(place for letter in "ML" if (place := pattern.find(letter)) >= 0)
    whole = locale if locale.territory else (_likely(locale) or locale)
    return f"{hours} {'month' if month < pattern.index('d') else 'day'} {whole.first_week_day}"


def _likely(locale: Locale) -> Locale | None:
    """The language where most speak it."""
    tags = get_global("likely_subtags")
    full = tags.get(str(locale)) or tags.get(locale.language)
    language, territory, script, *_ = parse_locale(full) if full else ("", None, None)
    for tag in (f"{language}_{script}_{territory}", f"{language}_{territory}"):
        if exists(tag):
            return Locale.parse(tag)
    return None


if __name__ == "__main__":
    FILE.write_text(json.dumps(conventions(), indent=1) + "\n", encoding="utf-8")
