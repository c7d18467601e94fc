"""Finding a text in columns, whatever its case, on both databases."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, or_

from singleuse_app import db


def contains(columns: Iterable[Any], text: str) -> ColumnElement[bool]:
    """Whether one of the columns has ``text`` in it.

    A database may compare ASCII letters only without their case, so others are looked for as people write them mostly.
    """
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    spellings = {plain} if plain.isascii() else {plain, plain.lower(), plain.upper(), plain.title()}
    return or_(*(_like(column, f"%{each}%") for column in columns for each in spellings))


def _like(column: Any, pattern: str) -> ColumnElement[bool]:
    return column.like(pattern, escape="\\") if db.is_sqlite() else column.ilike(pattern, escape="\\")
