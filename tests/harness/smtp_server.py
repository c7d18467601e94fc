"""A real SMTP server in a process of its own, which takes what comes, or misbehaves as it is told.

``python -m tests.harness.smtp_server FOLDER SECURITY [NAME PASSWORD]`` prints its port, and puts each mail that it took
into the folder: its envelope first, as two lines. The folder's file ``mode`` says how to behave.
"""

import asyncio
import itertools
import os
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

MODES = ("accept", "defer", "reject", "drop", "hang")


@dataclass(frozen=True)
class Taken:
    """A mail that the server took."""

    sender: str
    recipient: str
    mail: EmailMessage


@dataclass(frozen=True)
class Mailbox:
    """The running server. Its mode may be changed at any time; each mail asks for it anew."""

    port: int
    folder: Path

    @property
    def url(self) -> str:
        """What ``SMTP_URL`` is to be."""
        return f"smtp+plain://127.0.0.1:{self.port}"

    def behave(self, mode: str) -> None:
        """Accept, defer, reject, drop the connection after DATA, or hang."""
        assert mode in MODES
        (self.folder / "mode").write_text(mode)

    def taken(self) -> list[Taken]:
        """All mails so far, in the order in which they came; a repeat is another one."""
        return [self._read(file) for file in sorted(self.folder.glob("*.mail"))]

    def wait_for(self, number: int, *, seconds: float = 20) -> list[Taken]:
        """As :meth:`taken`, once there are so many."""
        until = time.monotonic() + seconds
        while len(mails := self.taken()) < number:
            assert time.monotonic() < until, [each.mail["Subject"] for each in mails]
            time.sleep(0.05)
        return mails

    def _read(self, file: Path) -> Taken:
        sender, recipient, raw = file.read_bytes().split(b"\n", 2)
        mail = message_from_bytes(raw, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return Taken(sender.decode(), recipient.decode(), mail)


@contextmanager
def running(
    folder: Path, mode: str = "accept", *, security: str = "none", login: tuple[str, str] | None = None
) -> Iterator[Mailbox]:
    """A server on a free port, until the block ends. ``security`` is that of ``SmtpServer``: with any, the server calls
    itself localhost, by a certificate that is in ``folder`` afterwards. With a ``login`` it takes nothing without."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mode").write_text(mode)
    command = [sys.executable, "-m", "tests.harness.smtp_server", str(folder), security, *(login or ())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Mailbox(int(process.stdout.readline()), folder)
        finally:
            process.kill()


class _Handler:
    def __init__(self, folder: Path) -> None:
        self.folder, self.numbers = folder, itertools.count()

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        mode = (self.folder / "mode").read_text()
        if mode == "hang":
            await asyncio.sleep(600)
        if mode == "defer":
            return "451 4.7.1 Come back later"
        if mode == "reject":
            return "550 5.7.1 Not here"
        head = f"{envelope.mail_from}\n{envelope.rcpt_tos[0]}\n".encode()
        draft = self.folder / f"{next(self.numbers):06}.part"
        draft.write_bytes(head + envelope.original_content)
        draft.replace(draft.with_suffix(".mail"))
        if mode == "drop":
            session.loop.call_soon(server.transport.abort)
            await asyncio.sleep(1)
        return "250 2.0.0 Taken"


async def _serve(folder: Path, security: str, *login: str) -> None:
    from aiosmtpd.smtp import SMTP, AuthResult

    def authenticator(server, session, envelope, mechanism, given) -> AuthResult:
        return AuthResult(success=(given.login.decode(), given.password.decode()) == login, handled=False)

    loop, handler = asyncio.get_running_loop(), _Handler(folder)
    context = _certified(folder) if security != "none" else None
    options = {
        "tls_context": context if security == "starttls" else None,
        "require_starttls": security == "starttls",
        "auth_required": bool(login),
        "authenticator": authenticator if login else None,
        "auth_require_tls": security == "starttls",
    }
    make = partial(SMTP, handler, enable_SMTPUTF8=True, loop=loop, **options)
    server = await loop.create_server(make, "127.0.0.1", 0, ssl=context if security == "tls" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - nobody tells when whoever started it is gone
        await asyncio.sleep(0.5)


def _certified(folder: Path) -> ssl.SSLContext:
    """What a server needs to be localhost to whoever trusts ``certificate.pem``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    asyncio.run(_serve(Path(sys.argv[1]), *sys.argv[2:]))
