"""E-mail addresses: of whom, and whether one looks mistyped. No network is asked."""

import re
from functools import cache

from email_validator import EmailNotValidError, validate_email

from singleuse_app.scheduling.errors import InvalidInput
from singleuse_app.scheduling.texts import UNSEEN

MAX_EMAIL_LENGTH = 254  # RFC 5321, section 4.5.3.1.3
MAX_GUESTS = 10

COMMON_DOMAINS = (
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "hotmail.co.uk",
    "hotmail.fr",
    "outlook.com",
    "outlook.de",
    "yahoo.com",
    "yahoo.co.uk",
    "yahoo.fr",
    "yahoo.co.in",
    "icloud.com",
    "proton.me",
    "protonmail.com",
    "fastmail.com",
    "web.de",
    "gmx.de",
    "gmx.net",
    "t-online.de",
    "orange.fr",
    "comcast.net",
    "btinternet.com",
)
"""Domains that people mean when they nearly type them."""

NEIGHBOURS = {"ymail.com", "email.com", "mail.com", "gmx.at", "gmx.ch", "gmx.com", "me.com", "live.com", "yahoo.ca"}
NEIGHBOURS |= {"yahoo.co", "yahoo.de", "yahoo.es", "yahoo.it", "outlook.fr", "outlook.es", "hotmail.de", "hotmail.it"}
NEIGHBOURS |= {"hotmail.es", "orange.com", "fastmail.fm", "yahoo.co.id", "yahoo.co.nz", "we.de", "wed.de", "gmx.eu"}
"""Domains that are near to one of those, and meant all the same."""


def parse_email(value: object, wrong: dict[str, str]) -> str:
    """An address by RFC 5322 as mail servers really take it, its domain in lower case; no network is asked."""
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        wrong["email"] = "email_missing"
    elif len(text) > MAX_EMAIL_LENGTH:
        wrong["email"] = "email_too_long"
    elif text != text.translate(UNSEEN):  # which the library takes for letters
        wrong["email"] = "email_malformed"
    else:
        try:
            return validate_email(text, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError:
            wrong["email"] = "email_malformed"
    return text


def masked(email: str) -> str:
    """An address as who knows it recognizes it, and nobody else learns it.

    >>> masked("ada@example.org"), masked("me@example.org")
    ('a•••@example.org', '•••@example.org')
    """
    name, _, domain = email.rpartition("@")
    return f"{name[0] if len(name) > 2 else ''}•••@{domain}"


def wire_email(email: str) -> str:
    """A known address as mail servers write it: its domain in ASCII (RFC 5890). What stands before it stays.

    >>> wire_email("ada@exämple.org"), wire_email("jörg@example.org")
    ('ada@xn--exmple-cua.org', 'jörg@example.org')
    """
    if email.isascii():
        return email
    known = validate_email(email, check_deliverability=False, test_environment=True)
    return f"{known.local_part}@{known.ascii_domain}"


def parse_guests(value: object, *, invitee: str = "") -> tuple[str, ...]:
    """Guests' addresses, one a line or between commas; each once, and never the invitee's own.

    Raises ``InvalidInput`` for ``guests``, naming the ``address`` that is none.

    >>> parse_guests("bob@example.org, eve@example.org\\nbob@example.org")
    ('bob@example.org', 'eve@example.org')
    """
    guests: dict[str, None] = {}
    for text in re.split(r"[\s,;]+", value.strip()) if isinstance(value, str) else []:
        wrong: dict[str, str] = {}
        address = parse_email(text, wrong) if text else ""
        if wrong:
            raise InvalidInput({"guests": "guest_malformed"}, address=text[:60])
        if address and address != invitee:
            guests[address] = None
        if len(guests) > MAX_GUESTS:
            raise InvalidInput({"guests": "too_many_guests"}, most=MAX_GUESTS)
    return tuple(guests)


def meant(address: str) -> str | None:
    """The address that was probably meant, where this one's domain is one slip away from a common one.

    >>> meant("ada@gmial.com")
    'ada@gmail.com'
    """
    name, _, domain = address.rpartition("@")
    domain = domain.lower()
    if not name or domain in COMMON_DOMAINS or domain in NEIGHBOURS or len(domain) > 40:
        return None
    near = next((common for common in COMMON_DOMAINS if domain in _slips(common)), None)
    return f"{name}@{near}" if near else None


@cache
def _slips(domain: str) -> frozenset[str]:
    """All that one slip makes of a domain: a letter left out, doubled or added, another one, or two swapped."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789-."
    cuts = [(domain[:at], domain[at:]) for at in range(len(domain) + 1)]
    left_out = {head + tail[1:] for head, tail in cuts if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    another = {head + letter + tail[1:] for head, tail in cuts if tail for letter in letters}
    added = {head + letter + tail for head, tail in cuts for letter in letters}
    return frozenset((left_out | swapped | another | added) - {domain})
