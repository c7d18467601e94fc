"""The schema's last word: no second live use of a link, no use beyond its maximum, no overlapping time claim, and an
event log that is only ever added to (``log_guards.py``).

They hold for every INSERT and UPDATE, from this app or from a console. On SQLite they are triggers, which also stop
``OR REPLACE`` and ``OR IGNORE``, and a console that has switched foreign keys off. On PostgreSQL they are the exclusion
constraint ``time_claim_overlap``, which the first migration makes, and two triggers for what foreign keys do not say.
The transactions in ``operations/`` never meet them; they stand for the day on which somebody changes those. A migration
finds them gone and need not care: :func:`migrations.upgrade` puts them up again at its end.
"""

from sqlalchemy import Connection

from singleuse_app.migrations import log_guards

SQLITE: dict[str, str] = {
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
               OR (NEW.receipt_hash IS NOT OLD.receipt_hash AND (OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL));
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
          SELECT RAISE(ABORT, 'scheduling_link_standard: this event type has its standard link')
            WHERE NEW.address IS NOT NULL AND EXISTS (
              SELECT 1 FROM scheduling_link WHERE event_type_id = NEW.event_type_id AND address IS NOT NULL);
        END""",
    "scheduling_link_pinned_update": """
        BEFORE UPDATE ON scheduling_link BEGIN
          SELECT RAISE(ABORT, 'scheduling_link_pinned: a link that was booked with stays what it was')
            WHERE (NEW.id IS NOT OLD.id OR NEW.max_uses IS NOT OLD.max_uses OR NEW.host_id IS NOT OLD.host_id
                   OR NEW.event_type_id IS NOT OLD.event_type_id)
              AND EXISTS (SELECT 1 FROM booking WHERE link_id = OLD.id);
          SELECT RAISE(ABORT, 'scheduling_link_pinned: that token belongs to another link')
            WHERE EXISTS (SELECT 1 FROM scheduling_link WHERE token_hash = NEW.token_hash AND id <> OLD.id);
          SELECT RAISE(ABORT, 'scheduling_link_standard: this event type has its standard link')
            WHERE NEW.address IS NOT NULL AND EXISTS (
              SELECT 1 FROM scheduling_link
              WHERE event_type_id = NEW.event_type_id AND address IS NOT NULL AND id <> OLD.id);
          SELECT RAISE(ABORT, 'scheduling_link_pinned: fewer uses than bookings')
            WHERE NEW.uses < OLD.uses AND NEW.uses < (
              SELECT count(*) FROM booking WHERE link_id = OLD.id AND use_released_at IS NULL);
        END""",
    "scheduling_link_pinned_delete": """
        BEFORE DELETE ON scheduling_link BEGIN
          SELECT RAISE(ABORT, 'scheduling_link_pinned: it was booked with')
            WHERE EXISTS (SELECT 1 FROM booking WHERE link_id = OLD.id);
        END""",
    **log_guards.SQLITE,
}

POSTGRESQL: dict[str, tuple[str, str]] = {
    "booking_live_use": (
        "BEFORE UPDATE ON booking FOR EACH ROW",
        """
        IF (NEW.id, NEW.uid, NEW.host_id, NEW.link_id, NEW.max_uses)
           IS DISTINCT FROM (OLD.id, OLD.uid, OLD.host_id, OLD.link_id, OLD.max_uses)
           OR (NEW.receipt_hash <> OLD.receipt_hash AND (OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL)) THEN
          RAISE integrity_constraint_violation
            USING MESSAGE = 'booking_live_use: a booking keeps its key and its link';
        END IF;
        RETURN NEW;""",
    ),
    "scheduling_link_pinned": (
        "BEFORE UPDATE ON scheduling_link FOR EACH ROW",
        """
        IF NEW.uses < OLD.uses AND NEW.uses < (
           SELECT count(*) FROM booking WHERE link_id = OLD.id AND use_released_at IS NULL) THEN
          RAISE integrity_constraint_violation
            USING MESSAGE = 'scheduling_link_pinned: fewer uses than bookings';
        END IF;
        RETURN NEW;""",
    ),
    **log_guards.POSTGRESQL,
}
"""Name of trigger and function: when it runs, and what."""

CONSTRAINTS = (
    "time_claim_overlap",
    "uq_booking_live_use",
    "ck_booking_use_no",
    "fk_booking_link",
    "fk_time_claim_booking",
    "ck_scheduling_link_uses",
    "uq_scheduling_link_standard",
)
"""What stands in the tables themselves on PostgreSQL, and makes up the promise with the triggers."""


def create(connection: Connection) -> None:
    """Put all triggers in place, as they are here."""
    drop(connection)
    if connection.dialect.name == "sqlite":
        for name, body in SQLITE.items():
            connection.exec_driver_sql(_sqlite_trigger(name, body))
        return
    for name, (when, body) in POSTGRESQL.items():
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN {body} END $guard$"
        )
        connection.exec_driver_sql(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()")


def drop(connection: Connection) -> None:
    """Take the triggers down: for a migration, and for the tests that show what happens without."""
    if connection.dialect.name == "sqlite":
        for name in SQLITE:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        return
    for name in POSTGRESQL:
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}() CASCADE")


def missing(connection: Connection) -> list[str]:
    """The names of the guards that ought to be there and are not, or not as they are here."""
    if connection.dialect.name == "sqlite":
        there = dict(connection.exec_driver_sql("SELECT name, sql FROM sqlite_master").all())
        gone = [name for name, body in SQLITE.items() if there.get(name) != _sqlite_trigger(name, body)]
        return gone + [name for name in ("uq_booking_live_use", "uq_scheduling_link_standard") if name not in there]
    there = set(
        connection.exec_driver_sql(
            """SELECT conname FROM pg_constraint WHERE convalidated
               UNION ALL SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'
               UNION ALL SELECT relname FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
                         WHERE indisunique AND indisvalid"""
        ).scalars()
    )
    return [name for name in (*POSTGRESQL, *CONSTRAINTS) if name not in there]


def _sqlite_trigger(name: str, body: str) -> str:
    return f"CREATE TRIGGER {name} {body.strip()}"
