"""Every table and every constraint; what no table can say stands in ``migrations/guards.py``.

Instants are BIGINT epoch seconds: exact to compare in SQL, in triggers and in ranges. Columns named ``…_at``,
``start`` and ``end`` read and write aware UTC datetimes through :class:`Instant`.
"""

from singleuse_app.models.address_codes import AddressCode
from singleuse_app.models.availability import Schedule
from singleuse_app.models.bookings import Booking, TimeClaim
from singleuse_app.models.bookings_feed import BookingsFeed
from singleuse_app.models.calendar_feeds import CalendarBusy, CalendarFeed
from singleuse_app.models.event_types import EventType
from singleuse_app.models.history import EventLog, LinkOpening, LogCheckpoint, LogSeal
from singleuse_app.models.host_invitations import HostInvitation
from singleuse_app.models.hosts import Host, HostSession, Installation
from singleuse_app.models.link_batches import LinkBatch
from singleuse_app.models.link_requests import LinkRequest
from singleuse_app.models.linked_accounts import LinkedAccount, ProviderAttempt
from singleuse_app.models.links import Link
from singleuse_app.models.outbox import OutboxMessage
from singleuse_app.models.password_resets import PasswordReset
from singleuse_app.models.table import Instant, Table
from singleuse_app.models.two_factor import PendingSignIn, RecoveryCode, TwoFactor

__all__ = [
    "AddressCode",
    "Booking",
    "BookingsFeed",
    "CalendarBusy",
    "CalendarFeed",
    "EventLog",
    "EventType",
    "Host",
    "HostInvitation",
    "HostSession",
    "Installation",
    "Instant",
    "Link",
    "LinkBatch",
    "LinkOpening",
    "LinkRequest",
    "LinkedAccount",
    "LogCheckpoint",
    "LogSeal",
    "OutboxMessage",
    "PasswordReset",
    "PendingSignIn",
    "ProviderAttempt",
    "RecoveryCode",
    "Schedule",
    "Table",
    "TimeClaim",
    "TwoFactor",
]
