"""A mail as it goes over the wire."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """Whom a mail comes from or goes to."""

    name: str
    email: str
