"""Handing a mail to a mail server (RFC 5321), or putting it in a folder where there is none."""

import contextlib
import os
import smtplib
import ssl
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol
from uuid import UUID

from singleuse_app.notifications.mail import Address, Mail, compose
from singleuse_app.settings import Settings, SmtpServer, settings

PATIENCE = 20.0
"""Seconds for each answer of a server."""

OK, CLOSING = 250, 421
FOR_GOOD = 500
"""From this code on a server's answer is for good (RFC 5321, section 4.2.1)."""


class NotSent(Exception):
    """A mail did not go out; ``said`` is why, in the server's words where it had any."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class Refused(NotSent):
    """The server will never take this mail."""


class Deferred(NotSent):
    """The server does not take this mail now."""


class ServerTrouble(NotSent):
    """No mail goes out at the moment, whichever."""


class Post(Protocol):
    """A way for mail to go."""

    kept: bool

    def send(self, mail: Mail) -> str:
        """Let a mail go, and return what was said to that. Raises ``NotSent``."""
        ...

    def close(self) -> None:
        """Nothing more goes out for now."""
        ...


def post_of(settings: Settings) -> Post:
    """The way that mail goes in this installation."""
    return SmtpPost(settings.smtp) if settings.smtp else FolderPost(settings.mail_folder)


def sender_of(settings: Settings, name: str = "") -> Address:
    """Whom mail comes from; under another name where one is given."""
    own_name, email = parseaddr(settings.mail_from)
    return Address(name or own_name or "Singleuse", email)


class SmtpPost:
    """A mail server, and one connection to it that is used as long as it lasts. For one thread."""

    kept = False

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None

    def send(self, mail: Mail) -> str:
        """Hand a mail in. A connection that was closed meanwhile is made anew, once."""
        is_used = self._connection is not None
        try:
            return self._send(mail)
        except (smtplib.SMTPServerDisconnected, ConnectionError) as error:
            self.close()
            if not is_used:
                raise ServerTrouble(_words(error)) from error
        except (OSError, smtplib.SMTPException) as error:  # a time-out is an OSError
            self.close()
            raise ServerTrouble(_words(error)) from error
        try:
            return self._send(mail)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise ServerTrouble(_words(error)) from error

    def close(self) -> None:
        """Say goodbye, if there is anybody to say it to."""
        if self._connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                if self._connection.sock is not None:
                    self._connection.sock.settimeout(1)
                self._connection.quit()
            self._connection.close()
            self._connection = None

    def _send(self, mail: Mail) -> str:
        connection = self._connection = self._connection or self._connect()
        options = []
        if not mail.to.email.isascii():
            if not connection.has_extn("smtputf8"):
                raise Refused("The mail server takes no addresses with letters other than English ones (SMTPUTF8).")
            options = ["SMTPUTF8"]
        said = Answer(*connection.mail(mail.sender.email, options))
        if said.code == CLOSING:
            raise smtplib.SMTPServerDisconnected(said.words)
        if said.code != OK:
            connection.rset()
            raise ServerTrouble(said.words)
        said = Answer(*connection.rcpt(mail.to.email))
        if said.code not in (250, 251):
            connection.rset()
            raise said.as_refusal()
        try:
            said = Answer(*connection.data(compose(mail)))
        except smtplib.SMTPDataError as error:  # it does not even want to hear it
            connection.rset()
            raise Answer(error.smtp_code, error.smtp_error).as_refusal() from error
        if said.code != OK:
            connection.rset()
            raise said.as_refusal()
        return said.words

    def _connect(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        connection: smtplib.SMTP
        if server.security == "tls":
            connection = smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE, context=context)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=PATIENCE)
        try:
            connection.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                connection.starttls(context=context)  # raises where the server has none: never in the clear
            if server.username:
                connection.login(server.username, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


class FolderPost:
    """A folder in which mails are kept as files, readable by their owner only, while there is no server."""

    kept = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: Mail) -> str:
        """Keep a mail, whole or not at all; the same mail again is the same file."""
        file = self._folder / file_name(mail.date, mail.message_id)
        draft = file.with_suffix(f".{os.getpid()}.part")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
                handle.write(compose(mail))
                handle.flush()
                os.fsync(handle.fileno())
            draft.replace(file)
        except OSError as error:
            raise ServerTrouble(f"{self._folder}: {error.strerror}") from error
        return file.name

    def close(self) -> None:
        """A folder needs no goodbye."""


def kept_file(due_at: datetime, key: UUID) -> Path:
    """Where a message is kept, if it is."""
    return settings().mail_folder / file_name(due_at, key.hex)


def file_name(date: datetime, message_id: str) -> str:
    """What a kept mail is called: in the order of time, each its own.

    >>> file_name(datetime(2026, 9, 4, 9, 30), "abc@example.org")
    '20260904T093000-abc.eml'
    """
    return f"{date:%Y%m%dT%H%M%S}-{message_id.partition('@')[0]}.eml"


class Answer:
    """What a server said."""

    def __init__(self, code: int, text: bytes | str) -> None:
        self.code = code
        self.words = f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"

    def as_refusal(self) -> NotSent:
        """What it means for the mail that it was said to."""
        return Refused(self.words) if self.code >= FOR_GOOD else Deferred(self.words)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return Answer(error.smtp_code, error.smtp_error).words
    return str(error) or type(error).__name__
