"""What people read, in their language."""

import json
import string
from datetime import UTC, date, datetime, timedelta

import pytest

from singleuse_app import formats
from singleuse_app.formats import PLAIN, Conventions
from singleuse_app.happening import WORDS as HAPPENING
from singleuse_app.operations.history import Happened
from singleuse_app.wording import (
    INVITEE,
    conventions_in,
    known_locale,
    preferred,
    speaking_to,
    spoken_by_pages,
    wording,
)
from tests.catalogues import APP, around, in_the_code, kept, views
from tests.conventions import FILE, conventions
from tests.untranslated import in_file, untranslated

SPRING_FORWARD = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)


def fields(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def ordered(message: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(message) if name]


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


def test_no_page_says_what_no_catalogue_has() -> None:
    assert len([*views()]) > 60
    assert {file.name: texts for file in views() if (texts := in_file(file))} == {}


def test_an_element_within_a_message_has_its_place_in_every_language() -> None:
    """A view draws what it is given in this order, whatever the language says."""
    assert len(around()) > 5
    for message in around():
        assert ordered(message) == ordered(wording("de").catalogue.gettext(message))


def test_control_a_text_that_no_catalogue_has_is_found() -> None:
    source = (APP / "pages" / "booking.py").read_text()
    for wrapped, bare in (
        ('t("Back")', '"Back"'),
        ('say("Did you mean', 'str("Did you mean'),
        ('t("Book another time")', '"once again"'),
    ):
        assert wrapped in source
        assert untranslated(source.replace(wrapped, bare)) != []


def test_pages_are_handed_what_they_say_and_nothing_that_could_end_the_script() -> None:
    script = spoken_by_pages("de", INVITEE)
    told = json.loads(script[script.index("({") + 1 : -1])
    assert told["Confirm booking"] == "Buchung bestätigen"
    assert "Your password was changed" not in told
    assert "<" not in script
    assert spoken_by_pages("en", INVITEE) == spoken_by_pages("fr", INVITEE) == ""


def test_days_spans_and_numbers_are_german_to_a_german() -> None:
    friday, september = date(2026, 9, 4), Conventions(month_first=True)
    with speaking_to("de-DE"):
        assert formats.day_words(friday, september) == "Freitag, 4. September"
        assert formats.date_words(friday) == "Freitag, 4. September 2026"
        assert formats.month_words(friday) == "September 2026"
        assert formats.zone_words("Europe/Vienna", SPRING_FORWARD) == "Wien (UTC+1)"
        assert formats.duration_words(90) == "1 Stunde 30 Minuten"
        assert formats.ago_words(timedelta(days=2)) == "vor 2 Tagen"
        assert formats.near_day_words(friday, today=friday) == "heute"
        assert formats.count_words(2, "{number} time free", "{number} times free") == "2 freie Zeiten"
    assert formats.day_words(friday) == "Friday 4 September"


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de-AT"),
        ("en;q=0.8, de;q=0.9", "de"),
        ("fr-CH, fr;q=0.9, de;q=0.1", "de"),
        ("en-GB", "en-GB"),
        ("*", "en"),
        ("de;q=abc", "de"),
        ("de-../../etc", "en"),
        ("", "en"),
    ],
)
def test_a_browser_says_what_its_reader_prefers(accepted: str, locale: str) -> None:
    assert preferred(accepted) == locale


def test_whatever_happens_has_words_for_its_host() -> None:
    assert HAPPENING.keys() == set(Happened)
