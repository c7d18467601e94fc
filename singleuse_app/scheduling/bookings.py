"""What an invitee may type, what a booking promises, and who may still change it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from singleuse_app.scheduling.addresses import MAX_EMAIL_LENGTH, MAX_GUESTS, parse_email, parse_guests
from singleuse_app.scheduling.errors import (
    BookingCancelled,
    BookingOver,
    BookingRefusal,
    InvalidInput,
    TermsChanged,
    TooLate,
    TooManyMoves,
)
from singleuse_app.scheduling.locations import MAX_LOCATION_LENGTH, Location, LocationKind, in_english, parse_said
from singleuse_app.scheduling.questions import MAX_LONG_ANSWER_LENGTH, MAX_QUESTIONS, Answer, Question, parse_answers
from singleuse_app.scheduling.texts import one_line
from singleuse_app.scheduling.zones import country_of, known_time_zones

MAX_MOVES = 3
MAX_CORRECTIONS = 3
CORRECTABLE_FOR = timedelta(days=1)
MAX_NAME_LENGTH = 100
MAX_REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Invitee:
    """Who books: a name and an address that passed :func:`parse_invitee`, and the zone of their browser.

    ``guests`` are addresses of those who come along, ``answers`` what the event type asked, ``place`` what its place
    did: a phone number, or where to meet. A booking keeps that in its terms. ``locale`` is the language (BCP 47)
    that they read.
    """

    name: str
    email: str
    time_zone: str
    guests: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    place: str = ""
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the page offered and the booking keeps: a snapshot with the version of the event type it came from.

    ``location`` is the text of a :class:`Location` that is offered; in a booking, what both agreed on, in words.
    ``message`` and ``redirect_url`` are the host's own for after the booking.
    """

    version: int
    event_name: str
    duration_minutes: int
    location: str
    message: str = ""
    redirect_url: str = ""
    location_kind: str = LocationKind.TEXT

    @property
    def place(self) -> Location:
        """The place that is offered."""
        return Location(LocationKind(self.location_kind), self.location)

    @property
    def room(self) -> str:
        """The address of the video call that was agreed on, if it was one."""
        return self.location if self.location_kind == LocationKind.VIDEO else ""

    def agreed(self, host_name: str, invitee: Invitee, say: Callable[..., str] = in_english) -> "Terms":
        """What a booking keeps of what is offered, which ``say`` puts into words.

        Raises ``TermsChanged`` for whoever was asked something else.
        """
        if bool(self.place.asks) != bool(invitee.place):
            raise TermsChanged
        words = self.place.agreed(host=host_name, invitee=invitee.name, said=invitee.place, say=say)
        return replace(self, location=words)


class Party(StrEnum):
    """The two sides of a booking."""

    HOST = "host"
    INVITEE = "invitee"


@dataclass(frozen=True, slots=True)
class Policies:
    """What the host lets an invitee do with a booking: until how long before its start, and what a cancellation does
    to a link that is spent. An event type that is ``archived`` gives no other times."""

    cancel_cutoff: timedelta = timedelta(0)
    reschedule_cutoff: timedelta = timedelta(0)
    reopens_on_cancel: bool = False
    archived: bool = False


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """All that decides whether a booking can still be changed. ``moves`` are those by its invitee; ``asked`` says that
    its host gave up the time and asked for another."""

    start: datetime
    end: datetime
    cancelled: bool = False
    moves: int = 0
    asked: bool = False


@dataclass(frozen=True, slots=True)
class BookingConfirmation:
    """What the one who booked is told, at once and whenever they come back with their receipt.

    ``taken`` is false where the same receipt had booked something else before: the existing booking stands and the
    new choice was not taken. Where it is ``cancelled``, ``reason`` is what its host said to that; where it is ``asked``
    besides, its host wishes for another time.
    """

    booking_id: str
    uid: str
    sequence: int
    start: datetime
    end: datetime
    host_name: str
    host_email: str
    host_time_zone: str
    invitee: Invitee
    terms: Terms
    cancelled: bool
    taken: bool = True
    asked: bool = False
    reason: str = ""


def refusal_to_cancel(booking: BookingFacts, policies: Policies, *, by: Party, now: datetime) -> BookingRefusal | None:
    """Why this party cannot cancel; ``None`` if they can. An invitee until the cut-off, a host until the end;
    either at any time while another time is asked for.

    >>> nine = datetime(2026, 9, 1, 9)
    >>> refusal_to_cancel(BookingFacts(nine, nine.replace(hour=10)), Policies(), by=Party.INVITEE, now=nine)
    BookingOver('booking_over', {})
    """
    if booking.asked:
        return None
    if now >= (booking.end if by is Party.HOST else booking.start):
        return BookingOver()
    if by is Party.INVITEE and now > booking.start - policies.cancel_cutoff:
        return TooLate("too_late_to_cancel", before=policies.cancel_cutoff)
    return None


