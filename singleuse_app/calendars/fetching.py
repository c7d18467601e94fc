"""Asking for a calendar feed: a stranger's address, so with limits of size, time and redirects, and no way inside.

A name is resolved once, every address that it stands for is judged, and the connection goes to that very address: what
the name means a moment later (DNS rebinding) does not matter. Nothing of the environment takes part, no proxy and no
cookie; what is sent is one GET.
"""

import base64
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urljoin

from singleuse_app.calendars.addresses import PORTS, Allowed, Target, judge, parse_address
from singleuse_app.calendars.problems import FeedProblem

MAX_BYTES = 10_000_000
MAX_REDIRECTS = 5
MAX_VALIDATORS = 500
SECONDS = 20.0
"""How long the whole of it may take, the look-up of names included."""

_REDIRECTS = {301, 302, 303, 307, 308}
_STATUS_CODES = {401: "feed_unauthorised", 403: "feed_unauthorised", 404: "feed_gone", 410: "feed_gone"}
_AT_ONCE = 64 * 1024

Resolve = Callable[[str, int], list[str]]


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave with a copy, to be asked later whether that still is the newest (RFC 9110, section 13)."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came. Without a ``body``, nothing has changed since the copy that the validators were of."""

    body: bytes | None
    validators: Validators


@dataclass(slots=True)
class _Attempt:
    """One fetch on its way, in a thread that may be given up."""

    until: float
    result: Fetched | None = None
    problem: FeedProblem | None = None
    connection: socket.socket | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def seconds_left(self) -> float:
        """What may still be waited for. Raises ``FeedProblem`` where that is nothing."""
        if (left := self.until - time.monotonic()) <= 0:
            raise FeedProblem("feed_slow")
        return left

    def hang_up(self) -> None:
        """End the connection, so that the thread that waits for it ends too."""
        if self.connection is not None:
            with suppress(OSError):  # it is closed already
                self.connection.shutdown(socket.SHUT_RDWR)


