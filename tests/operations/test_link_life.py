"""The whole life of links and of what is booked with them, in any order of events, against a model that fits on a page.

After every step the database is asked, in plain SQL, for what must always be true.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
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
from sqlmodel import Session, col, update

from singleuse_app import db
from singleuse_app.models import EventType, Link
from singleuse_app.operations import (
    booking_messages,
    bookings,
    event_type_edits,
    event_types,
    host_bookings,
    link_board,
    links,
    manage_booking,
)
from singleuse_app.operations.bookings import OpenLink
from singleuse_app.operations.links import UNLIMITED_USES, HandedOutLink
from singleuse_app.operations.manage_booking import AsHost, AsInvitee, manage_token
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.bookings import MAX_MOVES, BookingConfirmation
from singleuse_app.scheduling.errors import (
    BookingCancelled,
    BookingChanged,
    BookingRefusal,
    LinkAlreadyUsed,
    LinkExpired,
    LinkOff,
    LinkRefusal,
    LinkRevoked,
    Refusal,
    SlotUnavailable,
    TermsChanged,
    TooManyMoves,
    UndoTooLate,
)
from singleuse_app.scheduling.event_types import Edit
from singleuse_app.scheduling.links import LinkStatus
from singleuse_app.scheduling.months import View
from tests.factories import ADA, NOW, Desk, change_event_type, make_link, rows
from tests.harness.databases import Database, Databases, forget, use

LIFE = settings(stateful_step_count=30)
RECEIPTS = ["a" * 32, "b" * 32, "c" * 32]

NINE = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
"""Nine o'clock at the host's, on a Monday that no life reaches: all waiting together is less than a receipt lasts."""

ON_OFFER = [NINE + timedelta(minutes=30) * number for number in range(4)]
NEVER_ON_OFFER = [NINE - timedelta(minutes=30), NINE + timedelta(minutes=15), NINE - timedelta(weeks=8)]
LAST_DAYS = [None, date(2026, 9, 2), date(2026, 9, 4)]

REFUSALS: dict[LinkStatus, type[LinkRefusal]] = {
    LinkStatus.USED: LinkAlreadyUsed,
    LinkStatus.REVOKED: LinkRevoked,
    LinkStatus.EXPIRED: LinkExpired,
    LinkStatus.OFF: LinkOff,
}


@dataclass
class Meeting:
    """What the model knows of one booking: ``now_is`` is what whoever may see it is told."""

    now_is: BookingConfirmation
    invitee: AsInvitee
    moves: int = 0
    gave_back: bool = False


@dataclass
class Life:
    """What the model knows of one link; ``booked`` is by receipt and attempt."""

    link: HandedOutLink
    max_uses: int
    expires_at: datetime | None
    revoked: bool = False
    revoked_at: datetime = NOW
    reopened: bool = False
    booked: dict[tuple[str, int], Meeting] = field(default_factory=dict)

    @property
    def attempt(self) -> int:
        return 2 if self.reopened else 1

    def latest_of(self, receipt: str) -> Meeting | None:
        return self.booked.get((receipt, 2)) or self.booked.get((receipt, 1))


class Lives(RuleBasedStateMachine):
    """A host, their links, and three people who like the same few times."""

    lives = Bundle("lives")
    receipts = st.sampled_from(RECEIPTS)
    starts = st.sampled_from(ON_OFFER + NEVER_ON_OFFER)
    numbers = st.integers(0, 30)

    def __init__(self, databases: Databases, original: Database, desk: Desk) -> None:
        super().__init__()
        self.databases, self.patch = databases, pytest.MonkeyPatch()
        self.database = databases.copy(original)
        use(self.patch, self.database)
        self.desk, self.now, self.is_off, self.is_archived = desk, NOW, False, False
        self.minutes, self.version, self.reopens = 30, 1, False
        self.known: list[Life] = []
        self.log = Counter(host_set_up=1)

    def teardown(self) -> None:
        forget()
        self.patch.undo()
        self.databases.drop(self.database)

    @initialize(target=lives)
    def create_the_first(self) -> Life:
        return self._create(1, None)

    @rule(target=lives, max_uses=st.sampled_from([1, 1, 1, 2, 3, UNLIMITED_USES]), hours=st.none() | st.integers(1, 48))
    def create(self, max_uses: int, hours: int | None) -> object:
        if self.is_off or self.is_archived:
            assert outcome(partial(make_link, self.desk, now=self.now)) is LinkOff
            return multiple()
        return self._create(max_uses, hours and self.now + timedelta(hours=hours))

    @rule(
        life=lives,
        receipt=receipts,
        start=starts,
        attempt=st.sampled_from([0, 0, 0, 1]),
        old=st.sampled_from([0, 0, 1]),
    )
    def book(self, life: Life, receipt: str, start: datetime, attempt: int, old: int) -> None:
        """With the attempt and the terms that the page shows, or with those of a page that was left open."""
        attempt = attempt or life.attempt
        found = outcome(partial(self._book, life, receipt, start, attempt, self.version - old))
        if earlier := life.booked.get((receipt, attempt)):
            assert found == replace(earlier.now_is, taken=earlier.now_is.start == start)
        elif self._status(life) is not LinkStatus.ACTIVE:
            assert found is REFUSALS[self._status(life)]
        elif old:
            assert found is TermsChanged
        elif start not in self._free(self.minutes):
            assert found is SlotUnavailable
        else:
            assert isinstance(found, BookingConfirmation)
            assert (found.start, found.end - start, found.invitee) == (start, timedelta(minutes=self.minutes), ADA)
            life.booked[receipt, attempt] = Meeting(found, AsInvitee(manage_token(booking_id=found.booking_id)))
            self.log["booked"] += 1

    @rule(life=lives)
    def try_again(self, life: Life) -> None:
        for (receipt, attempt), meeting in life.booked.items():
            assert self._book(life, receipt, meeting.now_is.start, attempt, 0) == meeting.now_is

    @rule(life=lives, receipt=receipts | st.just(""))
    def look(self, life: Life, receipt: str) -> None:
        look = partial(bookings.open_link, token=life.link.token, receipt=receipt, view=View(month=NINE.date()))
        found = outcome(partial(look, now=self.now))
        own, status = life.latest_of(receipt), self._status(life)
        if own and (status is not LinkStatus.ACTIVE or not own.gave_back):
            assert found == own.now_is
        elif status is not LinkStatus.ACTIVE:
            assert found is REFUSALS[status], "and so no free time is shown"
        else:
            assert isinstance(found, OpenLink)
            shown = {*found.times.starts}
            assert shown & {*ON_OFFER, *NEVER_ON_OFFER} == self._free(self.minutes)
            assert (found.attempt, found.terms.version) == (life.attempt, self.version)

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
            self.log["link_revoked"] += not life.revoked
            life.revoked_at = life.revoked_at if life.revoked else self.now
            life.revoked = True

    @rule(life=lives)
    def undo_revoke(self, life: Life) -> None:
        found = outcome(partial(links.undo_revoke, host_id=self.desk.host_id, link_id=life.link.id, now=self.now))
        if life.revoked and self.now - life.revoked_at > links.UNDO_WITHIN:
            assert found is UndoTooLate
        else:
            assert found is None
            self.log["link_restored"] += life.revoked
            life.revoked = False

    @rule(life=lives, day=st.sampled_from(LAST_DAYS))
    def set_expiry(self, life: Life, day: date | None) -> None:
        expires_at = day and datetime(day.year, day.month, day.day, 22, tzinfo=UTC)
        change = partial(links.edit_link, host_id=self.desk.host_id, link_id=life.link.id, note="", expires_on=day)
        found = outcome(partial(change, now=self.now))
        if day and life.expires_at and day == (life.expires_at + timedelta(hours=2, seconds=-1)).date():
            assert found is None, "a last day that is not another one changes nothing, be it over"
            self.log["link_changed"] += 1
        elif expires_at and expires_at <= self.now:
            assert isinstance(found, type)
        else:
            assert found is None
            life.expires_at = expires_at
            self.log["link_changed"] += 1

    @rule(number=numbers, by_host=st.booleans())
    def cancel(self, number: int, by_host: bool) -> None:
        life, meeting = self._some_meeting(number)
        if not meeting:
            return
        found = manage_booking.cancel_booking(who=self._who(meeting, by_host), now=self.now)
        before = meeting.now_is
        if before.asked or not before.cancelled:
            changes = {"cancelled": True, "asked": False, "reason": "", "sequence": before.sequence + 1}
            meeting.now_is = replace(before, **changes)
            dead = (
                before.asked
                or life.reopened
                or life.revoked
                or (life.expires_at is not None and life.expires_at <= self.now)
            )
            if self.reopens and not by_host and not dead:
                meeting.gave_back = life.reopened = True
                self.log["link_reopened"] += 1
            self.log["cancelled"] += 1
        assert found == meeting.now_is

    @rule(number=numbers, by_host=st.booleans(), start=starts, behind=st.sampled_from([0, 0, 0, 1]))
    def reschedule(self, number: int, by_host: bool, start: datetime, behind: int) -> None:
        """From a page that shows the booking as it is, or as it was before."""
        _, meeting = self._some_meeting(number)
        if not meeting:
            return
        before, sequence = meeting.now_is, meeting.now_is.sequence - behind
        move = partial(manage_booking.reschedule_booking, start=start, sequence=sequence, now=self.now)
        found = outcome(partial(move, who=self._who(meeting, by_host)))
        length = before.end - before.start
        if before.cancelled and not before.asked:
            assert found is BookingCancelled
        elif before.start == start and not before.asked:
            assert found == before
        elif self.is_archived:
            assert found is BookingRefusal
        elif meeting.moves >= MAX_MOVES and not by_host and not before.asked:
            assert found is TooManyMoves
        elif behind:
            assert found is BookingChanged
        elif start not in self._free(length // timedelta(minutes=1), moving=meeting):
            assert found is SlotUnavailable
        else:
            stands = {"cancelled": False, "asked": False, "reason": "", "sequence": before.sequence + 1}
            meeting.now_is = replace(before, start=start, end=start + length, **stands)
            meeting.moves += not by_host and not before.asked
            self.log["rescheduled"] += 1
            assert found == meeting.now_is

    @rule(number=numbers)
    def ask_for_another_time(self, number: int) -> None:
        _, meeting = self._some_meeting(number)
        if not meeting:
            return
        before, who = meeting.now_is, AsHost(self.desk.host_id, meeting.now_is.booking_id)
        found = outcome(partial(host_bookings.ask_for_another_time, who=who, reason="Ill", now=self.now))
        if before.asked:
            assert found == ADA.name
        elif before.cancelled:
            assert found is BookingCancelled
        elif self.is_archived:
            assert found is BookingRefusal
        else:
            assert found == ADA.name
            changes = {"cancelled": True, "asked": True, "reason": "Ill", "sequence": before.sequence + 1}
            meeting.now_is = replace(before, **changes)
            self.log["another_time_asked"] += 1

    @rule(hours=st.integers(1, 12))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def switch_off_or_on(self) -> None:
        self.is_off = not self.is_off
        event_types.switch_event_type(
            host_id=self.desk.host_id, event_type_id=self.desk.event_type_id, on=not self.is_off, now=self.now
        )
        self.log["event_type_changed"] += 1

    @rule()
    def archive_or_fetch_back(self) -> None:
        self.is_archived = not self.is_archived
        change_event_type(self.desk, archived_at=self.now if self.is_archived else None)

    @rule(minutes=st.sampled_from([30, 60]), reopens=st.booleans())
    def edit(self, minutes: int, reopens: bool) -> None:
        event_type_edits.edit_event_type(
            host_id=self.desk.host_id,
            event_type_id=self.desk.event_type_id,
            edit=Edit(duration_minutes=minutes, reopens_on_cancel=reopens),
            now=self.now,
        )
        self.version += minutes != self.minutes
        self.minutes, self.reopens = minutes, reopens
        self.log["event_type_changed"] += 1

    @rule()
    def the_host_sees_what_became_of_each_link(self) -> None:
        listed, _ = link_board.list_links(host_id=self.desk.host_id, now=self.now)
        assert {row.id: row.status for row in listed} == {life.link.id: self._status(life) for life in self.known}
        assert Counter(dict(rows("SELECT kind, count(*) FROM event_log GROUP BY kind"))) == self.log

    @invariant()
    def the_tables_agree(self) -> None:
        with db.reading() as session:
            assert violations(session) == {}

    def _create(self, max_uses: int, expires_at: datetime | None) -> Life:
        link = make_link(self.desk, now=self.now, max_uses=max_uses, expires_at=expires_at)
        life = Life(link, max_uses, expires_at)
        self.known.append(life)
        self.log["link_created"] += 1
        return life

    def _book(self, life: Life, receipt: str, start: datetime, attempt: int, version: int) -> BookingConfirmation:
        return bookings.book_slot(
            token=life.link.token,
            start=start,
            invitee=ADA,
            receipt=receipt,
            attempt=attempt,
            terms_version=version,
            now=self.now,
        )

    def _who(self, meeting: Meeting, by_host: bool) -> AsHost | AsInvitee:
        return AsHost(self.desk.host_id, meeting.now_is.booking_id) if by_host else meeting.invitee

    def _meetings(self) -> list[tuple[Life, Meeting]]:
        return [(life, meeting) for life in self.known for meeting in life.booked.values()]

    def _some_meeting(self, number: int) -> tuple[Life, Meeting] | tuple[None, None]:
        known = self._meetings()
        return known[number % len(known)] if known else (None, None)

    def _status(self, life: Life) -> LinkStatus:
        if sum(not meeting.gave_back for meeting in life.booked.values()) == life.max_uses:
            return LinkStatus.USED
        if life.revoked:
            return LinkStatus.REVOKED
        if life.expires_at is not None and self.now >= life.expires_at:
            return LinkStatus.EXPIRED
        return LinkStatus.OFF if self.is_off or self.is_archived else LinkStatus.ACTIVE

    def _free(self, minutes: int, moving: Meeting | None = None) -> set[datetime]:
        others = [other.now_is for _, other in self._meetings() if other is not moving and not other.now_is.cancelled]
        length = timedelta(minutes=minutes)
        return {start for start in ON_OFFER if all(start + length <= b.start or b.end <= start for b in others)}


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
    examples = LIFE.max_examples // (3 if databases.postgres else 1)  # a database takes ten times as long to copy there
    run_state_machine_as_test(
        partial(Lives, databases, *database_with_desk), settings=settings(LIFE, max_examples=examples)
    )


def count_without_asking(session: Session, link: Link, event_type: EventType, *, now: datetime) -> None:
    """What ``claim_use`` would be if somebody forgot what it is for."""
    session.exec(update(Link).where(col(Link.id) == link.id).values(uses=col(Link.uses) + 1))


def keep_quiet(*_: object, **__: object) -> None:
    """What ``enqueue`` would be if somebody forgot it."""


@pytest.mark.thorough
@pytest.mark.parametrize(
    "broken",
    [(bookings, "claim_use", count_without_asking), (booking_messages.outbox, "enqueue", keep_quiet)],
    ids=["a link is booked without asking for its status", "nobody is told of a booking"],
)
def test_control_what_breaks_the_promise_is_found_out(
    databases: Databases,
    database_with_desk: tuple[Database, Desk],
    monkeypatch: pytest.MonkeyPatch,
    broken: tuple[object, str, object],
) -> None:
    monkeypatch.setattr(*broken)
    once = {"phases": [Phase.generate], "report_multiple_bugs": False, "database": None}
    quick = settings(LIFE, max_examples=200, **once)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(partial(Lives, databases, *database_with_desk), settings=quick)
