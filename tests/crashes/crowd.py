"""People who book through this process, one thread each, and try again for as long as they are told to."""

import secrets
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from random import Random
from types import TracebackType
from typing import Any, Self, TypeVar

import pytest

from singleuse_app import db
from singleuse_app.operations import bookings, links
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.scheduling.errors import OutcomeUnknown, Refusal, SlotUnavailable, TryAgain
from tests.crashes.checks import broken_promises, lies
from tests.crashes.office import Office, meet, some_start
from tests.factories import NOW, Desk, book

T = TypeVar("T")

PEOPLE = 6
PATIENCE = 30.0


class Crowd:
    """
    ``told``      what was confirmed, as :func:`tests.crashes.checks.broken_promises` takes it
    ``refusals``  how often each code was told instead
    ``failures``  what nobody should ever see: errors that are no refusal, answers that contradict one another
    ``shy``       links and receipts of those who were told that nothing was changed and did not try again
    ``lost``      how many commits were sent into a connection that broke
    """

    def __init__(self, office: Office, seed: int = 1) -> None:
        self.told: list[dict[str, Any]] = []
        self.refusals: Counter[str] = Counter()
        self.failures: list[str] = []
        self.shy: list[tuple[HandedOutLink, str]] = []
        self.lost = 0
        self._over = threading.Event()
        self._done = [0] * PEOPLE
        self._patch = pytest.MonkeyPatch()
        self._threads = [
            threading.Thread(target=self._live, args=(number, Random(f"{seed} {number}"), desk))
            for number in range(PEOPLE)
            for desk in [office.desks[number % len(office.desks)]]
        ]

    def goes_on(self) -> float:
        """Wait until everybody has finished two more meetings; seconds that it took."""
        begun, wanted = time.monotonic(), [done + 2 for done in self._done]
        while any(done < enough for done, enough in zip(self._done, wanted, strict=True)):
            assert not self.failures, self.failures
            assert time.monotonic() < begun + PATIENCE, f"somebody hangs: {self._done}, {self.refusals}"
            time.sleep(0.005)
        return time.monotonic() - begun

    def check(self) -> None:
        """Nobody met an error, everybody was told the truth, and the tables hold theirs."""
        assert self.failures == []
        assert lies() == {}
        assert broken_promises(self.told) == []
        for link, receipt in self.shy:
            assert isinstance(bookings.open_link(token=link.token, receipt=receipt, now=NOW), OpenLink)

    def __str__(self) -> str:
        booked = sum(line["what"] == "booked" for line in self.told)
        return (
            f"{booked} bookings confirmed, {len(self.told)} confirmations in all, 0 lost; "
            f"{self.lost} commits of unknown outcome; told to the person: {dict(self.refusals)}; "
            f"0 internal errors, {len(self.shy)} did not try again and have no booking"
        )

    def __enter__(self) -> Self:
        crowd = self

        class Counted(OutcomeUnknown):
            def __init__(self, *args: Any) -> None:
                crowd.lost += 1
                super().__init__(*args)

        self._patch.setattr(db, "OutcomeUnknown", Counted)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        self._patch.undo()

    def _live(self, number: int, random: Random, desk: Desk) -> None:
        try:
            while not self._over.is_set():
                try:
                    meet(self._tell, random, desk, self._insist)
                    self._ask_once(random, desk)
                except SlotUnavailable as refusal:
                    self.refusals[refusal.code] += 1
                self._done[number] += 1
        except BaseException:
            self.failures.append(traceback.format_exc())

    def _insist(self, call: Callable[[], T]) -> T:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return call()
            except TryAgain as refusal:
                self.refusals[refusal.code] += 1
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)

    def _ask_once(self, random: Random, desk: Desk) -> None:
        try:
            link = links.create_link(host_id=desk.host_id, event_type_id=desk.event_type_id, now=NOW)
        except TryAgain as refusal:
            self.refusals[refusal.code] += 1
            return
        receipt = secrets.token_hex(16)
        try:
            book(link, start=some_start(random), receipt=receipt)
        except Refusal as refusal:
            self.refusals[refusal.code] += 1
            if not isinstance(refusal, OutcomeUnknown):
                self.shy.append((link, receipt))

    def _tell(self, what: str, **said: object) -> None:
        self.told.append({"what": what, **said})
