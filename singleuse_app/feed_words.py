"""Calendars elsewhere as their host reads of them: every fact in words."""

from datetime import datetime

from singleuse_app.components.calendar_feeds import FeedRow
from singleuse_app.formats import ago_words, moment_words
from singleuse_app.messages import words
from singleuse_app.operations.calendar_feeds import FeedCard
from singleuse_app.operations.hosts import SignedInHost


def row_of(card: FeedCard, host: SignedInHost, *, is_asked: bool = False, now: datetime) -> FeedRow:
    """A calendar as its list draws it; ``is_asked`` where it is to be read at once."""
    return FeedRow(
        id=card.id,
        name=card.name,
        shown_as=card.shown_as,
        state=_state(card, now, is_asked=is_asked),
        wrong=_wrong(card, host, now),
        is_being_read=card.is_being_read or is_asked,
    )


def warning_of(cards: list[FeedCard]) -> str:
    """One line while a calendar cannot be read, or has not been yet; else nothing."""
    broken = [card for card in cards if card.problem]
    if not broken:
        return ""
    if len(broken) > 1:
        return f"{len(broken)} of your calendars cannot be read at the moment."
    card = broken[0]
    what = "Its last good copy counts." if card.read_at else "It keeps no time free for you yet."
    return f"The calendar {card.name} cannot be read at the moment. {what}"


def _state(card: FeedCard, now: datetime, *, is_asked: bool) -> str:
    if card.read_at is None:
        return "Being read. " * (card.is_being_read or is_asked) + "Until it has been read once, its times are offered."
    count = f"{card.busy_count:,} busy time{'' if card.busy_count == 1 else 's'} in the next two months"
    age = f"Read {ago_words(now - card.read_at)}" if not card.problem else f"Copy of {ago_words(now - card.read_at)}"
    return "Being read. " * is_asked + f"{age} · {count}"


def _wrong(card: FeedCard, host: SignedInHost, now: datetime) -> str:
    if not card.problem or card.problem_since is None:
        return ""
    since = moment_words(card.problem_since, host.time_zone, now=now, how=host.how)
    first, stop, others = words(card.problem).removesuffix(".").partition(". ")
    what = f"{first} ({card.problem_detail}){stop}{others}." if card.problem_detail else words(card.problem)
    then = ""
    if card.read_at is not None:
        copy = moment_words(card.read_at, host.time_zone, now=now, how=host.how)
        then = f" The times of its copy of {copy} are still kept."
    again = f" It is tried again {moment_words(card.next_check_at, host.time_zone, now=now, how=host.how)}."
    return f"Broken since {since}. {what}{then}{'' if card.is_being_read else again}"
