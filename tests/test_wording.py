"""What people read, in their language."""

import json
import string
from datetime import UTC, datetime, timedelta

import pytest

from singleuse_app.formats import PLAIN, Conventions
from singleuse_app.wording import conventions_in, known_locale, wording
from tests.catalogues import in_the_code, kept
from tests.conventions import FILE, conventions

SPRING_FORWARD = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)


def fields(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def forms(message: str | tuple[str, ...] | list[str]) -> list[str]:
    return [message] if isinstance(message, str) else [*message]


def test_german_has_every_message_of_the_code_and_no_other() -> None:
    german = kept("de")
    said = {message.id for message in in_the_code() if message.id}
    assert said == {message.id for message in german if message.id}
    assert len(said) > 30
    for message in german:
        if message.id:
            assert not message.fuzzy
            for own, theirs in zip(forms(message.id), forms(message.string), strict=True):
                assert theirs, own
                assert fields(own) == fields(theirs), own


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "Sunday, 28 March 2027, 01:30–03:30, Berlin (UTC+1)"),
        ("en-US", "Sunday, March 28, 2027, 1:30\u202fAM–3:30\u202fAM, Berlin (UTC+1)"),
        ("de", "Sonntag, 28. März 2027, 01:30–03:30, Berlin (UTC+1)"),
    ],
)
def test_a_time_is_written_as_its_reader_is_used_to(locale: str, words: str) -> None:
    end = SPRING_FORWARD + timedelta(hours=1)
    assert wording(locale).when(SPRING_FORWARD, end, "Europe/Berlin") == words


def test_what_names_no_language_there_is_means_english() -> None:
    for tag in ("fr", "", "x" * 99, "../../de", "de\r\nBcc: a@b", 7, None, ["de"]):
        assert known_locale(tag) == "en"


def test_a_name_with_braces_is_a_name() -> None:
    assert wording("de").say("{name} has moved it.", name="{host.__class__}") == "{host.__class__} hat ihn verschoben."


@pytest.mark.parametrize(
    ("tag", "how"),
    [
        ("en-US", Conventions(twelve_hours=True, month_first=True, first_weekday=6)),
        ("en", Conventions(twelve_hours=True, month_first=True, first_weekday=6)),
        ("en-GB", PLAIN),
        ("en-AU", Conventions(twelve_hours=True)),
        ("de", PLAIN),
        ("fr-CA", Conventions(twelve_hours=True, first_weekday=6)),
        ("ja", Conventions(month_first=True, first_weekday=6)),
        ("ko-KR", Conventions(twelve_hours=True, month_first=True, first_weekday=6)),
        ("pt-BR", Conventions(first_weekday=6)),
        ("fa-IR", Conventions(first_weekday=5)),
        ("tlh", PLAIN),
        ("en-US; drop", PLAIN),
        ("x" * 100_000, PLAIN),
    ],
)
def test_times_and_days_are_written_as_the_readers_language_does_also_where_it_has_no_words(
    tag: str, how: Conventions
) -> None:
    assert conventions_in(tag) == how


@pytest.mark.thorough
def test_what_languages_do_is_what_babel_knows_of_them() -> None:
    assert json.loads(FILE.read_text(encoding="utf-8")) == conventions()
