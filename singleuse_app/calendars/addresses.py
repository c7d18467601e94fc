"""Where a calendar feed may lie: never in the network of the server itself, unless its operator says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, quote, unquote, urlsplit

from singleuse_app.calendars.problems import FeedProblem

PORTS = {"http": 80, "https": 443}
MAX_ADDRESS_LENGTH = 2000

_KEPT = "%/:?#[]@!$&'()*+,;=~"
"""What stands in addresses for itself (RFC 3986, section 2.2)."""

_NAT64 = IPv6Network("64:ff9b::/96")
_SET_ASIDE = [ip_network(each) for each in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "5f00::/16")]
"""What is not for the public, and not every Python knows (RFC 6890, RFC 7526, RFC 9637, RFC 9602)."""


@dataclass(frozen=True, slots=True)
class Target:
    """One address that a feed is asked for at. ``path`` and ``credentials`` are secrets."""

    scheme: str
    host: str
    port: int
    path: str
    credentials: str = ""

    @property
    def url(self) -> str:
        """What a redirect is relative to; without the credentials."""
        return f"{self.scheme}://{self.host_header}{self.path}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Whom credentials are meant for."""
        return self.scheme, self.host, self.port

    @property
    def host_header(self) -> str:
        """The Host of the request (RFC 9110, section 7.2)."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"


class Allowed:
    """What ``CALENDAR_FEED_ALLOW`` lets through besides the public internet: hosts by name, addresses by network."""

    def __init__(self, entries: Sequence[str] = ()) -> None:
        self.names: set[str] = set()
        self.networks = []
        for entry in entries:
            try:
                self.networks.append(ip_network(entry.strip("[]"), strict=False))
            except ValueError:
                self.names.add(entry.lower().rstrip("."))

    def name(self, host: str) -> bool:
        """Whether a host was let through by its name."""
        return host.lower().rstrip(".") in self.names

    def address(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether an address was let through by its network."""
        return any(address in network for network in self.networks)


def parse_address(url: str) -> Target:
    """The target in a feed's address; ``webcal:`` means ``https:``. Raises ``FeedProblem`` for what is none.

    >>> parse_address("webcal://user:pass@Cloud.Example.org/basic.ics").host_header
    'cloud.example.org'
    """
    if len(url) > MAX_ADDRESS_LENGTH or any(letter <= " " or letter in "\\\x7f" for letter in url):
        raise FeedProblem("feed_address_malformed")
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").rstrip(".").encode("idna").decode()
    except ValueError:  # which a bad port, a bad bracket and a bad name all are
        raise FeedProblem("feed_address_malformed") from None
    scheme = "https" if parts.scheme in ("webcal", "webcals") else parts.scheme
    if scheme not in PORTS or not host or port == 0 or "%" in host:
        raise FeedProblem("feed_address_malformed")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme, host, port or PORTS[scheme], quote(path, safe=_KEPT), _credentials(parts))


def judge(target: Target, addresses: Sequence[str], allowed: Allowed) -> None:
    """Refuse a target whose name stands for any address that is not public, or that lies on an unusual port.

    ``addresses`` are all that the name was resolved to. Raises ``FeedProblem``.

    >>> judge(parse_address("https://example.org/x"), ["93.184.216.34", "127.0.0.1"], Allowed())
    Traceback (most recent call last):
    singleuse_app.calendars.problems.FeedProblem: ('feed_address_private', '')
    """
    if not addresses:
        raise FeedProblem("feed_host_unknown")
    if allowed.name(target.host):
        return
    found = [ip_address(address) for address in addresses]
    if all(allowed.address(address) for address in found):
        return
    if not all(allowed.address(address) or is_public(address) for address in found):
        raise FeedProblem("feed_address_private")
    if target.port not in PORTS.values():
        raise FeedProblem("feed_port")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address lies in the public internet, and so do those that it carries inside.

    An IPv6 address may carry an IPv4 one that it ends up at: mapped (RFC 4291), 6to4 (RFC 3056), Teredo (RFC 4380),
    NAT64 (RFC 6052).

    >>> is_public(ip_address("64:ff9b::7f00:1")), is_public(ip_address("64:ff9b::808:808"))
    (False, True)
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address.sixtofour:  # which some Pythons call private altogether
            return is_public(address.sixtofour)
        if not all(map(is_public, address.teredo or ())) or address.is_site_local or address.is_reserved:
            return False
    if any(address in network for network in _SET_ASIDE):
        return False
    return address.is_global and not (address.is_multicast or address.is_unspecified or address.is_reserved)


def _credentials(parts: SplitResult) -> str:
    if parts.username is None:
        return ""
    return f"{unquote(parts.username)}:{unquote(parts.password or '')}"
