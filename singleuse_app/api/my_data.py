"""Everything that is kept of a host, as a file."""

import asyncio
import tempfile
from functools import partial
from io import TextIOWrapper
from typing import IO

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from singleuse_app import clock, session
from singleuse_app.operations import exports

CHUNK = 64 * 1024


async def my_data(request: Request) -> Response:
    """The data of whoever is signed in. It is written to a file first, for it may be large and the way to it slow.

    The file has no name, so nothing of it stays; a response that is given a name lets the server open it after us.
    """

    def write() -> IO[bytes]:
        host = session.host_of_cookie(request.headers.get("cookie", ""))
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is sent
        try:
            text = TextIOWrapper(file, encoding="utf-8")
            exports.write_export(text, host_id=host.id, now=clock.now())
            text.detach()
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    file = await asyncio.to_thread(write)
    return StreamingResponse(
        iter(partial(file.read, CHUNK), b""),
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="singleuse-data.json"'},
        background=BackgroundTask(file.close),
    )
