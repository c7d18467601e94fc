"""Secrets: link tokens are derived, rows keep their hash, and the key stays in a file beside the database.

A copy of the database opens nothing. With the key file a host can copy a link again; without it, links that were
handed out still open, for they are looked up by hash alone.
"""

import base64
import hashlib
import hmac
import secrets
from itertools import count
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from singleuse_app import keys
from singleuse_app.settings import settings

LINK = "link"
MANAGE = "manage"
CALENDAR_FILE = "calendar-file"
BOOKINGS_FEED = "bookings-feed"
HOST_INVITATION = "host-invitation"
CALENDAR_FEED = "calendar-feed"
PASSWORD_RESET = "password-reset"
ADDRESS_CODE = "address-code"
TWO_FACTOR = "two-factor"
INVITEE = "invitee"
LOG_SEAL = "log-seal"
LOG_CHECKPOINT = "log-checkpoint"

NONCE_BYTES = 12
CODES = 10**6
"""How many codes of six digits there are."""


def current_kid() -> str:
    """The name of the key that new tokens are derived with: the last line of the key file."""
    return next(reversed(_keys(settings().key_file)))


def known_kids() -> frozenset[str]:
    """The names of the keys that there are. Where there is no key file there are none, and none is made."""
    path = settings().key_file
    return frozenset(_keys(path)) if path.exists() else frozenset()


def forget() -> None:
    """Read the key file anew at the next use."""
    keys.forget()


def link_url(token: str) -> str:
    """The address in which a link's token is handed out. The token of a standard link is an address already."""
    return f"{settings().public_origin}/{token if '/' in token else f'book/{token}'}"


def manage_url(token: str) -> str:
    """The address at which a booking's invitee manages it."""
    return f"{settings().public_origin}/manage/{token}"


def calendar_file_url(booking_id: str, key: UUID) -> str:
    """The address of a booking's calendar file, for whoever is shown the booking."""
    return f"{settings().api_origin}/api/bookings/{booking_id}/{derive_current(CALENDAR_FILE, key)}.ics"


def bookings_feed_url(token: str) -> str:
    """The address at which a host's calendar program reads their bookings."""
    return f"{settings().api_origin or settings().public_origin}/api/calendars/{token}.ics"


def invitation_url(token: str) -> str:
    """The address at which somebody becomes a host."""
    return f"{settings().public_origin}/invitation/{token}"


def password_reset_url(token: str) -> str:
    """The address at which a host chooses another password."""
    return f"{settings().public_origin}/reset-password/{token}"


def provider_url(key: str, step: str) -> str:
    """Where the sign-in with an identity provider begins (``start``), and where it comes back to (``callback``)."""
    return f"{settings().api_origin or settings().public_origin}/api/oidc/{key}/{step}"


def qr_code_url(link_id: str) -> str:
    """The address of the image of a link, which only its host is answered at."""
    return f"{settings().api_origin}/api/links/{link_id}/qr.svg"


def batch_url(batch_id: str, file: str) -> str:
    """The address of a file of links that were made together, which only their host is answered at."""
    return f"{settings().api_origin}/api/link-batches/{batch_id}/{file}"


def invitee_data_url(host_id: UUID, email: str) -> str:
    """The address of what is kept of an invitee, which says nothing of them and opens for this host alone."""
    return f"{settings().api_origin}/api/invitee-data/{seal(INVITEE, host_id, email, current_kid())}.json"


def invitee_named(host_id: UUID, sealed: str) -> str:
    """The e-mail address in such an address. Raises ``KeyError`` for anything else, another host's or an old key's."""
    return unseal(INVITEE, host_id, sealed, current_kid())


def derive(purpose: str, key: UUID, kid: str) -> str:
    """The token of one row for one purpose: HMAC-SHA-256 (RFC 2104), cut to 128 bits, in 26 letters and digits.

    No look-alike punctuation: a double click selects all of it, and no mail client cuts it off at the end.
    Raises ``KeyError`` where the key file has no line for ``kid``.
    """
    digest = hmac.new(_key(kid), b"\0".join([purpose.encode(), key.bytes]), hashlib.sha256)
    return base64.b32encode(digest.digest()[:16]).decode().rstrip("=").lower()


def derive_current(purpose: str, key: UUID) -> str:
    """The token of one row for one purpose, derived with the current key and kept nowhere: see :func:`is_derived`."""
    return derive(purpose, key, current_kid())


def is_derived(token: str, purpose: str, key: UUID) -> bool:
    """Whether it is the token of that row for one purpose, with whichever key it was derived."""
    return any(same(token, derive(purpose, key, kid)) for kid in _keys(settings().key_file))


