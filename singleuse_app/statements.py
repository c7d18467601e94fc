"""Statements that are compiled once: finding out again what to say, and what the answer means, takes SQLAlchemy several
times longer than SQLite needs for it.

On SQLite they also go straight to the driver, inside the transaction that is open on the connection, unless somebody
listens to what is executed. On PostgreSQL, where asking takes longer than saying, they go the usual way.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnDefault, CompoundSelect, Connection, CursorResult, Dialect, Select, Update, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

Code = Callable[[Any], Any]
Asked = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]] | Update


def insert(connection: Connection, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Write rows that all give the same columns by name; what is left out gets its default.

    Raises what SQLAlchemy raises of any statement.
    """
    statement = _compiled(table, tuple(rows[0]), connection.dialect)
    given = [statement.parameters(row) for row in rows]
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(statement.sql, given)
        return
    for parameters in given:
        _run(connection, statement.sql, parameters)


class Ready:
    """A statement with named parameters that is compiled when it is first asked.

        _NAME = Ready(select(Host.name).where(Host.id == bindparam("host_id")))
        [(name,)] = _NAME.rows(session.connection(), host_id=key)

    Raises what SQLAlchemy raises of any statement.
    """

    def __init__(self, statement: Asked) -> None:
        self._statement = statement
        self._compiled: _Statement | None = None

    def rows(self, connection: Connection, **values: object) -> Sequence[Sequence[Any]]:
        """All rows of the answer, their columns as the models have them."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, values).all()
        compiled = self._of(connection)
        answer = _run(connection, compiled.sql, compiled.parameters(values)).fetchall()
        return [compiled.decoded(row) for row in answer]

    def count(self, connection: Connection, **values: object) -> int:
        """How many rows it has changed."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, values).rowcount
        compiled = self._of(connection)
        return _run(connection, compiled.sql, compiled.parameters(values)).rowcount

    def _of(self, connection: Connection) -> "_Statement":
        if self._compiled is None:
            self._compiled = _Statement(self._statement, connection.dialect)
        return self._compiled


class _Statement:
    """What SQLite is told, and how its answer is read."""

    def __init__(self, statement: Asked, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = compiled.string
        self._order = [
            (name, _encoder(compiled.binds[name].type, dialect), compiled.params[name])
            for name in compiled.positiontup or ()
        ]
        columns = [] if isinstance(statement, Update) else list(statement.selected_columns)
        decoders = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._decoders = [(place, decode) for place, decode in enumerate(decoders) if decode]

    def parameters(self, values: Mapping[str, object]) -> list[Any]:
        """The values as the driver takes them, in order; those that the statement brings along among them."""
        found = ((encode, values.get(name, own)) for name, encode, own in self._order)
        return [encode(value) if encode else value for encode, value in found]

    def decoded(self, row: Sequence[Any]) -> list[Any]:
        """A row as the models have it."""
        values = list(row)
        for place, decode in self._decoders:
            values[place] = decode(values[place])
        return values


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
        encoders = {name: _encoder(columns[name].type, dialect) for name in names}
        self.encoders = {name: encode for name, encode in encoders.items() if encode}

    def parameters(self, row: dict[str, Any]) -> Any:
        """The values of one row as the driver takes them: in order, or by name."""
        values = {**row, **{name: default() for name, default in self.defaults.items()}}
        for name, encode in self.encoders.items():
            values[name] = encode(values[name])
        return values if self.order is None else tuple([values[name] for name in self.order])


_compiled = cache(_Insert)


def _run(connection: Connection, sql: str, parameters: Sequence[Any]) -> sqlite3.Cursor | CursorResult[Any]:
    listeners: Any = connection.dispatch
    if listeners.before_cursor_execute:
        return connection.exec_driver_sql(sql, tuple(parameters))
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    try:
        return driver.execute(sql, parameters)
    except sqlite3.Error as error:
        told = DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect)
        raise told from error


def _encoder(kind: TypeEngine[Any], dialect: Dialect) -> Code | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _default(default: object) -> Callable[[], Any] | None:
    if not isinstance(default, ColumnDefault):
        return None
    made = default.arg
    return (lambda: made(None)) if default.is_callable else (lambda: made)
