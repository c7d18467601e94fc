"""The way to an identity provider and back: authorization code with PKCE (RFC 7636), OpenID Connect Core 1.0, 3.1.

A sign-in hangs on one secret of the browser that began it. State, nonce and code verifier follow from it, so that an
answer is good in that browser alone, an ID token for that sign-in alone, and a code is of no use to whoever sees it.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import httpx
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client

from singleuse_app import tokens
from singleuse_app.providers.asking import ProviderTrouble, asking
from singleuse_app.providers.discovery import Metadata, metadata_of, read_object
from singleuse_app.providers.id_tokens import NotVerified, verify
from singleuse_app.scheduling.errors import ProviderRefused
from singleuse_app.settings import Provider

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody, as a provider knows them. ``email`` is theirs only where ``email_verified``."""

    provider: Provider
    subject: str
    email: str
    email_verified: bool


async def address_to_begin(provider: Provider, secret: str) -> str:
    """Where to send a browser that holds ``secret``. Raises ``ProviderRefused``."""
    metadata = await metadata_of(provider)
    client = _client(provider, metadata)
    url, _ = client.create_authorization_url(
        metadata.authorization_endpoint,
        state=tokens.derive_from(secret, "state"),
        nonce=tokens.derive_from(secret, "nonce"),
        code_verifier=tokens.derive_from(secret, "code verifier"),
    )
    return url


def is_answer_to(secret: str, state: str) -> bool:
    """Whether an answer is one to what the browser with ``secret`` began."""
    return tokens.same(state, tokens.derive_from(secret, "state"))


async def finish(provider: Provider, secret: str, answer: Mapping[str, str], *, now: datetime) -> Account:
    """Who came back, by the parameters of the provider's answer, whose state was checked. Raises ``ProviderRefused``.

    An answer that says whose it is must be this provider's (RFC 9207), or else one could be passed off as another's.
    """
    metadata = await metadata_of(provider)
    if named_by(answer, metadata, provider) != provider.issuer:
        logger.warning("An answer for the identity provider %s was another's.", provider.key)
        raise ProviderRefused("provider_unverified", provider=provider.name)
    if "error" in answer or not answer.get("code"):
        raise ProviderRefused("provider_declined", provider=provider.name)
    try:
        async with asking(provider) as http:
            return await _account(http, provider, metadata, secret=secret, code=answer["code"], now=now)
    except NotVerified as reason:
        logger.warning("An ID token of the identity provider %s was refused: %s", provider.key, reason)
        raise ProviderRefused("provider_unverified", provider=provider.name) from None


def named_by(answer: Mapping[str, str], metadata: Metadata, provider: Provider) -> str:
    """Whose answer it is by what it says: nobody's, where it says nothing though its provider always does."""
    return answer.get("iss", "" if metadata.says_who_answers else provider.issuer)


class _Client(OAuth2Client):
    """Authlib's client, over the requests that are allowed here."""

    async def _fetch_token(
        self, url: str, body: str = "", headers: Any = None, auth: Any = None, method: str = "POST", **_: Any
    ) -> Any:
        url, headers, body = auth.prepare(method, url, dict(headers), body)
        response = await self.session.request(method, url, content=body, headers=headers)
        try:
            given = self.parse_response_token(response)
        except OAuth2Error:  # whose text is the provider's
            raise ProviderTrouble("it does not take the code") from None
        except (ValueError, TypeError, RecursionError):
            raise ProviderTrouble("its token answer cannot be read") from None
        if response.status_code != 200:
            raise ProviderTrouble(f"it answers with status {response.status_code}")
        return given


def _client(provider: Provider, metadata: Metadata, http: httpx.AsyncClient | None = None) -> _Client:
    return _Client(
        http,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        token_endpoint_auth_method="client_secret_basic" if metadata.by_basic else "client_secret_post",
        scope="openid email",
        redirect_uri=tokens.provider_url(provider.key, "callback"),
        code_challenge_method="S256",
    )


async def _account(
    http: httpx.AsyncClient, provider: Provider, metadata: Metadata, *, secret: str, code: str, now: datetime
) -> Account:
    given = await _client(provider, metadata, http).fetch_token(
        metadata.token_endpoint,
        grant_type="authorization_code",
        code=code,
        code_verifier=tokens.derive_from(secret, "code verifier"),
    )
    check = partial(
        verify,
        given.get("id_token"),
        keys=read_object(await http.get(metadata.jwks_uri)),
        provider=provider,
        nonce=tokens.derive_from(secret, "nonce"),
        access_token=given.get("access_token"),
        now=now,
    )
    claims = await asyncio.to_thread(check)
    about = claims
    if "email" not in claims and metadata.userinfo_endpoint and isinstance(given.get("access_token"), str):
        bearer = {"Authorization": f"Bearer {given['access_token']}"}
        about = read_object(await http.get(metadata.userinfo_endpoint, headers=bearer))
        if about.get("sub") != claims["sub"]:  # section 5.3.4: else it could be about somebody else
            raise NotVerified("the user info is about somebody else")
    email = about.get("email")
    return Account(
        provider,
        claims["sub"],
        email if isinstance(email, str) and email.isprintable() else "",
        email_verified=about.get("email_verified") is True,  # the text "true" is no promise
    )