def derive_code(purpose: str, key: UUID, nonce: str, kid: str) -> str:
    """The six digits of one row: drawn by HMAC-SHA-256 from the row's key and its random ``nonce``, each as likely as
    any other, and kept nowhere. Without the key file there are a million to guess from.

    Raises ``KeyError`` where the key file has no line for ``kid``.
    """
    secret, last = _key(kid), 2**32 // CODES * CODES
    for turn in count():  # what is beyond the last whole million would make some codes likelier: draw again
        drawn = b"\0".join([purpose.encode(), key.bytes, nonce.encode(), str(turn).encode()])
        number = int.from_bytes(hmac.new(secret, drawn, hashlib.sha256).digest()[:4])
        if number < last:
            return f"{number % CODES:06}"
    raise AssertionError


def new_nonce() -> str:
    """128 random bits, in hex, that tell nothing by themselves."""
    return secrets.token_hex(16)


def seal(purpose: str, key: UUID, text: str, kid: str) -> str:
    """``text`` as a row may keep it: AES-256-GCM (NIST SP 800-38D) under a key for this purpose, bound to this row.

    Raises ``KeyError`` where the key file has no line for ``kid``.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_sealing_key(purpose, kid)).encrypt(nonce, text.encode(), key.bytes)
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(purpose: str, key: UUID, sealed: str, kid: str) -> str:
    """What :func:`seal` was given. Raises ``KeyError`` for another key file, a changed text, another row's."""
    try:
        raw = base64.urlsafe_b64decode(sealed)
        return AESGCM(_sealing_key(purpose, kid)).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], key.bytes).decode()
    except (InvalidTag, ValueError):
        raise KeyError(kid) from None


def signature(purpose: str, kid: str) -> hmac.HMAC:
    """An HMAC-SHA-256 (RFC 2104) that is still to be fed, under a key for this purpose alone.

    Raises ``KeyError`` where the key file has no line for ``kid``.
    """
    key = hmac.new(_keys(settings().key_file)[kid], b"sign\0" + purpose.encode(), hashlib.sha256).digest()
    return hmac.new(key, digestmod=hashlib.sha256)


def set_up_code() -> str:
    """What the terminal shows until there is a host: 80 bits in four groups, the same in every process.

    Whoever can read the terminal or the key file may set the app up.
    """
    return _set_up_code(current_kid())


def is_set_up_code(text: str) -> bool:
    """Whether it is what the terminal shows, or showed before the key was another."""
    return any(same(text, _set_up_code(kid)) for kid in _keys(settings().key_file))


def hash_token(token: str) -> str:
    """What a row keeps of a token: SHA-256 in hex. Tokens are long and random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_given(token: object) -> str:
    """As :func:`hash_token` for what came in from outside; for what can be no token, what no row keeps."""
    return hash_token(token) if isinstance(token, str) and token.isascii() else ""


def blind(text: str) -> str:
    """``text`` as a name that tells nothing of it, the same in every process; nobody can find it by trying texts.

    With another key it is another name.
    """
    return _blind(text, current_kid())


def is_blind(name: str, text: str) -> bool:
    """Whether it is the name of ``text``, with whichever key."""
    return any(same(name, _blind(text, kid)) for kid in _keys(settings().key_file))


def new_secret() -> str:
    """A fresh random secret of 256 bits, for sessions and set-up codes."""
    return secrets.token_urlsafe(32)


def derive_from(secret: str, purpose: str) -> str:
    """Another secret that follows from a random one, in 43 letters of RFC 3986; none of them tells of any other."""
    digest = hmac.new(secret.encode(errors="replace"), purpose.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def new_password() -> str:
    """A fresh random password, or recovery code, of 80 bits, to be read and typed once."""
    letters = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def same(left: str, right: str) -> bool:
    """Whether two secrets are equal, without telling through time how far they agree."""
    return hmac.compare_digest(left.encode(), right.encode())


def _set_up_code(kid: str) -> str:
    code = base64.b32encode(hmac.new(_key(kid), b"set-up", hashlib.sha256).digest()[:10]).decode()
    return "-".join(code[start : start + 4] for start in range(0, 16, 4))


def _blind(text: str, kid: str) -> str:
    key = hmac.new(_key(kid), b"blind", hashlib.sha256).digest()
    return hmac.new(key, text.encode(errors="replace"), hashlib.sha256).hexdigest()


def _sealing_key(purpose: str, kid: str) -> bytes:
    """A key of its own for what is sealed, so that it is never used for anything else as well."""
    return hmac.new(_key(kid), b"seal\0" + purpose.encode(), hashlib.sha256).digest()


def _key(kid: str) -> bytes:
    """The key of that name. One that is not known may have been added by another process just now."""
    path = settings().key_file
    if (key := _keys(path).get(kid)) is None:
        forget()
        key = _keys(path)[kid]
    return key


def _keys(path: Path) -> dict[str, bytes]:
    return keys.keys_in(path)
