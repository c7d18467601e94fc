"""The whole life of links, in any order of events, against a model that fits on a page.

After every step the database is asked, in plain SQL, for what must always be true.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session

from singleuse_app.models import EventType, Link
from singleuse_app.operations import bookings, links
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import (
    LinkAlreadyUsed,
    LinkExpired,
    LinkOff,
    LinkRefusal,
    LinkRevoked,
    Refusal,
    SlotUnavailable,
)
from singleuse_app.scheduling.links import LinkStatus
from tests.factories import ADA, NOW, Desk, book, change_event_type, make_link, rows
from tests.harness.databases import Database, Databases, forget, use

LIFE = settings(stateful_step_count=30)
RECEIPTS = ["a" * 32, "b" * 32, "c" * 32]

NINE = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
"""Nine o'clock at the host's, on a Monday that no life reaches: all waiting together is less than a receipt lasts."""

ON_OFFER = [NINE + timedelta(minutes=30) * number for number in range(4)]
NEVER_ON_OFFER = [NINE - timedelta(minutes=30), NINE + timedelta(minutes=15), NINE - timedelta(weeks=8)]

REFUSALS: dict[LinkStatus, type[LinkRefusal]] = {
    LinkStatus.USED: LinkAlreadyUsed,
    LinkStatus.REVOKED: LinkRevoked,
    LinkStatus.EXPIRED: LinkExpired,
    LinkStatus.OFF: LinkOff,
}

LIES = {
    "a link counts its live bookings, and has no more than it may": """
        SELECT 1 FROM scheduling_link link
        LEFT JOIN booking ON booking.link_id = link.id AND booking.use_released_at IS NULL
        GROUP BY link.id HAVING link.uses <> count(booking.id) OR link.uses > link.max_uses""",
    "no two live claims of a host overlap": """
        SELECT 1 FROM time_claim a JOIN time_claim b ON a.host_id = b.host_id AND a.id < b.id
        WHERE a.released_at IS NULL AND b.released_at IS NULL
          AND a.protected_start < b.protected_end AND b.protected_start < a.protected_end""",
    "a booking holds its own time, once": """
        SELECT 1 FROM booking LEFT JOIN time_claim claim ON claim.booking_id = booking.id
          AND claim.released_at IS NULL
          AND claim.protected_start = booking.start AND claim.protected_end = booking."end"
        GROUP BY booking.id HAVING count(claim.id) <> 1""",
    "a booking owes one message to the host and one to the invitee": """
        SELECT 1 FROM booking LEFT JOIN outbox_message owed ON owed.subject_id = booking.id
        GROUP BY booking.id
        HAVING count(owed.id) <> 2 OR count(DISTINCT owed.recipient) <> 2""",
    "a booking is in the log, once": """
        SELECT 1 FROM booking
        LEFT JOIN event_log line ON line.booking_id = booking.id AND line.kind = 'booked'
        GROUP BY booking.id HAVING count(line.id) <> 1""",
    "nothing is held, owed or logged for a booking that there is not": """
        SELECT 1 FROM (SELECT booking_id AS id FROM time_claim UNION ALL SELECT subject_id FROM outbox_message
                       UNION ALL SELECT booking_id FROM event_log WHERE kind = 'booked')
        WHERE id NOT IN (SELECT id FROM booking)""",
}
"""What must be true, and the rows that would belie it."""

ALL_LIES = " UNION ALL ".join(f"SELECT '{truth}' FROM ({lie})" for truth, lie in LIES.items())


@dataclass
class Life:
    """What the model knows of one link; ``booked`` is by receipt."""

    link: HandedOutLink
    max_uses: int
    expires_at: datetime | None
    revoked: bool = False
    booked: dict[str, BookingConfirmation] = field(default_factory=dict)


class Lives(RuleBasedStateMachine):
    """A host, their links, and three people who like the same few times."""

    lives = Bundle("lives")
    receipts = st.sampled_from(RECEIPTS)

    def __init__(self, databases: Databases, original: Database, desk: Desk) -> None:
        super().__init__()
        self.databases, self.patch = databases, pytest.MonkeyPatch()
        self.database = databases.copy(original)
        use(self.patch, self.database)
        self.desk, self.now, self.is_off = desk, NOW, False
        self.known: list[Life] = []

    def teardown(self) -> None:
        forget()
        self.patch.undo()
        self.databases.drop(self.database)

    @initialize(target=lives)
    def create_the_first(self) -> Life:
        return self._create(1, None)

    @rule(target=lives, max_uses=st.sampled_from([1, 1, 1, 2]), hours=st.none() | st.integers(1, 48))
    def create(self, max_uses: int, hours: int | None) -> object:
        if self.is_off:
            assert outcome(partial(make_link, self.desk, now=self.now)) is LinkOff
            return multiple()
        return self._create(max_uses, hours and self.now + timedelta(hours=hours))

    @rule(life=lives, receipt=receipts, start=st.sampled_from(ON_OFFER + NEVER_ON_OFFER))
    def book(self, life: Life, receipt: str, start: datetime) -> None:
        found = outcome(partial(book, life.link, start=start, receipt=receipt, now=self.now))
        if receipt in life.booked:
            earlier = life.booked[receipt]
            assert found == replace(earlier, taken=earlier.start == start)
        elif self._status(life) is not LinkStatus.ACTIVE:
            assert found is REFUSALS[self._status(life)]
        elif start not in self._free():
            assert found is SlotUnavailable
        else:
            assert isinstance(found, BookingConfirmation)
            assert (found.start, found.end - start, found.invitee) == (start, timedelta(minutes=30), ADA)
            life.booked[receipt] = found

    @rule(life=lives)
    def try_again(self, life: Life) -> None:
        for receipt, booking in life.booked.items():
            assert book(life.link, start=booking.start, receipt=receipt, now=self.now) == booking

    @rule(life=lives, receipt=receipts | st.just(""))
    def look(self, life: Life, receipt: str) -> None:
        found = outcome(partial(bookings.open_link, token=life.link.token, receipt=receipt, now=self.now))
        if receipt in life.booked:
            assert found == life.booked[receipt]
        elif self._status(life) is not LinkStatus.ACTIVE:
            assert found is REFUSALS[self._status(life)], "and so no free time is shown"
        else:
            assert isinstance(found, OpenLink)
            shown = {slot.start for slot in found.slots}
            assert shown & {*ON_OFFER, *NEVER_ON_OFFER} == self._free()

    @rule(life=lives)
    def copy_again(self, life: Life) -> None:
        found = outcome(partial(links.copy_link, host_id=self.desk.host_id, link_id=life.link.id, now=self.now))
        assert found == REFUSALS.get(self._status(life), life.link)

    @rule(life=lives)
    def revoke(self, life: Life) -> None:
        found = outcome(partial(links.revoke_link, host_id=self.desk.host_id, link_id=life.link.id, now=self.now))
        if self._status(life) is LinkStatus.USED:
            assert found is LinkAlreadyUsed
        else:
            assert found is None
            life.revoked = True

    @rule(hours=st.integers(1, 12))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def switch_off_or_on(self) -> None:
        self.is_off = not self.is_off
        change_event_type(self.desk, off_at=self.now if self.is_off else None)

    @rule()
    def the_host_sees_what_became_of_each_link(self) -> None:
        listed = links.list_links(host_id=self.desk.host_id, now=self.now)
        assert {row.id: row.status for row in listed} == {life.link.id: self._status(life) for life in self.known}
        lines = Counter(host_set_up=1, link_created=len(self.known))
        lines["link_revoked"] = sum(life.revoked for life in self.known)
        lines["booked"] = sum(len(life.booked) for life in self.known)
        assert Counter(dict(rows("SELECT kind, count(*) FROM event_log GROUP BY kind"))) == lines

    @invariant()
    def the_tables_agree(self) -> None:
        assert rows(ALL_LIES) == []

    def _create(self, max_uses: int, expires_at: datetime | None) -> Life:
        link = make_link(self.desk, now=self.now, max_uses=max_uses, expires_at=expires_at)
        life = Life(link, max_uses, expires_at)
        self.known.append(life)
        return life

    def _status(self, life: Life) -> LinkStatus:
        if len(life.booked) == life.max_uses:
            return LinkStatus.USED
        if life.revoked:
            return LinkStatus.REVOKED
        if life.expires_at is not None and self.now >= life.expires_at:
            return LinkStatus.EXPIRED
        return LinkStatus.OFF if self.is_off else LinkStatus.ACTIVE

    def _free(self) -> set[datetime]:
        return set(ON_OFFER) - {booking.start for life in self.known for booking in life.booked.values()}


def outcome(act: Callable[[], object]) -> object:
    """What comes of it; of a refusal, its class."""
    try:
        return act()
    except Refusal as refusal:
        return type(refusal)


@pytest.mark.timeout(1_800)  # of the thorough profile
def test_whatever_happens_in_whatever_order_a_link_keeps_its_promises(
    databases: Databases, database_with_desk: tuple[Database, Desk]
) -> None:
    run_state_machine_as_test(partial(Lives, databases, *database_with_desk), settings=LIFE)


def count_without_asking(session: Session, link: Link, event_type: EventType, *, now: datetime) -> None:
    """What ``claim_use`` would be if somebody forgot what it is for."""
    link.uses += 1
    session.add(link)
    session.flush()


def test_control_a_link_that_is_booked_without_asking_for_its_status_is_found_out(
    databases: Databases, database_with_desk: tuple[Database, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bookings, "claim_use", count_without_asking)
    quick = settings(LIFE, max_examples=200, phases=[Phase.generate], database=None, derandomize=True)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(partial(Lives, databases, *database_with_desk), settings=quick)
