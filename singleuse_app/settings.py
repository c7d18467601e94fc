"""The only reader of the environment. Every setting that an operator can change is a line of this file."""

import os
import re
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator chose; the defaults start on a fresh machine.

    ``database_url``   ``DATABASE_URL``, an SQLAlchemy URL; an SQLite file beside ``rxconfig.py`` unless set
    ``key_file``       ``SECRET_KEY_FILE``, made on first start and readable by its owner only
    ``public_origin``  ``PUBLIC_URL``: what copied links begin with; this computer's own address unless set
    ``api_origin``     where ``/api/`` is for a page: nothing where one port serves all, the other port in development
    ``origins``        the only pages that may talk to this server, over HTTP or websocket
    ``feed_allow``     ``CALENDAR_FEED_ALLOW``: hosts and networks that calendars may be read from though they are not
                       public, on any port
    """

    database_url: str
    key_file: Path
    public_origin: str
    api_origin: str
    origins: tuple[str, ...]
    feed_allow: tuple[str, ...] = ()

    @property
    def is_https(self) -> bool:
        """Whether browsers reach this app over TLS."""
        return self.public_origin.startswith("https://")

    @property
    def opens_here_only(self) -> bool:
        """Whether links that are copied now open on this computer alone."""
        return is_loopback(urlsplit(self.public_origin).hostname)


def settings() -> Settings:
    """The settings of this process. One that cannot be used ends the process with its reason.

    They are read anew at each call, for Reflex decides on its ports late, and tells them in the environment.
    """
    return _settings(
        os.environ.get("DATABASE_URL", ""),
        os.environ.get("SECRET_KEY_FILE", ""),
        os.environ.get("PUBLIC_URL", "").strip(),
        os.environ.get("REFLEX_FRONTEND_PORT") or "3000",
        "" if os.environ.get("REFLEX_ENV_MODE") == "prod" else os.environ.get("REFLEX_BACKEND_PORT") or "8000",
        feed_allow=os.environ.get("CALENDAR_FEED_ALLOW", ""),
    )


@cache
def _settings(
    database_url: str, key_file: str, public_url: str, page_port: str, api_port: str, *, feed_allow: str
) -> Settings:
    home = Path(__file__).parent.parent
    own = tuple(f"http://{name}:{page_port}" for name in ("localhost", "127.0.0.1"))
    public_origin = _origin(public_url) if public_url else own[0]
    others = own if is_loopback(urlsplit(public_origin).hostname) else ()
    return Settings(
        database_url=database_url or f"sqlite:///{home / 'singleuse.db'}",
        key_file=Path(key_file or home / "singleuse.key"),
        public_origin=public_origin,
        api_origin=f"http://localhost:{api_port}" if api_port else "",
        origins=tuple(dict.fromkeys([public_origin, *others])),
        feed_allow=_hosts_and_networks(feed_allow),
    )


def is_loopback(name: str | None) -> bool:
    """Whether a host name or an address means this computer.

    >>> is_loopback("127.0.0.1"), is_loopback("127.0.0.1.example.org")
    (True, False)
    """
    if name is None or name == "localhost":
        return name is not None
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _hosts_and_networks(text: str) -> tuple[str, ...]:
    """The entries of a list with commas. One that is neither a host's name nor a network ends the process."""
    entries = tuple(entry.strip() for entry in text.split(",") if entry.strip())
    for entry in entries:
        try:
            ip_network(entry.strip("[]"), strict=False)
        except ValueError:
            if not re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9_.-]+", entry):
                raise SystemExit(
                    f"CALENDAR_FEED_ALLOW has {entry!r}. Give names of hosts and networks with commas between them, "
                    "like cloud.lan, 192.168.1.0/24"
                ) from None
    return entries


def _origin(url: str) -> str:
    """The origin of an address, as browsers write it (RFC 6454, section 6.2)."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # which a bad port, a bad bracket and a bad name all are
        host, port, parts = "", None, urlsplit("")
    extra = parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in DEFAULT_PORTS or not host or extra or any(character.isspace() for character in host):
        raise SystemExit(f"PUBLIC_URL is {url!r}. Give the address of this app alone, like https://book.example.org")
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port and port != DEFAULT_PORTS[parts.scheme] else "")
