"""What an identity provider says of somebody, once it is certain that it does (OpenID Connect Core 1.0, 3.1.3.7)."""

from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import KeySet

from singleuse_app.settings import Provider

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""By the provider's own key alone: with a shared secret, or with none, others could sign as well."""

LEEWAY = 60
"""Seconds by which clocks may differ."""

MAX_SUBJECT = 255


class NotVerified(Exception):
    """An ID token that proves nothing. It says which rule was broken, and nothing of what the token held."""


def verify(
    token: object, *, keys: Any, provider: Provider, nonce: str, access_token: object, now: datetime
) -> dict[str, Any]:
    """The claims of an ID token, if the provider signed it, now, for this app and for the sign-in with this ``nonce``.

    ``keys`` is the provider's key set (RFC 7517). Raises ``NotVerified``.
    """
    if not isinstance(token, str):
        raise NotVerified("no ID token")
    try:
        found = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)
        claims = CodeIDToken(
            found.claims,
            found.header,
            options={
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
            params={"nonce": nonce, "client_id": provider.client_id, "access_token": access_token},
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except ClaimError as error:
        raise NotVerified(f"{type(error).__name__}: {error.claim}") from None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NotVerified(type(error).__name__) from None
    subject = claims["sub"]
    if not 0 < len(subject) <= MAX_SUBJECT or not subject.isprintable():
        raise NotVerified("InvalidClaimError: sub")
    return dict(claims)
