"""Finding a text in columns, whatever its case, on both databases."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, or_

from singleuse_app import db


def contains(columns: Iterable[Any], text: str) -> ColumnElement[bool]:
    """Whether one of the columns has ``text`` in it.

    A database may compare ASCII letters only without their case, so others are looked for as people write them mostly.
    """
    spellings = {text} if text.isascii() else {text, text.lower(), text.upper(), text.title()}
    return or_(*(_has(column, each) for column in columns for each in spellings))


def _has(column: Any, text: str) -> ColumnElement[bool]:
    like = column.like if db.is_sqlite() else column.ilike
    if not {"%", "_", "\\"} & set(text):
        return like(f"%{text}%")  # which SQLite is quicker at
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return like(f"%{plain}%", escape="\\")
