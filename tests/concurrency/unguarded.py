"""The counter-proof: the same app with its guards off, served to browsers.

What sells a link more than once here is what the guards prevent.
"""

from contextlib import ExitStack
from typing import Any

from singleuse_app import app as composition
from singleuse_app import db
from tests.harness.unguarded import drop_guards, guards_off

SECONDS_BETWEEN = 1.0
"""Between the look and the booking others ask a calendar or send a mail, while more people look."""

prepare = db.prepare
for_good = ExitStack()


def prepare_without_guards() -> tuple[str, str]:
    """Make the tables, then take away what has the last word."""
    versions = prepare()
    with db.writing() as session:
        drop_guards(session.connection())
    for_good.enter_context(guards_off(SECONDS_BETWEEN))
    return versions


def app() -> Any:
    """The ASGI app."""
    db.prepare = prepare_without_guards  # ty: ignore[invalid-assignment]
    return composition.app()
