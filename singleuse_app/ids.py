"""Keys: UUIDv7 (RFC 9562, section 5.7) inside, with a prefix outside, so that a stray one says what it names."""

from uuid import UUID

from uuid_utils.compat import uuid7

from singleuse_app.scheduling.errors import NotFound

HOST = "hst"
EVENT_TYPE = "evt"
LINK = "lnk"
SCHEDULE = "sch"
BOOKING = "bkg"
MESSAGE = "msg"
LINK_REQUEST = "req"
LINK_BATCH = "bat"
DEVICE = "dev"
INVITATION = "inv"
CALENDAR_FEED = "cal"
LINKED_ACCOUNT = "acc"


def new_id() -> UUID:
    """A new key. Keys made later sort later; nothing about them can be guessed from a neighbour."""
    return uuid7()


def public_id(prefix: str, key: UUID) -> str:
    """A key as pages and the HTTP interface show it.

    >>> public_id(LINK, UUID(int=1))
    'lnk_00000000000000000000000000000001'
    """
    return f"{prefix}_{key.hex}"


def parse_id(prefix: str, value: object) -> UUID:
    """The key in a public id of that prefix. Anything else raises ``NotFound``: what cannot exist was not found."""
    if isinstance(value, str) and value.startswith(f"{prefix}_") and len(value) == len(prefix) + 33:
        try:
            return UUID(hex=value[len(prefix) + 1 :])
        except ValueError:
            pass
    raise NotFound
