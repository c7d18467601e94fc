"""The only reader of the environment. Every setting that an operator can change is a line of this file."""

import math
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
SMTP_SCHEMES = {"smtp": ("starttls", 587), "smtps": ("tls", 465), "smtp+plain": ("none", 25)}


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in. ``security`` is ``tls`` (from the first byte, RFC 8314), ``starttls`` (RFC 3207) or
    ``none``, which is for a server on this computer or in a network that is trusted."""

    host: str
    port: int
    security: str
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Provider:
    """Who else may say who somebody is (OpenID Connect Core 1.0). ``key`` names it in addresses, ``name`` on buttons;
    ``issuer`` is as the provider writes it itself. It knows this app by ``client_id`` and ``client_secret``."""

    key: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


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
    ``smtp``           ``SMTP_URL``: the server that mail goes through; none unless set, then it is kept in a folder
    ``mail_from``      ``MAIL_FROM``: the address that mail comes from, like ``Meetings <meet@example.org>``
    ``mail_folder``    ``MAIL_FOLDER``: where mail is kept while there is no server
    ``trusted_proxies``  ``TRUSTED_PROXIES``: addresses and networks of proxies that are believed whom they speak for
    ``redis_url``      ``REDIS_URL``: where several workers keep what they share; none unless set, then there is one
    ``limits_factor``  ``LIMITS_FACTOR``: what the limits on each visitor are multiplied by
    ``providers``      ``OIDC_PROVIDERS``: names of identity providers that hosts may sign in with, and of each
                       ``OIDC_<NAME>_ISSUER``, ``_CLIENT_ID``, ``_CLIENT_SECRET`` and ``_NAME``
    ``retention_days``  ``RETENTION_DAYS``: for how many days invitees' data is kept after a meeting, and the event log;
                       for ever unless set
    """

    database_url: str
    key_file: Path
    public_origin: str
    api_origin: str
    origins: tuple[str, ...]
    feed_allow: tuple[str, ...] = ()
    smtp: "SmtpServer | None" = None
    mail_from: str = ""
    mail_folder: Path = Path("mail")
    trusted_proxies: tuple[str, ...] = ()
    redis_url: str = ""
    limits_factor: float = 1.0
    providers: tuple[Provider, ...] = ()
    retention_days: int | None = None

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

    They are read anew where the environment is another than at the last call, for Reflex decides on its ports late, and
    tells them there.
    """
    global _last  # noqa: PLW0603
    here, found = _last
    if found is None or here != _ENVIRONMENT:
        here, found = _last = dict(_ENVIRONMENT), _read()
    return found


_ENVIRONMENT: Mapping[Any, Any] = getattr(os.environ, "_data", os.environ)
"""What :data:`os.environ` is made of, if it tells: to compare that is quicker than to decode a single name of it, and
every request asks for the settings a dozen times."""

_last: tuple[Mapping[Any, Any], Settings | None] = {}, None


def _read() -> Settings:
    return _settings(
        os.environ.get("DATABASE_URL", ""),
        os.environ.get("SECRET_KEY_FILE", ""),
        os.environ.get("PUBLIC_URL", "").strip(),
        os.environ.get("REFLEX_FRONTEND_PORT") or "3000",
        "" if os.environ.get("REFLEX_ENV_MODE") == "prod" else os.environ.get("REFLEX_BACKEND_PORT") or "8000",
        feed_allow=os.environ.get("CALENDAR_FEED_ALLOW", ""),
        smtp_url=os.environ.get("SMTP_URL", "").strip(),
        mail_from=os.environ.get("MAIL_FROM", "").strip(),
        mail_folder=os.environ.get("MAIL_FOLDER", ""),
        trusted_proxies=os.environ.get("TRUSTED_PROXIES", ""),
        redis_url=os.environ.get("REDIS_URL", "").strip(),
        limits_factor=os.environ.get("LIMITS_FACTOR", "").strip(),
        providers=_said_of_providers(os.environ.get("OIDC_PROVIDERS", "")),
        retention_days=os.environ.get("RETENTION_DAYS", "").strip(),
    )


@cache
def _settings(
    database_url: str,
    key_file: str,
    public_url: str,
    page_port: str,
    api_port: str,
    *,
    feed_allow: str,
    smtp_url: str,
    mail_from: str,
    mail_folder: str,
    trusted_proxies: str,
    redis_url: str,
    limits_factor: str,
    providers: tuple[tuple[str, ...], ...],
    retention_days: str,
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
        smtp=_smtp_server(smtp_url) if smtp_url else None,
        mail_from=_mail_from(mail_from, public_origin, needed=bool(smtp_url)),
        mail_folder=Path(mail_folder or home / "mail"),
        trusted_proxies=_addresses_and_networks(trusted_proxies),
        redis_url=_redis(redis_url),
        limits_factor=_factor(limits_factor),
        providers=_providers(providers),
        retention_days=_days(retention_days),
    )


def refuse_several_workers() -> None:
    """End the process with the reason where several workers are asked for and share nothing.

    Each would keep pages, limits and news of changes for itself: visitors would find their page gone, and limits would
    hold for each worker alone. The servers that can run the app are asked by an option or by the environment.
    """
    said = [os.environ.get(name, "") for name in ("GRANIAN_WORKERS", "WEB_CONCURRENCY")]
    for option, value in zip(sys.argv, [*sys.argv[1:], ""], strict=True):
        name, _, joined = option.partition("=")
        if name in ("--workers", "-w"):
            said.append(joined or value)
    workers = max((int(number) for number in said if number.isdecimal()), default=1)
    if workers > 1 and not settings().redis_url:
        raise SystemExit(
            f"{workers} workers were asked for (GRANIAN_WORKERS, WEB_CONCURRENCY or --workers), and they would share "
            "nothing: pages would be lost and limits not hold. Say REDIS_URL=redis://localhost:6379, or start one "
            "worker alone"
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


def _addresses_and_networks(text: str) -> tuple[str, ...]:
    """The entries of a list with commas. One that is neither an address nor a network ends the process."""
    entries = tuple(entry.strip().strip("[]") for entry in text.split(",") if entry.strip())
    for entry in entries:
        try:
            everybody = ip_network(entry, strict=False).prefixlen == 0
        except ValueError:
            everybody = True
        if everybody:  # or a network of all addresses, in which anybody could speak for anybody
            raise SystemExit(
                f"TRUSTED_PROXIES has {entry!r}. Give the addresses or networks of your own proxies with commas "
                "between them, like 127.0.0.1, 10.0.0.0/24"
            )
    return entries


def _redis(url: str) -> str:
    if url and not re.fullmatch(r"(rediss?|unix)://\S+", url):  # it may hold a password, so it is not repeated
        raise SystemExit("REDIS_URL is no address of a Redis. Give one like redis://:password@localhost:6379/0")
    return url


def _factor(text: str) -> float:
    try:
        factor = float(text or 1)
    except ValueError:
        factor = 0.0
    if not (math.isfinite(factor) and factor > 0):
        raise SystemExit(f"LIMITS_FACTOR is {text!r}. Give a number above 0, like 2 for twice as much of everything")
    return factor


def _said_of_providers(text: str) -> tuple[tuple[str, ...], ...]:
    """Of each provider in a list with commas its key, and what the environment says of it."""
    keys = [entry.strip().lower() for entry in text.split(",") if entry.strip()]
    parts = ("NAME", "ISSUER", "CLIENT_ID", "CLIENT_SECRET")
    said = ((key, *(os.environ.get(f"OIDC_{key.upper()}_{part}", "").strip() for part in parts)) for key in keys)
    return tuple(said)


def _providers(said: tuple[tuple[str, ...], ...]) -> tuple[Provider, ...]:
    """Identity providers. One that cannot be used ends the process, and its secret is not repeated."""
    found = tuple(Provider(key, name or key.capitalize(), *rest) for key, name, *rest in said)
    for provider in found:
        own = f"OIDC_{provider.key.upper()}"
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,29}", provider.key):
            raise SystemExit(
                f"OIDC_PROVIDERS has {provider.key!r}. Give short names of letters and digits with commas between "
                "them, like google, work"
            )
        if not all(re.fullmatch("[!-~]+", given) for given in (provider.client_id, provider.client_secret)):
            raise SystemExit(
                f"{own}_CLIENT_ID and {own}_CLIENT_SECRET are needed with OIDC_PROVIDERS, in plain letters. The "
                "provider gives both to whoever registers this app there"
            )
        if not _is_issuer(provider.issuer):
            raise SystemExit(
                f"{own}_ISSUER is {provider.issuer!r}. Give the https address that the provider calls its issuer, "
                "like https://accounts.google.com"
            )
        if len(provider.name) > 40 or not provider.name.isprintable():
            raise SystemExit(f"{own}_NAME is {provider.name!r}. Give a name for the button of at most 40 letters")
    for part in ("key", "issuer"):  # a person is known by the issuer, so two of one issuer would be mixed up
        if len({getattr(provider, part) for provider in found}) < len(found):
            raise SystemExit("OIDC_PROVIDERS names one provider twice. Give each a name and an issuer of its own")
    return found


def _is_issuer(url: str) -> bool:
    """Whether an address can be that of an issuer (OpenID Connect Discovery 1.0, section 3): over TLS, or here."""
    try:
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
        fits = bool(parts.hostname) and parts.port != 0 and not (parts.query or parts.fragment)
    except ValueError:  # which a bad port and a bad bracket are
        return False
    return is_safe and fits and "@" not in parts.netloc and all(" " < letter < "\x7f" for letter in url)


def _days(text: str) -> int | None:
    if text and not (re.fullmatch(r"[0-9]{1,5}", text) and int(text) >= 1):
        raise SystemExit(f"RETENTION_DAYS is {text!r}. Give a number of days from 1 to 99999, or nothing to keep all")
    return int(text) if text else None


def _smtp_server(url: str) -> SmtpServer:
    """A mail server from its address. One that cannot be used ends the process, and its password is not repeated."""
    try:
        parts = urlsplit(url)
        security, port = SMTP_SCHEMES[parts.scheme]
        server = SmtpServer(
            host=parts.hostname or "",
            port=parts.port or port,
            security=security,
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )
        fits = bool(server.host) and parts.path in ("", "/") and not parts.query and not parts.fragment
    except (KeyError, ValueError):  # which a bad port and a bad bracket are
        fits = False
    if not fits:
        raise SystemExit(
            "SMTP_URL is no address of a mail server. Give one like smtp://name:password@smtp.example.org (STARTTLS, "
            "port 587), smtps://name:password@smtp.example.org (TLS, port 465), or smtp+plain://localhost (no "
            "encryption, port 25). Write special characters of a password with a percent sign, like %40 for @"
        )
    return server


def _mail_from(text: str, public_origin: str, *, needed: bool) -> str:
    """Whom mail comes from. Without a server any address will do, for it is never sent."""
    if not text and not needed:
        return f"singleuse@{urlsplit(public_origin).hostname}"
    _, email = parseaddr(text)
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", email) or any(ord(letter) < 32 for letter in text):
        raise SystemExit(
            f"MAIL_FROM is {text!r}. Give the address that mail is to come from, like meet@example.org or "
            "Meetings <meet@example.org>"
        )
    return text


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
