"""Which bookings a host wants to see, and how an address says so."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from singleuse_app.scheduling.link_filters import MAX_TEXT, parse_page
from singleuse_app.scheduling.texts import one_line


class BookingView(StrEnum):
    """Which bookings to list."""

    UPCOMING = "upcoming"
    PAST = "past"
    CANCELLED = "cancelled"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class BookingFilter:
    """The bookings to show: of one view, with a text in them; which of many pages, from 1."""

    view: BookingView = BookingView.UPCOMING
    text: str = ""
    page: int = 1

    def query(self, **changes: Any) -> str:
        """The address's query with something changed; another filter begins with the first page.

        >>> BookingFilter(text="Ada", page=3).query(view=BookingView.PAST)
        'view=past&q=Ada'
        """
        wanted = replace(self, **{"page": 1, **changes})
        said = {
            "view": wanted.view if wanted.view is not BookingView.UPCOMING else "",
            "q": wanted.text,
            "page": str(wanted.page) if wanted.page > 1 else "",
        }
        return urlencode({name: text for name, text in said.items() if text})


def parse_booking_filter(query: Mapping[str, object]) -> BookingFilter:
    """The filter that an address names. What cannot be read leaves nothing out, for addresses are typed and cut off.

    >>> parse_booking_filter({"view": "past", "page": "two"})
    BookingFilter(view=<BookingView.PAST: 'past'>, text='', page=1)
    """
    view = one_line(query.get("view"))
    return BookingFilter(
        view=BookingView(view) if view in set(BookingView) else BookingView.UPCOMING,
        text=one_line(query.get("q"))[:MAX_TEXT],
        page=parse_page(query.get("page")),
    )
