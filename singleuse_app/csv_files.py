"""Comma-separated values for a spreadsheet (RFC 4180)."""

import csv
from collections.abc import Iterable
from io import StringIO

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With what a cell begins that a spreadsheet would run instead of showing it."""


def csv_file(rows: Iterable[Iterable[str]]) -> bytes:
    """A file of rows, with a byte order mark, without which spreadsheets take it for another encoding.

    A cell that would be a formula is shown as it is written, after an apostrophe.

    >>> csv_file([["name"], ["=1+1"]]).decode()
    "\\ufeffname\\r\\n'=1+1\\r\\n"
    """
    text = StringIO(newline="")
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(FORMULA) else cell
