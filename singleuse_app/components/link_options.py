"""The options of a link for one person, and the button that copies it."""

from typing import Any

import reflex as rx

from singleuse_app.components.copy_link import copy_link_button
from singleuse_app.components.dialog import dialog_button
from singleuse_app.components.fields import select_field, text_field
from singleuse_app.components.places import place_fields
from singleuse_app.components.words import t
from singleuse_app.messages import WORDS
from singleuse_app.scheduling.link_options import BY_DEFAULT, NEVER, ON_DATE
from singleuse_app.wording import noted

EXPIRIES = (
    (BY_DEFAULT, noted("As the event type has it")),
    ("1", noted("After tomorrow")),
    ("7", noted("After a week")),
    ("14", noted("After two weeks")),
    ("30", noted("After 30 days")),
    (ON_DATE, noted("After a date")),
    (str(NEVER), noted("Never")),
)


def expiries() -> list[tuple[str, rx.Var | str]]:
    """When a link may expire, to choose from."""
    return [(value, t(words)) for value, words in EXPIRIES]


def copy_with_options(name: rx.Var[str] | str, path: rx.Var[str] | str, *, sends_mail: Any) -> rx.Component:
    """The button, and its dialog, at the end of which the link is on the clipboard."""
    return dialog_button(
        t("Copy with options…"),
        rx.el.form(
            rx.el.div(
                text_field(t("Name"), "recipient_name", hint=t("The form starts with it.")),
                text_field(t("E-mail"), "recipient_email", type="email"),
                class_name="form__pair",
            ),
            only_recipient_check(t("Only this address may book"), sends_mail),
            text_field(t("Note"), "note", hint=t("Only you read it.")),
            select_field(t("Expires"), "expires", expiries(), required=True, class_name="expires"),
            rx.el.div(text_field(t("Last day"), "expires_on", type="date", required=True), class_name="expires__date"),
            rx.el.details(
                rx.el.summary(t("Another duration, place, dates or hours")),
                rx.el.div(
                    text_field(t("Duration"), "duration_minutes", hint=t("Like 45 minutes.")),
                    text_field(t("Only between"), "hours", hint=t("Like 9–12, 14:00–16:00, on your schedule’s clock.")),
                    text_field(t("First date"), "first_date", type="date"),
                    text_field(t("Last date"), "last_date", type="date"),
                    class_name="form__pair",
                ),
                place_fields(text_field, otherwise={"": t("As the event type has it")}),
                class_name="guests",
            ),
            copy_link_button(
                t("Copy this link"), path, with_options=True, type="submit", class_name="button button--primary"
            ),
            on_submit=rx.prevent_default,
            no_validate=True,
            class_name="form",
        ),
        title=t("A link for one person: {name}", name=name),
        class_name="button button--small",
    )


def only_recipient_check(text: rx.Var, sends_mail: Any) -> rx.Component:
    """The box that binds a link to its address: by a code that proves it, where mail can be sent. Else the box for
    that is off, and says why."""
    return rx.cond(
        sends_mail,
        _check(
            text, "only_recipient", t("By a six-digit code that is sent there. Until then the page shows it masked.")
        ),
        rx.fragment(
            _check(text, "only_recipient"),
            _check(t("Ask for a code sent to this address"), "by_code", t(WORDS["no_mail_for_codes"]), is_off=True),
        ),
    )


def _check(text: rx.Var, name: str, hint: rx.Var | None = None, *, is_off: bool = False) -> rx.Component:
    described: dict[str, Any] = {"aria-describedby": f"{name}-hint"} if hint is not None else {}
    box = rx.el.input(type="checkbox", name=name, id=name, disabled=is_off, custom_attrs=described)
    return rx.el.div(
        rx.el.label(box, text, class_name="field__check"),
        rx.el.p(hint, id=f"{name}-hint", class_name="field-hint") if hint is not None else rx.fragment(),
        class_name="field",
    )
