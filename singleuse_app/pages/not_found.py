"""Any address that is no page. It names no page of anybody's."""

import reflex as rx

from singleuse_app.components.frame import invitee_frame
from singleuse_app.components.ticket import dead_ticket
from singleuse_app.components.words import t
from singleuse_app.messages import WORDS
from singleuse_app.operations import hosts
from singleuse_app.session import SET_UP

ROUTE = "404"
TITLE = t("Not found")


class NotFoundState(rx.State):
    """Nothing to hold."""

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Lead to the set-up while there is no host; otherwise stay."""
        return None if await rx.run_in_thread(hosts.is_set_up) else rx.redirect(SET_UP)


def page() -> rx.Component:
    """The ticket that never was."""
    said = t(WORDS["page_not_found"]).split(". ")
    return invitee_frame(dead_ticket("unknown", f"{said[0]}.", said[1]))
