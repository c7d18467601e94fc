"""Who is at the other end of a connection: its address, taken from trusted proxies only."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address


def client_address(peer: str, forwarded: Sequence[str], trusted: Iterable[str]) -> str:
    """The address that a request came from: the peer's, unless that is a proxy that may speak for others.

    ``forwarded`` are the ``X-Forwarded-For`` headers as they came, ``trusted`` addresses and networks of proxies. Each
    proxy adds on the right whom it heard from, so they are read from there, and the first that is no trusted proxy is
    the client. What stands further left was written by the client.

    >>> client_address("127.0.0.1", ["6.6.6.6, 192.0.2.7"], ["127.0.0.1"])
    '192.0.2.7'
    >>> client_address("127.0.0.1", ["6.6.6.6, 192.0.2.7"], [])
    '127.0.0.1'
    """
    networks = [ip_network(entry, strict=False) for entry in trusted]
    found = _address(peer)
    hops = ",".join(forwarded).split(",")
    while found is not None and hops and any(found in network for network in networks):
        before = _address(hops.pop())
        if before is None:  # no address: whoever wrote it is as far as one can see
            break
        found = before
    return str(found) if found is not None else peer


def neighbourhood(address: str) -> str:
    """What is counted as one: an IPv4 address, or the /64 that an IPv6 network hands to each of its customers.

    >>> neighbourhood("2001:db8::1"), neighbourhood("::ffff:192.0.2.7")
    ('2001:db8::/64', '192.0.2.7')
    """
    found = _address(address)
    return str(IPv6Network((int(found) >> 64 << 64, 64))) if isinstance(found, IPv6Address) else str(found or address)


def _address(text: str) -> Address | None:
    """An address as proxies write it: with a port or without, IPv6 in brackets or not."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
