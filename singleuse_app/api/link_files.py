"""Links as files, for their host alone: QR codes, a table, a sheet to print."""

import asyncio
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from singleuse_app import clock, session, tokens
from singleuse_app.api.headers import NO_PAGE
from singleuse_app.api.qr_codes import qr_code
from singleuse_app.csv_files import csv_file
from singleuse_app.operations import link_batches, links
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.link_batches import BatchLink, BatchRow
from singleuse_app.operations.links import last_day
from singleuse_app.wording import reader, say

SHEET = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title} · Singleuse</title>
<style>
  :root {{ font-family: ui-sans-serif, system-ui, sans-serif; color: #222; background: #fff; }}
  body {{ margin: 24px; }}
  ul {{ display: grid; gap: 24px; margin: 0; padding: 0; }}
  ul {{ grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); }}
  li {{ list-style: none; break-inside: avoid; border: 1px dashed #777; border-radius: 10px; padding: 12px; }}
  svg {{ inline-size: 100%; block-size: auto; }}
  p {{ margin: 4px 0; overflow-wrap: anywhere; }}
  p + p {{ font-size: 0.75rem; }}
  @media print {{ main > p {{ display: none; }} }}
</style>
<main>
<h1>{title}</h1>
<p>{advice}</p>
<ul>{tickets}</ul>
</main>
</html>
"""


async def link_qr(request: Request) -> Response:
    """The QR code of a link that works. It is the link: nobody else may see it."""

    def draw() -> bytes:
        host = session.host_of_cookie(request.headers.get("cookie", ""))
        link = links.copy_link(host_id=host.id, link_id=request.path_params["link_id"], now=clock.now())
        return qr_code(tokens.link_url(link.token))

    return Response(await asyncio.to_thread(draw), media_type="image/svg+xml")


async def batch_table(request: Request) -> Response:
    """Every link of a batch as a row: name, e-mail, note, the link while it works, its status and last day."""

    def write() -> bytes:
        host, _, made = _batch(request)
        head = ("name", "email", "note", "event type", "link", "status", "last day")
        return csv_file([head, *(_row(link, host) for link in made)])

    return Response(
        await asyncio.to_thread(write),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="links.csv"'},
    )


async def batch_sheet(request: Request) -> Response:
    """The links of a batch that still work as tickets to print and cut."""

    def draw() -> str:
        _, batch, made = _batch(request)
        tickets = "".join(_ticket(link) for link in made if link.token)
        return SHEET.format(
            language=reader().locale.language,
            title=escape(batch.name),
            advice=say("Print this page, and cut it along the lines. Each code works once."),
            tickets=tickets or f"<li>{say('None of these links works any more.')}",
        )

    return Response(
        await asyncio.to_thread(draw),
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": NO_PAGE},
    )


def _batch(request: Request) -> tuple[SignedInHost, BatchRow, list[BatchLink]]:
    host = session.host_of_cookie(request.headers.get("cookie", ""))
    wanted = request.path_params["batch_id"]
    return host, *link_batches.batch_links(host_id=host.id, batch_id=wanted, now=clock.now())


def _row(link: BatchLink, host: SignedInHost) -> tuple[str, ...]:
    person, last = link.person, last_day(link.expires_at, host.time_zone)
    url = tokens.link_url(link.token) if link.token else ""
    return person.name, person.email, person.note, link.event_name, url, link.status, str(last or "")


def _ticket(link: BatchLink) -> str:
    url = tokens.link_url(link.token)
    name = escape(link.person.name or link.person.email or link.event_name)
    return f"<li>{qr_code(url, inline=True).decode()}<p><b>{name}</b></p><p>{escape(url)}</p></li>"
