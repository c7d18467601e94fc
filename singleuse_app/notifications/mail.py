"""A mail as it goes over the wire (RFC 5322), with the calendar entry that it is about (RFC 6047)."""

import base64
import hashlib
import quopri
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as Mailbox
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from functools import lru_cache

from singleuse_app.scheduling.texts import lines, one_line

MAX_SUBJECT = 200
MAX_DISPLAY_NAME = 100
SEVEN_BITS, UTF8 = SMTP.clone(cte_type="7bit"), SMTPUTF8
ATTACHED = 'Content-Disposition: attachment; filename="invite.ics"\r\n'


@dataclass(frozen=True, slots=True)
class Address:
    """Whom a mail comes from or goes to."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Mail:
    """All that a mail says. ``message_id`` and ``date`` are the same at each attempt, so that a repeat is recognised.

    ``sender`` is the envelope's, too. ``thread`` names what mails about one thing refer to, ``calendar`` is an entry
    and ``method`` what is to be done with it. Replies to it (METHOD:REPLY) are not read.
    """

    message_id: str
    date: datetime
    sender: Address
    to: Address
    subject: str
    text: str
    html: str
    language: str
    reply_to: Address | None = None
    thread: str = ""
    calendar: bytes = b""
    method: str = ""


def compose(mail: Mail) -> bytes:
    """The mail in bytes, the same for the same mail: CRLF, seven bits, but for an address of other letters (RFC 6532).

    Gmail and Outlook read the entry from the alternative, others from the attachment.
    """
    name = hashlib.sha256(mail.message_id.encode()).hexdigest()[:24]
    alternatives = [
        _part("text/plain; charset=utf-8", lines(mail.text)),
        _part("text/html; charset=utf-8", lines(mail.html)),
    ]
    attached = []
    if mail.calendar:
        method = f"; method={mail.method}"
        alternatives.append(_part(f"text/calendar; charset=utf-8{method}", mail.calendar))
        attached.append(_part(f'application/ics; name="invite.ics"{method}', mail.calendar, ATTACHED))
    content = _together("alternative", f"=_{name}.1", alternatives)
    if attached:
        content = _together("mixed", f"=_{name}.0", [content, *attached])
    return _head(mail) + content


def _head(mail: Mail) -> bytes:
    """All that is said of the mail as a whole."""
    mailboxes = {"From": mail.sender, "To": mail.to, "Reply-To": mail.reply_to}
    is_ascii = all(address is None or address.email.isascii() for address in mailboxes.values())
    fields = [
        _field("Message-ID", f"<{mail.message_id}>", is_ascii),
        _field("Date", format_datetime(mail.date), is_ascii),
        *(_mailbox(name, address, is_ascii) for name, address in mailboxes.items() if address is not None),
        _field("Subject", _cut(mail.subject, MAX_SUBJECT), is_ascii),
        _field("References", f"<{mail.thread}>", is_ascii) if mail.thread else b"",
        _field("Auto-Submitted", "auto-generated", is_ascii),  # RFC 3834: no out-of-office reply, please
        _field("X-Auto-Response-Suppress", "All", is_ascii),
        _field("Content-Language", mail.language, is_ascii),
        _field("MIME-Version", "1.0", is_ascii),
    ]
    return b"".join(fields)


@lru_cache(maxsize=512)
def _mailbox(name: str, address: Address, is_ascii: bool) -> bytes:
    local, _, domain = address.email.rpartition("@")
    return _folded(name, Mailbox(_cut(address.name, MAX_DISPLAY_NAME), username=local, domain=domain), is_ascii)


@lru_cache(maxsize=512)
def _field(name: str, value: str, is_ascii: bool) -> bytes:
    return _folded(name, value, is_ascii)


def _folded(name: str, value: str | Mailbox, is_ascii: bool) -> bytes:
    """A field in lines (RFC 5322, section 2.2.3), which takes the library longer than all the rest of a mail, and most
    of them come again. Where its text is just too long to stand beside its name, the library leaves the first line
    empty, and some readers then take the text for one that begins with a space."""
    policy = SEVEN_BITS if is_ascii else UTF8
    lines, empty = policy.fold_binary(*policy.header_store_parse(name, value)), f"{name}:\r\n ".encode()
    return f"{name}: ".encode() + lines.removeprefix(empty) if lines.startswith(empty) else lines


def _part(kind: str, content: str | bytes, more: str = "") -> bytes:
    """One part (RFC 2045): text as quoted-printable, whose lines never look like the end of a part; else base64."""
    if isinstance(content, bytes):
        encoding, body = "base64", base64.encodebytes(content)
    else:
        encoding, body = "quoted-printable", quopri.encodestring(content.encode())
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n{more}\r\n"
    return head.encode() + b"\r\n".join(body.splitlines()) + b"\r\n"


def _together(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    """Several parts as one (RFC 2046, section 5.1)."""
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'
    between = f"--{boundary}\r\n".encode()
    return head.encode() + b"".join(between + part for part in parts) + f"--{boundary}--\r\n".encode()


def _cut(text: str, limit: int) -> str:
    """Text as a header may have it: one line, nothing that hides or turns what follows, not endless; and nothing that
    looks like an encoded word (RFC 2047), which the library would decode, line breaks in it and all."""
    line = one_line(text).replace("=?", "= ?")
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
