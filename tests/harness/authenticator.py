"""An authenticator app: another hand's reading of RFC 6238 than the one that is tested."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp


@dataclass(frozen=True)
class Authenticator:
    """What has scanned a QR code: for whom, and the secret in it."""

    account: str
    secret: str

    @classmethod
    def scanning(cls, address: str) -> "Authenticator":
        """The app that reads ``otpauth://totp/…`` in a QR code."""
        parts = urlsplit(address)
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert (parts.scheme, parts.netloc, said["issuer"]) == ("otpauth", "totp", "Singleuse")
        assert (said.get("digits", "6"), said.get("period", "30"), said.get("algorithm", "SHA1")) == ("6", "30", "SHA1")
        return cls(unquote(parts.path).rpartition(":")[2], said["secret"])

    def code(self, now: datetime) -> str:
        """What the app shows at that moment."""
        return pyotp.TOTP(self.secret).at(now)
