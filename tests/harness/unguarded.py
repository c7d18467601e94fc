"""What it takes to sell twice: the schema's guards dropped, the looking and the writing in separate transactions.

Races are run with this as their control. It is what schedulers commonly do: they look, ask a calendar or render a page,
and then write.
"""


from sqlalchemy import Connection

from singleuse_app.migrations import guards

CONSTRAINTS = {
    "time_claim": ("time_claim_overlap",),
    "booking": ("ck_booking_use_no", "fk_booking_link"),
    "scheduling_link": ("ck_scheduling_link_uses",),
}


def drop_guards(connection: Connection) -> None:
    """Take away all that has the last word, as far as the database can take it off its tables.

    SQLite cannot drop a CHECK; its consoles can be told to ignore them.
    """
    guards.drop(connection)
    connection.exec_driver_sql("DROP INDEX uq_booking_live_use")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        return
    for table, names in CONSTRAINTS.items():
        for name in names:
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
