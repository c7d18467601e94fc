"""Requests to an identity provider: over TLS, with limits of time and size, and no further than it may lead.

Where the issuer is, its operator says, so that may be a private network. What the provider itself names must be public
or on the issuer's own host; a name is resolved once, and the connection goes to that very address. No redirect is
followed, and nothing of the environment takes part, no proxy and no cookie.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from singleuse_app.calendars.addresses import is_public
from singleuse_app.scheduling.errors import ProviderRefused
from singleuse_app.settings import Provider, is_loopback

SECONDS = 10.0
"""How long all requests of one step may take together, the look-up of names included."""

MAX_BYTES = 500_000

logger = logging.getLogger(__name__)


class ProviderTrouble(Exception):
    """What a provider did wrong, in words for the log. It never carries what it sent."""


@asynccontextmanager
async def asking(provider: Provider) -> AsyncGenerator[httpx.AsyncClient]:
    """A client for the requests of one step. Whatever goes wrong inside is logged and raised as ``ProviderRefused``."""
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Singleuse (sign-in)"}
    try:
        context = await asyncio.to_thread(_trusted)
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(
                transport=_Bounded(provider.issuer, context), headers=headers, timeout=SECONDS, trust_env=False
            ) as client,
        ):
            yield client
    except TimeoutError as error:
        logger.warning("The identity provider %s was too slow.", provider.key)
        raise ProviderRefused(provider=provider.name) from error
    except ProviderTrouble as trouble:
        logger.warning("The identity provider %s cannot be used: %s", provider.key, trouble)
        raise ProviderRefused(provider=provider.name) from trouble
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, UnicodeError) as error:
        logger.warning("The identity provider %s could not be asked: %s", provider.key, type(error).__name__)
        raise ProviderRefused(provider=provider.name) from None  # their texts may repeat what the provider sent


def may_be_asked(url: object, issuer: str) -> bool:
    """Whether an address that a provider names may be asked at all: over TLS, or on this computer where it is, too.

    >>> may_be_asked("https://login.example.org/token", "https://example.org")
    True
    >>> may_be_asked("http://example.org/token", "https://example.org"), may_be_asked(None, "https://example.org")
    (False, False)
    """
    if not isinstance(url, str) or len(url) > 2000 or any(not "!" <= letter <= "~" for letter in url):
        return False
    try:
        parts, own = urlsplit(url), urlsplit(issuer)
        fits = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return False
    here = parts.scheme == own.scheme == "http" and is_loopback(parts.hostname) and is_loopback(own.hostname)
    return fits and (parts.scheme == "https" or here)


class _Bounded(httpx.AsyncHTTPTransport):
    """Judges where a request goes, and takes only so much of an answer."""

    def __init__(self, issuer: str, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False)
        self.issuer = issuer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request to an address that was judged (httpx's own interface)."""
        if not may_be_asked(str(request.url), self.issuer):
            raise ProviderTrouble("it names an address that is not https")
        host = request.url.host
        request.extensions = {**request.extensions, "sni_hostname": host}  # by whose name the certificate is checked
        request.url = request.url.copy_with(host=await self._judged(host, request.url.port or 443))
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise ProviderTrouble("it packs its answers unasked")
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Capped(response.stream)
        return response

    async def _judged(self, host: str, port: int) -> str:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
        own = urlsplit(self.issuer).hostname
        if host != own and not (is_loopback(host) and is_loopback(own)):
            for address in addresses:
                if not is_public(ip_address(address.partition("%")[0])):
                    raise ProviderTrouble("it leads into a private network")
        return addresses[0]


class _Capped(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if size > MAX_BYTES:
                raise ProviderTrouble("its answer is too large")
            yield piece

    async def aclose(self) -> None:
        """Hang up (httpx's own interface)."""
        await self._stream.aclose()


@cache
def _trusted() -> ssl.SSLContext:
    """Whom this computer trusts, ``SSL_CERT_FILE`` included."""
    return ssl.create_default_context()
