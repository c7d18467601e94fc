"""Identity providers: one that plays by the rules, and one that can be made to break each of them.

The first is ``oidc-provider-mock``, in a process of its own. The second signs in whoever comes as ``user``, without a
form, checks what it is sent as a provider must, and lies as it is told.
"""

import base64
import hashlib
import hmac
import json
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from tests.harness import leash
from tests.harness.project import environment
from tests.harness.server import Server, free_port

CLIENT_ID, CLIENT_SECRET = "singleuse-here", "the-secret-of-this-client-0123456789"

Sign = Callable[[dict[str, Any]], str]
Answer = Callable[[BaseHTTPRequestHandler], None]


def settings_for(**issuers: str) -> dict[str, str]:
    """What the app has to be told to sign in with providers of these names."""
    said = {"OIDC_PROVIDERS": ",".join(issuers)}
    for name, issuer in issuers.items():
        own = f"OIDC_{name.upper()}"
        said |= {
            f"{own}_ISSUER": issuer,
            f"{own}_CLIENT_ID": CLIENT_ID,
            f"{own}_CLIENT_SECRET": CLIENT_SECRET,
            f"{own}_NAME": f"{name.capitalize()} Accounts",
        }
    return said


@contextmanager
def mock() -> Iterator[str]:
    """The issuer of a provider that plays by the rules, for as long as the block. Its form asks for a subject."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce"]
    issuer = f"http://localhost:{port}"
    process = subprocess.Popen(
        command,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    leash.hold(process.pid)
    try:
        until = time.monotonic() + 60
        while True:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{issuer}/jwks", trust_env=False, verify=False).status_code == 200:
                    break
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield issuer
    finally:
        process.kill()
        process.wait()
        leash.let_go(process.pid)


def introduce(issuer: str, subject: str, **claims: object) -> None:
    """Let the mock know somebody."""
    httpx.put(f"{issuer}/users/{subject}", json=claims, trust_env=False, verify=False).raise_for_status()


@dataclass
class FalseProvider:
    """A running provider: who is signed in there, and the lies that it tells."""

    port: int
    user: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    sign: Sign | None = None
    instead: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: str = ""
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "k1", "use": "sig"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """What it calls itself."""
        return f"http://127.0.0.1:{self.port}"

    def be_honest(self, **user: Any) -> None:
        """Tell no more lies, and sign ``user`` in."""
        self.user = {"sub": "grace-there", "email": "grace@example.org", "email_verified": True, **user}
        self.claims, self.metadata, self.answer, self.userinfo, self.instead = {}, {}, {}, {}, {}
        self.sign = None
        self.asked.clear()

    def honest_token(self, claims: dict[str, Any]) -> str:
        """Signed as its key set says."""
        return jwt.encode({"alg": "ES256", "kid": "k1"}, claims, self.key)

    def unsigned_token(self, claims: dict[str, Any]) -> str:
        """By the algorithm "none" (RFC 7518, section 3.6)."""
        return f"{_packed({'alg': 'none', 'kid': 'k1'})}.{_packed(claims)}."

    def token_by_shared_secret(self, claims: dict[str, Any]) -> str:
        """By the client secret, which is no key of the provider's."""
        return jwt.encode({"alg": "HS256", "kid": "k1"}, claims, OctKey.import_key(CLIENT_SECRET))

    def token_by_public_key(self, claims: dict[str, Any]) -> str:
        """By HMAC with the provider's public key as its secret, which everybody has."""
        public = self.key.as_pem(private=False)
        head = f"{_packed({'alg': 'HS256', 'kid': 'k1'})}.{_packed(claims)}".encode()
        return f"{head.decode()}.{_text(hmac.new(public, head, hashlib.sha256).digest())}"

    def token_by_foreign_key(self, claims: dict[str, Any]) -> str:
        """By a key of nobody's, under the name of the provider's."""
        return jwt.encode({"alg": "ES256", "kid": "k1"}, claims, ECKey.generate_key("P-256"))

    def token_with_its_own_key(self, claims: dict[str, Any]) -> str:
        """By a key that the token itself brings (RFC 7515, section 4.1.3)."""
        key = ECKey.generate_key("P-256")
        return jwt.encode({"alg": "ES256", "jwk": key.as_dict(private=False)}, claims, key)

    def token_of_unknown_key(self, claims: dict[str, Any]) -> str:
        """By a key that is not in the key set."""
        return jwt.encode({"alg": "RS256", "kid": "k2"}, claims, RSAKey.generate_key(2048))

    def respond(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        parts = urlsplit(request.path)
        self.sent = request.rfile.read(int(request.headers.get("Content-Length", 0))).decode()
        self.asked.append(f"{request.command} {parts.path}")
        if instead := self.instead.get(parts.path):
            instead(request)
            return
        given = dict(parse_qsl(parts.query))
        match parts.path:
            case "/.well-known/openid-configuration":
                _send(request, self._metadata())
            case "/authorize":
                self._authorize(request, given)
            case "/token":
                self._token(request)
            case "/jwks":
                _send(request, KeySet([self.key]).as_dict(private=False))
            case "/userinfo":
                _send(request, {"sub": self.user["sub"], **self.userinfo})
            case _:
                _send(request, {"error": "not_found"}, 404)

    def _metadata(self) -> dict[str, Any]:
        own = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "authorization_response_iss_parameter_supported": True,
        }
        return {name: value for name, value in {**own, **self.metadata}.items() if value is not None}

    def _authorize(self, request: BaseHTTPRequestHandler, given: dict[str, str]) -> None:
        assert given["response_type"] == "code"
        assert given["client_id"] == CLIENT_ID
        assert given["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = given
        said = {"code": code, "state": given["state"], "iss": self.issuer, **self.answer}
        kept = {name: value for name, value in said.items() if value is not None}
        request.send_response(302)
        request.send_header("Location", f"{given['redirect_uri']}?{urlencode(kept)}")
        request.send_header("Content-Length", "0")
        request.end_headers()

    def _token(self, request: BaseHTTPRequestHandler) -> None:
        given = {name: values[0] for name, values in parse_qs(self.sent).items()}
        begun = self.codes.pop(given.get("code", ""), None)
        by = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        challenge = _text(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
        is_right = (
            begun is not None
            and request.headers["Authorization"] == f"Basic {by}"
            and given["redirect_uri"] == begun["redirect_uri"]
            and challenge == begun["code_challenge"]
        )
        if begun is None or not is_right:
            _send(request, {"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": begun["nonce"]}
        claims |= {**self.user, **self.claims}
        kept = {name: value for name, value in claims.items() if value is not None}
        token = (self.sign or self.honest_token)(kept)
        _send(request, {"access_token": "at-0123", "token_type": "Bearer", "expires_in": 60, "id_token": token})


@contextmanager
def lying() -> Iterator[FalseProvider]:
    """A provider on a free port of this computer, for as long as the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):  # whoever asked has hung up
                running.respond(self)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    class Listening(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Says nothing."""

    with Listening(("127.0.0.1", 0), Handler) as server:
        running = FalseProvider(server.server_address[1])
        running.be_honest()
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield running
        finally:
            server.shutdown()


def saying(body: bytes, status: int = 200, **headers: str) -> Answer:
    """Answers with ``body``; in the names of headers ``_`` stands for a dash."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def dripping(seconds: float = 0.05) -> Answer:
    """Sends a letter again and again, for ever: each in time, and never all of it."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{")
        while True:
            request.wfile.write(b" ")
            request.wfile.flush()
            time.sleep(seconds)

    return answer


class Browser:
    """Somebody's browser, without scripts: it keeps cookies and follows no redirect by itself."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.cookies = httpx.Cookies()

    def visit(self, url: str, **form: str) -> httpx.Response:
        """Open an address, or send it a form."""
        with httpx.Client(trust_env=False, verify=False, timeout=30, cookies=self.cookies) as http:
            answer = http.post(url, data=form) if form else http.get(url)
            self.cookies = http.cookies
        return answer

    def begin(self, provider: str) -> str:
        """Press a provider's button; the address at the provider that it leads to."""
        answer = self.visit(f"{self.server.api_url}/api/oidc/{provider}/start")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def at_provider(self, url: str, **form: str) -> str:
        """Be signed in there, where it asks for anything by a form; the address that it sends back to."""
        answer = self.visit(url, **form)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def sign_in(self, provider: str, **form: str) -> httpx.Response:
        """All of the way, to the app's answer."""
        return self.visit(self.at_provider(self.begin(provider), **form))

    def is_signed_in(self) -> bool:
        """Whether a host's file is handed out."""
        return self.visit(f"{self.server.api_url}/api/my-data.json").status_code == 200


def refusal_in(answer: httpx.Response) -> str:
    """The code of the refusal that the sign-in page is opened with; nothing where somebody was signed in."""
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query)).get("refused", "")


def _send(request: BaseHTTPRequestHandler, body: object, status: int = 200) -> None:
    saying(json.dumps(body).encode(), status, Content_Type="application/json")(request)


def _packed(part: dict[str, Any]) -> str:
    return _text(json.dumps(part).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
