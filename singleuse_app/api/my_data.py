"""Everything that is kept of a host, or of one of their invitees, as a file."""

import asyncio
import tempfile
from collections.abc import Callable
from functools import partial
from io import TextIOWrapper
from typing import IO, TextIO

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from singleuse_app import clock, session, tokens
from singleuse_app.operations import exports
from singleuse_app.operations import invitee_data as invitees
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.scheduling.errors import NotFound

CHUNK = 64 * 1024


async def my_data(request: Request) -> Response:
    """The data of whoever is signed in."""

    def write(file: TextIO, host: SignedInHost) -> None:
        exports.write_export(file, host_id=host.id, now=clock.now())

    return await _file(request, write, "singleuse-data.json")


async def invitee_data(request: Request) -> Response:
    """What whoever is signed in keeps of one invitee, whom the address names for them alone."""

    def write(file: TextIO, host: SignedInHost) -> None:
        try:
            email = tokens.invitee_named(host.id, request.path_params["sealed"])
        except (KeyError, ValueError):
            raise NotFound from None
        invitees.write_invitee_data(file, host_id=host.id, email=email, now=clock.now())

    return await _file(request, write, "invitee-data.json")


async def _file(request: Request, write: Callable[[TextIO, SignedInHost], None], name: str) -> Response:
    """It is written to a file first, for it may be large and the way to it slow.

    The file has no name, so nothing of it stays; a response that is given a name lets the server open it after us.
    """

    def written() -> IO[bytes]:
        host = session.host_of_cookie(request.headers.get("cookie", ""))
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is sent
        try:
            text = TextIOWrapper(file, encoding="utf-8")
            write(text, host)
            text.detach()
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    file = await asyncio.to_thread(written)
    return StreamingResponse(
        iter(partial(file.read, CHUNK), b""),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
        background=BackgroundTask(file.close),
    )
