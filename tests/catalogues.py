"""Brings ``singleuse_app/locales/`` up to date with the messages in the code: ``python -m tests.catalogues``.

What is new is there without a translation afterwards, and what is gone is gone.
"""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from singleuse_app.wording import LOCALES

APP = Path(__file__).parent.parent / "singleuse_app"
SPOKEN = {"say": None, "count": (1, 2)}
"""What takes a message: ``Wording.say`` and ``Wording.count``."""

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
    methods = [("**.py", "python")]
    folders = (APP / "operations", APP / "notifications")
    for folder in folders:
        for file, _, message, comments, _ in extract_from_dir(folder, methods, keywords=SPOKEN):
            found.add(message, locations=[(f"{folder.name}/{file}", 0)], auto_comments=comments)
    return found


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
