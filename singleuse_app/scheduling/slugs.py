"""Slugs: what names a host and an event type in the address of a standard link."""

import re
import unicodedata
from collections.abc import Collection
from itertools import count

MAX_SLUG_LENGTH = 60
SLUG_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"


def slug_of(name: str, *, otherwise: str, taken: Collection[str] = ()) -> str:
    """A slug made from a name: lower-case letters, digits and hyphens, at most 60, and none of those ``taken``.

    ``otherwise`` is for a name of which nothing is left; a number at the end tells namesakes apart.

    >>> slug_of("Zoë  Müller-Groß", otherwise="host")
    'zoe-muller-gross'
    >>> slug_of("山田", otherwise="host", taken={"host"})
    'host-2'
    """
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:MAX_SLUG_LENGTH].strip("-") or otherwise
    if slug not in taken:
        return slug
    numbered = (f"{slug[: MAX_SLUG_LENGTH - len(end)].rstrip('-')}{end}" for end in map("-{}".format, count(2)))
    return next(other for other in numbered if other not in taken)


def standard_address(host: object, event_type: object) -> str:
    """The address of a standard link below the origin, from two slugs. What is no text gives an address of nothing.

    >>> standard_address("grace-host", "30-minute-meeting")
    'with/grace-host/30-minute-meeting'
    """
    return f"with/{host}/{event_type}" if isinstance(host, str) and isinstance(event_type, str) else ""
