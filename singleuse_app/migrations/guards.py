"""The schema's last word on SQLite: triggers that refuse a second live use of a link and an overlapping time claim.

They hold for every INSERT and UPDATE, ``OR REPLACE`` and ``OR IGNORE`` included, from this app or from a console, also
one that has switched foreign keys off. The transaction in ``operations/bookings.py`` never meets them; they stand for
the day on which somebody changes it. A migration that rebuilds one of these tables drops its triggers: call
:func:`create` at its end.
"""

from sqlalchemy import Connection

GUARDS: dict[str, str] = {
    # A row that is there already would be deleted silently by OR REPLACE, and its time or its use with it.
    "time_claim_overlap_insert": """
        BEFORE INSERT ON time_claim BEGIN
          SELECT RAISE(ABORT, 'time_claim_overlap: instants are whole seconds')
            WHERE typeof(NEW.protected_start) <> 'integer' OR typeof(NEW.protected_end) <> 'integer';
          SELECT RAISE(ABORT, 'time_claim_overlap: it is there already')
            WHERE EXISTS (SELECT 1 FROM time_claim WHERE id = NEW.id);
          SELECT RAISE(ABORT, 'time_claim_overlap: not the time of this booking''s host')
            WHERE NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND host_id = NEW.host_id);
          SELECT RAISE(ABORT, 'time_claim_overlap: the host has no such time left')
            WHERE NEW.released_at IS NULL AND EXISTS (
              SELECT 1 FROM time_claim other
              WHERE other.host_id = NEW.host_id AND other.released_at IS NULL
                AND other.protected_end > NEW.protected_start AND other.protected_start < NEW.protected_end);
        END""",
    "time_claim_overlap_update": """
        BEFORE UPDATE ON time_claim BEGIN
          SELECT RAISE(ABORT, 'time_claim_overlap: instants are whole seconds')
            WHERE typeof(NEW.protected_start) <> 'integer' OR typeof(NEW.protected_end) <> 'integer';
          SELECT RAISE(ABORT, 'time_claim_overlap: a claim keeps its key')
            WHERE NEW.id IS NOT OLD.id;
          SELECT RAISE(ABORT, 'time_claim_overlap: not the time of this booking''s host')
            WHERE NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND host_id = NEW.host_id);
          SELECT RAISE(ABORT, 'time_claim_overlap: the host has no such time left')
            WHERE NEW.released_at IS NULL AND EXISTS (
              SELECT 1 FROM time_claim other
              WHERE other.host_id = NEW.host_id AND other.released_at IS NULL AND other.id <> NEW.id
                AND other.protected_end > NEW.protected_start AND other.protected_start < NEW.protected_end);
        END""",
    "booking_live_use_insert": """
        BEFORE INSERT ON booking BEGIN
          SELECT RAISE(ABORT, 'booking_live_use: it is there already')
            WHERE EXISTS (SELECT 1 FROM booking WHERE id = NEW.id OR uid = NEW.uid
                          OR (link_id = NEW.link_id AND receipt_hash = NEW.receipt_hash));
          SELECT RAISE(ABORT, 'booking_live_use: no link with that many uses')
            WHERE NOT EXISTS (
              SELECT 1 FROM scheduling_link link
              WHERE link.id = NEW.link_id AND link.host_id = NEW.host_id
                AND link.event_type_id = NEW.event_type_id AND link.max_uses = NEW.max_uses);
          SELECT RAISE(ABORT, 'booking_live_use: this use of the link has been booked')
            WHERE NEW.use_released_at IS NULL AND EXISTS (
              SELECT 1 FROM booking other
              WHERE other.link_id = NEW.link_id AND other.use_no = NEW.use_no AND other.use_released_at IS NULL);
        END""",
    "booking_live_use_update": """
        BEFORE UPDATE ON booking BEGIN
          SELECT RAISE(ABORT, 'booking_live_use: a booking keeps its key and its link')
            WHERE NEW.id IS NOT OLD.id OR NEW.link_id IS NOT OLD.link_id OR NEW.max_uses IS NOT OLD.max_uses
               OR NEW.uid IS NOT OLD.uid OR NEW.host_id IS NOT OLD.host_id
               OR NEW.receipt_hash IS NOT OLD.receipt_hash;
          SELECT RAISE(ABORT, 'booking_live_use: this use of the link has been booked')
            WHERE NEW.use_released_at IS NULL AND EXISTS (
              SELECT 1 FROM booking other
              WHERE other.link_id = NEW.link_id AND other.use_no = NEW.use_no AND other.use_released_at IS NULL
                AND other.id <> NEW.id);
        END""",
    "scheduling_link_pinned_insert": """
        BEFORE INSERT ON scheduling_link BEGIN
          SELECT RAISE(ABORT, 'scheduling_link_pinned: it is there already')
            WHERE EXISTS (SELECT 1 FROM scheduling_link WHERE id = NEW.id OR token_hash = NEW.token_hash);
        END""",
    "scheduling_link_pinned_update": """
        BEFORE UPDATE ON scheduling_link BEGIN
          SELECT RAISE(ABORT, 'scheduling_link_pinned: a link that was booked with stays what it was')
            WHERE (NEW.id IS NOT OLD.id OR NEW.max_uses IS NOT OLD.max_uses OR NEW.host_id IS NOT OLD.host_id
                   OR NEW.event_type_id IS NOT OLD.event_type_id)
              AND EXISTS (SELECT 1 FROM booking WHERE link_id = OLD.id);
          SELECT RAISE(ABORT, 'scheduling_link_pinned: that token belongs to another link')
            WHERE EXISTS (SELECT 1 FROM scheduling_link WHERE token_hash = NEW.token_hash AND id <> OLD.id);
          SELECT RAISE(ABORT, 'scheduling_link_pinned: fewer uses than bookings')
            WHERE NEW.uses < OLD.uses AND NEW.uses < (
              SELECT count(*) FROM booking WHERE link_id = OLD.id AND use_released_at IS NULL);
        END""",
    "scheduling_link_pinned_delete": """
        BEFORE DELETE ON scheduling_link BEGIN
          SELECT RAISE(ABORT, 'scheduling_link_pinned: it was booked with')
            WHERE EXISTS (SELECT 1 FROM booking WHERE link_id = OLD.id);
        END""",
}


def create(connection: Connection) -> None:
    """Put all guards in place; those that are there stay."""
    for name, body in GUARDS.items():
        connection.exec_driver_sql(f"CREATE TRIGGER IF NOT EXISTS {name} {body}")
