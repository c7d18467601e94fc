"""A list of people, pasted or typed, each of whom is to get a link."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from singleuse_app.scheduling.addresses import parse_email
from singleuse_app.scheduling.bookings import MAX_NAME_LENGTH
from singleuse_app.scheduling.link_options import MAX_NOTE_LENGTH
from singleuse_app.scheduling.texts import one_line

MAX_LINKS = 1000
MAX_LIST_LENGTH = 400_000
DELIMITERS = "\t;,"
COLUMNS = {
    "name": "name",
    "full name": "name",
    "email": "email",
    "e-mail": "email",
    "email address": "email",
    "e-mail address": "email",
    "mail": "email",
    "note": "note",
    "notes": "note",
}
"""What the first line may call its columns. Without such a line they are name, e-mail and note, in this order."""


@dataclass(frozen=True, slots=True)
class Person:
    """One of the list: who gets a link."""

    name: str = ""
    email: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class WrongLine:
    """A line that is nobody: where it stands, from 1, what it says, and the code of what is wrong with it."""

    number: int
    text: str
    code: str


def parse_people(text: object) -> tuple[list[Person], list[WrongLine]]:
    """The people of a list, comma-separated values (RFC 4180) or what a spreadsheet copies, and the lines that are
    none. Empty lines are nothing.

    >>> parse_people("Ada, ada@example.org, met at the fair\\nbob@example.org")[0][1]
    Person(name='', email='bob@example.org', note='')
    """
    people: list[Person] = []
    wrong: list[WrongLine] = []
    known: set[str] = set()
    columns = ["name", "email", "note"]
    for number, cells in _rows(text[:MAX_LIST_LENGTH] if isinstance(text, str) else ""):
        named = [COLUMNS.get(cell.casefold(), "") for cell in cells]
        is_head = {"name", "email"} & set(named) and not any("@" in cell for cell in cells)
        if is_head and not (people or wrong):
            columns = named
            continue
        person, code = _person(cells, columns)
        if not code and person.email and person.email.casefold() in known:
            code = "email_twice"
        if not code and len(people) == MAX_LINKS:
            code = "too_many_people"
        if code:
            wrong.append(WrongLine(number, ", ".join(cells)[:100], code))
        else:
            people.append(person)
            known.add(person.email.casefold())
    return people, wrong


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of every line that is not empty. What separates them is what the first line has most of."""
    lines = text.replace("\0", "").splitlines(keepends=True)
    first = next((line for line in lines if any(mark in line for mark in DELIMITERS)), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    number = 0
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = ["?"] * 9  # more cells than there are columns: no person
        number = max(number + 1, reader.line_num)
        if any(cells := [one_line(cell) for cell in row]):
            yield number, cells


def _person(cells: list[str], columns: list[str]) -> tuple[Person, str]:
    """Whom a line names, and the code of what is wrong with it."""
    if len(cells) == 1 and "@" in cells[0]:
        columns = ["email"]
    if any(cells[len(columns) :]):
        return Person(), "too_many_cells"
    found = {column: cell for column, cell in zip(columns, cells, strict=False) if column}
    person = Person(found.get("name", ""), found.get("email", ""), found.get("note", ""))
    wrong: dict[str, str] = {}
    email = parse_email(person.email, wrong) if person.email else ""
    if not (person.name or person.email):
        return person, "nobody_named"
    if wrong:
        return person, wrong["email"]
    if len(person.name) > MAX_NAME_LENGTH:
        return person, "name_too_long"
    if len(person.note) > MAX_NOTE_LENGTH:
        return person, "note_too_long"
    return Person(person.name, email, person.note), ""
