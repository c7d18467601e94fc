"""What a message says, and how it looks: the same letter as plain text and as HTML that survives mail programs which
strip styles. No picture, no script, nothing that tells anybody that it was read."""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from singleuse_app.notifications.mail import Address
from singleuse_app.wording import Wording

_FOLDER = Path(__file__).parent / "templates"
_templates = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do, and the address at which."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What is said to one person.

    ``title`` says what is new, first. ``paragraphs`` follow, then ``facts`` by their label, the first being what
    counts; ``actions``, the first as a button; and ``closing`` in small print. All of it is plain text. ``calendar``,
    ``method`` and ``thread`` are the mail's.
    """

    to: Address
    wording: Wording
    subject: str
    title: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    actions: tuple[Action, ...] = ()
    closing: tuple[str, ...] = ()
    reply_to: Address | None = None
    sender_name: str = ""
    calendar: bytes = b""
    method: str = ""
    thread: str = ""


def as_text(letter: Letter) -> str:
    """The letter for whoever reads plain text."""
    return _templates.get_template("letter.txt").render(letter=letter)


def as_html(letter: Letter) -> str:
    """The letter as HTML; every text in it is escaped."""
    return _templates.get_template("letter.html").render(letter=letter)
