"""One table: which refusal has which HTTP status. The words are those of the pages."""

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
    errors.SetUpRefused: 403,
    errors.ForeignOrigin: 403,
    errors.UnreadableRequest: 400,
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
    return JSONResponse(body, status_of(error))


async def answer_unrouted(request: Request, error: Exception) -> Response:
    """An address that no route has, or a method that its route does not take, as JSON too."""
    assert isinstance(error, HTTPException)
    code = "method_unknown" if error.status_code == 405 else "not_found"
    return JSONResponse({"code": code, "message": words(code)}, error.status_code, error.headers)
