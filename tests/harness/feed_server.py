"""A server that hands a calendar out, over HTTP or HTTPS, and can be made to misbehave in every way there is."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

EMPTY = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nEND:VCALENDAR\r\n"

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class FeedServer:
    """A running server: where it is, what it was asked for, and what it answers, which may be changed any time."""

    port: int
    scheme: str = "http"
    answer: Answer = field(default_factory=lambda: giving(EMPTY))
    asked: list[dict[str, str]] = field(default_factory=list)

    def url(self, path: str = "/secret-0123456789/basic.ics", host: str = "127.0.0.1") -> str:
        """The address of a calendar there."""
        return f"{self.scheme}://{host}:{self.port}{path}"


def giving(body: bytes, status: int = 200, **headers: str) -> Answer:
    """Answers with ``body`` and its length; in the names of headers ``_`` stands for a dash."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def leading_to(*locations: str, status: int = 302) -> Answer:
    """Redirects: the first time to the first of ``locations``, and so on; then it gives an empty calendar."""
    left = list(locations)

    def answer(request: BaseHTTPRequestHandler) -> None:
        if left:
            giving(b"", status, Location=left.pop(0))(request)
        else:
            giving(EMPTY)(request)

    return answer


def dripping(head: bytes, seconds: float = 0.1) -> Answer:
    """Sends ``head``, and then a letter again and again, for ever."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(head)
        while True:
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(seconds)

    return answer


def raw(data: bytes) -> Answer:
    """Sends these very bytes and hangs up."""
    return lambda request: request.wfile.write(data) and None


@contextmanager
def serving(answer: Answer | None = None, *, tls: ssl.SSLContext | None = None) -> Iterator[FeedServer]:
    """A server on a free port of this computer, for as long as the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            running.asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
            with suppress(OSError):  # whoever asked has hung up
                running.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Says nothing."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        running = FeedServer(server.server_address[1], "https" if tls else "http")
        running.answer = answer or running.answer
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()


def certificate(folder: Path, *names: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate of one's own for these names: the file to trust, and what a server needs to use it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    alternatives: list[x509.GeneralName] = [
        x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{names[0]}.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    trusted = made.public_bytes(serialization.Encoding.PEM)
    file.write_bytes(trusted)
    (folder / f"{names[0]}.key.pem").write_bytes(secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, folder / f"{names[0]}.key.pem")
    return file, context
