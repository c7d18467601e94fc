"""What an invitee may answer, whom they may bring, and which address they probably meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singleuse_app.scheduling.addresses import COMMON_DOMAINS, meant, parse_guests
from singleuse_app.scheduling.bookings import parse_invitee, parse_prefill
from singleuse_app.scheduling.errors import InvalidInput
from singleuse_app.scheduling.questions import (
    Answer,
    Kind,
    Question,
    fits,
    parse_answers,
    parse_questions,
    parse_redirect_url,
)

SIZES = ("S", "M", "L")


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (Kind.TEXT, "  About\tthe  budget ", "About the budget"),
        (Kind.LONG_TEXT, "one\r\n\r\ntwo\x00 ", "one\n\ntwo"),
        (Kind.CHOICE_ONE, "M", "M"),
        (Kind.CHOICE_MANY, ["L", "S"], "S\nL"),
        (Kind.PHONE, "020 7946 0958", "+44 20 7946 0958"),
        (Kind.PHONE, "+49 30 901820", "+49 30 901820"),
        (Kind.NUMBER, "2.5", "2.5"),
    ],
)
def test_an_answer_is_kept_as_it_was_meant(kind: Kind, typed: object, kept: str) -> None:
    question = Question("q", "Well?", kind, required=True, options=SIZES)
    assert parse_answers([question], {"a1": typed}, "GB", wrong := {}) == (Answer("Well?", kept),)
    assert not wrong


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        (Kind.TEXT, " ", "answer_missing"),
        (Kind.TEXT, None, "answer_missing"),
        (Kind.TEXT, "x" * 501, "answer_too_long"),
        (Kind.LONG_TEXT, "x" * 2001, "long_answer_too_long"),
        (Kind.CHOICE_ONE, "", "choice_missing"),
        (Kind.CHOICE_ONE, "XL", "choice_unknown"),
        (Kind.CHOICE_MANY, [], "choice_missing"),
        (Kind.CHOICE_MANY, ["S", "XL"], "choice_unknown"),
        (Kind.PHONE, "12", "phone_malformed"),
        (Kind.PHONE, "020 7946 0958", "phone_malformed"),
        (Kind.NUMBER, "two", "number_malformed"),
    ],
)
def test_what_is_no_answer_is_said_at_its_field(kind: Kind, typed: object, code: str) -> None:
    question = Question("q", "Well?", kind, required=True, options=SIZES)
    parse_answers([Question("first", "First?"), question], {"a2": typed}, None, wrong := {})
    assert wrong == {"a2": code}


def test_every_wrong_field_is_told_at_once_in_the_order_of_the_form() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_invitee("", "ada@", "UTC", guests="bob", questions=[Question("q", "Why?", required=True)], given={})
    assert refused.value.fields == {
        "name": "name_missing",
        "email": "email_malformed",
        "guests": "guest_malformed",
        "a1": "answer_missing",
    }
    assert refused.value.params == {"address": "bob"}


def test_guests_come_once_and_the_invitee_is_none() -> None:
    typed = "bob@example.org; eve@Example.org\n\n bob@example.org, ada@example.org"
    assert parse_guests(typed, invitee="ada@example.org") == ("bob@example.org", "eve@example.org")
    with pytest.raises(InvalidInput):
        parse_guests(" ".join(f"guest{number}@example.org" for number in range(11)))


@pytest.mark.parametrize(
    ("typed", "probably"),
    [
        ("ada@gmial.com", "ada@gmail.com"),
        ("ada@gmail.con", "ada@gmail.com"),
        ("ada@hotmal.com", "ada@hotmail.com"),
        ("ada@outlok.com", "ada@outlook.com"),
        ("ada@example.org", None),
        ("ada@ymail.com", None),
        ("ada@yahoo.co", None),
        ("nobody", None),
    ],
)
def test_a_domain_one_slip_from_a_common_one_is_questioned(typed: str, probably: str | None) -> None:
    assert meant(typed) == probably


@given(st.sampled_from(COMMON_DOMAINS), st.data())
def test_a_common_domain_is_never_questioned_and_two_swapped_letters_of_it_are(
    domain: str, data: st.DataObject
) -> None:
    assert meant(f"ada@{domain}") is None
    at = data.draw(st.integers(0, len(domain) - 2))
    slipped = domain[:at] + domain[at + 1] + domain[at] + domain[at + 2 :]
    assert slipped in COMMON_DOMAINS or meant(f"ada@{slipped}") is not None


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "//example.org",
        "http://example.org/thanks",
        "https://",
        "https://ada:secret@example.org",
        "https://exa mple.org",
        "https://example.org:port/",
        "https:\\\\example.org",
        "data:text/html,x",
        "https://example.org/" + "x" * 2000,
    ],
)
def test_a_redirect_goes_to_the_plain_web_alone(address: str) -> None:
    assert parse_redirect_url(address, wrong := {}) == ""
    assert wrong == {"redirect_url": "url_malformed"}
    assert parse_redirect_url(" https://example.org/thanks?x=1 ", {}) == "https://example.org/thanks?x=1"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("text", "question_unreadable"),
        ({"id": "A b", "label": "x"}, "question_unreadable"),
        ({"id": "a", "label": "x", "kind": "file"}, "question_unreadable"),
        ({"id": "a", "label": " "}, "question_length"),
        ({"id": "a", "label": "x" * 201}, "question_length"),
        ({"id": "a", "label": "x", "kind": "choice one"}, "question_options"),
        (
            {"id": "a", "label": "x", "kind": "choice many", "options": [str(one) for one in range(21)]},
            "question_options",
        ),
    ],
)
def test_a_question_that_makes_no_sense_is_not_asked(document: object, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_questions([document])
    assert refused.value.fields == {"questions": code}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.sampled_from(list(Kind)), ANYTHING)
def test_whatever_comes_in_is_an_answer_or_told(kind: Kind, value: object) -> None:
    question = Question("q", "Well?", kind, required=True, options=SIZES if "choice" in kind else ())
    answers = parse_answers([question], {"a1": value}, "GB", wrong := {})
    assert bool(answers) != bool(wrong)
    assert parse_prefill({"a1": value}).get("a1", value) == value
    if answers:
        assert fits([{"label": "Well?", "required": True}], answers)


def test_answers_fit_only_what_is_asked() -> None:
    asked = [{"label": "Why?", "required": True}, {"label": "Who?", "required": False}]
    assert fits(asked, [Answer("Why?", "So")])
    assert not fits(asked, [])
    assert not fits(asked, [Answer("Why?", "So"), Answer("Where?", "Here")])


def test_a_document_that_says_nothing_of_it_requires_no_answer() -> None:
    documents = [{"id": "a", "label": "Why?"}, {"id": "b", "label": "Who?", "required": True}]
    assert fits(documents, [Answer("Who?", "Me")])
    assert not fits(documents, [Answer("Why?", "So")])
