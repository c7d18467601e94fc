"""The life of a scheduling link: its status is derived from its facts and the clock, never stored."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from singleuse_app.scheduling.errors import LinkAlreadyUsed, LinkExpired, LinkOff, LinkRefusal, LinkRevoked

UNLIMITED_USES = 2**31 - 1
"""``max_uses`` of a standard link: a number like any other, so that one line of schema guards every link."""


class LinkStatus(StrEnum):
    """What a link is good for, in words of the glossary."""

    ACTIVE = "active"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """All that decides a link's status. ``offered`` is false once its event type is off or archived."""

    uses: int
    max_uses: int
    revoked_at: datetime | None = None
    expires_at: datetime | None = None
    offered: bool = True


def link_status(link: LinkFacts, *, now: datetime) -> LinkStatus:
    """The status of a link at ``now``; where several hold, the first of used, revoked, expired, off.

    A link expires *at* its instant: from then on it is expired.

    >>> link_status(LinkFacts(uses=1, max_uses=1), now=datetime(2026, 9, 1))
    <LinkStatus.USED: 'used'>
    """
    if link.uses >= link.max_uses:
        return LinkStatus.USED
    if link.revoked_at is not None:
        return LinkStatus.REVOKED
    if link.expires_at is not None and link.expires_at <= now:
        return LinkStatus.EXPIRED
    if not link.offered:
        return LinkStatus.OFF
    return LinkStatus.ACTIVE


_REFUSALS: dict[LinkStatus, type[LinkRefusal]] = {
    LinkStatus.USED: LinkAlreadyUsed,
    LinkStatus.REVOKED: LinkRevoked,
    LinkStatus.EXPIRED: LinkExpired,
    LinkStatus.OFF: LinkOff,
}


def refusal_of(status: LinkStatus) -> LinkRefusal | None:
    """The refusal that tells a person about ``status``; ``None`` for a link that is active."""
    refusal = _REFUSALS.get(status)
    return refusal() if refusal else None


def opens_again(link: LinkFacts, *, reopened: bool, now: datetime) -> bool:
    """Whether a cancelled booking may give its use back to the link: once, and never past its expiry or revocation."""
    expired = link.expires_at is not None and link.expires_at <= now
    return not (reopened or expired or link.revoked_at is not None)


def end_of_day(day: date, time_zone: str) -> datetime:
    """The instant at which ``day`` is over in a zone: when a link with that date expires.

    >>> end_of_day(date(2026, 10, 25), "Europe/Berlin").isoformat()
    '2026-10-25T23:00:00+00:00'
    """
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone))
    return datetime.fromtimestamp(midnight.timestamp(), UTC)
