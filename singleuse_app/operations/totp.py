"""Codes that an app shows for half a minute each (TOTP, RFC 6238), and recovery codes."""

import base64
import re
import secrets
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from singleuse_app import tokens
from singleuse_app.scheduling.errors import InvalidInput

STEP = timedelta(seconds=30)
WINDOW = 1
"""So many steps before and after are taken, too: clocks differ, and people type slowly (RFC 6238, section 5.2)."""

SECRET_BYTES = 20
DIGITS = 6
ISSUER = "Singleuse"
MISREAD = str.maketrans("018", "olb")
"""Digits that are none of a recovery code's letters, and the letters that they are taken for."""


def new_totp_secret() -> str:
    """160 random bits (RFC 4226, section 4) in base32, as apps take them."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def totp_address(secret: str, email: str) -> str:
    """What an app reads in a QR code: the secret, whose it is and what for."""
    # SHA-1, six digits and half a minute are what every app knows; as an HMAC, SHA-1 is not broken.
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), 30).get_provisioning_uri(email, ISSUER)  # noqa: S303


def step_of(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The number of the half minute later than ``after``, of those around ``now``, in which the app shows ``code``."""
    hotp = HOTP(base64.b32decode(secret), DIGITS, SHA1())  # noqa: S303
    current = int(now.timestamp()) // int(STEP.total_seconds())
    found = None
    for step in range(current - WINDOW, current + WINDOW + 1):  # all of them, however soon one is found
        if tokens.same(hotp.generate(step).decode(), code) and step > after:
            found = step
    return found


def read_code(text: object, *, field: str) -> str:
    """What was typed: six digits, or the sixteen letters of a recovery code, however they were spaced.

    >>> read_code(" 123 456", field="code"), read_code("ABCD-efgh 1jkl-mn0p", field="code")
    ('123456', 'abcdefghljklmnop')

    Raises ``InvalidInput`` for ``field``.
    """
    plain = re.sub(r"[\s-]", "", text).lower() if isinstance(text, str) else ""
    if re.fullmatch("[0-9]{6}", plain):
        return plain
    letters = plain.translate(MISREAD)
    if re.fullmatch("[a-z2-7]{16}", letters):
        return letters
    raise InvalidInput({field: "second_code_malformed"})


def is_recovery_code(code: str) -> bool:
    """Whether what :func:`read_code` read is one, be it good or not."""
    return len(code) > DIGITS


def hash_recovery_code(code: str) -> str:
    """What a row keeps of it: it is long and random, so no salt is needed."""
    return tokens.hash_token(read_code(code, field="code"))
