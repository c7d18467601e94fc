"""What keeps the event log append-only: no line, no seal and no checkpoint is ever changed, and nothing is deleted but
what lies before a checkpoint. They are part of :mod:`migrations.guards`, which puts them up.

A checkpoint without the key's seal can be made up by whoever may write to the tables, as triggers can be dropped by
them: that is found by ``singleuse doctor``, which has the key.
"""

SQLITE: dict[str, str] = {
    # What is there already would be deleted silently by OR REPLACE. A line that is not numbered yet is -1 here.
    "event_log_append_only_insert": """
        BEFORE INSERT ON event_log WHEN NEW.id > 0 BEGIN
          SELECT RAISE(ABORT, 'event_log_append_only: a line comes after all others')
            WHERE NEW.id <= (SELECT max(id) FROM event_log);
        END""",
    "event_log_append_only_update": """
        BEFORE UPDATE ON event_log BEGIN
          SELECT RAISE(ABORT, 'event_log_append_only: a line stays what it was');
        END""",
    "event_log_append_only_delete": """
        BEFORE DELETE ON event_log BEGIN
          SELECT RAISE(ABORT, 'event_log_append_only: only what lies before a checkpoint is cut')
            WHERE NOT EXISTS (SELECT 1 FROM log_checkpoint WHERE last_line >= OLD.id);
        END""",
    "log_seal_append_only_insert": """
        BEFORE INSERT ON log_seal BEGIN
          SELECT RAISE(ABORT, 'log_seal_append_only: not the next seal')
            WHERE NEW.id <> 1 + coalesce((SELECT max(id) FROM log_seal), (SELECT max(seal_id) FROM log_checkpoint), 0)
               OR NEW.last_line <= coalesce((SELECT max(last_line) FROM log_seal),
                                            (SELECT max(last_line) FROM log_checkpoint), 0);
        END""",
    "log_seal_append_only_update": """
        BEFORE UPDATE ON log_seal BEGIN
          SELECT RAISE(ABORT, 'log_seal_append_only: a seal stays what it was');
        END""",
    "log_seal_append_only_delete": """
        BEFORE DELETE ON log_seal BEGIN
          SELECT RAISE(ABORT, 'log_seal_append_only: only what lies before a checkpoint is cut')
            WHERE NOT EXISTS (SELECT 1 FROM log_checkpoint WHERE seal_id >= OLD.id);
        END""",
    "log_checkpoint_append_only_insert": """
        BEFORE INSERT ON log_checkpoint BEGIN
          SELECT RAISE(ABORT, 'log_checkpoint_append_only: not of a seal that is there')
            WHERE NOT EXISTS (SELECT 1 FROM log_seal WHERE id = NEW.seal_id AND mac = NEW.seal_mac
                              AND last_line = NEW.last_line);
          SELECT RAISE(ABORT, 'log_checkpoint_append_only: it is there already')
            WHERE NEW.seal_id <= (SELECT max(seal_id) FROM log_checkpoint);
        END""",
    "log_checkpoint_append_only_update": """
        BEFORE UPDATE ON log_checkpoint BEGIN
          SELECT RAISE(ABORT, 'log_checkpoint_append_only: a checkpoint stays what it was');
        END""",
    "log_checkpoint_append_only_delete": """
        BEFORE DELETE ON log_checkpoint BEGIN
          SELECT RAISE(ABORT, 'log_checkpoint_append_only: it is the newest')
            WHERE NOT EXISTS (SELECT 1 FROM log_checkpoint WHERE seal_id > OLD.seal_id);
        END""",
}

_CUT = {
    "event_log": "EXISTS (SELECT 1 FROM log_checkpoint WHERE last_line >= OLD.id)",
    "log_seal": "EXISTS (SELECT 1 FROM log_checkpoint WHERE seal_id >= OLD.id)",
    "log_checkpoint": "EXISTS (SELECT 1 FROM log_checkpoint WHERE seal_id > OLD.seal_id)",
}

_BEFORE_INSERT = {
    "log_seal": """
        IF NEW.id <> 1 + coalesce((SELECT max(id) FROM log_seal), (SELECT max(seal_id) FROM log_checkpoint), 0)
           OR NEW.last_line <= coalesce((SELECT max(last_line) FROM log_seal),
                                        (SELECT max(last_line) FROM log_checkpoint), 0) THEN
          RAISE integrity_constraint_violation USING MESSAGE = 'log_seal_append_only: not the next seal';
        END IF;
        RETURN NEW;""",
    "log_checkpoint": """
        IF NOT EXISTS (SELECT 1 FROM log_seal WHERE id = NEW.seal_id AND mac = NEW.seal_mac
                       AND last_line = NEW.last_line) THEN
          RAISE integrity_constraint_violation
            USING MESSAGE = 'log_checkpoint_append_only: not of a seal that is there';
        END IF;
        RETURN NEW;""",
}

POSTGRESQL: dict[str, tuple[str, str]] = {
    **{
        f"{table}_append_only": (
            f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW",
            f"""
            IF TG_OP = 'DELETE' THEN
              IF {cut} THEN RETURN OLD; END IF;
              RAISE integrity_constraint_violation
                USING MESSAGE = '{table}_append_only: only what lies before a checkpoint is cut';
            END IF;
            RAISE integrity_constraint_violation
              USING MESSAGE = '{table}_append_only: what was written stays what it was';""",
        )
        for table, cut in _CUT.items()
    },
    **{
        f"{table}_append_only_truncate": (
            f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
            f"""
            RAISE integrity_constraint_violation
              USING MESSAGE = '{table}_append_only: only what lies before a checkpoint is cut';""",
        )
        for table in _CUT
    },
    **{
        f"{table}_append_only_insert": (f"BEFORE INSERT ON {table} FOR EACH ROW", body)
        for table, body in _BEFORE_INSERT.items()
    },
}
"""Name of trigger and function: when it runs, and what."""
