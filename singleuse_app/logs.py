"""No secret reaches a log, whoever writes the line: the framework logs whole events, cookies and addresses included.

And nothing that is read as more than text: what a stranger sends moves no cursor, hides nothing and begins no line.
"""

import logging
import re
import traceback

_SECRETS = re.compile(
    r"""
    (?P<cookie>singleuse_(?:session|step|browser|elsewhere)["']?\s*[=:]\s*["']?)[^\s;'",]+ # a session, or a way to it
    | (?<![0-9A-Za-z-])[a-z2-7]{4}(?:-[a-z2-7]{4}){3}(?![0-9A-Za-z-])   # a recovery code, a password that was made up
    | (?:(?<![0-9A-Za-z])|(?<=%2[Ff]))[a-z2-7]{26}(?![0-9A-Za-z])   # a token of a link
    | (?<![0-9A-Za-z_])[0-9a-f]{32}(?![0-9A-Za-z])                  # a receipt
    | (?P<password>password\\*["']?\s*[=:]\s*)                     # a password, whatever is in it, as a form has it
        (?:\\*"(?:\\.|[^"\\])*(?:"|\Z) | \\*'(?:\\.|[^'\\])*(?:'|\Z) | [^\s,)}\]]+)
    | (?P<answer>[?&](?:code|state|nonce|id_token|access_token)=)[^\s&'"]+   # what a sign-in elsewhere comes back with
    | (?P<field>feed_address["']?\s*[=:]\s*["']?)[^\s'",]+          # the address of a calendar, as it is typed,
    | (?P<scheme>webcals?://)[^\s'"<>]+                             # or as calendars hand it out
    | (?P<site>https?://)[^\s'"<>]*(?:\.ics|ical|caldav|calendar(?!s(?:[\s?]|$)))[^\s'"<>]*
    """,
    re.VERBOSE | re.DOTALL,
)


def redact(text: str) -> str:
    """``text`` without sessions, link tokens, receipts, passwords, recovery codes and addresses of calendars.

    >>> redact("cookie: singleuse_session=abc; theme=dark")
    'cookie: singleuse_session=[secret]; theme=dark'
    """
    return _SECRETS.sub(lambda found: f"{next(filter(None, found.groups()), '')}[secret]", text)


_ACTIVE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def plain(text: str) -> str:
    """``text`` in one line, without what terminals act on and eyes do not see: spelt out instead.

    >>> plain("a\\nb \\x1b[31m")
    'a\\\\nb \\\\x1b[31m'
    """
    return _ACTIVE.sub(lambda found: ascii(found[0])[1:-1], text)


def keep_secrets() -> None:
    """Redact every log record of this process from now on, its traceback included, and make plain text of it.

    A traceback keeps its lines, each of them moved to the right: none of them can pass for a record of its own.
    """
    make = logging.getLogRecordFactory()
    if getattr(make, "keeps_secrets", False):
        return

    def make_redacted(*args: object, **kwargs: object) -> logging.LogRecord:
        record = make(*args, **kwargs)
        try:
            message = record.getMessage()
        except Exception:  # arguments that do not fit: whoever wrote the line is told by the line itself
            message = f"{record.msg} {record.args!r}"
        message = plain(redact(message))
        if record.exc_info and record.exc_info[0]:
            trace = redact("".join(traceback.format_exception(*record.exc_info)).rstrip())
            message = "\n    ".join([message, *map(plain, trace.split("\n"))])
            record.exc_info = None  # else a handler would format it again, with everything in it
        record.msg, record.args = message, ()
        return record

    make_redacted.keeps_secrets = True  # ty: ignore[missing-attribute]
    logging.setLogRecordFactory(make_redacted)
