"""One table: which refusal has which HTTP status. The words are those of the pages."""

from datetime import timedelta
from math import ceil

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from singleuse_app.messages import words
from singleuse_app.scheduling import errors

STATUS: dict[type[errors.Refusal], int] = {
    errors.LinkNotFound: 404,
    errors.LinkRefusal: 410,
    errors.InvitationGone: 410,
    errors.ResetGone: 410,
    errors.NotFound: 404,
    errors.NotSignedIn: 401,
    errors.SignInRefused: 401,
    errors.SecondStepGone: 410,
    errors.ProviderRefused: 401,
    errors.SetUpRefused: 403,
    errors.ForeignOrigin: 403,
    errors.UnreadableRequest: 400,
    errors.BodyTooLarge: 413,
    errors.BodyTooSlow: 408,
    errors.TooMany: 429,
    errors.InvalidInput: 422,
    errors.LinkWorks: 409,
    errors.AskedAlready: 409,
    errors.TooManyCodes: 429,
    errors.SlotUnavailable: 409,
    errors.TermsChanged: 409,
    errors.ScheduleInUse: 409,
    errors.UndoTooLate: 409,
    errors.BookingRefusal: 409,
    errors.TryAgain: 503,
}


def status_of(refusal: errors.Refusal) -> int:
    """The status of the first class in the table that the refusal is of.

    >>> status_of(errors.LinkAlreadyUsed())
    410
    """
    return next((status for kind, status in STATUS.items() if isinstance(refusal, kind)), 400)


async def answer(request: Request, error: Exception) -> Response:
    """A refusal as JSON: its code, its words, and the words for each field."""
    assert isinstance(error, errors.Refusal)
    body: dict[str, object] = {"code": error.code, "message": words(error)}
    if isinstance(error, errors.InvalidInput):
        body["errors"] = {field: words(code) for field, code in error.fields.items()}
    return JSONResponse(body, status_of(error), retry_after(error))


def retry_after(refusal: errors.Refusal) -> dict[str, str]:
    """The header that says when to try again (RFC 9110, section 10.2.3), where the refusal does.

    >>> from datetime import timedelta
    >>> retry_after(errors.TooMany(again=timedelta(seconds=2.5)))
    {'Retry-After': '3'}
    """
    again = refusal.params.get("again")
    return {"Retry-After": str(ceil(again.total_seconds()))} if isinstance(again, timedelta) else {}


async def answer_unrouted(request: Request, error: Exception) -> Response:
    """An address that no route has, or a method that its route does not take, as JSON too."""
    assert isinstance(error, HTTPException)
    code = "method_unknown" if error.status_code == 405 else "not_found"
    return JSONResponse({"code": code, "message": words(code)}, error.status_code, error.headers)
