"""What somebody says who becomes a host."""

import reflex as rx

from singleuse_app.components.fields import select_field, text_field
from singleuse_app.formats import zone_options


def account_fields() -> list[rx.Component]:
    """Name, address, password and zone, and the button that sends them."""
    return [
        text_field("Your name", "name", autocomplete="name", required=True, hint="Invitees see it."),
        text_field("E-mail", "email", type="email", autocomplete="username", required=True),
        text_field(
            "Password",
            "password",
            type="password",
            autocomplete="new-password",
            required=True,
            hint="At least 10 characters.",
        ),
        select_field(
            "Time zone",
            "time_zone",
            zone_options(),
            required=True,
            hint="Your hours start as Monday to Friday, 9:00 to 17:00, in this zone.",
            custom_attrs={"data-browser": "time-zone"},
        ),
        rx.el.button("Create account", type="submit", class_name="button button--primary"),
    ]
