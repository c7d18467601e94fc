"""Passwords: which can be taken, what a row keeps of them, and whether one is right."""

from functools import cache

from pwdlib import PasswordHash

from singleuse_app.tokens import new_secret

MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 200


def parse_new_password(value: object, wrong: dict[str, str]) -> str:
    """A password to sign in with from now on; a short or overlong one leaves a code in ``wrong`` under "password"."""
    password = value if isinstance(value, str) else ""
    if len(password) < MIN_PASSWORD_LENGTH:
        wrong["password"] = "password_too_short" if password else "password_missing"
    elif len(password) > MAX_PASSWORD_LENGTH:
        wrong["password"] = "password_too_long"
    return password


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
