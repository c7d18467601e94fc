"""What must be true of the tables after every transaction, and the rows that would belie it. SQL for both databases.

The schema refuses most of these lies to every INSERT and UPDATE. They are looked for all the same: guards can be
missing, disks lie, and consoles switch foreign keys off.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, column, text
from sqlmodel import Session

from singleuse_app.ids import BOOKING, CALENDAR_FEED, EVENT_TYPE, HOST, LINK, LINK_REQUEST, MESSAGE

NEW_LINK = "Revoke such a link on the Links page and send a new one."
TELL = "Write to those who booked, for nothing else will tell them."
REBOOK = "Look at these bookings; cancel those that are wrong and send their invitees a new link."
RESTORE = "Singleuse never does this. Keep a copy (singleuse backup FILE), go back to a backup that is well, report it."


@dataclass(frozen=True, slots=True)
class Truth:
    """``lie`` selects the ``id`` of every row that makes it untrue; ``prefix`` says what they are ids of."""

    prefix: str
    lie: str
    remedy: str


TRUTHS: dict[str, Truth] = {
    # links
    "a link counts its live bookings": Truth(
        LINK,
        """SELECT link.id FROM scheduling_link link
           LEFT JOIN booking ON booking.link_id = link.id AND booking.use_released_at IS NULL
           GROUP BY link.id, link.uses HAVING link.uses <> count(booking.id)""",
        NEW_LINK,
    ),
    "a link has no more uses than it may": Truth(
        LINK, "SELECT id FROM scheduling_link WHERE uses > max_uses OR uses < 0 OR max_uses < 1", NEW_LINK
    ),
    "each use of a link is booked once": Truth(
        LINK,
        """SELECT DISTINCT link_id AS id FROM booking WHERE use_released_at IS NULL
           GROUP BY link_id, use_no HAVING count(*) > 1""",
        REBOOK,
    ),
    "a booking is a use that its link has": Truth(
        BOOKING,
        """SELECT booking.id FROM booking JOIN scheduling_link link ON link.id = booking.link_id
           WHERE booking.use_no < 1 OR booking.use_no > link.max_uses OR booking.max_uses <> link.max_uses""",
        REBOOK,
    ),
    "only a cancelled booking gives its use back, and its link knows": Truth(
        BOOKING,
        """SELECT booking.id FROM booking JOIN scheduling_link link ON link.id = booking.link_id
           WHERE booking.use_released_at IS NOT NULL
             AND (booking.cancelled_at IS NULL OR link.reopened_at IS NULL)""",
        RESTORE,
    ),
    "a link opens again once, by a booking that gave its use back": Truth(
        LINK,
        """SELECT link.id FROM scheduling_link link
           LEFT JOIN booking ON booking.link_id = link.id AND booking.use_released_at IS NOT NULL
           GROUP BY link.id, link.reopened_at
           HAVING count(booking.id) > 1 OR (link.reopened_at IS NOT NULL AND count(booking.id) = 0)""",
        NEW_LINK,
    ),
    "a standard link stands at its own address": Truth(
        LINK,
        """SELECT link.id FROM scheduling_link link
           LEFT JOIN event_type ON event_type.id = link.event_type_id LEFT JOIN host ON host.id = link.host_id
           WHERE link.address IS NOT NULL AND (link.max_uses <> 2147483647 OR event_type.id IS NULL OR host.id IS NULL
             OR link.address <> 'with/' || host.slug || '/' || event_type.slug)""",
        "It may open for nobody. Switch it off. " + RESTORE,
    ),
    "an event type has one standard link": Truth(
        EVENT_TYPE,
        """SELECT event_type_id AS id FROM scheduling_link WHERE address IS NOT NULL
           GROUP BY event_type_id HAVING count(*) > 1""",
        RESTORE,
    ),
    "only a link for one address asks for a code": Truth(
        LINK,
        "SELECT id FROM scheduling_link WHERE by_code AND (NOT only_recipient OR recipient_email = '')",
        NEW_LINK,
    ),
    "who books by a code has proven the address": Truth(
        BOOKING,
        """SELECT booking.id FROM booking JOIN scheduling_link link ON link.id = booking.link_id
           WHERE link.by_code AND booking.erased_at IS NULL AND NOT EXISTS (SELECT 1 FROM address_code code
             WHERE code.link_id = link.id AND code.verified_at <= booking.created_at)""",
        REBOOK,
    ),
    # time
    "nobody's time is held twice": Truth(
        BOOKING,
        """SELECT DISTINCT booking_id AS id FROM (
             SELECT booking_id, protected_start, protected_end,
               max(protected_end) OVER (PARTITION BY host_id ORDER BY protected_start, protected_end, id
                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS held_until,
               lead(protected_start) OVER (PARTITION BY host_id ORDER BY protected_start, protected_end, id)
                 AS held_from
             FROM time_claim WHERE released_at IS NULL) live
           WHERE held_until > protected_start OR held_from < protected_end""",
        "Two bookings share a host's time. Cancel one of them and send its invitee a new link.",
    ),
    "a booking that stands holds its time, once": Truth(
        BOOKING,
        """SELECT booking.id FROM booking
           LEFT JOIN time_claim claim ON claim.booking_id = booking.id AND claim.released_at IS NULL
           WHERE booking.cancelled_at IS NULL GROUP BY booking.id HAVING count(claim.id) <> 1""",
        "That time can be booked again by others. " + REBOOK,
    ),
    "the time that is held covers the meeting": Truth(
        BOOKING,
        """SELECT booking.id FROM booking
           JOIN time_claim claim ON claim.booking_id = booking.id AND claim.released_at IS NULL
           WHERE claim.protected_start > booking.start OR claim.protected_end < booking."end" """,
        "That time can be booked again by others. " + REBOOK,
    ),
    "a cancelled booking holds no time": Truth(
        BOOKING,
        """SELECT DISTINCT booking.id FROM booking
           JOIN time_claim claim ON claim.booking_id = booking.id AND claim.released_at IS NULL
           WHERE booking.cancelled_at IS NOT NULL""",
        "That time is not offered though it is free. " + RESTORE,
    ),
    "what is held begins before it ends": Truth(
        BOOKING,
        """SELECT id FROM booking WHERE start >= "end"
           UNION SELECT booking_id FROM time_claim WHERE protected_start >= protected_end""",
        REBOOK,
    ),
    # what became of a booking
    "a cancelled booking says who cancelled it, another does not": Truth(
        BOOKING,
        """SELECT id FROM booking WHERE (cancelled_at IS NULL AND cancelled_by IS NOT NULL)
             OR (cancelled_at IS NOT NULL AND (cancelled_by IS NULL OR cancelled_by NOT IN ('host', 'invitee')))""",
        RESTORE,
    ),
    "another time is asked for by the host, and keeps the link spent": Truth(
        BOOKING,
        """SELECT id FROM booking WHERE another_time_asked_at IS NOT NULL
             AND (cancelled_at IS NULL OR cancelled_by <> 'host' OR use_released_at IS NOT NULL)""",
        REBOOK,
    ),
    "a booking counts its changes": Truth(
        BOOKING,
        """SELECT id FROM booking
           WHERE moves < 0 OR sequence < moves + CASE WHEN cancelled_at IS NULL THEN 0 ELSE 1 END""",
        "Calendars may take no notice of what was changed. " + TELL,
    ),
    "a booking is logged, once": Truth(
        BOOKING,
        """SELECT booking.id FROM booking
           LEFT JOIN event_log line ON line.booking_id = booking.id AND line.kind = 'booked'
           GROUP BY booking.id, booking.created_at
           HAVING count(line.id) > 1 OR (count(line.id) = 0
             AND booking.created_at >= (SELECT coalesce(max(cut_before), 0) FROM log_checkpoint))""",
        RESTORE,
    ),
    "each change of a booking is logged, once": Truth(
        BOOKING,
        """SELECT booking.id FROM booking
           LEFT JOIN event_log line ON line.booking_id = booking.id
             AND line.kind IN ('cancelled', 'rescheduled', 'another_time_asked')
           GROUP BY booking.id, booking.sequence, booking.created_at
           HAVING count(line.id) > booking.sequence OR (count(line.id) < booking.sequence
             AND booking.created_at >= (SELECT coalesce(max(cut_before), 0) FROM log_checkpoint))""",
        RESTORE,
    ),
    "of an invitee who was erased nothing is kept": Truth(
        BOOKING,
        """SELECT id FROM booking WHERE erased_at IS NOT NULL
             AND (invitee_email <> '' OR invitee_name <> '—' OR cancel_reason <> ''
               OR CAST(guests AS TEXT) <> '[]' OR CAST(answers AS TEXT) <> '[]')""",
        RESTORE,
    ),
    # messages
    "host and invitee are told of each booking": Truth(
        BOOKING,
        """SELECT booking.id FROM booking LEFT JOIN outbox_message owed ON owed.subject_id = booking.id
             AND owed.kind = 'booked' AND owed.sequence = 0 AND owed.recipient IN ('host', 'invitee')
           WHERE booking.erased_at IS NULL
           GROUP BY booking.id HAVING count(owed.id) <> 2 OR count(DISTINCT owed.recipient) <> 2""",
        TELL,
    ),
    "host and invitee are told of a booking's last change": Truth(
        BOOKING,
        """SELECT booking.id FROM booking LEFT JOIN outbox_message owed ON owed.subject_id = booking.id
             AND owed.sequence = booking.sequence AND owed.recipient IN ('host', 'invitee')
             AND owed.kind = CASE WHEN booking.cancelled_at IS NULL THEN 'rescheduled'
                                  WHEN booking.another_time_asked_at IS NULL THEN 'cancelled'
                                  ELSE 'another_time_asked' END
           WHERE booking.sequence > 0 AND booking.erased_at IS NULL
           GROUP BY booking.id HAVING count(owed.id) <> 2 OR count(DISTINCT owed.recipient) <> 2""",
        TELL,
    ),
    "nobody is told of what did not happen": Truth(
        MESSAGE,
        """SELECT owed.id FROM outbox_message owed JOIN booking ON booking.id = owed.subject_id
           WHERE (owed.sequence > booking.sequence AND owed.kind <> 'address_corrected')
             OR (owed.kind = 'cancelled' AND booking.cancelled_at IS NULL)""",
        RESTORE,
    ),
    "a message that was sent is not due again": Truth(
        MESSAGE,
        "SELECT id FROM outbox_message WHERE sent_at IS NOT NULL AND next_attempt_at IS NOT NULL",
        "It may arrive twice. " + RESTORE,
    ),
    "a host is told of each request for a new link": Truth(
        LINK_REQUEST,
        """SELECT request.id FROM link_request request LEFT JOIN outbox_message owed ON owed.subject_id = request.id
             AND owed.kind = 'link_requested' AND owed.recipient = 'host'
           GROUP BY request.id HAVING count(owed.id) <> 1""",
        "Look at the requests on the Links page.",
    ),
    "an invitee is told at each corrected address": Truth(
        BOOKING,
        """SELECT booking.id FROM booking
           LEFT JOIN event_log line ON line.booking_id = booking.id AND line.kind = 'address_corrected'
           WHERE booking.erased_at IS NULL
             AND booking.created_at >= (SELECT coalesce(max(cut_before), 0) FROM log_checkpoint)
           GROUP BY booking.id HAVING count(line.id) <> (
             SELECT count(*) FROM outbox_message owed
             WHERE owed.subject_id = booking.id AND owed.kind = 'address_corrected' AND owed.recipient = 'invitee')""",
        TELL,
    ),
    # who belongs to whom
    "nothing is held, owed or logged for a booking that there is not": Truth(
        BOOKING,
        """SELECT DISTINCT id FROM (SELECT booking_id AS id FROM time_claim
             UNION ALL SELECT subject_id FROM outbox_message WHERE kind
               IN ('booked', 'cancelled', 'rescheduled', 'another_time_asked', 'address_corrected',
                 'reminder_due', 'reminder')
             UNION ALL SELECT booking_id FROM event_log WHERE booking_id IS NOT NULL
               AND host_id IN (SELECT id FROM host)) named
           WHERE NOT EXISTS (SELECT 1 FROM booking WHERE booking.id = named.id)""",
        RESTORE,
    ),
    "a booking holds its own host's time": Truth(
        BOOKING,
        """SELECT booking.id FROM booking JOIN time_claim claim ON claim.booking_id = booking.id
           WHERE claim.host_id <> booking.host_id""",
        REBOOK,
    ),
    "a booking has its link's host and event type": Truth(
        BOOKING,
        """SELECT booking.id FROM booking LEFT JOIN scheduling_link link ON link.id = booking.link_id
           WHERE link.id IS NULL OR link.host_id <> booking.host_id OR link.event_type_id <> booking.event_type_id""",
        REBOOK,
    ),
    "a link has its event type's host": Truth(
        LINK,
        """SELECT link.id FROM scheduling_link link LEFT JOIN event_type ON event_type.id = link.event_type_id
           WHERE event_type.id IS NULL OR event_type.host_id <> link.host_id""",
        RESTORE,
    ),
    "who asks for a new link asks the link's host, and is answered with a link of theirs": Truth(
        LINK_REQUEST,
        """SELECT request.id FROM link_request request
           LEFT JOIN scheduling_link link ON link.id = request.link_id
           LEFT JOIN scheduling_link answer ON answer.id = request.new_link_id
           WHERE link.id IS NULL OR link.host_id <> request.host_id
             OR (request.new_link_id IS NOT NULL AND (answer.id IS NULL OR answer.host_id <> request.host_id))""",
        "Dismiss such a request on the Links page.",
    ),
    "an event type has hours of its own host": Truth(
        EVENT_TYPE,
        """SELECT event_type.id FROM event_type
           LEFT JOIN availability_schedule schedule ON schedule.id = event_type.schedule_id
           WHERE schedule.id IS NULL OR schedule.host_id <> event_type.host_id""",
        RESTORE,
    ),
    "a calendar keeps its own host busy, and nobody once it is removed": Truth(
        CALENDAR_FEED,
        """SELECT DISTINCT busy.feed_id AS id FROM calendar_busy busy
           LEFT JOIN calendar_feed feed ON feed.id = busy.feed_id
           WHERE feed.id IS NULL OR (feed.removed_at IS NULL AND (busy.host_id IS NULL OR busy.host_id <> feed.host_id))
             OR (feed.removed_at IS NOT NULL AND busy.host_id IS NOT NULL)""",
        "Times are offered that are taken, or the other way round. Remove such a calendar and add it again.",
    ),
    "a calendar's busy times do not overlap": Truth(
        CALENDAR_FEED,
        """SELECT DISTINCT feed_id AS id FROM (
             SELECT feed_id, "end", lead(start) OVER (PARTITION BY feed_id ORDER BY start) AS next FROM calendar_busy
           ) times WHERE next < "end" """,
        "Remove such a calendar and add it again.",
    ),
    "whatever has a host has one that there is": Truth(
        HOST,
        """SELECT DISTINCT id FROM (SELECT host_id AS id FROM installation UNION ALL SELECT host_id FROM host_session
             UNION ALL SELECT host_id FROM availability_schedule UNION ALL SELECT host_id FROM event_type
             UNION ALL SELECT host_id FROM bookings_feed UNION ALL SELECT host_id FROM calendar_feed) named
           WHERE NOT EXISTS (SELECT 1 FROM host WHERE host.id = named.id)""",
        RESTORE,
    ),
    "where there are hosts the set-up is done": Truth(
        HOST,
        "SELECT id FROM host WHERE NOT EXISTS (SELECT 1 FROM installation)",
        "Anybody at this computer could set the app up again and be a host. " + RESTORE,
    ),
}
"""What must be true, in words, and how to find what is not."""

_ALL = text(
    " UNION ALL ".join(
        f"SELECT {number} AS truth, id FROM ({truth.lie}) lie"  # noqa: S608
        for number, truth in enumerate(TRUTHS.values())
    )
).columns(column("truth"), column("id", Uuid()))


def violations(session: Session) -> dict[str, list[UUID]]:
    """The truths that do not hold, each with the ids of the rows that belie it. Nothing where all is well."""
    names = list(TRUTHS)
    found: dict[str, list[UUID]] = {}
    for number, key in session.connection().execute(_ALL):
        found.setdefault(names[number], []).append(key)
    return found
