"""Calendars elsewhere as their host reads of them: every fact in words."""

from datetime import datetime

from singleuse_app.components.calendar_feeds import FeedRow
from singleuse_app.formats import ago_words, moment_words
from singleuse_app.messages import words
from singleuse_app.operations.calendar_feeds import FeedCard
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.wording import count, say


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
        return say("{number} of your calendars cannot be read at the moment.", number=len(broken))
    card = broken[0]
    what = say("Its last good copy counts.") if card.read_at else say("It keeps no time free for you yet.")
    return f"{say('The calendar {name} cannot be read at the moment.', name=card.name)} {what}"


def _state(card: FeedCard, now: datetime, *, is_asked: bool) -> str:
    being_read = f"{say('Being read.')} "
    if card.read_at is None:
        until = say("Until it has been read once, its times are offered.")
        return being_read * (card.is_being_read or is_asked) + until
    busy = count(
        "{busy} busy time in the next two months",
        "{busy} busy times in the next two months",
        card.busy_count,
        busy=f"{card.busy_count:,}",
    )
    ago = ago_words(now - card.read_at)
    age = say("Copy of {ago}", ago=ago) if card.problem else say("Read {ago}", ago=ago)
    return being_read * is_asked + f"{age} · {busy}"


def _wrong(card: FeedCard, host: SignedInHost, now: datetime) -> str:
    if not card.problem or card.problem_since is None:
        return ""
    since = moment_words(card.problem_since, host.time_zone, now=now, how=host.how)
    first, stop, others = words(card.problem).removesuffix(".").partition(". ")
    what = f"{first} ({card.problem_detail}){stop}{others}." if card.problem_detail else words(card.problem)
    then = ""
    if card.read_at is not None:
        copy = moment_words(card.read_at, host.time_zone, now=now, how=host.how)
        then = " " + say("The times of its copy of {moment} are still kept.", moment=copy)
    next_check = moment_words(card.next_check_at, host.time_zone, now=now, how=host.how)
    again = " " + say("It is tried again {moment}.", moment=next_check)
    broken = say("Broken since {moment}.", moment=since)
    return f"{broken} {what}{then}{'' if card.is_being_read else again}"
