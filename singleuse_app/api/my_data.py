"""Everything that is kept of a host, as a file."""

import asyncio
import os
import tempfile

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from singleuse_app import clock, session
from singleuse_app.operations import exports


async def my_data(request: Request) -> Response:
    """The data of whoever is signed in. It is written to a file first, for it may be large and the way to it slow."""

    def write() -> str:
        host = session.host_of_cookie(request.headers.get("cookie", ""))
        handle, path = tempfile.mkstemp(prefix="singleuse-data-")  # mkstemp: mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                exports.write_export(file, host_id=host.id, now=clock.now())
        except BaseException:
            os.unlink(path)
            raise
        return path

    path = await asyncio.to_thread(write)
    return FileResponse(
        path,
        media_type="application/json",
        filename="singleuse-data.json",
        background=BackgroundTask(os.unlink, path),
    )
