"""No secret reaches a log, whoever writes the line: the framework logs whole events, cookies and addresses included."""

import logging
import re
import traceback

_SECRETS = re.compile(
    r"""
    (?P<cookie>singleuse_session["']?\s*[=:]\s*["']?)[^\s;'",]+         # the session
    | (?:(?<![0-9A-Za-z])|(?<=%2[Ff]))[a-z2-7]{26}(?![0-9A-Za-z])   # a token of a link
    | (?<![0-9A-Za-z_])[0-9a-f]{32}(?![0-9A-Za-z])                  # a receipt
    | (?P<password>password\\*["']?\s*[=:]\s*)                     # a password, whatever is in it, as a form has it
        (?:\\*"(?:\\.|[^"\\])*(?:"|\Z) | \\*'(?:\\.|[^'\\])*(?:'|\Z) | [^\s,)}\]]+)
    | (?P<field>feed_address["']?\s*[=:]\s*["']?)[^\s'",]+          # the address of a calendar, as it is typed,
    | (?P<scheme>webcals?://)[^\s'"<>]+                             # or as calendars hand it out
    | (?P<site>https?://)[^\s'"<>]*(?:\.ics|ical|caldav|calendar(?!s(?:[\s?]|$)))[^\s'"<>]*
    """,
    re.VERBOSE | re.DOTALL,
)


def redact(text: str) -> str:
    """``text`` without sessions, link tokens, receipts, passwords and addresses of calendars.

    >>> redact("cookie: singleuse_session=abc; theme=dark")
    'cookie: singleuse_session=[secret]; theme=dark'
    """
    return _SECRETS.sub(lambda found: f"{next(filter(None, found.groups()), '')}[secret]", text)


def keep_secrets() -> None:
    """Redact every log record of this process from now on, its traceback included."""
    make = logging.getLogRecordFactory()
    if getattr(make, "keeps_secrets", False):
        return

    def make_redacted(*args: object, **kwargs: object) -> logging.LogRecord:
        record = make(*args, **kwargs)
        try:
            message = record.getMessage()
        except Exception:  # arguments that do not fit: whoever wrote the line is told by the line itself
            message = f"{record.msg} {record.args!r}"
        record.msg, record.args = redact(message), ()
        if record.exc_info and record.exc_info[0]:
            record.exc_text = redact("".join(traceback.format_exception(*record.exc_info)).rstrip())
            record.exc_info = None  # else a handler would format it again, with everything in it
        return record

    make_redacted.keeps_secrets = True  # ty: ignore[missing-attribute]
    logging.setLogRecordFactory(make_redacted)
