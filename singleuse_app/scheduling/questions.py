"""What an event type asks of its invitees, and whether an answer is one."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import phonenumbers

from singleuse_app.scheduling.errors import InvalidInput
from singleuse_app.scheduling.texts import lines, one_line

MAX_QUESTIONS = 10
MAX_LABEL_LENGTH = 200
MAX_OPTIONS = 20
MAX_ANSWER_LENGTH = 500
MAX_LONG_ANSWER_LENGTH = 2000
MAX_MESSAGE_LENGTH = 1000
MAX_URL_LENGTH = 2000


class Kind(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    LONG_TEXT = "long text"
    CHOICE_ONE = "choice one"
    CHOICE_MANY = "choice many"
    PHONE = "phone"
    NUMBER = "number"


CHOICES = {Kind.CHOICE_ONE, Kind.CHOICE_MANY}


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``id`` stays when its words change; only a choice has ``options``.

    >>> Question("topic", "What is it about?").kind
    <Kind.TEXT: 'text'>
    """

    id: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said, with the question as it was then. Several choices stand on a line each."""

    question: str
    answer: str


def parse_questions(documents: object) -> tuple[Question, ...]:
    """Questions from the documents in which they are kept or came in.

    Raises ``InvalidInput`` for ``questions`` where there are too many, or one makes no sense.
    """
    if not isinstance(documents, Sequence) or len(documents) > MAX_QUESTIONS:
        raise InvalidInput({"questions": "too_many_questions"})
    questions = tuple(_question(document) for document in documents)
    if len({question.id for question in questions}) < len(questions):
        raise InvalidInput({"questions": "question_repeated"})
    return questions


def _question(document: object) -> Question:
    if not isinstance(document, Mapping):
        raise InvalidInput({"questions": "question_unreadable"})
    key, label, kind = document.get("id"), one_line(document.get("label")), document.get("kind", Kind.TEXT)
    given = document.get("options") or ()
    if not isinstance(key, str) or not re.fullmatch("[a-z0-9_-]{1,40}", key) or kind not in list(Kind):
        raise InvalidInput({"questions": "question_unreadable"})
    if not label or len(label) > MAX_LABEL_LENGTH:
        raise InvalidInput({"questions": "question_length"})
    options = tuple(dict.fromkeys(one_line(option) for option in given)) if isinstance(given, list | tuple) else ()
    if kind in CHOICES and not (1 <= len(options) <= MAX_OPTIONS and all(0 < len(one) <= 200 for one in options)):
        raise InvalidInput({"questions": "question_options"})
    return Question(key, label, Kind(kind), document.get("required") is True, options if kind in CHOICES else ())


def parse_answers(
    questions: Sequence[Question], given: Mapping[str, object], country: str | None, wrong: dict[str, str]
) -> tuple[Answer, ...]:
    """The answers to ``questions`` out of what came in under ``a1``, ``a2``, …; those left empty are left out.

    What is no answer leaves a code in ``wrong``, under its name. A phone number without a country code is read as one
    of ``country`` (``"GB"``), if any. Several choices come as a list.

    >>> parse_answers([Question("topic", "About?")], {"a1": " Budget "}, None, {})
    (Answer(question='About?', answer='Budget'),)
    """
    answers = []
    for number, question in enumerate(questions, 1):
        name = f"a{number}"
        text, code = _read(question, given.get(name), country)
        if not code and not text and question.required:
            code = "choice_missing" if question.kind in CHOICES else "answer_missing"
        if code:
            wrong[name] = code
        elif text:
            answers.append(Answer(question.label, text))
    return tuple(answers)


def _read(question: Question, value: object, country: str | None) -> tuple[str, str]:  # noqa: PLR0911
    """The answer, and the code of what is wrong with it."""
    if question.kind is Kind.CHOICE_MANY:
        chosen = [one_line(one) for one in value] if isinstance(value, list | tuple) else [one_line(value)]
        chosen = [one for one in chosen if one]
        unknown = set(chosen) - set(question.options)
        return "\n".join(option for option in question.options if option in chosen), "choice_unknown" * bool(unknown)
    if question.kind is Kind.LONG_TEXT:
        text = lines(value)
        return text, "long_answer_too_long" * (len(text) > MAX_LONG_ANSWER_LENGTH)
    text = one_line(value)
    if len(text) > MAX_ANSWER_LENGTH:
        return text, "answer_too_long"
    if not text:
        return "", ""
    if question.kind is Kind.CHOICE_ONE:
        return text, "choice_unknown" * (text not in question.options)
    if question.kind is Kind.NUMBER:
        return text, "number_malformed" * (not re.fullmatch(r"[-+−]?[0-9]{1,15}([.,][0-9]{1,10})?", text))
    if question.kind is Kind.PHONE:
        return read_phone(text, country)
    return text, ""


def read_phone(text: str, country: str | None) -> tuple[str, str]:
    """A phone number as it is dialled from anywhere, and the code of what is wrong with it."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return text, "phone_malformed"
    if not phonenumbers.is_valid_number(number):
        return text, "phone_malformed"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL), ""


def fits(questions: Sequence[Mapping[str, object]], answers: Sequence[Answer]) -> bool:
    """Whether these are answers to just these documents of questions, with none missing that is required."""
    answered = [answer.question for answer in answers]
    asked = {str(question["label"]) for question in questions}
    required = {str(question["label"]) for question in questions if question.get("required")}
    return required <= set(answered) <= asked and len(answered) <= len(questions)


def parse_message(value: object, wrong: dict[str, str]) -> str:
    """A host's own words after a booking, with their line breaks."""
    text = lines(value)
    if len(text) > MAX_MESSAGE_LENGTH:
        wrong["confirmation_message"] = "confirmation_message_too_long"
    return text


def parse_redirect_url(value: object, wrong: dict[str, str]) -> str:
    """Where an invitee may go on to: a plain address of the web, over TLS, or nothing.

    >>> parse_redirect_url("javascript:alert(1)", wrong := {}), wrong
    ('', {'redirect_url': 'url_malformed'})
    """
    text = value.strip() if isinstance(value, str) else ""
    url = read_url(text, {"https"})
    if text and not url:
        wrong["redirect_url"] = "url_malformed"
    return url


def read_url(text: str, schemes: Collection[str]) -> str:
    """A plain address of the web, without a name or a password before its host; nothing for what is none."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return ""
    good = parts.scheme in schemes and host and "@" not in parts.netloc and "\\" not in text
    return text if good and len(text) <= MAX_URL_LENGTH and text.isprintable() and " " not in text else ""
