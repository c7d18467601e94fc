"""INSERTs that are compiled once: finding out again what to say takes SQLAlchemy longer than the database needs."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import ColumnDefault, Connection, Dialect, inspect
from sqlmodel import SQLModel


def insert(connection: Connection, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Write rows that all give the same columns by name; what is left out gets its default.

    Raises what SQLAlchemy raises of any statement.
    """
    statement = _compiled(table, tuple(rows[0]), connection.dialect)
    connection.exec_driver_sql(statement.sql, [statement.parameters(row) for row in rows])


class _Insert:
    """What a driver is told to write rows of which these columns are given."""

    def __init__(self, table: type[SQLModel], given: tuple[str, ...], dialect: Dialect) -> None:
        columns = dict(inspect(table).local_table.c)
        defaults = {name: _default(column.default) for name, column in columns.items() if name not in given}
        self.defaults = {name: default for name, default in defaults.items() if default}
        names = [*given, *self.defaults]
        compiled = inspect(table).local_table.insert().inline().compile(dialect=dialect, column_keys=names)
        self.sql = compiled.string
        self.order = compiled.positiontup
        encoders = {name: columns[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
        self.encoders = {name: encode for name, encode in encoders.items() if encode}

    def parameters(self, row: dict[str, Any]) -> Any:
        """The values of one row as the driver takes them: in order, or by name."""
        values = {**row, **{name: default() for name, default in self.defaults.items()}}
        for name, encode in self.encoders.items():
            values[name] = encode(values[name])
        return values if self.order is None else tuple([values[name] for name in self.order])


_compiled = cache(_Insert)


def _default(default: object) -> Callable[[], Any] | None:
    if not isinstance(default, ColumnDefault):
        return None
    made = default.arg
    return (lambda: made(None)) if default.is_callable else (lambda: made)
