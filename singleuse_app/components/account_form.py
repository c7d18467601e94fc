"""What somebody says who becomes a host."""

import reflex as rx

from singleuse_app.components.fields import select_field, text_field
from singleuse_app.components.words import t
from singleuse_app.formats import zone_options


def account_fields() -> list[rx.Component]:
    """Name, address, password and zone, and the button that sends them."""
    return [
        text_field(t("Your name"), "name", autocomplete="name", required=True, hint=t("Invitees see it.")),
        text_field(t("E-mail"), "email", type="email", autocomplete="username", required=True),
        text_field(
            t("Password"),
            "password",
            type="password",
            autocomplete="new-password",
            required=True,
            hint=t("At least 10 characters."),
        ),
        select_field(
            t("Time zone"),
            "time_zone",
            zone_options(),
            required=True,
            hint=t("Your hours start as Monday to Friday, 9:00 to 17:00, in this zone."),
            custom_attrs={"data-browser": "time-zone"},
        ),
        rx.el.button(t("Create account"), type="submit", class_name="button button--primary"),
    ]
