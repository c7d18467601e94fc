"""A long past: as many spent links and bookings as one likes, with claims, messages and log, by plain SQL.

While it is written, the schema's indexes and constraints stand as they are, and its triggers do not.
"""

from sqlalchemy import Connection

from singleuse_app import db
from singleuse_app.migrations import guards
from tests.benchmarks.scene import HOSTS, Scene
from tests.factories import NOW

QUARTER = 900
TODAY = int(NOW.timestamp()) // 86_400 * 86_400
A_WEEK = 7 * 86_400

WORDS = {
    "sqlite": {
        "numbers": "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows})"
        " SELECT i FROM n)",
        "key": "printf('%012x70008%03x%012x', made_at * 1000, {kind}, i)",
        "hash": "lower(hex(randomblob(32)))",
        "json": "",
    },
    "postgresql": {
        "numbers": "generate_series(0, {rows} - 1) AS numbers(i)",
        "key": "(lpad(to_hex(made_at::bigint * 1000), 12, '0') || '70008' || lpad(to_hex({kind}), 3, '0')"
        " || lpad(to_hex(i), 12, '0'))::uuid",
        "hash": "md5(random()::text) || md5(random()::text)",
        "json": "::json",
    },
}
"""What the two databases say differently. Keys grow with time, as those of the app do."""

FILL = (
    f"""CREATE TEMPORARY TABLE past AS
        SELECT i, host_id, event_type_id, made_at, made_at + {A_WEEK} AS starts,
          {{key1}} AS link_id, {{key2}} AS booking_id
        FROM (SELECT i, {TODAY} - (({{rows}} - 1 - i) / {HOSTS} + 1) * {QUARTER} - {A_WEEK} AS made_at
              FROM {{numbers}}) numbered
        JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS place, id AS event_type_id, host_id FROM event_type
             ) desk ON place = i - i / {HOSTS} * {HOSTS}""",
    """INSERT INTO scheduling_link (id, host_id, event_type_id, token_hash, kid, max_uses, uses, created_at)
        SELECT link_id, host_id, event_type_id, {hash}, 'k1', 1, 1, made_at FROM past ORDER BY i""",
    f"""INSERT INTO booking (id, uid, sequence, host_id, event_type_id, link_id, max_uses, use_no, receipt_hash, kid,
          manage_hash, start, "end", invitee_name, invitee_email, invitee_time_zone, terms, moves, created_at,
          cancel_reason)
        SELECT booking_id, booking_id || '@singleuse', 0, host_id, event_type_id, link_id, 1, 1, {{hash}}, 'k1',
          {{hash}}, starts, starts + {QUARTER}, 'Ada Lovelace', 'ada' || i || '@example.org', 'Europe/London',
          '{{{{"version": 1, "event_name": "15 minute meeting", "duration_minutes": 15, "location": ""}}}}'{{json}}, 0,
          made_at, ''
        FROM past ORDER BY i""",
    f"""INSERT INTO time_claim (id, host_id, booking_id, protected_start, protected_end)
        SELECT {{key3}}, host_id, booking_id, starts, starts + {QUARTER} FROM past ORDER BY i""",
    *(
        f"""INSERT INTO outbox_message (id, kind, recipient, subject_id, sequence, payload, dedupe_key, created_at,
              due_at, attempts, sent_at, kept, server_said)
            SELECT {{key{number}}}, 'booked', '{recipient}', booking_id, 0, '{{{{"v": 1}}}}'{{json}},
              'booked:' || booking_id || ':{recipient}', made_at, made_at, 1, made_at, false, ''
            FROM past ORDER BY i"""
        for number, recipient in ((4, "host"), (5, "invitee"))
    ),
    """INSERT INTO event_log (at, kind, host_id, event_type_id, link_id, booking_id)
        SELECT made_at, 'link_created', host_id, event_type_id, link_id, NULL FROM past
        UNION ALL SELECT made_at, 'booked', host_id, event_type_id, link_id, booking_id FROM past""",
    "DROP TABLE past",
)


def add_past(scene: Scene, rows: int) -> None:
    """Let the hosts of the scene look back on ``rows`` links that were booked with, one meeting after the other."""
    kind = db.engine().dialect.name
    words = {name: text.replace("{rows}", str(rows)) for name, text in WORDS[kind].items()}
    keys = {f"key{number}": words["key"].replace("{kind}", str(number)) for number in range(1, 6)}
    with db.engine().connect() as connection:
        _hurry(connection)
        for statement in FILL:
            connection.exec_driver_sql(statement.format(rows=rows, **keys, **words))
        if kind == "sqlite":
            guards.create(connection)
        connection.commit()
    db.close()
    if kind == "postgresql":
        with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM ANALYZE")  # as autovacuum does by and by
    scene.past = rows


def _hurry(connection: Connection) -> None:
    """Spare this connection the care that the app takes."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # foreign keys are triggers, too
        return
    connection.exec_driver_sql("COMMIT")  # for settings are changed between transactions
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000"):
        connection.exec_driver_sql(f"PRAGMA {pragma}")
    connection.exec_driver_sql("BEGIN")
    guards.drop(connection)
