"""What is kept of one invitee, in the settings: looked for by address, taken along, erased."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from singleuse_app.components.fields import submit_button, text_field
from singleuse_app.components.frame import announcer
from singleuse_app.components.words import t

INVITEE_EMAIL = "invitee_email"


@dataclass(frozen=True)
class InviteeLine:
    """What was found, ready to be drawn. ``upcoming`` says why it cannot be erased now, empty where it can."""

    email: str = ""
    told: str = ""
    url: str = ""
    upcoming: str = ""
    is_nothing: bool = True


def invitee_view(state: Any) -> rx.Component:
    """The form, and below it what was found."""
    found = state.found
    return rx.el.section(
        announcer(state.announcement),
        rx.el.h2(t("Data of an invitee")),
        rx.el.p(
            t(
                "Whoever has booked with you may ask what you keep of them, and to have it erased. What stays is that "
                "a time was booked: their link stays used."
            )
        ),
        rx.el.form(
            text_field(
                t("Their e-mail address"),
                INVITEE_EMAIL,
                type="email",
                required=True,
                error=state.email_error,
            ),
            rx.el.div(
                submit_button(t("Look for it"), is_busy=state.is_sending),
                class_name="form__actions",
            ),
            key=f"invitee-{state.drawn}",
            on_submit=state.look,
            no_validate=True,
            class_name="form",
            custom_attrs={"data-refused": state.refused},
        ),
        rx.cond(
            found.email,
            rx.el.div(
                rx.el.p(rx.el.strong(found.email), " ", rx.el.span(found.told)),
                rx.cond(found.is_nothing, rx.fragment(), _what_to_do(found, state)),
                id="invitee-data",
                class_name="form",
            ),
            rx.fragment(),
        ),
        class_name="form__part",
    )


def _what_to_do(found: Any, state: Any) -> rx.Component:
    return rx.fragment(
        rx.el.p(rx.el.elements.a(t("Download this data"), href=found.url, class_name="button")),
        rx.el.details(
            rx.el.summary(t("Erase this data…")),
            rx.cond(
                found.upcoming,
                rx.el.p(found.upcoming),
                rx.fragment(
                    rx.el.p(
                        t(
                            "Names, addresses, answers, notes and messages go, for good and at once, and links for "
                            "them that are still open are taken back. Mail that was sent, backups and calendars "
                            "elsewhere keep what they have: erase it there, too. What others wrote about them is "
                            "not found by their address."
                        )
                    ),
                    rx.el.button(
                        t("Erase for good"),
                        type="button",
                        on_click=state.erase,
                        class_name="button button--danger",
                    ),
                ),
            ),
            class_name="guests",
        ),
    )
