"""Brings ``singleuse_app/locales/`` up to date with the messages in the code: ``python -m tests.catalogues``.

What is new is there without a translation afterwards, and what is gone is gone.
"""

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from singleuse_app.messages import OF_COMMANDS, TITLES, WORDS
from singleuse_app.scheduling.locations import AGREED, OFFERED, TO_HOST
from singleuse_app.wording import HOST, INVITEE, LOCALES

APP = Path(__file__).parent.parent / "singleuse_app"
SPOKEN = {"say": (0,), "count": (0, 1), "count_words": (1, 2), "noted": (0,)}
"""What takes a message on the server, and as which argument: ``Wording.say`` and ``count``, and what leads there."""

DRAWN = {"t": (0,), "around": (0,), "noted": (0,)}
"""What takes a message in a view: it is said in the browser."""

TABLES = {
    "WORDS": {code: message for code, message in WORDS.items() if code not in OF_COMMANDS},
    "TITLES": TITLES,
    "OFFERED": OFFERED,
    "TO_HOST": TO_HOST,
    "AGREED": AGREED,
}
"""Messages by what they are about."""

OF_INVITEES = (
    "asking.py",
    "choosing.py",
    "correcting.py",
    "notice.py",
    "components/address_code.py",
    "components/answers.py",
    "components/booking_form.py",
    "components/calendar.py",
    "components/choice.py",
    "components/fields.py",
    "components/frame.py",
    "components/invitee.py",
    "components/managed.py",
    "components/ticket.py",
    "components/zones.py",
    "pages/booking.py",
    "pages/manage_booking.py",
    "pages/not_found.py",
)
"""What draws the pages of invitees. What they have in common with those of hosts belongs to both."""

OF_NO_USE = (
    "Report-Msgid-Bugs-To",
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Last-Translator",
    "Language-Team",
    "Generated-By",
)
"""What a catalogue's head would say besides, and would change each time."""


def in_the_code() -> Catalog:
    """Every message that the code says."""
    found = Catalog(charset="utf-8", fuzzy=False)
    for table in TABLES.values():
        for message in table.values():
            found.add(message)
    for file in _files():
        for message in _said_in(file, SPOKEN):
            found.add(message)
        reader = INVITEE if file.relative_to(APP).as_posix() in OF_INVITEES else HOST
        for message in _said_in(file, DRAWN):
            found.add(message, auto_comments=[reader])
    return found


def around() -> set[str]:
    """The messages that have elements in them."""
    return {message for file in views() for message in _said_in(file, {"around": (0,)}) if isinstance(message, str)}


def views() -> Iterator[Path]:
    """Every file that draws a page, or says what stands on it."""
    for folder in ("components", "pages"):
        yield from sorted((APP / folder).glob("*.py"))
    for name in (
        "answering",
        "asking",
        "choosing",
        "correcting",
        "drafting",
        "explaining",
        "feed_words",
        "link_words",
        "proving",
        "securing",
    ):
        yield APP / f"{name}.py"
    yield from (APP / "notice.py", APP / "opening.py", APP / "visitor.py")


def _files() -> Iterator[Path]:
    for folder in (APP, *(APP / name for name in ("api", "components", "notifications", "operations", "pages"))):
        yield from sorted(file for file in folder.glob("*.py") if file.name not in {"cli.py", "wording.py"})


def _said_in(file: Path, takes: dict[str, tuple[int, ...]]) -> Iterator[str | tuple[str, ...]]:
    """The messages that calls in a file take: as they stand there, or out of a table."""
    for call in ast.walk(ast.parse(file.read_text())):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in takes or len(call.args) <= takes[name][-1]:
            continue
        match [call.args[at] for at in takes[name]]:
            case [ast.Constant(str(message))]:
                yield message
            case [ast.Constant(str(one)), ast.Constant(str(many))]:
                yield one, many
            case [ast.Subscript(ast.Name(table), ast.Constant(str(key)))] if table in TABLES:
                yield TABLES[table][key]


def kept(language: str) -> Catalog:
    """A catalogue as it is."""
    file = LOCALES / f"{language}.po"
    if not file.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with file.open("rb") as lines:
        return read_po(lines, locale=language)


def main() -> None:
    """Bring the German one up to date."""
    catalogue = kept("de")
    catalogue.update(in_the_code(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy, catalogue.project, catalogue.version = False, "Singleuse", "1"
    catalogue.header_comment = "# What Singleuse says, in German."
    written = io.BytesIO()
    write_po(written, catalogue, no_location=True, sort_output=True, width=120)
    lines = written.getvalue().decode().splitlines(keepends=True)
    kept_lines = [line for line in lines if not line.startswith(tuple(f'"{name}:' for name in OF_NO_USE))]
    (LOCALES / "de.po").write_text("".join(kept_lines))


if __name__ == "__main__":
    main()
