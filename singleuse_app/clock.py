"""The only reader of the clock. Pages, routes and workers ask here and hand ``now`` down."""

from datetime import UTC, datetime


def now() -> datetime:
    """This instant, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)
