"""Headers that every answer carries, whoever made it."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from singleuse_app.api.built import Built, Inline
from singleuse_app.settings import settings

SECRET = ("/book/", "/manage/", "/api/")
"""Addresses that hold a secret, or answer to one."""

BOOKING = ("/book/", "/with/")
"""Pages that whoever has the address may see, and that nobody is signed in to. Another site that opens one learns and
changes nothing by it, so they are not kept apart from what opened them (``Cross-Origin-Opener-Policy``): for that a
browser starts another process once it has the answer, and the visitor waits for it."""

NO_PAGE = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of what is no page: opened by itself it runs nothing. The icon is drawn with a style sheet inside it."""

EMPTY = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""The style sheet with nothing in it, which the framework makes to fill it by script (``CSSStyleSheet.insertRule``)."""


def content_security_policy(inline: Inline | None, *scripts: str) -> str:
    """The policy of a page: what comes from here, and of what is ``inline`` exactly what was built, and ``scripts`` by
    their sources.

    Nothing is ever evaluated from text. Websockets are named because Safari counts them as ``'self'`` since 16 only.
    """
    sockets = [f"ws{origin.removeprefix('http')}" for origin in settings().origins]
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(["script-src 'self'", *(inline.scripts if inline else ()), *scripts]),
            " ".join(["style-src 'self'", EMPTY, *(inline.styles if inline else ())]),
            "img-src 'self' data:",
            "font-src 'self'",
            " ".join(["connect-src 'self'", *sockets]),
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


NOT_NEEDED = (
    *("accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "display-capture", "encrypted-media"),
    *(
        "geolocation",
        "gyroscope",
        "hid",
        "idle-detection",
        "local-fonts",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
    ),
    *("picture-in-picture", "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "serial"),
    *("storage-access", "usb", "window-management", "xr-spatial-tracking"),
)
PERMISSIONS = ", ".join(f"{feature}=()" for feature in NOT_NEEDED)
"""What no page asks a browser for, whoever would like it to. Writing to the clipboard is not among it. It is not
said with the files of a page: it is long, a first visit fetches a dozen of them, and they are no documents."""

TLS_ONLY = f"max-age={2 * 365 * 24 * 3600}"
"""For two years a browser comes back over TLS alone (RFC 6797). Other names of the same domain are not its business."""


class SecurityHeaders:
    """ASGI middleware. Pages run only what was built; they are never framed, sniffed, indexed or told to others, come
    over TLS alone once they did, and ask for nothing that a browser guards. Secret ones are never stored."""

    def __init__(self, app: ASGIApp, built: Built) -> None:
        self.app = app
        self.built = built

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    inline = build.any_page if (build := self.built()) else None
                    headers.setdefault("Content-Security-Policy", content_security_policy(inline))
                    headers.setdefault("X-Robots-Tag", "noindex, nofollow")
                elif message["status"] != 304:  # "not modified": the browser has the policy with the page
                    headers.setdefault("Content-Security-Policy", NO_PAGE)
                headers.setdefault("Cross-Origin-Resource-Policy", "same-site")
                headers.setdefault("X-Frame-Options", "DENY")
                if settings().is_https:
                    headers.setdefault("Strict-Transport-Security", TLS_ONLY)
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("X-Content-Type-Options", "nosniff")
                path = scope["path"]
                if not path.startswith((*BOOKING, "/assets/")):
                    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
                if not path.startswith("/assets/"):
                    headers.setdefault("Permissions-Policy", PERMISSIONS)
                if path.startswith("/assets/"):
                    headers.setdefault("Cache-Control", "public, max-age=31536000, immutable")
                elif path.startswith(SECRET):
                    headers["Cache-Control"] = "no-store"
                    headers.setdefault("X-Robots-Tag", "noindex, nofollow")
                else:
                    headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self.app(scope, receive, send_with_headers)
