"""What the children of the nursery do until they are killed."""

import threading
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace
from typing import Any

from sqlmodel import Session

from singleuse_app import db, turns
from singleuse_app.notifications import outbox
from singleuse_app.notifications.smtp import SmtpPost
from singleuse_app.operations import bookings, deliveries, mail_limits
from singleuse_app.operations.hosts import HeldHost
from singleuse_app.scheduling.errors import Refusal
from singleuse_app.scheduling.slots import Slot
from singleuse_app.settings import SmtpServer
from tests.crashes.office import Office, Tell, meet, tell_booking
from tests.factories import Desk

THREADS = 4
PAUSE = 0.03
"""Seconds that a counter-proof leaves between two things that belong together, as others do to send a mail."""


def warm_up(office: list[list[str]]) -> None:
    """One meeting, so that children find imported what that takes."""
    meet(lambda *_, **__: None, Random(), Office.of(office).desks[0])


def busy(tell: Tell, *, seed: int, office: list[list[str]]) -> None:
    """Make links, book with them, move and cancel, in several threads, for ever. Each result is told after the
    operation has returned."""
    _crowd(tell, seed, Office.of(office))


def split(tell: Tell, *, seed: int, office: list[list[str]]) -> None:
    """The counter-proof: the same, but the link is spent in one transaction and booked with in the next."""
    slot_at = bookings.slot_at

    def slot_in_a_transaction_of_its_own(session: Session, *args: Any, **kwargs: Any) -> Slot:
        session.connection().commit()
        time.sleep(PAUSE)
        return slot_at(session, *args, **kwargs)

    bookings.slot_at = slot_in_a_transaction_of_its_own
    turns.MOST = 1  # nobody commits what is not theirs
    _crowd(tell, seed, Office.of(office))


def hasty(tell: Tell, *, seed: int, office: list[list[str]]) -> None:
    """The counter-proof: the same, but people are told of their booking before it is committed."""
    add_booking = bookings.add_booking

    def told_at_once(session: Session, host: HeldHost, *args: Any, **kwargs: Any) -> SimpleNamespace:
        booking = add_booking(session, host, *args, **kwargs)
        tell_booking(tell, "booked", bookings.confirmation(host, booking))
        time.sleep(PAUSE)
        return booking

    bookings.add_booking = told_at_once
    _crowd(tell, seed, Office.of(office))


def prepare(tell: Tell, *, seed: int) -> None:
    """Bring the tables up to date, as the app does when it starts."""
    before, after = db.prepare()
    tell("prepared", before=before, after=after)


def deliver(tell: Tell, *, seed: int, port: int, at: int) -> None:
    """Send what is due at that second, however much it is, to the mail server at that port, until nothing is."""
    mail_limits.PER_ADDRESS = mail_limits.PER_LINK = 10**9
    post = SmtpPost(SmtpServer("127.0.0.1", port, "none"))
    while claimed := deliveries.deliver_due(post, clock=lambda: datetime.fromtimestamp(at, UTC)):
        tell("delivered", count=len(claimed))
    post.close()


def deliver_unleased(tell: Tell, *, seed: int, port: int, at: int) -> None:
    """The counter-proof: the same, but a lease keeps nobody else from a message."""
    due = outbox._due

    def due_or_leased(now: datetime) -> tuple[Any, ...]:
        is_due, _, comes_first = due(now)
        return is_due, comes_first

    outbox._due = due_or_leased
    deliver(tell, seed=seed, port=port, at=at)


JOBS: dict[str, Callable[..., None]] = {
    "busy": busy,
    "split": split,
    "hasty": hasty,
    "prepare": prepare,
    "deliver": deliver,
    "deliver unleased": deliver_unleased,
}


def _crowd(tell: Tell, seed: int, office: Office) -> None:
    threads = [
        threading.Thread(target=_somebody, args=(tell, Random(f"{seed} {number}"), desk), daemon=True)
        for number in range(THREADS)
        for desk in [office.desks[number % len(office.desks)]]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _somebody(tell: Tell, random: Random, desk: Desk) -> None:
    try:
        while True:
            try:
                meet(tell, random, desk)
            except Refusal as refusal:
                tell("refused", code=refusal.code)
    except BaseException:
        tell("failed", why=traceback.format_exc()[-3000:])
