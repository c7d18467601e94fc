"""What all tables share."""

from datetime import UTC, datetime, timedelta
from types import FunctionType, SimpleNamespace
from typing import TypeVar, cast

from sqlalchemy import (
    BigInteger,
    MetaData,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from singleuse_app.ids import new_id
from singleuse_app.scheduling.locations import LocationKind
from singleuse_app.scheduling.slugs import MAX_SLUG_LENGTH, SLUG_LETTERS

T = TypeVar("T", bound=SQLModel)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SLUG = f"length(slug) BETWEEN 1 AND {MAX_SLUG_LENGTH} AND trim(slug, '{SLUG_LETTERS}') = ''"
"""What holds for every slug, in SQL that both databases understand."""

LOCATION_KIND = f"location_kind IN {tuple(kind.value for kind in LocationKind)}"
"""What holds for every kind of place."""


def nameless_slug() -> str:
    """A slug for a row that nobody has given one made from its name."""
    return new_id().hex


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as whole epoch seconds. A naive datetime is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant needs a time zone.")
        since = value - EPOCH
        return since.days * 86_400 + since.seconds

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(seconds=value)


def read_only(model: type[T]) -> type[T]:
    """A class whose objects are made from columns by name and have the methods of ``model``, and nothing of a session.

    To make a model takes longer than to read its row.
    """
    meaning = {
        name: member
        for name, member in vars(model).items()
        if isinstance(member, (FunctionType, property)) and not name.startswith("_")
    }
    return cast("type[T]", type(f"ReadOnly{model.__name__}", (SimpleNamespace,), meaning))


class Table(SQLModel):
    """What all tables share: names for constraints, so that migrations can find them again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
