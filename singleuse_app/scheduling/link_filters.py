"""Which links a host wants to see, and how an address says so."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from singleuse_app.scheduling.links import LinkStatus
from singleuse_app.scheduling.texts import one_line

MAX_TEXT = 100
MAX_PAGE = 100_000


class LinkOrder(StrEnum):
    """What stands first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    EXPIRY = "expiry"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class LinkFilter:
    """The links to show: those of a status, an event type, a batch, with a text in them; which of many pages, from 1.

    ``event_type`` and ``batch`` are public ids. ``None`` and empty texts leave nothing out.
    """

    status: LinkStatus | None = None
    event_type: str = ""
    batch: str = ""
    text: str = ""
    order: LinkOrder = LinkOrder.NEWEST
    page: int = 1

    @property
    def leaves_out(self) -> bool:
        """Whether there may be links that it does not show on any page."""
        return bool(self.status or self.event_type or self.batch or self.text)

    def query(self, **changes: Any) -> str:
        """The address's query with something changed; another filter begins with the first page.

        >>> LinkFilter(text="Ada", page=3).query(status=LinkStatus.USED)
        'status=used&q=Ada'
        """
        wanted = replace(self, **{"page": 1, **changes})
        said = {
            "status": wanted.status or "",
            "type": wanted.event_type,
            "batch": wanted.batch,
            "q": wanted.text,
            "sort": wanted.order if wanted.order is not LinkOrder.NEWEST else "",
            "page": str(wanted.page) if wanted.page > 1 else "",
        }
        return urlencode({name: text for name, text in said.items() if text})


def parse_link_filter(query: Mapping[str, object]) -> LinkFilter:
    """The filter that an address names. What cannot be read leaves nothing out, for addresses are typed and cut off.

    >>> parse_link_filter({"status": "used", "sort": "upwards"}) == LinkFilter(status=LinkStatus.USED)
    True
    """
    status, order = (one_line(query.get(name)) for name in ("status", "sort"))
    return LinkFilter(
        status=LinkStatus(status) if status in set(LinkStatus) else None,
        event_type=one_line(query.get("type"))[:MAX_TEXT],
        batch=one_line(query.get("batch"))[:MAX_TEXT],
        text=one_line(query.get("q"))[:MAX_TEXT],
        order=LinkOrder(order) if order in set(LinkOrder) else LinkOrder.NEWEST,
        page=parse_page(query.get("page")),
    )


def parse_page(value: object) -> int:
    """The number of a page; the first for what is none.

    >>> parse_page("3"), parse_page("-1"), parse_page(None)
    (3, 1, 1)
    """
    text = one_line(value)
    return min(max(int(text), 1), MAX_PAGE) if text.isascii() and text.isdigit() and len(text) < 9 else 1
