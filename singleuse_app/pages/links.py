"""/links: every link that was handed out, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import reflex as rx

from singleuse_app import clock, live, session
from singleuse_app.components.copy_link import copy_link_button
from singleuse_app.components.empty import empty_state, skeleton
from singleuse_app.components.fetch_form import api_button
from singleuse_app.components.frame import host_frame
from singleuse_app.components.link_requests import Asked, requests_view
from singleuse_app.components.status import status_badge
from singleuse_app.formats import first_upper, moment_words
from singleuse_app.operations import link_requests, links
from singleuse_app.operations.history import desk
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.link_requests import LinkRequestRow
from singleuse_app.operations.links import LinkRow
from singleuse_app.scheduling.links import LinkStatus

ROUTE = "/links"
TITLE = "Links · Singleuse"
LAST_MOMENT = timedelta(minutes=1)
"""A link that expires when a day is over is good until the minute before."""

BECAME = {"used": "was used", "revoked": "was taken back", "expired": "has expired", "off": "is off", "active": "works"}


@dataclass(frozen=True)
class Row:
    """One link, ready to be drawn."""

    id: str
    status: str
    event_name: str
    made: str
    recipient: str
    expires: str
    booked: str
    is_active: bool
    copy_path: str
    revoke_label: str


class LinksState(session.HostPage, rx.State):
    """The rows."""

    rows: list[Row] = []
    requests: list[Asked] = []

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Show the page, and keep it true from now on."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        live.follow(self, [desk(host.id)], LinksState.refresh)
        return await self._show(host)

    @rx.event
    async def refresh(self) -> rx.event.EventSpec | None:
        """Read again."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        return await self._show(host)

    @rx.event
    async def revoke(self, link_id: Any = None) -> rx.event.EventSpec | None:
        """Take back a link that was not used."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        await rx.run_in_thread(partial(links.revoke_link, host_id=host.id, link_id=link_id, now=clock.now()))
        return await self._show(host)

    @rx.event
    async def dismiss(self, request_id: Any = None) -> rx.event.EventSpec | None:
        """Put away a request for a new link."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        dismiss = partial(link_requests.dismiss_link_request, request_id=request_id, now=clock.now())
        await rx.run_in_thread(partial(dismiss, host_id=host.id))
        return await self._show(host)

    async def _show(self, host: SignedInHost) -> None:
        now = clock.now()
        asked = await rx.run_in_thread(partial(link_requests.list_link_requests, host_id=host.id, now=now))
        self.requests = [_asked(row, host, now) for row in asked]
        made = await rx.run_in_thread(partial(links.list_links, host_id=host.id, now=now))
        self.rows = [_row(link, host, now) for link in made]
        self.host_name = host.name
        self.ready = True


def page() -> rx.Component:
    """The table; ticket cards on a phone."""
    return host_frame(
        rx.cond(
            LinksState.ready,
            rx.fragment(
                requests_view(LinksState.requests, LinksState.dismiss),
                rx.cond(
                    LinksState.rows,
                    _table(),
                    empty_state(
                        "No links yet",
                        "A single-use link books once. Make the first one on Event types.",
                        rx.el.a("Go to event types", href="/", class_name="button"),
                    ),
                ),
            ),
            skeleton(5, "row"),
        ),
        title="Links",
        current=ROUTE,
        host_name=LinksState.host_name,
        sign_out=api_button("Sign out", "/api/sign-out", class_name="button button--quiet"),
    )


def _table() -> rx.Component:
    names = [
        rx.el.th(name, scope="col", role="columnheader")
        for name in ("Status", "For", "Event type", "Made", "Expires", "Booked")
    ]
    actions = rx.el.th(rx.el.span("Actions", class_name="visually-hidden"), scope="col", role="columnheader")
    # The roles stay when a phone's style lays the rows out as cards.
    return rx.el.table(
        rx.el.thead(rx.el.tr(*names, actions, role="row"), role="rowgroup"),
        rx.el.tbody(rx.foreach(LinksState.rows, _draw_row), role="rowgroup"),
        class_name="links-table",
        role="table",
    )


def _draw_row(row: rx.vars.ObjectVar[Row]) -> rx.Component:
    return rx.el.tr(
        _cell("Status", status_badge(row.status)),
        _cell("For", row.recipient),
        _cell("Event type", row.event_name),
        _cell("Made", row.made),
        _cell("Expires", row.expires),
        _cell("Booked", row.booked),
        rx.el.td(
            rx.cond(
                row.is_active,
                rx.el.div(
                    copy_link_button("Copy again", row.copy_path, class_name="button button--quiet button--small"),
                    rx.el.button(
                        "Revoke",
                        type="button",
                        on_click=LinksState.revoke(row.id),
                        class_name="button button--danger button--small",
                        custom_attrs={"aria-label": row.revoke_label},
                    ),
                    class_name="links-table__actions",
                ),
                rx.fragment(),
            ),
            role="cell",
        ),
        role="row",
        key=row.id,
    )


def _cell(label: str, content: rx.Component | rx.Var | str) -> rx.Component:
    return rx.el.td(content, role="cell", custom_attrs={"data-label": label})


def _row(link: LinkRow, host: SignedInHost, now: datetime) -> Row:
    booked, made = "", moment_words(link.created_at, host.time_zone, now=now)
    if link.booked_start:
        booked = f"{link.booked_by}, {moment_words(link.booked_start, host.time_zone, now=now)}"
    return Row(
        id=link.id,
        status=link.status.value,
        event_name=link.event_name,
        made=first_upper(made),
        recipient=" · ".join(filter(None, (link.recipient, link.note))),
        expires=first_upper(moment_words(link.expires_at - LAST_MOMENT, host.time_zone, now=now))
        if link.expires_at
        else "",
        booked=booked,
        is_active=link.status is LinkStatus.ACTIVE,
        copy_path=f"/api/links/{link.id}/copy",
        revoke_label=f"Revoke the link made {made}",
    )


def _asked(row: LinkRequestRow, host: SignedInHost, now: datetime) -> Asked:
    asked = first_upper(moment_words(row.created_at, host.time_zone, now=now))
    return Asked(
        id=row.id,
        who=row.name,
        email=row.email,
        mail_to=f"mailto:{row.email}",
        message=row.message,
        about=f"{asked} · {row.event_name} · the old link {BECAME[row.old_status.value]}",
        copy_path=f"/api/link-requests/{row.id}/answer",
        copy_label="Copy it again" if row.is_answered else "Copy new link",
        dismiss_label=f"Dismiss the request of {row.name}",
    )
