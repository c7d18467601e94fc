"""A link for one address alone, and what a browser does with it: asks for a code, types it, books."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from singleuse_app.operations import links
from singleuse_app.operations.address_proofs import prove_address
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import InvalidInput
from singleuse_app.scheduling.link_options import LinkOptions
from tests.factories import ADA, NOW, RECEIPT, Desk, book

ADDRESS = "lovelace@example.org"
FOR_ADA = LinkOptions(recipient_name="Ada", recipient_email=ADDRESS, only_recipient=True)
NAMELESS = replace(ADA, email="")
"""Whom a page books for that does not know the address."""

Sent = Callable[..., str]


def make_bound(desk: Desk, options: LinkOptions = FOR_ADA, *, max_uses: int = 1) -> HandedOutLink:
    """A link for one address alone, or of other options."""
    return links.create_link(
        host_id=desk.host_id, event_type_id=desk.event_type_id, options=options, max_uses=max_uses, now=NOW
    )


def prove(link: HandedOutLink, code: object, receipt: str = RECEIPT, *, now: datetime = NOW) -> None:
    """Type a code, in the browser that has this receipt."""
    prove_address(token=link.token, receipt=receipt, code=code, now=now)


def refused(work: Callable[[], object]) -> str:
    """What is said of the code."""
    with pytest.raises(InvalidInput) as refusal:
        work()
    return refusal.value.fields["code"]


def book_it(link: HandedOutLink, receipt: str = RECEIPT, **how: object) -> BookingConfirmation:
    """Book as the page does."""
    return book(link, **{"invitee": NAMELESS, "receipt": receipt, **how})  # ty: ignore[invalid-argument-type]
