"""Every expected "no". A refusal carries a code and parameters; its words live in ``messages.py``.

::

    Refusal
    ├── LinkRefusal            the link itself cannot be booked with
    │   ├── LinkNotFound         nobody made such a link
    │   ├── LinkAlreadyUsed      every use of it has been booked
    │   ├── LinkRevoked          the host took it back
    │   ├── LinkExpired          the host's date has passed
    │   └── LinkOff              its event type is off or archived
    ├── LinkWorks              a new link was asked for, and the old one can be booked with
    ├── TooManyCodes           as many codes were sent for a link as may be
    ├── AskedAlready           enough people wait for an answer to that
    ├── SlotUnavailable        that time is not, or no longer, on offer
    ├── TermsChanged           the host changed what is offered while the page was open
    ├── BookingRefusal         the booking itself cannot be cancelled or moved any more
    │   ├── BookingCancelled     it was cancelled
    │   ├── BookingOver          it has begun, or for its host has ended
    │   ├── BookingChanged       somebody changed it while the page was open
    │   ├── TooLate              the host's cut-off has passed
    │   └── TooManyMoves         its invitee has moved it as often as one may
    ├── InvalidInput           what was typed cannot be taken; one code for each field
    │   └── InvalidAvailability  hours, durations or zones that make no sense
    ├── ForeignOrigin          another site's page made the browser ask
    ├── UnreadableRequest      not even a form
    ├── BodyTooLarge           more than any form has
    ├── BodyTooSlow            the rest of it did not come
    ├── TooMany                too often, from one address or for one link or account; ``again`` says how long to wait
    ├── NotSignedIn            a host's action without a host
    ├── SignInRefused          e-mail and password do not belong together
    ├── SecondStepGone         who gave the password has not given a code in time, or too many wrong ones
    ├── ProviderRefused        an identity provider did not say, or may not say, who somebody is here
    ├── SetUpRefused           the app has a host already, or the request came from elsewhere without the code
    ├── UndoTooLate            a link was revoked too long ago to be given back
    ├── ScheduleInUse          event types are offered in the schedule that is to go
    ├── CommandRefused         the operator's command would lose or spoil something, or there is nothing to do it with
    ├── NotFound               no such thing, or it belongs to another host
    └── TryAgain               the database is locked, full or away; nothing was changed
        └── OutcomeUnknown       the connection broke while saving; it may have been saved
"""

from typing import ClassVar


class Refusal(Exception):
    """An expected "no", told to a person. ``code`` and ``params`` are its facts; it is never an internal error."""

    default_code: ClassVar[str] = "refused"

    def __init__(self, code: str | None = None, **params: object) -> None:
        self.code = code or self.default_code
        self.params = params
        super().__init__(self.code, params)


class LinkRefusal(Refusal):
    """The link cannot be booked with, whatever the time."""

    default_code = "link_not_found"


class LinkNotFound(LinkRefusal):
    default_code = "link_not_found"


class LinkAlreadyUsed(LinkRefusal):
    default_code = "link_used"


class LinkRevoked(LinkRefusal):
    default_code = "link_revoked"


class LinkExpired(LinkRefusal):
    default_code = "link_expired"


class LinkOff(LinkRefusal):
    default_code = "link_off"


class LinkWorks(Refusal):
    default_code = "link_works"


class AskedAlready(Refusal):
    default_code = "asked_already"


class TooManyCodes(Refusal):
    default_code = "codes_per_hour"


class SlotUnavailable(Refusal):
    default_code = "slot_unavailable"


class TermsChanged(Refusal):
    default_code = "terms_changed"


class BookingRefusal(Refusal):
    """The booking cannot be cancelled, or not be moved, any more."""

    default_code = "booking_over"


class BookingCancelled(BookingRefusal):
    default_code = "booking_cancelled"


class BookingOver(BookingRefusal):
    default_code = "booking_over"


class BookingChanged(BookingRefusal):
    default_code = "booking_changed"


class TooLate(BookingRefusal):
    """``hours`` or ``minutes`` before its start is the last moment; ``code`` says for what."""

    default_code = "too_late_to_cancel"


class TooManyMoves(BookingRefusal):
    default_code = "moved_too_often"


class InvalidInput(Refusal):
    """What was typed cannot be taken. ``fields`` maps the name of each wrong field to the code of its message.

    >>> InvalidInput({"email": "email_malformed"}).fields
    {'email': 'email_malformed'}
    """

    default_code = "invalid_input"

    def __init__(self, fields: dict[str, str] | None = None, **params: object) -> None:
        self.fields = fields or {}
        super().__init__(None, **params)


class InvalidAvailability(InvalidInput):
    """Hours, durations or zones that make no sense; ``code`` says which rule was broken."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__({}, **params)
        self.code = code
        self.args = (code, params)


class ForeignOrigin(Refusal):
    default_code = "origin_unknown"


class UnreadableRequest(Refusal):
    default_code = "body_unreadable"


class BodyTooLarge(Refusal):
    default_code = "body_too_large"


class BodyTooSlow(Refusal):
    default_code = "body_too_slow"


class TooMany(Refusal):
    """Too often. ``again`` is the time after which it may be tried again; ``code`` says what."""

    default_code = "too_many_requests"


class NotSignedIn(Refusal):
    default_code = "not_signed_in"


class SignInRefused(Refusal):
    default_code = "sign_in_refused"


class SecondStepGone(Refusal):
    default_code = "second_step_gone"


class ProviderRefused(Refusal):
    default_code = "provider_away"


class SetUpRefused(Refusal):
    default_code = "set_up_not_here"


class InvitationGone(Refusal):
    default_code = "invitation_gone"


class ResetGone(Refusal):
    default_code = "reset_gone"


class UndoTooLate(Refusal):
    default_code = "undo_too_late"


class ScheduleInUse(Refusal):
    default_code = "schedule_in_use"


class CommandRefused(Refusal):
    """An operator's command that cannot be carried out as it stands; ``code`` says why, ``params`` what about."""

    default_code = "failed"


class NotFound(Refusal):
    default_code = "not_found"


class TryAgain(Refusal):
    default_code = "try_again"


class OutcomeUnknown(TryAgain):
    default_code = "outcome_unknown"
