"""Every test here runs on SQLite and on PostgreSQL, each time with a fresh database and its key."""

from uuid import UUID

import pytest

from singleuse_app import db
from singleuse_app.models import Host
from tests.factories import NOW, Desk


@pytest.fixture
def another_host_id(desk: Desk) -> UUID:
    """A second host in the desk's database, with nothing of their own."""
    with db.writing() as session:
        row = Host(email="eve@example.org", name="Eve", password_hash="-", time_zone="UTC", created_at=NOW)
        session.add(row)
        session.flush()
        return row.id
