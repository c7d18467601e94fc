"""Passwords: which can be taken, what a row keeps of them, and whether one is right."""

import re
from functools import cache
from threading import Lock

from pwdlib import PasswordHash

from singleuse_app.tokens import new_secret

MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 200

STRONG_ENOUGH = 3
"""Of zxcvbn's scores, 0 to 4: at least a hundred million guesses, of which each costs a quarter of a second."""

JUDGED = 32
"""So many characters of a password are judged: what takes longer to guess than they do is strong, and judging takes
seconds for a few hundred that were chosen for it."""

_judging = Lock()


def parse_new_password(value: object, wrong: dict[str, str], *, own: tuple[object, ...] = ()) -> str:
    """A password to sign in with from now on; one that is short, overlong or easy to guess leaves a code in ``wrong``
    under "password". ``own`` are texts that are known of whoever chooses it, like a name and an address."""
    password = value if isinstance(value, str) else ""
    if len(password) < MIN_PASSWORD_LENGTH:
        wrong["password"] = "password_too_short" if password else "password_missing"
    elif len(password) > MAX_PASSWORD_LENGTH:
        wrong["password"] = "password_too_long"
    elif is_easy(password, *own):
        wrong["password"] = "password_too_easy"
    return password


def is_easy(password: str, *own: object) -> bool:
    """Whether somebody guesses that who tries common passwords, words, names, dates, rows of keys, and what they know
    of its owner.

    >>> is_easy("password1234"), is_easy("singleuse2026"), is_easy("correct horse battery")
    (True, True, False)
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists take memory, and most processes judge no password

    known = ["singleuse"]
    for text in own:
        if isinstance(text, str):
            words = re.split(r"[\W_]+", text[:MAX_PASSWORD_LENGTH])
            known += [text[:JUDGED], "".join(words)[:JUDGED], *words]
    known = sorted({word for word in known if len(word) > 3}, key=len, reverse=True)
    # Each piece is a riddle to zxcvbn, also one that is known: so what is left without those must do by itself.
    rest = re.sub("|".join(map(re.escape, known)), "", password, flags=re.IGNORECASE) or "-"
    with _judging:  # it keeps what is known of somebody where every thread looks
        return min(zxcvbn(text[:JUDGED], known)["score"] for text in {password, rest}) < STRONG_ENOUGH


def is_password(password: object, password_hash: str | None) -> bool:
    """Whether that is the password which the hash was made of. Without a hash it takes as long to say no."""
    if not isinstance(password, str) or len(password) > MAX_PASSWORD_LENGTH:
        return False
    return _hashes().verify(password, password_hash or _nobodys_hash()) and password_hash is not None


def hash_password(password: str) -> str:
    """What a row keeps of a password. It takes a quarter of a second, by design."""
    return _hashes().hash(password)


@cache
def _hashes() -> PasswordHash:
    return PasswordHash.recommended()  # argon2id


@cache
def _nobodys_hash() -> str:
    return _hashes().hash(new_secret())
