"""A mail as it goes over the wire (RFC 5322), with the calendar entry that it is about (RFC 6047)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from singleuse_app.scheduling.texts import lines, one_line

MAX_SUBJECT = 200
MAX_DISPLAY_NAME = 100
_POLICY = SMTP.clone(cte_type="7bit")


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
    """The mail in bytes, the same for the same mail: seven bits, CRLF, the calendar as an alternative and attached.

    Gmail and Outlook read the entry from the alternative, others from the attachment.
    """
    message = EmailMessage(policy=_POLICY)
    message["Message-ID"] = f"<{mail.message_id}>"
    message["Date"] = format_datetime(mail.date)
    message["From"] = _mailbox(mail.sender)
    message["To"] = _mailbox(mail.to)
    if mail.reply_to:
        message["Reply-To"] = _mailbox(mail.reply_to)
    message["Subject"] = _cut(mail.subject, MAX_SUBJECT)
    if mail.thread:
        message["References"] = f"<{mail.thread}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office reply, please
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(lines(mail.text), cte="quoted-printable")
    message.add_alternative(lines(mail.html), subtype="html", cte="quoted-printable")
    if mail.calendar:
        entry = mail.calendar.decode()
        message.add_alternative(entry, subtype="calendar", params={"method": mail.method}, cte="base64")
        message.add_attachment(
            mail.calendar, maintype="application", subtype="ics", filename="invite.ics", params={"method": mail.method}
        )
    message["Content-Language"] = mail.language  # last, for to give it content takes away whatever is called so
    _name_the_boundaries(message, hashlib.sha256(mail.message_id.encode()).hexdigest()[:24])
    return message.as_bytes()


def _mailbox(address: Address) -> Mailbox:
    return Mailbox(_cut(address.name, MAX_DISPLAY_NAME), addr_spec=address.email)


def _cut(text: str, limit: int) -> str:
    """Text as a header may have it: one line, nothing that hides or turns what follows, not endless; and nothing that
    looks like an encoded word (RFC 2047), which the library would decode, line breaks in it and all."""
    line = one_line(text).replace("=?", "= ?")
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def _name_the_boundaries(message: EmailMessage, name: str) -> None:
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"={name}{number}=")
