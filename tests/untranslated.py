"""Finds what a view says to a person in English alone: text that is no message of the catalogues."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

LANGUAGE = re.compile(r"[A-Z][a-zäöü’]+\b(?!\(|[.\[]\w)|[a-z]{2,} [a-z]{2,}")
"""Looks like something to read: a word with a capital, or two words."""

TAKERS = {"t", "around", "say", "count", "count_words", "noted"}
"""What is handed to these is a message."""

NO_WORDS = {"class_name", "key", "d", "auto_complete", "autocomplete", "rel", "library", "tag", "view_box", "media"}
"""Arguments that nobody reads."""

NO_READERS = {"Path", "compile", "encode", "getLogger", "error", "get", "fullmatch", "TypeVar", "cast"}
"""Calls whose arguments nobody reads."""

NAMES = {
    *("Fastmail", "Google", "Google Calendar", "Nextcloud", "Office 365", "Outlook", "Outlook.com", "Kosovo"),
    *("Singleuse", " · Singleuse", "singleuse hosts reset-password EMAIL"),
    *("every second", "preserveAspectRatio", "(globalThis.say??String)("),
}
"""What is called the same in every language, or is none."""


def untranslated(source: str) -> list[str]:
    """The texts in a source that look as if a person were to read them, and that no message function takes.

    >>> untranslated('rx.el.p("Hello there", t("Back"), class_name="card card--wide")')
    ['Hello there']
    """
    return [text for text in _texts(ast.parse(source)) if LANGUAGE.search(text) and text not in NAMES]


def in_file(path: Path) -> list[str]:
    """The same of a file."""
    return untranslated(path.read_text())


def _texts(node: ast.AST) -> Iterator[str]:  # noqa: PLR0912 - one branch for each kind of node
    match node:
        case ast.Constant(str(text)):
            yield text
        case ast.JoinedStr():
            for part in node.values:
                yield from _texts(part)
        case ast.Expr(ast.Constant(str())):
            return  # a docstring
        case ast.Call():
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in NO_READERS:
                return
            for part in () if name in TAKERS else node.args:
                yield from _texts(part)
            for keyword in node.keywords:
                if keyword.arg not in NO_WORDS:
                    yield from _texts(keyword.value)
            yield from _texts(node.func)
        case ast.Assign(targets=[ast.Name(name)]) if name in NO_WORDS:
            return
        case ast.AnnAssign():
            yield from _texts(node.value) if node.value else ()
        case ast.arg() | ast.Raise():
            return
        case ast.Subscript():
            yield from _texts(node.value)
        case ast.Compare():
            return
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            for part in (*node.args.defaults, *(each for each in node.args.kw_defaults if each), *node.body):
                yield from _texts(part)
        case _:
            for part in ast.iter_child_nodes(node):
                yield from _texts(part)