def refusal_to_move(booking: BookingFacts, policies: Policies, *, by: Party, now: datetime) -> BookingRefusal | None:
    """Why this party cannot choose another time; ``None`` if they can. Whoever is asked for one always can."""
    if booking.asked:
        return BookingRefusal("booking_archived") if policies.archived else None
    invited = by is Party.INVITEE
    last_moment = booking.start - policies.reschedule_cutoff
    reasons = (
        (booking.cancelled, BookingCancelled()),
        (policies.archived, BookingRefusal("booking_archived")),
        (now >= booking.start, BookingOver()),
        (invited and now > last_moment, TooLate("too_late_to_move", before=policies.reschedule_cutoff)),
        (invited and booking.moves >= MAX_MOVES, TooManyMoves(moves=MAX_MOVES)),
    )
    return next((refusal for holds, refusal in reasons if holds), None)


def refusal_to_correct(
    booking: BookingFacts, *, made_at: datetime, corrections: int, now: datetime
) -> BookingRefusal | None:
    """Why its invitee cannot correct the address of a booking; ``None`` if they can."""
    reasons = (
        (booking.cancelled, BookingCancelled()),
        (now >= booking.start, BookingOver()),
        (corrections >= MAX_CORRECTIONS or now - made_at > CORRECTABLE_FOR, BookingRefusal("correction_over")),
    )
    return next((refusal for holds, refusal in reasons if holds), None)


def parse_reason(value: object) -> str:
    """Why somebody cancels, as one line; nothing is as good as something.

    Raises ``InvalidInput`` where it is too long.
    """
    wrong: dict[str, str] = {}
    reason = parse_optional_text(value, "reason", MAX_REASON_LENGTH, wrong)
    if wrong:
        raise InvalidInput(wrong)
    return reason


def parse_optional_text(value: object, field: str, limit: int, wrong: dict[str, str]) -> str:
    """As :func:`parse_text`, where nothing is as good as something."""
    said: dict[str, str] = {}
    text = parse_text(value, field, limit, said)
    if text:
        wrong.update(said)
    return text


def parse_invitee(
    name: object,
    email: object,
    time_zone: object,
    *,
    asks_email: bool = True,
    asks: str = "",
    place: object = "",
    guests: object = "",
    questions: Sequence[Question] = (),
    given: Mapping[str, object] | None = None,
) -> Invitee:
    """What came in from a form or the wire, as an invitee.

    Without ``asks_email`` the address is the link's, which the page does not know. ``place`` is what was said in the
    field that the place ``asks`` for; ``given`` has the answers to ``questions`` under ``a1``, ``a2``, … Raises
    ``InvalidInput`` with a code for every field that cannot be taken, in the order of the form, ``params`` naming the
    guest who is meant; an unknown time zone is read as UTC, for it never changes what is booked.

    >>> parse_invitee(" Ada Lovelace ", "ada@example.org", "Europe/London").name
    'Ada Lovelace'
    """
    wrong: dict[str, str] = {}
    clean_name = parse_text(name, "name", MAX_NAME_LENGTH, wrong)
    clean_email = parse_email(email, wrong) if asks_email else ""
    zone, params, clean_guests = known_time_zone(time_zone) or "UTC", {}, ()
    said = parse_said(asks, place, country_of(zone), wrong)
    try:
        clean_guests = parse_guests(guests, invitee=clean_email)
    except InvalidInput as refusal:
        wrong |= refusal.fields
        params = refusal.params
    answers = parse_answers(questions, given or {}, country_of(zone), wrong)
    if wrong:
        raise InvalidInput(wrong, **params)
    return Invitee(clean_name, clean_email, zone, clean_guests, answers, said)


def parse_prefill(given: Mapping[str, object]) -> dict[str, str]:
    """What a form may start with: ``name``, ``email``, ``phone``, ``place``, ``guests``, ``a1`` to ``a10``. Anything
    else is left out, and so is what no form would take for its length.

    >>> parse_prefill({"name": "Ada", "a1": "Budget", "terms": "7"})
    {'name': 'Ada', 'a1': 'Budget'}
    """
    limits = {"name": MAX_NAME_LENGTH, "email": MAX_EMAIL_LENGTH, "guests": MAX_GUESTS * (MAX_EMAIL_LENGTH + 2)}
    limits |= {"phone": MAX_LOCATION_LENGTH, "place": MAX_LOCATION_LENGTH}
    limits |= {f"a{number}": MAX_LONG_ANSWER_LENGTH for number in range(1, MAX_QUESTIONS + 1)}
    texts = {name: value for name in limits if isinstance(value := given.get(name), str)}
    return {name: text for name, text in texts.items() if text.strip() and len(text) <= limits[name]}


def parse_text(value: object, field: str, limit: int, wrong: dict[str, str]) -> str:
    """One line of text without control characters; an empty or overlong one leaves a code in ``wrong``."""
    text = one_line(value)
    if not text:
        wrong[field] = f"{field}_missing"
    elif len(text) > limit:
        wrong[field] = f"{field}_too_long"
    return text


def known_time_zone(value: object) -> str | None:
    """``value`` if it is the name of an IANA time zone, else ``None``."""
    return value if isinstance(value, str) and value in known_time_zones() else None
