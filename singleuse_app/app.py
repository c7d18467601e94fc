"""The composition root: it knows everyone, and nobody knows it."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial, wraps

import reflex as rx
from reflex.config import get_config
from reflex.utils.prerequisites import get_web_dir

from singleuse_app import db, handlers, live, logs, notice, session, tokens, visitor, worker
from singleuse_app.api.built import Build, build_in
from singleuse_app.api.gate import Gate
from singleuse_app.api.headers import SecurityHeaders
from singleuse_app.api.routes import http_app
from singleuse_app.api.shell import BuiltPages, SpeakTheirLanguage, SpeakToHosts
from singleuse_app.components import frame
from singleuse_app.operations import hosts
from singleuse_app.pages import (
    availability,
    booking,
    bookings,
    calendars,
    event_type,
    event_types,
    forgot_password,
    invitation,
    links,
    mail,
    manage_booking,
    many_links,
    move_booking,
    not_found,
    overview,
    reset_password,
    send_links,
    set_up,
    sign_in,
    sign_in_code,
)
from singleuse_app.pages import settings as settings_page
from singleuse_app.settings import settings

sys.setswitchinterval(0.001)
"""Operations run in threads beside the loop that answers everybody. It waits a millisecond for one that computes, not
five as elsewhere."""

SECONDS_TO_FINISH = 10
"""What is running when the server is told to stop may go on for that long."""

logs.keep_secrets()


def built() -> Build | None:
    """The pages that this server serves; ``None`` in development, where the other port has them."""
    return build_in(get_web_dir() / "build" / "client")


@asynccontextmanager
async def running(app: rx.App) -> AsyncGenerator[None]:
    """From start to stop: tables up to date, the terminal told what to do first, changes published."""
    await asyncio.to_thread(db.prepare)
    await asyncio.to_thread(_tell_how_to_set_up)
    app.event_processor.graceful_shutdown_timeout = SECONDS_TO_FINISH
    _finish_before_the_server_stops(app)
    async with worker.watching(
        partial(live.publish, app), tell_ends=partial(live.tell_ends, app), when_a_host_leaves=_tell_how_to_set_up
    ):
        yield
    db.close()


def _tell_how_to_set_up() -> None:
    """On the terminal, while there is no host: at the start, and when the last one has left."""
    if not hosts.is_set_up():
        print(
            f"\nSingleuse has no host. Open {settings().public_origin}{session.SET_UP}\n"
            f"From another computer the set-up code is asked for: {tokens.set_up_code()}\n",
            flush=True,
        )


def _finish_before_the_server_stops(app: rx.App) -> None:
    """Let what is under way finish when a signal to stop comes, and only then let the server hear of it.

    Granian tells the app last of all, and may crash before, over a websocket that is open (its issue 884). Asyncio
    cannot be asked whom a signal calls, but for this attribute; a loop without it is left alone. A second signal is
    not held up.
    """
    loop = asyncio.get_running_loop()
    finishing: set[asyncio.Task[None]] = set()

    async def finish(stop: asyncio.Handle) -> None:
        begun = loop.time()
        if under_way := list(app.event_processor._futures.values()):
            await asyncio.wait(under_way, timeout=SECONDS_TO_FINISH)
        app.event_processor.graceful_shutdown_timeout = max(0.0, SECONDS_TO_FINISH - (loop.time() - begun))
        stop._run()

    def hear(number: int, stop: asyncio.Handle) -> None:
        loop.add_signal_handler(number, stop._run)
        finishing.add(loop.create_task(finish(stop)))

    for number, stop in dict(getattr(loop, "_signal_handlers", {})).items():
        loop.add_signal_handler(number, hear, number, stop)


def with_notice(page: Callable[[], rx.Component]) -> Callable[[], rx.Component]:
    """A page below the line for what no field can say.

    It goes by the name of the page's own module: into a file of that name the framework puts what the page is drawn
    with, and a browser loads no other page's. A page handed over as a component would share one file with all others.
    """

    @wraps(page)
    def shown() -> rx.Component:
        return rx.fragment(notice.notice_bar(), page())

    return shown


# Reflex decides on its ports after it has read rxconfig.py.
get_config().cors_allowed_origins = list(settings().origins)

app = rx.App(
    api_transformer=[
        partial(BuiltPages, built=built),
        http_app(built),
        SpeakToHosts,
        Gate,
        partial(SecurityHeaders, built=built),
        SpeakTheirLanguage,
    ],
    backend_exception_handler=notice.tell_of,
    head_components=[
        frame.before_the_app(),
        rx.el.script(src="/browser.js", defer=True),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.meta(name="color-scheme", content="light dark"),
        *[
            rx.el.meta(name="theme-color", content=ground, custom_attrs={"media": f"(prefers-color-scheme: {scheme})"})
            for scheme, ground in {"light": "#f8f6f2", "dark": "#171411"}.items()  # --ground of singleuse.css
        ],
    ],
    html_lang="en",
    stylesheets=["/singleuse.css"],
    toaster=None,
)
app.add_middleware(session.BindStateToConnection())
app.add_middleware(visitor.SpeakTheirLanguage())
app.register_lifespan_task(running)
handlers.answer_pages_alone(app)

app.add_page(
    with_notice(booking.standard_page),
    route=booking.STANDARD_ROUTE,
    title=booking.TITLE,
    on_load=booking.BookingState.open,
)
for module, state in (
    (event_types, event_types.EventTypesState),
    (event_type, event_type.EventTypeState),
    (availability, availability.AvailabilityState),
    (calendars, calendars.CalendarsState),
    (links, links.LinksState),
    (many_links, many_links.ManyLinksState),
    (bookings, bookings.BookingsState),
    (overview, overview.OverviewState),
    (mail, mail.MailState),
    (send_links, send_links.SendLinksState),
    (settings_page, settings_page.SettingsState),
    (move_booking, move_booking.MoveBookingState),
    (set_up, set_up.SetUpState),
    (invitation, invitation.InvitationState),
    (sign_in, sign_in.SignInState),
    (sign_in_code, sign_in_code.SignInCodeState),
    (forgot_password, forgot_password.ForgotPasswordState),
    (reset_password, reset_password.ResetPasswordState),
    (booking, booking.BookingState),
    (manage_booking, manage_booking.ManageBookingState),
    (not_found, not_found.NotFoundState),
):
    app.add_page(
        with_notice(module.page),
        route=module.ROUTE,
        title=module.TITLE,
        image="",  # rather than an icon that is not there
        on_load=state.open,
    )
