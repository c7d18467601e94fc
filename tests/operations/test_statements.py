"""Statements that are compiled once say and mean what they would any other way, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, bindparam, event
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from singleuse_app import db
from singleuse_app.models import Host, Link, Schedule
from singleuse_app.statements import Ready
from tests.factories import NOW, Desk, make_link

_LINKS, _HOSTS, _SCHEDULES = (sa.inspect(model).local_table for model in (Link, Host, Schedule))
OF_HOST = sa.select(*_LINKS.c, *_SCHEDULES.c).join(_SCHEDULES, col(Schedule.host_id) == Link.host_id)
OF_HOST = OF_HOST.where(col(Link.host_id) == bindparam("host_id")).order_by(col(Link.id))
EXPIRE = sa.update(_LINKS).where(col(Link.created_at) <= bindparam("until")).values(expires_at=bindparam("at"), uses=0)


def test_rows_come_as_the_usual_way_has_them(desk: Desk) -> None:
    _ = [make_link(desk) for _ in range(2)]
    with db.reading() as session:
        usual = session.connection().execute(OF_HOST, {"host_id": desk.host_id}).all()
        found = Ready(OF_HOST).rows(session.connection(), host_id=desk.host_id)
    assert [list(row) for row in found] == [list(row) for row in usual]
    assert len(found) == 2


def test_nothing_found_is_no_rows(desk: Desk) -> None:
    with db.reading() as session:
        assert not Ready(OF_HOST).rows(session.connection(), host_id=desk.host_id)


def test_a_change_says_how_many_rows_it_changed_and_is_undone_with_its_transaction(desk: Desk) -> None:
    _ = [make_link(desk) for _ in range(3)]
    change, at = Ready(EXPIRE), NOW + timedelta(days=1)

    def expiring(session: Session) -> int:
        return len(session.connection().execute(sa.select(_LINKS.c.id).where(_LINKS.c.expires_at == at)).all())

    def change_and_fail() -> None:
        with db.writing() as session:
            assert change.count(session.connection(), until=NOW, at=at) == 3
            assert expiring(session) == 3
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    with db.writing() as session:
        assert expiring(session) == 0
        assert change.count(session.connection(), until=NOW - timedelta(days=1), at=at) == 0


def test_what_a_constraint_refuses_is_told_in_the_same_class(desk: Desk) -> None:
    again = Ready(sa.update(_HOSTS).values(first_weekday=bindparam("secret")))
    with pytest.raises(IntegrityError) as told, db.writing() as session:
        again.count(session.connection(), secret=8_675_309)
    assert "first_weekday" in str(told.value.orig)


def test_whoever_listens_hears_of_each(desk: Desk) -> None:
    heard: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
        heard.append(statement.split(maxsplit=1)[0])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with db.writing() as session:
            Ready(OF_HOST).rows(session.connection(), host_id=desk.host_id)
            Ready(EXPIRE).count(session.connection(), until=NOW, at=NOW)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert [word for word in heard if word in {"SELECT", "UPDATE"}] == ["SELECT", "UPDATE"]
