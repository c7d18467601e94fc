"""Proof of an address: how long a code and what it proves are good, and how far a browser is with it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

CODE_LASTS = timedelta(minutes=10)
PROOF_LASTS = timedelta(minutes=30)
TRIES = 5


class ProofState(StrEnum):
    """How far a browser is; ``IMPOSSIBLE`` where there is no mail server to send a code through."""

    ASKABLE = "askable"
    SENT = "sent"
    PROVEN = "proven"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a page tells of the address that alone may book: not the address."""

    masked: str
    state: ProofState
