"""Where a provider is to be asked what: its metadata (OpenID Connect Discovery 1.0), kept for an hour."""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.oidc.discovery import get_well_known_url

from singleuse_app.providers.asking import ProviderTrouble, asking, may_be_asked
from singleuse_app.scheduling.errors import ProviderRefused
from singleuse_app.settings import Provider

GOOD_FOR = 3600.0
BAD_FOR = 5.0
"""Seconds. After a failure nobody asks again for so long: those who wait in line are told at once."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What of a provider's metadata is used. ``says_who_answers``: it puts its issuer into its answers (RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    by_basic: bool
    says_who_answers: bool


_known: dict[Provider, tuple[float, Metadata | None]] = {}
_locks: defaultdict[Provider, asyncio.Lock] = defaultdict(asyncio.Lock)


async def metadata_of(provider: Provider) -> Metadata:
    """A provider's metadata, asked for by one at a time. Raises ``ProviderRefused`` where there is none to use."""
    async with _locks[provider]:
        until, known = _known.get(provider, (0.0, None))
        if time.monotonic() >= until:
            try:
                known = await _ask(provider)
            except ProviderRefused:
                _known[provider] = (time.monotonic() + BAD_FOR, None)
                raise
            _known[provider] = (time.monotonic() + GOOD_FOR, known)
        if known is None:
            raise ProviderRefused(provider=provider.name)
        return known


def read_object(response: httpx.Response) -> dict[str, Any]:
    """The JSON object in a good answer. Raises ``ProviderTrouble`` for any other."""
    if response.status_code != 200:
        raise ProviderTrouble(f"it answers with status {response.status_code}")
    try:
        found = response.json()
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ProviderTrouble("what it answers is no JSON object")
    return found


async def _ask(provider: Provider) -> Metadata:
    async with asking(provider) as client:
        return _read(read_object(await client.get(get_well_known_url(provider.issuer, external=True))), provider)


def _read(said: dict[str, Any], provider: Provider) -> Metadata:
    if said.get("issuer") != provider.issuer:  # section 4.3: exactly
        raise ProviderTrouble("its metadata names another issuer than OIDC_..._ISSUER does")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    for name in names:
        if not may_be_asked(said.get(name), provider.issuer):
            raise ProviderTrouble(f"its {name} is no https address")
    userinfo = said.get("userinfo_endpoint", "")
    methods = said.get("token_endpoint_auth_methods_supported")
    methods = methods if isinstance(methods, list) else ["client_secret_basic"]
    return Metadata(
        *(said[name] for name in names),
        userinfo_endpoint=userinfo if may_be_asked(userinfo, provider.issuer) else "",
        by_basic="client_secret_basic" in methods or "client_secret_post" not in methods,
        says_who_answers=said.get("authorization_response_iss_parameter_supported") is True,
    )