def resolve(host: str, port: int) -> list[str]:
    """All addresses that a name stands for, in the order in which to try them. It may take its time."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def fetch(
    url: str,
    *,
    allowed: Allowed | None = None,
    known: Validators | None = None,
    seconds: float = SECONDS,
    resolve: Resolve = resolve,
) -> Fetched:
    """Ask for the feed at ``url``. Raises ``FeedProblem`` for whatever goes wrong.

    A thread does it and is given up when the time is over, for a name server or a slow drip can hold it for minutes.
    """
    attempt = _Attempt(time.monotonic() + seconds)
    work = threading.Thread(
        target=_run, args=(attempt, url, allowed or Allowed(), known or Validators(), resolve), daemon=True
    )
    work.start()
    if not attempt.done.wait(seconds):
        attempt.hang_up()
        raise FeedProblem("feed_slow")
    if attempt.result is None:
        raise attempt.problem or FeedProblem("feed_unreachable")
    return attempt.result


def _run(attempt: _Attempt, url: str, allowed: Allowed, known: Validators, resolve: Resolve) -> None:
    try:
        attempt.result = _follow(attempt, parse_address(url), allowed, known, resolve)
    except FeedProblem as problem:
        attempt.problem = problem
    except ssl.SSLCertVerificationError as error:
        attempt.problem = FeedProblem("feed_certificate", error.verify_message)
    except TimeoutError:
        attempt.problem = FeedProblem("feed_slow")
    except socket.gaierror:
        attempt.problem = FeedProblem("feed_host_unknown")
    except HTTPException:  # whose text may repeat what the server sent
        attempt.problem = FeedProblem("feed_cut_off")
    except (OSError, ValueError) as error:
        attempt.problem = FeedProblem("feed_unreachable", getattr(error, "strerror", None) or "")
    finally:
        attempt.done.set()


def _follow(attempt: _Attempt, target: Target, allowed: Allowed, known: Validators, resolve: Resolve) -> Fetched:
    first = target
    for _ in range(MAX_REDIRECTS + 1):
        addresses = resolve(target.host, target.port)
        judge(target, addresses, allowed)
        with _connected(attempt, target, addresses) as connection:
            attempt.connection = connection
            credentials = first.credentials if target.origin == first.origin else ""
            with closing(_Asked(target, connection)) as asked, asked.get(attempt, known, credentials) as answer:
                if answer.status == 304 and known != Validators():
                    return Fetched(None, known)
                if answer.status == 200:
                    return Fetched(_body(attempt, answer), _validators(answer))
                if answer.status not in _REDIRECTS:
                    raise FeedProblem(_STATUS_CODES.get(answer.status, "feed_status"), str(answer.status))
                where = urljoin(target.url, answer.getheader("Location", ""))
        before, target = target, parse_address(where)
        if before.scheme == "https" and target.scheme == "http":
            raise FeedProblem("feed_redirect")  # the secret in the address would travel in the clear
    raise FeedProblem("feed_redirect")


def _connected(attempt: _Attempt, target: Target, addresses: list[str]) -> socket.socket:
    """A connection to the first of the judged addresses that takes one, over TLS by the name where it is https."""
    last: OSError = OSError()
    for address in addresses:
        try:
            plain = socket.create_connection((address, target.port), timeout=attempt.seconds_left())
        except OSError as error:
            last = error
            continue
        if target.scheme == "http":
            return plain
        attempt.connection = plain
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
        except BaseException:
            plain.close()
            raise
    raise last


class _Asked(HTTPConnection):
    """The standard library's HTTP, over a connection that was made and judged already."""

    def __init__(self, target: Target, connection: socket.socket) -> None:
        super().__init__(target.host, PORTS[target.scheme])
        self.target = target
        self.sock = connection
        self.auto_open = 0

    def get(self, attempt: _Attempt, known: Validators, credentials: str) -> HTTPResponse:
        """Send the one request there is, and read the head of its answer."""
        self.sock.settimeout(attempt.seconds_left())
        self.putrequest("GET", self.target.path, skip_host=True, skip_accept_encoding=True)
        headers = {
            "Host": self.target.host_header,
            "User-Agent": "Singleuse (calendar feed)",
            "Accept": "text/calendar, */*;q=0.1",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "If-None-Match": known.etag,
            "If-Modified-Since": known.last_modified,
            "Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}" if credentials else "",
        }
        for name, value in headers.items():
            if value:
                self.putheader(name, value)
        self.endheaders()
        return self.getresponse()


def _validators(answer: HTTPResponse) -> Validators:
    found = Validators(answer.getheader("ETag", ""), answer.getheader("Last-Modified", ""))
    text = found.etag + found.last_modified  # it is sent back as it is
    return found if text.isascii() and text.isprintable() and len(text) <= MAX_VALIDATORS else Validators()


def _body(attempt: _Attempt, answer: HTTPResponse) -> bytes:
    """The whole body, unpacked where the server packed it unasked. Never more than ``MAX_BYTES`` of it, either way."""
    encoding = answer.getheader("Content-Encoding", "identity").strip().lower() or "identity"
    if encoding not in {"identity", "gzip", "x-gzip"}:
        raise FeedProblem("feed_encoding", encoding)
    unpack = None if encoding == "identity" else zlib.decompressobj(wbits=31)
    found, size = list[bytes](), 0
    while chunk := answer.read(_AT_ONCE):
        attempt.seconds_left()
        if unpack is not None:
            try:
                chunk = unpack.decompress(chunk, MAX_BYTES + 1 - size)
            except zlib.error:
                raise FeedProblem("feed_cut_off") from None
        size += len(chunk)
        if size > MAX_BYTES:
            raise FeedProblem("feed_too_large")
        found.append(chunk)
    if answer.length or (unpack is not None and not unpack.eof):
        raise FeedProblem("feed_cut_off")
    return b"".join(found)
