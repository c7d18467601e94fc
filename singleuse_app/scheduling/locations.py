"""Where a meeting happens: what its host says, what its invitee is asked, and what both are told.

A place is offered in one sentence and agreed upon in another. The address of a video call is told only to who has
booked: whoever is shown a link that is forwarded, found in a preview or dead should not be shown into the room.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from singleuse_app.scheduling.questions import MAX_URL_LENGTH, read_phone, read_url
from singleuse_app.scheduling.texts import one_line

MAX_LOCATION_LENGTH = 500
VIDEO_CALL = "Video call"


class LocationKind(StrEnum):
    """How a place is told: in the host's own words, or none; an address; who calls whom; a room on the web; or the
    invitee says."""

    TEXT = "text"
    IN_PERSON = "in person"
    HOST_CALLS = "host calls"
    INVITEE_CALLS = "invitee calls"
    VIDEO = "video"
    INVITEE_CHOOSES = "invitee chooses"


HOST_SAYS = {
    LocationKind.TEXT: "location",
    LocationKind.IN_PERSON: "location_address",
    LocationKind.INVITEE_CALLS: "location_phone",
    LocationKind.VIDEO: "location_url",
}
"""The field of a form in which a host says the rest; the other kinds have none."""

OFFERED = {
    LocationKind.HOST_CALLS: "{host} calls you",
    LocationKind.INVITEE_CALLS: "You call {number}",
    LocationKind.VIDEO: VIDEO_CALL,
    LocationKind.INVITEE_CHOOSES: "You choose the place",
}
"""What whoever has not booked is told, where that is not the host's own text."""

TO_HOST = {
    LocationKind.HOST_CALLS: "You call",
    LocationKind.INVITEE_CALLS: "Invitees call you",
    LocationKind.VIDEO: VIDEO_CALL,
    LocationKind.INVITEE_CHOOSES: "Invitees choose the place",
}
"""The same for its host."""

AGREED = {LocationKind.HOST_CALLS: "{host} calls {number}", LocationKind.INVITEE_CALLS: "{invitee} calls {number}"}
"""What a booking keeps, where that is neither's own text."""

INVITEE_SAYS = {LocationKind.HOST_CALLS: "phone", LocationKind.INVITEE_CHOOSES: "place"}
"""The field in which an invitee does, who must."""


def in_english(message: str, **facts: str) -> str:
    """A message as the code has it."""
    return message.format_map(facts)


@dataclass(frozen=True, slots=True)
class Location:
    """A place as its host says it. ``text`` is an address, a phone number or a URL, as its kind wants it.

    >>> Location(LocationKind.HOST_CALLS).offered("Grace"), Location(text="Studio").offered("Grace")
    ('Grace calls you', 'Studio')
    """

    kind: LocationKind = LocationKind.TEXT
    text: str = ""

    @property
    def asks(self) -> str:
        """The field that an invitee must fill in, if any."""
        return INVITEE_SAYS.get(self.kind, "")

    def offered(self, host: str) -> str:
        """What whoever has not booked is told."""
        told = OFFERED.get(self.kind)
        return told.format_map({"host": host, "number": self.text}) if told else self.text

    def to_host(self) -> str:
        """The same for its host."""
        return TO_HOST.get(self.kind, self.text)

    def agreed(self, *, host: str, invitee: str, said: str, say: Callable[..., str] = in_english) -> str:
        """What the booking keeps. ``said`` is what the invitee filled in; ``say`` puts a message into their language.

        >>> Location(LocationKind.HOST_CALLS).agreed(host="Ann", invitee="Ada", said="+49 30 901820")
        'Ann calls +49 30 901820'
        """
        if self.kind in AGREED:
            number = said if self.kind is LocationKind.HOST_CALLS else self.text
            return say(AGREED[self.kind], host=host, invitee=invitee, number=number)
        return said if self.kind is LocationKind.INVITEE_CHOOSES else self.text


def parse_location(form: Mapping[str, object], wrong: dict[str, str]) -> Location:
    """A place from a form's texts: ``location_kind``, and the field that this kind needs. Without a kind, words.

    >>> parse_location({"location_kind": "video", "location_url": "http://example.org"}, wrong := {}).text, wrong
    ('http://example.org', {'location_url': 'video_url_malformed'})
    """
    kind = form.get("location_kind")
    kind = LocationKind(kind) if kind in list(LocationKind) else LocationKind.TEXT
    return check_location(Location(kind, one_line(form.get(HOST_SAYS.get(kind, "")))), wrong)


def check_location(location: Location, wrong: dict[str, str]) -> Location:
    """The place as it is kept; a code in ``wrong``, under the field of its kind, where it is none."""
    text, code = location.text, ""
    match location.kind:
        case LocationKind.HOST_CALLS | LocationKind.INVITEE_CHOOSES:
            text = ""
        case LocationKind.IN_PERSON:
            code = "" if text else "location_address_missing"
        case LocationKind.INVITEE_CALLS:
            text, code = read_phone(text, None) if text else ("", "phone_missing")
        case LocationKind.VIDEO:
            code = "" if read_url(text, {"https"}) else "video_url_malformed"
    if not code and len(text) > (MAX_URL_LENGTH if location.kind is LocationKind.VIDEO else MAX_LOCATION_LENGTH):
        code = "location_too_long"
    if code:
        wrong[HOST_SAYS[location.kind]] = code
    return Location(location.kind, text)


def parse_said(asks: str, value: object, country: str | None, wrong: dict[str, str]) -> str:
    """What an invitee says of the place in the field ``asks``, nothing where they are not asked.

    A phone number without a country code is read as one of ``country`` (``"GB"``), if any.
    """
    if not asks:
        return ""
    text, code = one_line(value), ""
    if not text:
        code = "phone_missing" if asks == INVITEE_SAYS[LocationKind.HOST_CALLS] else "place_missing"
    elif len(text) > MAX_LOCATION_LENGTH:
        code = "location_too_long"
    elif asks == INVITEE_SAYS[LocationKind.HOST_CALLS]:
        text, code = read_phone(text, country)
    if code:
        wrong[asks] = code
    return text
