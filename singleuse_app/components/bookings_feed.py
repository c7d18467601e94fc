"""The host's bookings in the host's own calendar: where the address is copied, and reset."""

import reflex as rx

from singleuse_app.components.copy_link import copy_link_button
from singleuse_app.components.words import t
from singleuse_app.wording import noted

FAILED = noted("The address could not be fetched, and nothing was copied. Check the connection and try again.")


def feed_view() -> rx.Component:
    """What it is for, a button that copies the address, and one for the day on which somebody else has it."""
    return rx.el.details(
        rx.el.summary(t("See your bookings in your own calendar…")),
        rx.el.p(
            t(
                "Copy this address and subscribe to it: in Google Calendar under “From URL”, in Outlook under "
                "“Subscribe from web”, in Apple Calendar under “New calendar subscription”. It follows by itself, as "
                "often as that program asks."
            ),
            class_name="small soft",
        ),
        rx.el.div(
            _copy(
                t("Copy the address"),
                "/api/bookings-feed",
                t("Copied. Whoever has this address can read your bookings."),
            ),
            class_name="form__actions",
        ),
        rx.el.p(
            t(
                "Whoever has it can read all of this, so keep it to yourself. If it got about, copy a new one: at "
                "the old address there is nothing from then on."
            ),
            class_name="small soft",
        ),
        rx.el.div(
            _copy(
                t("Copy a new address"), "/api/bookings-feed/reset", t("Copied. The old address is empty from now on.")
            ),
            class_name="form__actions",
        ),
        class_name="guests bookings-feed",
    )


def _copy(label: rx.Var, path: str, said: rx.Var) -> rx.Component:
    return copy_link_button(
        label,
        path,
        copied_label=t("Copied"),
        copied_message=said,
        failure_message=t(FAILED),
        field_label=t("Copy the address from here."),
        class_name="button",
    )
