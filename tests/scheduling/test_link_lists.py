"""A pasted list of people, line by line."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singleuse_app.scheduling.link_lists import MAX_LINKS, Person, parse_people
from singleuse_app.scheduling.texts import one_line

ADA = Person("Ada Lovelace", "ada@example.org", "met, at the fair")


@pytest.mark.parametrize(
    "text",
    [
        'Ada Lovelace,ada@example.org,"met, at the fair"',
        "Ada Lovelace\tada@example.org\tmet, at the fair\n",
        "Ada Lovelace;ada@example.org;met, at the fair",
        "E-Mail;Name;Phone;Note\r\nada@EXAMPLE.org;Ada Lovelace;123;met, at the fair\r\n",
        '\ufeffname,email,note\nAda Lovelace,ada@example.org,"met, at the fair"',
        '\n\n"Ada\nLovelace", ada@example.org, "met, at the fair"\n\n',
    ],
    ids=["commas", "from a spreadsheet", "semicolons", "with a head", "with a mark", "over two lines"],
)
def test_one_person_however_they_are_written(text: str) -> None:
    assert parse_people(text) == ([ADA], [])


def test_an_address_alone_is_a_person_and_so_is_a_name() -> None:
    assert parse_people("ada@example.org\nBob") == ([Person(email="ada@example.org"), Person("Bob")], [])


def test_only_what_names_its_columns_is_a_head() -> None:
    people, wrong = parse_people("Ada,ada@example.org,note\nBob,,name\nname,email")
    assert people == [Person("Ada", "ada@example.org", "note"), Person("Bob", note="name")]
    assert [each.code for each in wrong] == ["email_malformed"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Ada, ada@", "email_malformed"),
        ("Ada, not an address", "email_malformed"),
        (", , just a note", "nobody_named"),
        ("x" * 101, "name_too_long"),
        ("Ada,, " + "x" * 501, "note_too_long"),
        ("Ada, ada@example.org, a note, and more", "too_many_cells"),
        ("Bob, BOB@example.org", "email_twice"),
    ],
)
def test_what_is_wrong_with_a_line_is_told_with_its_number_and_the_others_are_read(line: str, code: str) -> None:
    people, wrong = parse_people(f"Bob, bob@example.org\n\n{line}\nEve")
    assert [person.name for person in people] == ["Bob", "Eve"]
    assert [(each.number, each.code) for each in wrong] == [(3, code)]


def test_a_list_has_an_end() -> None:
    people, wrong = parse_people("\n".join(f"Person {number}" for number in range(MAX_LINKS + 2)))
    assert len(people) == MAX_LINKS
    assert [each.code for each in wrong] == ["too_many_people"] * 2


@pytest.mark.parametrize("nothing", [None, 3, [], "", " \n\t\n", "name,email,note"])
def test_nothing_is_nobody(nothing: object) -> None:
    assert parse_people(nothing) == ([], [])


@given(st.text())
def test_no_text_breaks_it_and_every_line_is_somebody_or_told(text: str) -> None:
    people, wrong = parse_people(text)
    assert all(person.name or person.email for person in people)
    assert all(each.code for each in wrong)


NAMES = st.text(min_size=1, max_size=40).map(one_line).filter(lambda name: name and "@" not in name)


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=20))
def test_what_a_spreadsheet_writes_is_read_back(rows: list[tuple[str, str]]) -> None:
    table = StringIO()
    csv.writer(table).writerows([("name", "note"), *rows])
    people, wrong = parse_people(table.getvalue())
    assert (people, wrong) == ([Person(name, note=note) for name, note in rows], [])
